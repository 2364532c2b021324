"""Every port that something names is one on which a container listens."""

from collections.abc import Iterator
from typing import Any

from .cluster import Cluster, Container, Pods, dig, items, plain_selector
from .finding import Finding, error

CHECK = "ports"

_ASKERS = ("startupProbe", "readinessProbe", "livenessProbe")
_HOOKS = ("postStart", "preStop")


def ports(cluster: Cluster) -> Iterator[Finding]:
    """Ports of Services, probes, hooks and policies that no container has; names that are taken twice."""
    for service in cluster.of("Service"):
        chosen = cluster.selected(service.namespace, plain_selector(dig(service.plain, "spec", "selector")))
        for index, port in enumerate(items(service.plain, "spec", "ports")):
            target = port.get("targetPort", port.get("port"))
            for pods in chosen:
                if not pods.has_port(target):
                    path = f"spec.ports[{port.get('name', index)}].targetPort"
                    yield error(CHECK, service, path, f"{target!r} is no port of {pods.owner.title}; {_known(pods)}")
    for pods in cluster.pods:
        yield from _names_twice(pods)
        for container in pods.running:
            yield from _asked(pods, container)
    for policy in cluster.of("NetworkPolicy"):
        for pods in cluster.selected(policy.namespace, dig(policy.plain, "spec", "podSelector") or {}):
            for index, rule in enumerate(items(policy.plain, "spec", "ingress")):
                for port in (dig(found, "port") for found in items(rule, "ports") if "endPort" not in found):
                    if port is not None and not pods.has_port(port) and dig(policy.plain, "spec", "podSelector"):
                        yield error(
                            CHECK,
                            policy,
                            f"spec.ingress[{index}].ports",
                            f"admits to {port!r}, which is no port of {pods.owner.title}; {_known(pods)}",
                        )


def _asked(pods: Pods, container: Container) -> Iterator[Finding]:
    """Probes and hooks ask the container that they belong to."""
    declared = items(container.spec, "ports")
    own = {port.get("name") for port in declared} | {port.get("containerPort") for port in declared}
    asked: list[tuple[str, Any]] = [(kind, dig(container.spec, kind)) for kind in _ASKERS]
    asked += [(f"lifecycle.{hook}", dig(container.spec, "lifecycle", hook)) for hook in _HOOKS]
    for kind, handler in asked:
        for way in ("httpGet", "tcpSocket", "grpc"):
            port = dig(handler, way, "port")
            if port is not None and port not in own:
                yield error(
                    CHECK,
                    pods.owner,
                    f"{container.path}.{kind}.{way}.port",
                    f"{port!r} is no port of this container; declare it, or ask another",
                )


def _names_twice(pods: Pods) -> Iterator[Finding]:
    for field in ("name", "containerPort"):
        seen: set[Any] = set()
        for container in pods.running:
            for port in items(container.spec, "ports"):
                value = (port.get(field), port.get("protocol", "TCP")) if field == "containerPort" else port.get(field)
                if port.get(field) is not None and value in seen:
                    yield error(
                        CHECK,
                        pods.owner,
                        f"{container.path}.ports",
                        f"{port[field]!r} is taken by another container of the pod; choose another",
                    )
                seen.add(value)


def _known(pods: Pods) -> str:
    known = [f"{number} ({name})" for name, number in pods.named_ports.items()] or [str(number) for number in sorted(pods.numbers)]
    return f"it has: {', '.join(known)}" if known else "it declares none"
