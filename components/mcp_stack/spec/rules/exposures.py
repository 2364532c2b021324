"""What is reached from outside, and how."""

from collections.abc import Iterator, Sequence

from mcp_stack_proxy.config import Problem
from mcp_stack_proxy.config.strict import join

from ..network import Client, ExposureSpec
from ..stack import StackSpec
from ..streaming import NAMESPACES, controller_of
from ..workload import Reachable


def exposure_problems(spec: StackSpec) -> Iterator[Problem]:
    """Hosts that are unknown or taken, and ways that lack something."""
    reachable: list[tuple[str, str, Reachable]] = [("gateway", "the gateway", spec.gateway)] if spec.gateway.enabled else []
    reachable += [(join("servers", name), f"server {name!r}", server) for name, server in spec.servers.items()]
    owner: dict[tuple[str, str], str] = {}
    for place, who, workload in reachable:
        exposure = workload.exposure
        if exposure is None or not exposure.enabled:
            continue
        at = join(place, "exposure")
        yield from _way(exposure, at)
        yield from _controller(exposure, workload.clients, at)
        if exposure.host is None:
            yield Problem(join(at, "host"), "unknown without a `domain`; set `domain` for the stack, or the host here")
            continue
        where = (exposure.host, exposure.path)
        if where in owner:
            yield Problem(join(at, "host"), f"{exposure.host}{exposure.path} is taken by {owner[where]}; give another host or path")
        owner.setdefault(where, who)


def _way(exposure: ExposureSpec, at: str) -> Iterator[Problem]:
    """Keys that belong to the other way of exposing, and those that this way needs."""
    if exposure.via == "gateway-api":
        if exposure.parent is None:
            example = "`exposure: {parent: {name: public, namespace: gateways}}`"
            yield Problem(join(at, "parent"), f"required: the Gateway that takes the route, such as {example}")
        idle = [key for key in ("ingress_class", "tls_secret") if getattr(exposure, key) is not None]
    else:
        if exposure.ingress_class is None:
            yield Problem(join(at, "ingress_class"), "required: without a class no ingress controller or several take the Ingress")
        idle = ["parent"] if exposure.parent is not None else []
    for key in idle:
        yield Problem(join(at, key), f"does nothing via {exposure.via!r}; remove it")


def _controller(exposure: ExposureSpec, clients: Sequence[Client], at: str) -> Iterator[Problem]:
    """Pods admit what is declared only, so it must be known where the traffic from outside comes from."""
    if exposure.via == "gateway-api" or exposure.ingress_class is None or exposure.controller_namespaces:
        return
    if controller_of(exposure.ingress_class) not in NAMESPACES and not any(client.cidr for client in clients):
        hint = "name the namespaces of its pods, or the addresses that it calls from as `clients: [{cidr: …}]`"
        yield Problem(join(at, "controller_namespaces"), f"required, nobody knows where {exposure.ingress_class!r} runs: {hint}")
