"""What is reached from outside, and how."""

from collections.abc import Iterator

from mcp_stack_proxy.config import Problem
from mcp_stack_proxy.config.strict import join

from ..annotations import annotation_faults
from ..controllers import Wish, lacking
from ..exposure import ExposureSpec, TlsSpec, Way
from ..listeners import listener_host
from ..names import GATEWAY
from ..stack import StackFile, StackSpec
from ..workload import Reachable

MAX_HOSTS = 63
"""Listeners of a Gateway beside the one for plain HTTP (its schema allows 64)."""


def exposure_problems(spec: StackSpec, file: StackFile) -> Iterator[Problem]:
    """Hosts that are unknown or taken, ways that lack something, and wishes that nobody fulfils."""
    yield from _own_gateway(spec, file)
    owner: dict[tuple[str, str], str] = {}
    for way in spec.exposed():
        part, exposure, at = way.part, way.exposure, way.place
        who = "the gateway" if part == GATEWAY else f"server {part!r}"
        workload: Reachable = spec.gateway if part == GATEWAY else spec.servers[part]
        faults = [*_way(spec, exposure, at), *_reached(spec, exposure, workload, at)]
        yield from faults
        if not faults:
            proxied = part == GATEWAY or spec.servers[part].runs_proxy
            yield from _wishes(spec, exposure, at, proxied=proxied)
            yield from _annotations(spec, exposure, at, proxied=proxied)
            yield from _beside(spec, way)
        if exposure.host is None:
            lack = "a `domain`; set `domain` for the stack, or the host here"
            yield Problem(join(at, "host"), f"unknown without {lack}")
        aliases = [(join(at, "aliases", index), alias) for index, alias in enumerate(exposure.aliases)]
        for key, host in [*([(join(at, "host"), exposure.host)] if exposure.host is not None else []), *aliases]:
            if (host, exposure.path) in owner:
                other = owner[host, exposure.path]
                yield Problem(key, f"{host}{exposure.path} is taken by {other}; give another host or path")
            owner.setdefault((host, exposure.path), who + (f" ({way.name})" if way.name else ""))


ITS_SERVICE = ("gce", "gke-gateway")
"""Controllers that are told what they should do by objects of the Service, of which there is one for all ways."""

ITS_COOKIE = ("traefik", "haproxy")
"""Controllers that are told of a cookie by annotations of the Service."""


def _beside(spec: StackSpec, way: Way) -> Iterator[Problem]:
    """What another way to the same Service decides for this one, too."""
    controller = spec.controller_of(way.exposure)
    for other in spec.ways_to(way.part):
        known = spec.controller_of(other.exposure)
        if other == way or controller is None or known is None or known.name != controller.name:
            continue
        if controller.name in ITS_SERVICE and other.place < way.place:
            reason = f"{controller.name!r} is told by objects of the Service, and those of `{other.place}` are there"
            yield Problem(way.place, f"{reason}; give that one `aliases` instead")
        unlike = way.exposure.affinity is None and other.exposure.affinity is not None
        if controller.name in ITS_COOKIE and unlike:
            reason = f"{controller.name!r} keeps the cookie of `{other.place}` at the Service, so it holds for this way, too"
            yield Problem(join(way.place, "affinity"), f"{reason}; set the same, or remove it there")


def _own_gateway(spec: StackSpec, file: StackFile) -> Iterator[Problem]:
    """The stack's own Gateway: one certificate a host, and no more hosts than a Gateway takes."""
    own = file.exposure
    if own.gateway is None:
        return
    if own.parent is not None:
        yield Problem("exposure.parent", "either this Gateway of somebody else, or `gateway`, the stack's own; remove one")
    if own.via == "ingress":
        yield Problem("exposure.gateway", "does nothing via 'ingress'; remove it")
    ends: dict[str, TlsSpec] = {}
    for way in spec.exposed():
        exposure = way.exposure
        if exposure.via == "ingress" or exposure.parent is not None or exposure.tls is None:
            continue
        for host in exposure.hosts:
            name = listener_host(file.exposure, exposure.tls, host)
            if ends.setdefault(name, exposure.tls) != exposure.tls:
                place = join(way.place, "tls")
                yield Problem(place, f"another certificate ends TLS for {name} already; give it another host, or the same `tls`")
    if len(ends) > MAX_HOSTS:
        reason = f"a Gateway has at most {MAX_HOSTS} listeners with a certificate of their own, and {len(ends)} hosts need one"
        yield Problem("exposure.tls", f"{reason}; use one certificate for all: `wildcard: true`, or `secret` for the whole stack")


