"""Volumes that a stack file declares: of a pod, and of a StatefulSet's pods each for itself."""

from collections.abc import Iterator
from typing import Any

from ..spec.server import ServerSpec
from ..spec.storage import ClaimSpec, CsiVolume, ExistingKeys, StorageSpec, VolumeSpec
from ..spec.workload import WorkloadSpec
from .volumes import Volume

KEYS_MODE = 0o440
"""Files of Secrets: for the pod's group alone."""

TOKEN_FILE = "token"  # noqa: S105 - a file's name


def declared_volumes(workload: WorkloadSpec) -> Iterator[Volume]:
    """Volumes of the pods of `workload`, with the mounts of its main container."""
    for name, volume in sorted(workload.volumes.items()):
        mount = [] if volume.path is None else [mounted(name, volume.path, read_only=volume.read_only or not volume.can_be_written)]
        yield {"name": name, **_source(volume)}, mount


def claim_mounts(workload: WorkloadSpec) -> list[dict[str, Any]]:
    """Mounts of the main container for volumes that come from claim templates."""
    storage = workload.storage if isinstance(workload, ServerSpec) else None
    return [mounted(name, claim.path, read_only=False) for name, claim in sorted(storage.claims.items())] if storage else []


def mounted(name: str, path: str, *, read_only: bool) -> dict[str, Any]:
    """Mount of the volume `name`."""
    return {"name": name, "mountPath": path, **({"readOnly": True} if read_only else {})}


def claim_templates(storage: StorageSpec, usual_class: str | None) -> list[dict[str, Any]]:
    """`volumeClaimTemplates` of a StatefulSet. Nothing in them may change later, so they carry no labels of ours."""
    return [_template(name, claim, claim.storage_class or usual_class) for name, claim in sorted(storage.claims.items())]


def _template(name: str, claim: ClaimSpec, storage_class: str | None) -> dict[str, Any]:
    body: dict[str, Any] = {
        "accessModes": [claim.access_mode],
        "resources": {"requests": {"storage": claim.size}},
        "volumeMode": "Filesystem",
    }
    if storage_class is not None:
        body["storageClassName"] = storage_class
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": body}


def _source(volume: VolumeSpec) -> dict[str, Any]:
    """Exactly one of the ways to have a volume, which the model sees to."""
    found: dict[str, Any] = {}
    if (empty := volume.empty_dir) is not None:
        found["emptyDir"] = {"sizeLimit": empty.size, **({"medium": "Memory"} if empty.memory else {})}
    if (claim := volume.existing_claim) is not None:
        found["persistentVolumeClaim"] = {"claimName": claim.name, **({} if volume.can_be_written else {"readOnly": True})}
    if (settings := volume.existing_config_map) is not None:
        found["configMap"] = {"name": settings.name, **_items(settings)}
    if (keys := volume.existing_secret) is not None:
        found["secret"] = {"secretName": keys.name, "defaultMode": KEYS_MODE, **_items(keys)}
    if (token := volume.token) is not None:
        given = {"audience": token.audience, "expirationSeconds": token.expiration_seconds, "path": TOKEN_FILE}
        found["projected"] = {"defaultMode": KEYS_MODE, "sources": [{"serviceAccountToken": given}]}
    if (ephemeral := volume.ephemeral) is not None:
        claim = {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": ephemeral.size}},
            "volumeMode": "Filesystem",
        }
        known = {"storageClassName": ephemeral.storage_class} if ephemeral.storage_class is not None else {}
        found["ephemeral"] = {"volumeClaimTemplate": {"spec": {**claim, **known}}}
    if (csi := volume.csi) is not None:
        found["csi"] = _csi(csi, read_only=volume.read_only)
    return found


def _csi(csi: CsiVolume, *, read_only: bool) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "driver": csi.driver,
        "readOnly": True if read_only else None,
        "fsType": csi.fs_type,
        "volumeAttributes": csi.attributes or None,
        "nodePublishSecretRef": {"name": csi.existing_secret} if csi.existing_secret else None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _items(keys: ExistingKeys) -> dict[str, Any]:
    items = [{"key": key, "path": path} for key, path in sorted(keys.items.items())]
    return {"items": items} if items else {}
