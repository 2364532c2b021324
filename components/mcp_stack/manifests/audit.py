"""The volume on which the gateway keeps records of calls."""

from typing import Any

from ..spec import GATEWAY, StackSpec
from .identity import Manifest, manifest

SUFFIX = "-audit"

NO_WAIT = {"pulumi.com/skipAwait": "true"}
"""Annotation of a claim that may be bound only when the gateway's pod mounts it."""


def audit_claim_name(spec: StackSpec) -> str | None:
    """Claim that the gateway's pods mount; None where no records are kept."""
    files = spec.gateway.audit.files
    if files is None:
        return None
    return files.existing_claim.name if files.existing_claim is not None else spec.object_name(GATEWAY, SUFFIX)


def audit_claim(spec: StackSpec) -> Manifest | None:
    """The stack's own claim; None where there is none. It outlives the gateway, as all claims do."""
    files = spec.gateway.audit.files
    if files is None or files.claim is None:
        return None
    claim = files.claim
    body: dict[str, Any] = {
        "accessModes": [claim.access_mode],
        "resources": {"requests": {"storage": claim.size}},
        "volumeMode": "Filesystem",
    }
    if claim.storage_class is not None:
        body["storageClassName"] = claim.storage_class
    name = spec.object_name(GATEWAY, SUFFIX)
    return manifest(spec, GATEWAY, "v1 PersistentVolumeClaim", {"spec": body}, name=name, annotations=NO_WAIT)
