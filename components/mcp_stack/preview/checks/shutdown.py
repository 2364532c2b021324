"""A pod that ends has the time that it needs: the pause before SIGTERM and the drain after it fit into its grace period."""

from collections.abc import Iterator
from typing import Any

from mcp_stack_proxy.config import Limits

from .cluster import Cluster, Container, Pods, dig
from .finding import Finding, error, warning
from .proxy import proxy_config

CHECK = "shutdown"

DEFAULT_GRACE = 30
"""Seconds, where a pod says nothing (Kubernetes)."""


def shutdown(cluster: Cluster) -> Iterator[Finding]:
    """Grace periods that cut off the pause, or the drain that the proxy's configuration promises."""
    for pods in cluster.pods:
        if pods.owner.kind in ("Job", "CronJob"):
            continue
        given = pods.spec.get("terminationGracePeriodSeconds")
        grace = DEFAULT_GRACE if given is None else given
        for container in pods.running:
            yield from _fits(cluster, pods, container, grace)


def _fits(cluster: Cluster, pods: Pods, container: Container, grace: int) -> Iterator[Finding]:
    pause = dig(container.spec, "lifecycle", "preStop", "sleep", "seconds") or 0
    drain = _drain(proxy_config(cluster, pods, container))
    needed = pause + drain
    path = f"{pods.path}.terminationGracePeriodSeconds"
    if drain and grace < needed:
        message = f"{grace} s are less than pause ({pause} s) and drain ({drain:g} s) of {container.name!r}; give {needed:g}"
        yield error(CHECK, pods.owner, path, message)
    elif grace <= pause:
        yield error(
            CHECK, pods.owner, path, f"{grace} s are over before the pause of container {container.name!r} ({pause} s); give more"
        )
    exposed = cluster.services[pods] and container.spec.get("ports") and not container.sidecar  # which ends after the others
    if exposed and not dig(container.spec, "lifecycle", "preStop"):
        message = "a Service still sends requests while the pod already ends; add preStop: {sleep: {seconds: 5}}"
        yield warning(CHECK, pods.owner, f"{container.path}.lifecycle.preStop", message)


def _drain(config: Any) -> float:
    """Seconds that a proxy takes to end; 0 where the container is none."""
    if config is None:
        return 0
    found = dig(config, "limits", "drain_seconds")
    return float(found) if isinstance(found, int | float) else Limits().drain_seconds
