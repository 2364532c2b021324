"""An identity for each workload, without a token: no pod of a stack talks to the Kubernetes API."""

from ..spec import StackSpec
from .identity import Manifest, manifest, workload_of


def service_account(spec: StackSpec, part: str) -> Manifest:
    """ServiceAccount of `part`, with the annotations by which a cloud knows it."""
    known = workload_of(spec, part).service_account_annotations
    return manifest(spec, part, "v1 ServiceAccount", {"automountServiceAccountToken": False}, annotations=known)
