"""Records that are kept: somebody writes them, and nothing takes their volume away."""

from collections.abc import Iterator

from mcp_stack_proxy.config import Problem

from ..stack import StackFile, StackSpec


def audit_problems(spec: StackSpec, file: StackFile, *, sidecar: bool) -> Iterator[Problem]:
    """A volume that nobody mounts, and one that goes with the namespace."""
    files, place = spec.gateway.audit.files, "gateway.audit.files"
    if files is None:
        return
    if sidecar:
        yield Problem(place, "cannot be had beside `sidecar`: the pods and their volumes are the workload's; remove it")
    elif not spec.gateway.enabled:
        yield Problem(place, "does nothing, there is no gateway; what wraps a server writes to its standard output: remove it")
    elif file.namespace.when_deleted == "Delete" and files.claim is not None and spec.create_namespace:
        why = "the volume of the gateway's records, which is to outlive it, would go with the namespace"
        yield Problem("namespace.when_deleted", f"'Delete', and {why}; leave it out here, or take `existing_claim`")