def _way(spec: StackSpec, exposure: ExposureSpec, at: str) -> Iterator[Problem]:
    """Keys that belong to the other way of exposing, and those that this way needs."""
    if exposure.via == "gateway-api":
        if exposure.parent is None and spec.exposure.gateway is None:
            example = "`exposure: {parent: {name: public, namespace: gateways}}`"
            yield Problem(join(at, "parent"), f"required: the Gateway that takes the route, such as {example}")
        elif exposure.parent is None and exposure.tls is None:
            yield Problem(join(at, "tls"), "required: nothing else ends TLS in front of the stack's own Gateway")
        idle = ["ingress_class"] if exposure.ingress_class is not None else []
        if exposure.parent is not None and exposure.tls is not None:
            yield Problem(join(at, "tls"), "does nothing beside `parent`, whose owner ends TLS; remove it")
    else:
        if exposure.ingress_class is None:
            yield Problem(join(at, "ingress_class"), "required: without a class no ingress controller or several take the Ingress")
        idle = ["parent"] if exposure.parent is not None else []
        if exposure.tls is not None and exposure.tls.secret_namespace is not None:
            reason = "an Ingress takes Secrets of its own namespace only"
            yield Problem(join(at, "tls", "secret_namespace"), f"{reason}; copy it, for example by an ExternalSecret")
    for key in idle:
        yield Problem(join(at, key), f"does nothing via {exposure.via!r}; remove it")
    controller = spec.controller_of(exposure)
    if controller is not None and controller.via != exposure.via:
        yield Problem(
            join(at, "controller"), f"{controller.name!r} takes no traffic via {exposure.via!r}; set `via: {controller.via}`"
        )


def _reached(spec: StackSpec, exposure: ExposureSpec, workload: Reachable, at: str) -> Iterator[Problem]:
    """Pods admit what is declared only, so it must be known where the traffic from outside comes from."""
    if exposure.via == "gateway-api" or exposure.ingress_class is None or exposure.controller_namespaces:
        return
    controller = spec.controller_of(exposure)
    known = controller is not None and (controller.namespace is not None or controller.callers)
    if not known and not any(client.cidr for client in workload.clients):
        hint = "name the namespaces of its pods, or the addresses that it calls from as `clients: [{cidr: …}]`"
        yield Problem(join(at, "controller_namespaces"), f"required, nobody knows where {exposure.ingress_class!r} runs: {hint}")


def _wishes(spec: StackSpec, exposure: ExposureSpec, at: str, *, proxied: bool) -> Iterator[Problem]:
    """What the controller cannot do is said here, and never left out in silence."""
    controller = spec.controller_of(exposure)
    lacks = lacking(controller, exposure.via)
    who = f"{controller.name!r}" if controller is not None else f"what is behind {exposure.ingress_class or 'the Gateway'!r}"
    asked: dict[Wish, bool] = {
        "idle_seconds": exposure.idle_seconds is not None,
        "max_body_bytes": exposure.max_body_bytes is not None,
        "cors": exposure.cors is not None and not proxied,
        "rate_limit": exposure.rate_limit is not None,
        "rewrite": exposure.rewrite is not None,
        "tls": exposure.tls is not None,
    }
    for wish, wanted in asked.items():
        if wanted and wish in lacks:
            yield Problem(join(at, wish), f"cannot be had from {who}: {lacks[wish]}")
    if exposure.affinity is not None and exposure.affinity in lacks:
        yield Problem(join(at, "affinity"), f"{exposure.affinity!r} cannot be had from {who}: {lacks[exposure.affinity]}")
    if exposure.rewrite is not None and exposure.rewrite == exposure.path:
        yield Problem(join(at, "rewrite"), f"does nothing: {exposure.path!r} is the prefix already; remove it, or set `path`")
    if controller is None:
        return
    if exposure.idle_seconds is not None and exposure.idle_seconds > controller.longest_idle:
        limit = controller.longest_idle
        yield Problem(
            join(at, "idle_seconds"), f"{exposure.idle_seconds} is more than the {limit} that {who} allows; set {limit} at most"
        )
    limit = exposure.rate_limit
    if limit is not None and "rate_limit" not in lacks and limit.by not in controller.counts:
        others = " or ".join(f"`by: {one}`" for one in controller.counts)
        reason = "needs its rate limit service and Redis" if controller.name == "envoy-gateway" else "is nothing it counts"
        yield Problem(join(at, "rate_limit", "by"), f"{limit.by!r} {reason} at {who}; set {others}")


def _annotations(spec: StackSpec, exposure: ExposureSpec, at: str, *, proxied: bool) -> Iterator[Problem]:
    """Annotations that do nothing, and pages in browsers that two would answer."""
    controller = spec.controller_of(exposure)
    for key, fault in annotation_faults(exposure.annotations, controller.name if controller is not None else None):
        yield Problem(join(at, "annotations", key), fault)
    if proxied:
        for key in exposure.annotations:
            if key.rpartition("/")[2] in ("enable-cors", "cors-enable"):
                fault = "the proxy answers browsers itself, and two answers are none; use `cors: {origins: […]}`"
                yield Problem(join(at, "annotations", key), fault)
