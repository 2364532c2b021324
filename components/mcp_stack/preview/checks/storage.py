"""Volumes that pods can have, and StatefulSets whose pods have names."""

from collections.abc import Iterator

from .cluster import Cluster, Pods, dig, items, plain_selector
from .finding import Finding, error

CHECK = "storage"

_SHARED = frozenset({"ReadWriteMany", "ReadOnlyMany"})


def storage(cluster: Cluster) -> Iterator[Finding]:
    """Rollouts that wait for ever for a volume, claims that nobody mounts, StatefulSets without the Service that they name."""
    for pods in cluster.pods:
        if pods.owner.kind == "Deployment":
            yield from _rollout(cluster, pods)
        elif pods.owner.kind == "StatefulSet":
            yield from _governed(cluster, pods)
            yield from _templates(pods)


def _rollout(cluster: Cluster, pods: Pods) -> Iterator[Finding]:
    """A rolling update starts a new pod beside the old one, which has the volume."""
    if dig(pods.owner.plain, "spec", "strategy", "type") == "Recreate":
        return
    for name, volume in pods.volumes.items():
        claim = cluster.find("PersistentVolumeClaim", pods.namespace, str(dig(volume, "persistentVolumeClaim", "claimName")))
        modes = items(claim.plain, "spec", "accessModes") if claim else []
        if modes and _SHARED.isdisjoint(modes):
            message = f"volume {name!r} can be on one node only ({', '.join(modes)}), where the old pod has it; use type: Recreate"
            yield error(CHECK, pods.owner, "spec.strategy.type", message)


def _governed(cluster: Cluster, pods: Pods) -> Iterator[Finding]:
    name = dig(pods.owner.plain, "spec", "serviceName")
    service = cluster.find("Service", pods.namespace, str(name))
    if name and service is None:
        message = f"namespace {pods.namespace} has no Service {name!r}, so the pods have no names; name a headless one"
        yield error(CHECK, pods.owner, "spec.serviceName", message)
    elif service is not None:
        selects = cluster.selected(pods.namespace, plain_selector(dig(service.plain, "spec", "selector")))
        if dig(service.plain, "spec", "clusterIP") != "None" or pods not in selects:
            message = f"{name!r} has to be headless (clusterIP: None) and to select these pods, which have no names otherwise"
            yield error(CHECK, pods.owner, "spec.serviceName", message)


def _templates(pods: Pods) -> Iterator[Finding]:
    used = {mount.get("name") for container in pods.containers for mount in items(container.spec, "volumeMounts")}
    for claim in items(pods.owner.plain, "spec", "volumeClaimTemplates"):
        name = dig(claim, "metadata", "name")
        if name not in used:
            yield error(CHECK, pods.owner, f"spec.volumeClaimTemplates[{name}]", "is mounted nowhere; mount it, or remove it")
