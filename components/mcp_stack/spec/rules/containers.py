"""Containers beside the main one: names, what they mount, and probes that ask them."""

from collections.abc import Iterator
from difflib import get_close_matches

from mcp_stack_proxy.config import Problem
from mcp_stack_proxy.config.strict import join

from ..containers import InitContainerSpec
from ..front import CONTAINER, FrontSpec
from ..gateway import GatewaySpec
from ..probes import Grpc, ProbesSpec
from ..server import ServerSpec
from ..stack import StackSpec
from .workloads import SYSTEM, file_problems, resource_problems, why_not


def container_problems(spec: StackSpec) -> Iterator[Problem]:
    """Contradictions within the pods of each workload."""
    for place, part, workload in spec.workloads():
        front = workload.front if isinstance(workload, ServerSpec) else None
        names = {part} if front is None else {part, CONTAINER}
        listens = dict.fromkeys((workload.port, *_asked(workload.probes)), "the main container")
        if front is not None:
            yield from _beside(front, part, listens, spec.gateway.management.port, join(place, "proxy"))
            listens[front.port] = "the proxy (`proxy.port`)"
        if part in spec.proxies():
            listens[spec.gateway.management.port] = "the proxy (`gateway.management.port`)"
            if front is None:
                yield from _grpc(workload, place)
        for index, one in enumerate(workload.init_containers):
            at = join(place, "init_containers", index)
            if one.name in names:
                yield Problem(join(at, "name"), f"{one.name!r} is the name of another container of the pod; choose another")
            names.add(one.name)
            yield from _mounts(one, workload, at)
            yield from _ports(one, listens, at)
            yield from resource_problems(one.resources, at)
            taken = {path: f"volume {mount.volume!r}" for path, mount in one.mounts.items()}
            yield from file_problems(one, taken, at)


def _beside(front: FrontSpec, part: str, listens: dict[int, str], management: int, place: str) -> Iterator[Problem]:
    """The proxy in front of a server shares the pod's ports and names with it."""
    if part == CONTAINER:
        yield Problem(place, f"its container is named {CONTAINER!r}, as the server is; rename the server")
    ours = {front.port: f"`proxy.port` ({front.port})", management: f"`gateway.management.port` ({management})"}
    if front.port == management:
        yield Problem(
            join(place, "port"), f"{front.port} is the proxies' `gateway.management.port`; choose another for one of them"
        )
    for port, key in ours.items():
        if port in listens:
            yield Problem(
                join(place, "port"),
                f"{key} is a port of the server itself, and containers of a pod share its ports; choose another for one of them",
            )
    yield from resource_problems(front.resources, place)
    if front.validation is not None:
        for bound in front.validation.idle_bounds():
            yield Problem(join(place, "validation", bound), "does nothing where neither `arguments` nor `results` is checked")
    if front.audit is not None and not front.audit.enabled:
        for key in sorted(front.audit.model_fields_set - {"enabled"}):
            yield Problem(join(place, "audit", key), "does nothing, `audit.enabled` is false; remove one of them")


def _mounts(one: InitContainerSpec, workload: ServerSpec | GatewaySpec, at: str) -> Iterator[Problem]:
    known = workload.volume_names()
    for path, mount in one.mounts.items():
        place = join(at, "mounts", path)
        if mount.volume not in known:
            near = get_close_matches(mount.volume, known, n=1)
            hint = f"did you mean `{near[0]}`?" if near else "declare it under `volumes`"
            yield Problem(join(place, "volume"), f"the pod has no volume {mount.volume!r}; {hint}")
        elif mount.read_only and (volume := workload.volumes.get(mount.volume)) is not None and not volume.can_be_written:
            yield Problem(join(place, "read_only"), f"does nothing, {mount.volume!r} is always read-only; remove it")
        if path in SYSTEM or path in one.writable:
            yield Problem(place, f"{path!r} {why_not(path)}; choose another directory")


def _ports(one: InitContainerSpec, listens: dict[int, str], at: str) -> Iterator[Problem]:
    """All containers of a pod share its ports."""
    for kind, probe in one.given_probes.items():
        if probe.asks is None or isinstance(probe.asks, list) or probe.asks.port is None:
            continue
        owner = listens.setdefault(probe.asks.port, one.name)
        if owner != one.name:
            yield Problem(join(at, "probes", kind), f"port {probe.asks.port} is that of {owner}, not this container's; ask its own")


def _asked(probes: ProbesSpec) -> Iterator[int]:
    """Further ports that the main container has, to judge by its probes."""
    for kind in type(probes).model_fields:
        asks = getattr(probes, kind).asks
        if asks is not None and not isinstance(asks, list) and asks.port is not None:
            yield asks.port


def _grpc(workload: ServerSpec | GatewaySpec, place: str) -> Iterator[Problem]:
    """The proxy itself speaks no gRPC."""
    for kind in type(workload.probes).model_fields:
        if isinstance(getattr(workload.probes, kind).asks, Grpc):
            yield Problem(join(place, "probes", kind, "grpc"), "the proxy speaks HTTP only; remove it, its own probes are there")
