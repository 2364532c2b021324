"""Whoever is to scrape pods is let in by their network policies."""

from collections.abc import Iterator
from typing import Any

from ..flows.selection import matches
from ..rendered import KubeObject
from .cluster import Cluster, Pods, dig, items, mapping, plain_selector
from .finding import Finding, error

CHECK = "scraping"


def scraping(cluster: Cluster) -> Iterator[Finding]:
    """Monitors of pods whose policies admit nobody to the port that is scraped."""
    for monitor in cluster.of("ServiceMonitor", "PodMonitor"):
        for index, pods, port in _endpoints(cluster, monitor):
            inward = [policy for policy in cluster.policies[pods] if "Ingress" in _types(policy)]
            if inward and not any(_admits(policy, pods, port) for policy in inward):
                field = "endpoints" if monitor.kind == "ServiceMonitor" else "podMetricsEndpoints"
                message = (
                    f"no policy of {pods.owner.title} admits anybody to port {port}, so every scrape times out; let Prometheus in"
                )
                yield error(CHECK, monitor, f"spec.{field}[{index}]", message)


def _endpoints(cluster: Cluster, monitor: KubeObject) -> Iterator[tuple[int, Pods, int]]:
    """What is scraped: index of the endpoint, pods, and the number of their port. What misses is for other checks to say."""
    if monitor.kind == "PodMonitor":
        for index, endpoint in enumerate(items(monitor.plain, "spec", "podMetricsEndpoints")):
            for pods in cluster.selected(monitor.namespace, dig(monitor.plain, "spec", "selector")):
                if (number := pods.named_ports.get(str(dig(endpoint, "port")))) is not None:
                    yield index, pods, number
        return
    for service in cluster.of("Service"):
        labels = mapping(service.plain, "metadata", "labels")
        if service.namespace != monitor.namespace or not matches(dig(monitor.plain, "spec", "selector"), labels):
            continue
        targets = {
            dig(port, "name"): dig(port, "targetPort") or dig(port, "port") for port in items(service.plain, "spec", "ports")
        }
        for index, endpoint in enumerate(items(monitor.plain, "spec", "endpoints")):
            target = targets.get(dig(endpoint, "port"))
            for pods in cluster.selected(service.namespace, plain_selector(dig(service.plain, "spec", "selector"))):
                if (number := _number(pods, target)) is not None:
                    yield index, pods, number


def _number(pods: Pods, target: Any) -> int | None:
    return pods.named_ports.get(target) if isinstance(target, str) else target


def _types(policy: KubeObject) -> list[Any]:
    return items(policy.plain, "spec", "policyTypes") or ["Ingress"]


def _admits(policy: KubeObject, pods: Pods, port: int) -> bool:
    """Whether some rule opens `port`, to whomever: who scrapes is not part of the stack."""
    for rule in items(policy.plain, "spec", "ingress"):
        ports = items(rule, "ports")
        if not ports or any(dig(one, "port") is None or _number(pods, dig(one, "port")) == port for one in ports):
            return True
    return False
