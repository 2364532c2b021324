"""What comes from outside arrives: Ingresses and routes name Services, ports and Gateways that exist."""

from collections.abc import Iterator, Mapping
from typing import Any

from ...spec.annotations import annotation_faults, middleware_reference
from ..rendered import KubeObject
from .cluster import Cluster, dig, items, mapping
from .finding import MISSING, Finding, error
from .gateways import certified, gateways, taken

CHECK = "exposure"


def exposure(cluster: Cluster) -> Iterator[Finding]:
    """Backends, parents, classes and certificates that nothing provides; hosts that two objects claim."""
    for ingress in cluster.of("Ingress"):
        yield from _ingress(cluster, ingress)
    for route in cluster.of("HTTPRoute", "GRPCRoute"):
        yield from _route(cluster, route)
    yield from gateways(cluster)
    yield from _claimed_twice(cluster)


def _ingress(cluster: Cluster, ingress: KubeObject) -> Iterator[Finding]:
    spec = mapping(ingress.plain, "spec")
    annotations = mapping(ingress.plain, "metadata", "annotations")
    for key, fault in annotation_faults({str(key): str(value) for key, value in annotations.items()}):
        yield error(CHECK, ingress, f"metadata.annotations.{key}", fault)
    yield from _middlewares(cluster, ingress, annotations)
    if not spec.get("ingressClassName") and not annotations.get("kubernetes.io/ingress.class"):
        yield error(
            CHECK,
            ingress,
            "spec.ingressClassName",
            "missing: which controller serves it depends on the cluster's default, if there is one; name a class",
        )
    backends: list[tuple[str, Any]] = [("spec.defaultBackend", spec.get("defaultBackend"))] if "defaultBackend" in spec else []
    for index, rule in enumerate(items(spec, "rules")):
        backends += [
            (f"spec.rules[{index}].http.paths[{place}].backend", dig(path, "backend"))
            for place, path in enumerate(items(rule, "http", "paths"))
        ]
    for path, backend in backends:
        service, port = dig(backend, "service", "name"), mapping(backend, "service", "port")
        wanted = port.get("name", port.get("number"))
        if service is not None:
            yield from _backend(cluster, ingress, path, ingress.namespace, str(service), wanted)
    for index, tls in enumerate(items(spec, "tls")):
        secret = dig(tls, "secretName")
        issued = any("cert-manager.io/" in key for key in annotations)
        if (
            secret
            and not issued
            and not cluster.exists("Secret", ingress.namespace, secret)
            and not certified(cluster, ingress.namespace, secret)
        ):
            yield error(
                CHECK,
                ingress,
                f"spec.tls[{index}].secretName",
                f"Secret {secret!r} is neither in the stack nor declared; create it, or have a Certificate fill it",
            )


def _middlewares(cluster: Cluster, ingress: KubeObject, annotations: Mapping[str, Any]) -> Iterator[Finding]:
    """Traefik drops a router whose middleware is not there."""
    key = "traefik.ingress.kubernetes.io/router.middlewares"
    ours = {("Middleware", one.namespace, one.name) for one in cluster.of("Middleware")}
    known = {middleware_reference(space, name) for kind, space, name in ours | cluster.external.objects if kind == "Middleware"}
    for named in filter(None, str(annotations.get(key, "")).split(",")):
        if named.endswith("@kubernetescrd") and named not in known:
            yield error(CHECK, ingress, f"metadata.annotations.{key}", f"{named!r} {MISSING}")


