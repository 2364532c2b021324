"""StatefulSets: servers whose pods have volumes of their own."""

from collections.abc import Mapping
from typing import Any

from ..spec import StackSpec
from ..spec.names import object_name
from ..spec.storage import StorageSpec
from .identity import Manifest, manifest, selector_of
from .patience import patience, waits
from .pod import pod_template
from .rotation import restart_annotations
from .service import headless_name
from .storage import claim_templates

MAX_NAME = 52
"""Characters of a StatefulSet's name: with a dash and a hash it becomes a label of its pods (kubernetes/kubernetes#64023)."""


def stateful_set(
    spec: StackSpec, part: str, storage: StorageSpec, maps: Mapping[str, str], annotations: Mapping[str, Any]
) -> Manifest:
    """StatefulSet of `part`. `maps`: names of its ConfigMaps by role; `annotations`: for the pods alone.

    A pod ends before its successor starts, so a volume of one node never has two claimants. `Parallel` starts several at once and,
    unlike the default, lets a revision that never gets ready be replaced by the next one without a hand on the pod (Kubernetes,
    "StatefulSets", forced rollback).
    """
    server = spec.servers[part]
    template = pod_template(spec, part, maps, annotations)
    body = {
        "serviceName": headless_name(spec, part),
        "replicas": server.replicas,
        "podManagementPolicy": "Parallel",
        "updateStrategy": {"type": "RollingUpdate"},
        "persistentVolumeClaimRetentionPolicy": {"whenDeleted": storage.when_deleted, "whenScaled": storage.when_scaled},
        "selector": {"matchLabels": selector_of(spec, part)},
        "template": template,
        "volumeClaimTemplates": claim_templates(storage, server.storage_class),
    }
    name = stateful_set_name(spec, part)
    about = {**waits(patience(template)), **restart_annotations(spec, part)}
    return manifest(spec, part, "apps/v1 StatefulSet", {"spec": body}, name=name, annotations=about)


def stateful_set_name(spec: StackSpec, part: str) -> str:
    """Name of the StatefulSet of `part`, which its pods and their claims carry on."""
    return object_name(spec.stack, spec.known_as(part), limit=MAX_NAME)
