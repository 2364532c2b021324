"""What the author of a stack file should know although nothing is wrong with it."""

from collections.abc import Iterator

from mcp_stack_proxy.config import Problem
from mcp_stack_proxy.config.strict import join

from .stack import StackSpec

MARK = "notice: "
"""Begins a warning that is about the stack file and asks for nothing at once: `mcp-stack check` shows it and does not fail."""


def notices_of(spec: StackSpec) -> list[Problem]:
    """Each notice with the key that it is about; one text is said once, of the first that it is true of."""
    told: dict[str, Problem] = {}
    for notice in (*_exposed(spec), *_open_to_nobody(spec)):
        told.setdefault(notice.message, notice)
    return list(told.values())


def _exposed(spec: StackSpec) -> Iterator[Problem]:
    """Controllers that nobody mends any more, and certificates without a redirect."""
    for way in spec.exposed():
        at, exposure = way.place, way.exposure
        controller = spec.controller_of(exposure)
        if controller is None:
            continue
        if controller.warning is not None:
            yield Problem(join(at, "ingress_class"), controller.warning)
        if exposure.tls is not None and "redirect" in controller.lacks:
            yield Problem(join(at, "tls"), controller.lacks["redirect"])


def _open_to_nobody(spec: StackSpec) -> Iterator[Problem]:
    """Services with an address outside of the cluster, behind a policy that admits no address."""
    exposed = {way.part for way in spec.exposed()}
    for place, part, workload in spec.workloads():
        kind = workload.service.type
        if kind != "ClusterIP" and part not in exposed and not any(client.cidr for client in workload.clients):
            reason = f"{kind!r} is an address for callers outside of the cluster, and the network policy lets none of them in"
            yield Problem(join(place, "service", "type"), f"{reason}; name them as `clients: [{{cidr: …}}]`, or remove it")
