"""Keys about what is round a pod that do nothing beside others: accounts, namespaces, rollouts."""

from collections.abc import Iterator, Set

from mcp_stack_proxy.config import Problem
from mcp_stack_proxy.config.strict import join

from ..names import GATEWAY
from ..server import ServerSpec
from ..stack import StackFile, StackSpec
from ..workload import WorkloadSpec

POD_SECURITY = "pod-security.kubernetes.io/"

THERE_ALREADY = frozenset({"default", "kube-system", "kube-public", "kube-node-lease"})
"""Namespaces that every cluster has, and that cannot be deleted (Kubernetes, "Namespaces")."""


def surrounding_problems(spec: StackSpec, file: StackFile, faulty: Set[str]) -> Iterator[Problem]:
    """Annotations of accounts and namespaces that are somebody else's, and rollouts that volumes decide."""
    yield from _namespace(spec, file)
    if not any(one.startswith("servers") for one in faulty):
        yield from _authority(spec)
    for place, part, workload in spec.workloads():
        own = file.gateway if part == GATEWAY else file.servers[part]
        if own.service_account_annotations and workload.service_account is not None:
            what = f"{workload.service_account!r} is somebody else's account, who annotates it"
            yield Problem(join(place, "service_account_annotations"), f"does nothing, {what}; remove one of them")
        if own.rollout.model_fields_set and (why := _decided(workload)) is not None:
            yield Problem(join(place, "rollout"), f"does nothing, {why}; remove it")


def _authority(spec: StackSpec) -> Iterator[Problem]:
    by_tls = any(server.url is not None and server.url.startswith(("https:", "${")) for server in spec.servers.values())
    if spec.gateway.certificate_authority is not None and not by_tls:
        why = "no server has a `url` with https, and the gateway calls nobody else by TLS"
        yield Problem("gateway.certificate_authority", f"does nothing, {why}; remove it")


def _namespace(spec: StackSpec, file: StackFile) -> Iterator[Problem]:
    if spec.create_namespace and spec.namespace in THERE_ALREADY:
        why = "every cluster has it, and as the stack's own it would deny all traffic of the pods in it, the cluster's among them"
        yield Problem("namespace.name", f"{spec.namespace!r}: {why}; choose another, or say `namespace: {{create: false}}`")
    for key in ("labels", "annotations"):
        if getattr(file.namespace, key) and not spec.create_namespace:
            yield Problem(join("namespace", key), "does nothing, the namespace is somebody else's; remove it")
    for label in file.namespace.labels:
        if label.startswith(POD_SECURITY):
            yield Problem(
                join("namespace", "labels", label), "every pod of a stack runs restricted, and its namespace says so; remove it"
            )


def _decided(workload: WorkloadSpec) -> str | None:
    """What says already how pods of `workload` are replaced."""
    if isinstance(workload, ServerSpec) and workload.storage is not None:
        return "a server with `storage` has one pod after the other replaced"
    if exclusive := workload.exclusive_volumes():
        return f"`{exclusive[0]}` can be on one node only, so that the old pod goes first"
    return None