def _route(cluster: Cluster, route: KubeObject) -> Iterator[Finding]:
    parents = items(route.plain, "spec", "parentRefs")
    if not parents:
        yield error(CHECK, route, "spec.parentRefs", "empty: no Gateway takes the route; name one")
    for index, parent in enumerate(parents):
        kind, name = parent.get("kind", "Gateway"), str(parent.get("name"))
        namespace = str(parent.get("namespace", route.namespace))
        path = f"spec.parentRefs[{index}]"
        gateway = cluster.find(kind, namespace, name)
        if gateway is None and not cluster.external.has(kind, namespace, name):
            yield error(
                CHECK, route, path, f"{kind} {namespace}/{name} is neither in the stack nor declared; create it, or name another"
            )
        yield from taken(route, gateway, path, parent)
        section = parent.get("sectionName")
        listeners = [dig(listener, "name") for listener in items(gateway.plain, "spec", "listeners")] if gateway else [section]
        if section is not None and section not in listeners:
            yield error(
                CHECK,
                route,
                f"{path}.sectionName",
                f"{section!r} is no listener of {kind} {namespace}/{name}; it has: {', '.join(map(str, listeners))}",
            )
    for index, rule in enumerate(items(route.plain, "spec", "rules")):
        for place, one in enumerate(items(rule, "filters")):
            kind, name = str(dig(one, "extensionRef", "kind")), str(dig(one, "extensionRef", "name"))
            if "extensionRef" in one and not cluster.exists(kind, route.namespace, name):
                yield error(CHECK, route, f"spec.rules[{index}].filters[{place}]", f"{kind} {route.namespace}/{name} {MISSING}")
        for place, backend in enumerate(items(rule, "backendRefs")):
            path, namespace = f"spec.rules[{index}].backendRefs[{place}]", str(backend.get("namespace", route.namespace))
            if backend.get("kind", "Service") != "Service":
                continue
            if namespace != route.namespace and not _granted(cluster, route, namespace):
                yield error(
                    CHECK,
                    route,
                    path,
                    f"goes into namespace {namespace!r}, which no ReferenceGrant there allows; add one",
                )
            yield from _backend(cluster, route, path, namespace, str(backend.get("name")), backend.get("port"))


def _granted(cluster: Cluster, route: KubeObject, namespace: str) -> bool:
    return any(
        grant.namespace == namespace
        and any(dig(source, "namespace") == route.namespace for source in items(grant.plain, "spec", "from"))
        for grant in cluster.of("ReferenceGrant")
    )


def _backend(cluster: Cluster, item: KubeObject, path: str, namespace: str, name: str, port: Any) -> Iterator[Finding]:
    service = cluster.find("Service", namespace, name)
    if service is None:
        if not cluster.external.has("Service", namespace, name):
            yield error(CHECK, item, path, f"Service {namespace}/{name} does not exist; name one of the stack's")
        return
    known = [found.get(field) for found in items(service.plain, "spec", "ports") for field in ("name", "port")]
    if port not in known:
        yield error(
            CHECK, item, path, f"{port!r} is no port of Service {name}; it has: {', '.join(str(found) for found in known if found)}"
        )


def _claimed_twice(cluster: Cluster) -> Iterator[Finding]:
    """One host and path, two objects: which of them answers is up to the controller."""
    claims: dict[tuple[str, str, str], KubeObject] = {}
    for item in cluster.of("Ingress", "HTTPRoute"):
        for claim in _claims(item):
            other = claims.setdefault(claim, item)
            if other is not item:
                yield error(
                    CHECK,
                    item,
                    "spec",
                    f"{claim[0] or 'every host'}{claim[1]} is also claimed by {other.title}; give one of them another host or path",
                )


def _claims(item: KubeObject) -> set[tuple[str, str, str]]:
    """Host, path, and where a route for every host is attached: the same on two Gateways is no clash."""
    rules = items(item.plain, "spec", "rules")
    if item.kind == "Ingress":
        paths = ((rule, path) for rule in rules for path in items(rule, "http", "paths"))
        return {(str(rule.get("host", "")), str(dig(path, "path") or "/"), "") for rule, path in paths}
    hosts = [(str(host), "") for host in items(item.plain, "spec", "hostnames")]
    parents = items(item.plain, "spec", "parentRefs")
    everywhere = [("", f"{one.get('namespace', item.namespace)}/{one.get('name')}/{one.get('sectionName')}") for one in parents]
    matches = [match for rule in rules for match in (items(rule, "matches") or [{}])]
    plain = [match for match in matches if set(match) <= {"path"}]
    return {(host, str(dig(match, "path", "value") or "/"), where) for host, where in hosts or everywhere for match in plain}
