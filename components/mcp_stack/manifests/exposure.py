"""The way in from outside: a route of the Gateway API, or an Ingress. Streams may stay open on both."""

from typing import Any

from ..spec import StackSpec
from ..spec.network import ExposureSpec
from ..spec.streaming import NAMESPACES, STREAMING, controller_of
from .identity import Manifest, manifest, workload_of


def exposure(spec: StackSpec, part: str) -> Manifest | None:
    """HTTPRoute or Ingress of `part`, or None where it is not exposed."""
    workload = workload_of(spec, part)
    if workload.exposure is None or not workload.exposed:
        return None
    port = workload.service.port or workload.port
    return (_route if workload.exposure.via == "gateway-api" else _ingress)(spec, part, workload.exposure, port)


def controller_namespaces(exposure: ExposureSpec, own: str) -> list[str]:
    """Namespaces of the pods that forward traffic for `exposure`."""
    if exposure.controller_namespaces:
        return exposure.controller_namespaces
    if exposure.via == "gateway-api":
        return [exposure.parent.namespace or own] if exposure.parent else []
    usual = NAMESPACES.get(controller_of(exposure.ingress_class or "") or "")
    return [usual] if usual else []


def _route(spec: StackSpec, part: str, exposure: ExposureSpec, port: int) -> Manifest:
    """`0s` means without limit (GEP-1742): implementations would otherwise cut streams, Envoy after 15 s."""
    parent = exposure.parent
    names = {"name": parent.name, "namespace": parent.namespace, "sectionName": parent.listener} if parent else {}
    body = {
        "parentRefs": [{key: value for key, value in names.items() if value is not None}],
        "hostnames": [exposure.host],
        "rules": [
            {
                "matches": [{"path": {"type": "PathPrefix", "value": exposure.path}}],
                "backendRefs": [{"name": spec.object_name(part), "port": port}],
                "timeouts": {"request": "0s", "backendRequest": "0s"},
            }
        ],
    }
    return manifest(spec, part, "gateway.networking.k8s.io/v1 HTTPRoute", {"spec": body}, annotations=exposure.annotations)


def _ingress(spec: StackSpec, part: str, exposure: ExposureSpec, port: int) -> Manifest:
    """Ingress with the settings for streaming of its class; own annotations win."""
    streaming = STREAMING.get(controller_of(exposure.ingress_class or "") or "", {})
    backend = {"service": {"name": spec.object_name(part), "port": {"number": port}}}
    body: dict[str, Any] = {
        "ingressClassName": exposure.ingress_class,
        "rules": [{"host": exposure.host, "http": {"paths": [{"path": exposure.path, "pathType": "Prefix", "backend": backend}]}}],
    }
    if exposure.tls_secret is not None:
        body["tls"] = [{"hosts": [exposure.host], "secretName": exposure.tls_secret}]
    return manifest(spec, part, "networking.k8s.io/v1 Ingress", {"spec": body}, annotations={**streaming, **exposure.annotations})
