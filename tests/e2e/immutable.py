"""Which changes of an object the API server refuses, so that they make a new object.

From the API's documentation of each field ("immutable", "cannot be updated"), and from what the released provider replaces
(pulumi-kubernetes, provider/pkg/provider/diff.go, with `enableSecretMutable`, which our program sets).
"""

from collections.abc import Iterator, Mapping
from typing import Any

PLACE = (("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace"))
"""What tells objects apart. A change of the API's version alone is none (see `replacements`)."""

FIELDS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "apps Deployment": (("spec", "selector"),),
    "apps DaemonSet": (("spec", "selector"),),
    "apps StatefulSet": (
        ("spec", "selector"),
        ("spec", "serviceName"),
        ("spec", "podManagementPolicy"),
        ("spec", "revisionHistoryLimit"),
        ("spec", "volumeClaimTemplates"),
    ),
    "batch Job": (("spec", "selector"), ("spec", "template"), ("spec", "completions")),
    " ConfigMap": (("data",), ("binaryData",), ("immutable",)),
    " Secret": (("type",),),
    " Service": (("spec", "clusterIP"),),
    " PersistentVolumeClaim": (
        ("spec", "accessModes"),
        ("spec", "selector"),
        ("spec", "storageClassName"),
        ("spec", "volumeName"),
    ),
    "rbac.authorization.k8s.io RoleBinding": (("roleRef",),),
    "rbac.authorization.k8s.io ClusterRoleBinding": (("roleRef",),),
    "storage.k8s.io StorageClass": (("parameters",), ("provisioner",)),
}


def replacements(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Paths of what changed and cannot be changed in place; empty where an update does."""
    return [".".join(path) for path in _replacing(old, new)]


def _replacing(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    group = _group(new)
    for path in PLACE:
        same_group = path == ("apiVersion",) and _group(old) == group
        if not same_group and _at(old, path) != _at(new, path):
            yield path
    for path in FIELDS.get(f"{group} {new.get('kind')}", ()):
        if _at(old, path) != _at(new, path):
            yield path


def _group(manifest: Mapping[str, Any]) -> str:
    return str(manifest.get("apiVersion", "")).rpartition("/")[0]


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
