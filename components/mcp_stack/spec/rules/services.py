"""Ports of Services that lead somewhere, by a protocol that can be spoken there."""

from collections.abc import Iterator

from mcp_stack_proxy.config import Problem
from mcp_stack_proxy.config.strict import join

from ..names import GATEWAY
from ..server import ServerSpec
from ..stack import StackSpec


def service_problems(spec: StackSpec) -> Iterator[Problem]:
    """Targets that nobody chooses, and protocols that carry no MCP."""
    for place, part, workload in spec.workloads():
        own, at = workload.service, join(place, "service")
        proxied = part == GATEWAY or spec.servers[part].runs_proxy
        if own.target_port is not None and proxied:
            yield Problem(join(at, "target_port"), "the proxy in its pods says where it listens; remove it")
        elif own.target_port == workload.port:
            yield Problem(join(at, "target_port"), f"{own.target_port} is the server's `port` already; remove it")
        if own.protocol != "TCP":
            yield from _untypical(spec, part, own.protocol, place, proxied=proxied)


def _untypical(spec: StackSpec, part: str, protocol: str, place: str, *, proxied: bool) -> Iterator[Problem]:
    """What only TCP can do."""
    at = join(place, "service", "protocol")
    if proxied or spec.servers[part].in_gateway:
        yield Problem(
            at, f"MCP does not run over {protocol}; remove it, or set `in_gateway: false` for what only other servers call"
        )
        return
    server = spec.servers[part]
    if server.exposed:
        yield Problem(at, f"routes and Ingresses forward no {protocol}; remove it, or `exposure`")
    if server.storage is not None and server.storage.replicated:
        yield Problem(
            at, f"replicas keep their volumes alike over TCP on `port`, not {protocol}; remove it, or `storage.replicated`"
        )
    if server.service.target_port is None:
        yield from (Problem(join(place, "probes", kind), _unasked(protocol)) for kind in _asking_by_default(server))


def _asking_by_default(server: ServerSpec) -> list[str]:
    """Probes that would ask the main port, which is not TCP."""
    probes = {kind: getattr(server.probes, kind) for kind in type(server.probes).model_fields}
    return [
        kind
        for kind, probe in probes.items()
        if probe.enabled and getattr(probe.asks, "port", None) is None and not isinstance(probe.asks, list)
    ]


def _unasked(protocol: str) -> str:
    return f"would ask `port`, which is {protocol}; give it an `exec`, another port, or `enabled: false`"
