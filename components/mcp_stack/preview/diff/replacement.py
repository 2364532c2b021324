"""Which changes cannot be made in place: the table of pulumi-kubernetes (`provider/pkg/provider/diff.go`), today's kinds."""

from collections.abc import Iterable, Mapping

from ..rendered import KubeObject
from .tree import Change

_IDENTITY = ("metadata.name", "metadata.namespace")

_FIELDS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("apps", "Deployment"): ("spec.selector",),
    ("apps", "DaemonSet"): ("spec.selector",),
    ("apps", "StatefulSet"): (
        "spec.podManagementPolicy",
        "spec.revisionHistoryLimit",
        "spec.selector",
        "spec.serviceName",
        "spec.volumeClaimTemplates",
    ),
    ("batch", "Job"): ("spec.completions", "spec.parallelism", "spec.selector", "spec.template"),
    ("", "ConfigMap"): ("data", "binaryData", "immutable"),
    ("", "Secret"): ("type", "data", "stringData", "immutable"),
    ("", "Service"): ("spec.clusterIP",),
    ("", "PersistentVolumeClaim"): ("spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"),
    ("", "Pod"): ("spec",),
    ("", "ResourceQuota"): ("spec.scopes",),
    ("rbac.authorization.k8s.io", "RoleBinding"): ("roleRef",),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): ("roleRef",),
    ("storage.k8s.io", "StorageClass"): ("parameters", "provisioner"),
}

_MUTABLE = {"ConfigMap": "enableConfigMapMutable", "Secret": "enableSecretMutable"}
"""Setting of the provider that makes it update these kinds in place."""


def replacing(old: KubeObject, new: KubeObject, changes: Iterable[Change]) -> tuple[str, ...]:
    """Paths of `changes` that make Pulumi create the object anew; `kind` where it becomes another kind of object."""
    if (old.group, old.kind) != (new.group, new.kind):
        return ("kind",)
    fields = _FIELDS.get((new.group, new.kind), ())
    setting = _MUTABLE.get(new.kind)
    in_place = (
        setting is not None and bool(new.provider and new.provider.get(setting)) and old.manifest.get("immutable") is not True
    )
    if in_place:
        fields = ("type",) if new.kind == "Secret" else ()
    prefixes = (*_IDENTITY, *fields)
    return tuple(change.path for change in changes if any(_below(change.path, prefix) for prefix in prefixes))


def _below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith((f"{prefix}.", f"{prefix}["))
