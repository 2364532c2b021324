"""Whoever selects pods selects some, and only those that are meant."""

from collections.abc import Iterator, Sequence
from typing import Any

from ..flows.selection import matches
from ..rendered import KubeObject
from ..values import told_later
from .cluster import Cluster, Pods, dig, items, mapping, plain_selector
from .finding import Finding, error

CHECK = "selectors"


def selectors(cluster: Cluster) -> Iterator[Finding]:
    """Services, budgets, policies, monitors and workloads whose selectors miss, or catch somebody else's pods."""
    for pods in cluster.pods:
        yield from _own_pods(cluster, pods)
    for service in cluster.of("Service"):
        selector = dig(service.plain, "spec", "selector")
        if selector and not cluster.selected(service.namespace, plain_selector(selector)):
            yield error(
                CHECK,
                service,
                "spec.selector",
                f"no pod of this namespace has the labels {_labels(selector)}; use those of a pod template",
            )
    for item in cluster.of("PodDisruptionBudget"):
        if not cluster.selected(item.namespace, dig(item.plain, "spec", "selector")):
            yield error(CHECK, item, "spec.selector", "selects no pod, so it protects nothing; use the labels of a pod template")
    for item in cluster.of("NetworkPolicy"):
        selector = dig(item.plain, "spec", "podSelector")
        if selector and not cluster.selected(item.namespace, selector):
            yield error(
                CHECK, item, "spec.podSelector", "selects no pod, so its rules hold for nothing; use the labels of a pod template"
            )
    yield from _monitors(cluster)


def _own_pods(cluster: Cluster, pods: Pods) -> Iterator[Finding]:
    owner = pods.owner
    for index, constraint in enumerate(items(pods.spec, "topologySpreadConstraints")):
        selector = dig(constraint, "labelSelector")
        if selector is None or not matches(selector, pods.labels):
            path = f"{pods.path}.topologySpreadConstraints[{index}].labelSelector"
            yield error(CHECK, owner, path, "does not select the pods that it should spread; use the labels of this pod template")
    if owner.kind in ("Pod", "Job", "CronJob"):
        return
    selector = dig(owner.plain, "spec", "selector")
    if selector is None or not matches(selector, pods.labels):
        yield error(CHECK, owner, "spec.selector", "does not match the labels of its own pod template; the API server refuses it")
        return
    for other in cluster.selected(pods.namespace, selector):
        if other is not pods and not told_later(pods.namespace):  # two namespaces that are told later look like one
            yield error(
                CHECK, owner, "spec.selector", f"also selects the pods of {other.owner.title}; add a label that tells them apart"
            )


def _monitors(cluster: Cluster) -> Iterator[Finding]:
    """ServiceMonitors select Services by label, PodMonitors pods; both scrape ports by name."""
    for monitor in cluster.of("ServiceMonitor"):
        services = [
            service
            for service in cluster.of("Service")
            if service.namespace in _namespaces(monitor.plain, monitor.namespace, service.namespace)
            and matches(dig(monitor.plain, "spec", "selector"), dig(service.plain, "metadata", "labels") or {})
        ]
        known = [{dig(port, "name") for port in items(service.plain, "spec", "ports")} for service in services]
        yield from _scraped(monitor, "Service", known, "endpoints")
    for monitor in cluster.of("PodMonitor"):
        selector = dig(monitor.plain, "spec", "selector")
        pods = [
            pods
            for pods in cluster.pods
            if pods.namespace in _namespaces(monitor.plain, monitor.namespace, pods.namespace) and matches(selector, pods.labels)
        ]
        yield from _scraped(monitor, "pod", [set(one.named_ports) for one in pods], "podMetricsEndpoints")


def _scraped(monitor: KubeObject, what: str, ports: Sequence[set[Any]], field: str) -> Iterator[Finding]:
    """`ports`: names of the ports of each Service or pod that is selected."""
    if not ports:
        yield error(CHECK, monitor, "spec.selector", f"selects no {what}, so nothing is scraped; use the labels of a {what}")
        return
    known = set[Any]().union(*ports)
    for index, endpoint in enumerate(items(monitor.plain, "spec", field)):
        port = dig(endpoint, "port")
        if port is not None and port not in known:
            names = ", ".join(sorted(str(name) for name in known if name)) or "none"
            message = f"{port!r} is no port name of the selected {what}s; they have: {names}"
            yield error(CHECK, monitor, f"spec.{field}[{index}].port", message)


def _namespaces(monitor: Any, own: str, candidate: str) -> list[str]:
    wanted = mapping(monitor, "spec", "namespaceSelector")
    return [candidate] if wanted.get("any") else [*items(wanted, "matchNames")] or [own]


def _labels(labels: Any) -> str:
    return ", ".join(f"{key}={value}" for key, value in sorted(labels.items()))
