"""The stack's own Gateway: where TLS ends for each host, and plain HTTP that leads there."""

import hashlib
from dataclasses import dataclass
from typing import Any

from ..spec import SHARED, StackSpec
from ..spec.exposure import ExposureSpec, OwnGateway, TlsSpec
from ..spec.listeners import listener_host
from .certificates import certificate, certificate_name
from .controllers.target import HOUR
from .identity import Manifest, assemble, shared_labels

GROUP = "gateway.networking.k8s.io"

PLAIN = "http"
"""Listener for plain HTTP."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Where TLS ends for `host`, with the certificate in `secret`."""

    host: str
    secret: str
    tls: TlsSpec

    @property
    def name(self) -> str:
        """Name that depends on the host alone, so that other hosts come and go beside it."""
        return f"https-{hashlib.sha256(self.host.encode()).hexdigest()[:8]}"


def gateway_objects_of(spec: StackSpec) -> dict[str, Manifest]:
    """The Gateway by role, and what belongs to it; nothing where nobody uses it."""
    gateway, listeners = spec.exposure.gateway, _listeners(spec)
    if gateway is None or not listeners:
        return {}
    name = spec.object_name(SHARED)
    body: dict[str, Any] = {
        "gatewayClassName": gateway.gateway_class,
        "listeners": [_plain(), *(_secure(one) for one in listeners)],
    }
    if gateway.annotations:
        body["infrastructure"] = {"annotations": dict(gateway.annotations)}
    redirect = {"type": "RequestRedirect", "requestRedirect": {"scheme": "https", "statusCode": 301}}
    route = {"parentRefs": [{"name": name, "sectionName": PLAIN}], "rules": [{"filters": [redirect]}]}
    found = {
        **_grants(spec, listeners),
        **_certificates(spec, listeners),
        "gateway": _object(spec, f"{GROUP}/v1 Gateway", name, body),
        "gateway-redirect": _object(spec, f"{GROUP}/v1 HTTPRoute", spec.object_name(SHARED, "-redirect"), route),
    }
    if policy := _policy(spec, gateway, name):
        found["gateway-policy"] = policy
    return found


def own_parents(spec: StackSpec, exposure: ExposureSpec) -> list[dict[str, Any]]:
    """Listeners of the stack's own Gateway that take the hosts of `exposure`."""
    hosts = {listener_host(spec.exposure, tls, host) for tls in filter(None, [exposure.tls]) for host in exposure.hosts}
    name = spec.object_name(SHARED)
    return [{"name": name, "sectionName": one.name} for one in _listeners(spec) if one.host in hosts]


def _listeners(spec: StackSpec) -> list[Listener]:
    """One for each host that has a certificate of its own, and for each domain that shares one."""
    found: dict[str, Listener] = {}
    for way in spec.exposed():
        exposure = way.exposure
        if exposure.via == "gateway-api" and exposure.parent is None and exposure.tls is not None:
            for host in exposure.hosts:
                name = listener_host(spec.exposure, exposure.tls, host)
                secret = certificate_name(spec, exposure.tls, host, spec.object_name(way.part, way.suffix))
                found.setdefault(name, Listener(name, secret, exposure.tls))
    return [found[name] for name in sorted(found)]


def _plain() -> dict[str, Any]:
    return {"name": PLAIN, "port": 80, "protocol": "HTTP", "allowedRoutes": {"namespaces": {"from": "Same"}}}


def _secure(listener: Listener) -> dict[str, Any]:
    secret: dict[str, Any] = {"group": "", "kind": "Secret", "name": listener.secret}
    if listener.tls.secret_namespace is not None:
        secret["namespace"] = listener.tls.secret_namespace
    return {
        "name": listener.name,
        "hostname": listener.host,
        "port": 443,
        "protocol": "HTTPS",
        "tls": {"mode": "Terminate", "certificateRefs": [secret]},
        "allowedRoutes": {"namespaces": {"from": "Same"}},
    }


def _certificates(spec: StackSpec, listeners: list[Listener]) -> dict[str, Manifest]:
    """Certificates of single hosts.

    Objects rather than cert-manager's annotation, which names one issuer for all listeners of a Gateway, and would have it
    write over Secrets that are given.
    """
    hosts: dict[str, tuple[TlsSpec, list[str]]] = {}
    for one in listeners:
        if one.tls.issued and not one.tls.wildcard:
            hosts.setdefault(one.secret, (one.tls, []))[1].append(one.host)
    return {f"gateway-certificate-{secret}": certificate(spec, secret, names, tls) for secret, (tls, names) in hosts.items()}


def _grants(spec: StackSpec, listeners: list[Listener]) -> dict[str, Manifest]:
    """Leave for the Gateway to use Secrets of other namespaces (GEP-709), given where the Secrets are."""
    secrets: dict[str, set[str]] = {}
    for one in listeners:
        if one.tls.secret_namespace not in (None, spec.namespace):
            secrets.setdefault(str(one.tls.secret_namespace), set()).add(one.secret)
    sender = {"group": GROUP, "kind": "Gateway", "namespace": spec.namespace}
    found: dict[str, Manifest] = {}
    for namespace, names in sorted(secrets.items()):
        body = {"from": [sender], "to": [{"group": "", "kind": "Secret", "name": name} for name in sorted(names)]}
        name = f"{spec.namespace}.{spec.object_name(SHARED)}"
        found[f"gateway-grant-{namespace}"] = _object(spec, f"{GROUP}/v1 ReferenceGrant", name, body, namespace=namespace)
    return found


def _policy(spec: StackSpec, gateway: OwnGateway, name: str) -> Manifest | None:
    """Envoy Gateway before 1.9 knows no idle time of a single route, and 5 minutes for a whole listener."""
    users = [way.exposure for way in spec.exposed() if way.exposure.via == "gateway-api" and way.exposure.parent is None]
    if not any((found := spec.controller_of(one)) is not None and found.name == "envoy-gateway" for one in users):
        return None
    longest = max(one.idle_seconds or HOUR for one in users)
    target = {"group": GROUP, "kind": "Gateway", "name": name}
    body = {"targetRefs": [target], "timeout": {"http": {"streamIdleTimeout": f"{longest}s"}}}
    return _object(spec, "gateway.envoyproxy.io/v1alpha1 ClientTrafficPolicy", name, body)


def _object(
    spec: StackSpec,
    kind: str,
    name: str,
    body: dict[str, Any],
    *,
    namespace: str | None = None,
) -> Manifest:
    return assemble(kind, name, namespace or spec.namespace, shared_labels(spec), spec.annotations, {"spec": body})
