"""Workloads whose number of pods has one owner, and whose data follow it."""

from .model import Found, Policy, Program, Settings
from .pods import pods_of
from .resources import Object, dig, items


def _replicas(item: Object, program: Program, settings: Settings) -> Found:
    if item.kind not in ("Deployment", "StatefulSet", "ReplicaSet") or not isinstance(dig(item.manifest, "spec", "replicas"), int):
        return
    scaler = program.autoscaler(item)
    if scaler is not None:
        yield "spec.replicas", f"{scaler.title} decides on the number of pods, and every update sets it back to this one"


AUTOSCALED_REPLICAS = Policy(
    name="autoscaled-replicas",
    title="A workload with an autoscaler has no fixed number of pods.",
    remedy="leave it out",
    check=_replicas,
    level="mandatory",
    severity="medium",
    whole=True,
)


def _storage(item: Object, program: Program, settings: Settings) -> Found:
    most = program.replicas(item, "most") if item.kind in ("Deployment", "StatefulSet") else None
    pods = pods_of(item)
    if pods is None or most is None or most < 2:
        return
    if items(item.manifest, "spec", "volumeClaimTemplates"):
        yield (
            "spec.volumeClaimTemplates",
            f"up to {most} pods, each with data of its own: callers see what the pod has that they reach",
        )
    for volume in items(pods.spec, "volumes") if item.kind == "Deployment" else []:
        claim = dig(volume, "persistentVolumeClaim", "claimName")
        found = program.find("PersistentVolumeClaim", item.namespace, claim)
        modes = items(found.manifest, "spec", "accessModes") if found else []
        if found is not None and not {"ReadWriteMany", "ReadOnlyMany"} & set(modes):
            path = f"{pods.path}.volumes[{dig(volume, 'name')}].persistentVolumeClaim"
            yield path, f"up to {most} pods want {claim!r}, which only pods of one node may mount"


SCALED_STORAGE = Policy(
    name="scaled-storage",
    title="A server that keeps data has one pod, unless its data can be shared.",
    remedy="run one replica, use a claim that many may mount, or exempt what replicates its data itself",
    check=_storage,
    level="advisory",
    severity="medium",
    whole=True,
)
