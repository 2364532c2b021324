"""The way in from outside: a route of the Gateway API, or an Ingress. Streams may stay open on both."""

import re
from typing import Any

from ..spec import GatewaySpec, StackSpec
from ..spec.exposure import ExposureSpec, Way
from ..spec.server import ServerSpec
from .addresses import block
from .controllers import Extra, Target, settings_of
from .identity import Manifest, manifest, runs_proxy, workload_of
from .ingress import ingress_body
from .probes import PROXY_PATHS
from .routes import route_body

SMALL_BY_DEFAULT = ("ingress-nginx", "f5-nginx")
"""Controllers that take 1 MiB unless told otherwise, less than the proxy does."""


def exposure(spec: StackSpec, part: str) -> dict[str, Manifest]:
    """Objects that let `part` be reached from outside, by role; none where it is not exposed."""
    found: dict[str, Manifest] = {}
    for way in spec.ways_to(part):
        objects = exposed_objects(spec, part, target_of(spec, way))
        found |= {role.replace("exposure", f"exposures.{way.name}", 1) if way.name else role: one for role, one in objects.items()}
    return found


def exposed_objects(spec: StackSpec, part: str, target: Target) -> dict[str, Manifest]:
    """Objects for `target`, which belong to `part`."""
    settings = settings_of(target)
    if target.exposure.via == "gateway-api":
        kind, body, more = "gateway.networking.k8s.io/v1 HTTPRoute", route_body(spec, target, settings), {}
    else:
        kind, (body, more) = "networking.k8s.io/v1 Ingress", ingress_body(spec, target, settings)
    annotations = {**settings.annotations, **more, **target.exposure.annotations}
    extras = {f"exposure-{_kind(one)}{one.suffix}": _extra(spec, part, target, one) for one in settings.extras}
    return {**extras, "exposure": manifest(spec, part, kind, {"spec": body}, name=target.name, annotations=annotations)}


def target_of(spec: StackSpec, way: Way) -> Target:
    """What `way` leads to."""
    part, exposed = way.part, way.exposure
    workload = workload_of(spec, part)
    controller = spec.controller_of(exposed)
    proxied = runs_proxy(spec, part)
    name = controller.name if controller is not None else None
    size = exposed.max_body_bytes
    if size is None and proxied and name in SMALL_BY_DEFAULT:
        size = spec.limits_of(part).max_body_bytes
    return Target(
        name=spec.object_name(part, way.suffix),
        namespace=spec.namespace,
        service=spec.object_name(part),
        port=spec.service_port(part),
        exposure=exposed,
        controller=name,
        origins=() if proxied or exposed.cors is None else tuple(exposed.cors.origins),
        body_bytes=size,
        health=PROXY_PATHS["readiness"] if proxied else _page(workload),
        proxied=proxied,
    )


def service_annotations(spec: StackSpec, part: str) -> dict[str, str]:
    """What controllers read on the Service of `part`."""
    return {key: text for way in spec.ways_to(part) for key, text in settings_of(target_of(spec, way)).service.items()}


def forwarders(spec: StackSpec, exposed: ExposureSpec) -> list[dict[str, Any]]:
    """Peers of a network policy that forward traffic for `exposed`."""
    names, callers = controller_namespaces(spec, exposed), controller_addresses(spec, exposed)
    spaces = [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}} for name in names]
    return [*spaces, *(block(cidr) for cidr in callers)]


def controller_addresses(spec: StackSpec, exposed: ExposureSpec) -> tuple[str, ...]:
    """Addresses from which traffic for `exposed` is forwarded, where they are known and no namespaces are given instead."""
    controller = spec.controller_of(exposed)
    return controller.callers if controller is not None and not exposed.controller_namespaces else ()


def controller_namespaces(spec: StackSpec, exposed: ExposureSpec) -> list[str]:
    """Namespaces of the pods that forward traffic for `exposed`.

    What implements a Gateway usually runs beside it; Envoy Gateway's proxies live with their controller.
    """
    if exposed.controller_namespaces:
        return exposed.controller_namespaces
    controller = spec.controller_of(exposed)
    if controller is not None:
        return [controller.namespace] if controller.namespace is not None else []
    if exposed.via == "ingress":
        return []
    return [exposed.parent.namespace or spec.namespace] if exposed.parent is not None else [spec.namespace]


def _page(workload: ServerSpec | GatewaySpec) -> str | None:
    """Page that the readiness probe asks for, where it does so on the server's own port."""
    asked = workload.probes.readiness.http_get
    return asked.path if asked is not None and asked.port in (None, workload.port) else None


def _kind(extra: Extra) -> str:
    """Kind as part of a role: `backend-traffic-policy`."""
    kind = extra.kind.rpartition(" ")[2]
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", kind).lower()


def _extra(spec: StackSpec, part: str, target: Target, extra: Extra) -> Manifest:
    return manifest(spec, part, extra.kind, {"spec": dict(extra.spec)}, name=extra.name(target))
