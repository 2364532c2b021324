"""An identity for each workload, without a token: no pod of a stack talks to the Kubernetes API."""

from ..spec import StackSpec
from .identity import Manifest, manifest


def service_account(spec: StackSpec, part: str) -> Manifest:
    """ServiceAccount of `part`."""
    return manifest(spec, part, "v1 ServiceAccount", {"automountServiceAccountToken": False})
