"""What is reached from outside asks who is calling."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any, cast

import yaml

from .model import Found, Option, Policy, Program, Settings
from .pods import Pods, behind, command_of
from .resources import Object, Plain, dig, items, mapping

PROXY = "mcp-stack-proxy"

INTERNAL = {
    "service.beta.kubernetes.io/aws-load-balancer-internal": "true",
    "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
    "service.beta.kubernetes.io/azure-load-balancer-internal": "true",
    "networking.gke.io/load-balancer-type": "Internal",
    "cloud.google.com/load-balancer-type": "Internal",
    "service.beta.kubernetes.io/oci-load-balancer-internal": "true",
}
"""Annotations by which a cloud gives a Service an address of its own network only."""

AUTHENTICATING = [
    "nginx.ingress.kubernetes.io/auth-*",
    "alb.ingress.kubernetes.io/auth-type",
    "haproxy.org/auth-*",
    "traefik.ingress.kubernetes.io/router.middlewares",
    "nginx.org/basic-auth-*",
    "projectcontour.io/auth*",
]

POLICIES = frozenset({"SecurityPolicy", "AuthPolicy", "AuthorizationPolicy", "TrafficPolicy", "GCPBackendPolicy"})
"""Kinds that add authentication to the route that their `targetRefs` name."""

ROUTES = frozenset({"HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute"})


def _exposed(item: Object, program: Program, settings: Settings) -> Found:
    if item.kind == "Service":
        yield from _service(item, program)
    elif item.kind == "Ingress" and not _asks(item, settings):
        for path, name in _backends(item):
            yield from _through(item, program, path, name, item.namespace)
    elif item.kind in ROUTES and not _asked_by_policy(item, program):
        for index, rule in enumerate(items(item.manifest, "spec", "rules")):
            if any(dig(one, "type") == "ExternalAuth" for one in items(rule, "filters")):
                continue
            for reference in items(rule, "backendRefs"):
                space = dig(reference, "namespace") or item.namespace
                yield from _through(item, program, f"spec.rules[{index}].backendRefs", dig(reference, "name"), space)


def _service(item: Object, program: Program) -> Found:
    kind = dig(item.manifest, "spec", "type")
    if kind not in ("LoadBalancer", "NodePort") or (kind == "LoadBalancer" and _internal(item)):
        return
    for pods in behind(program, item):
        config = _proxy_config(pods, program)
        if config is None:
            yield "spec.type", f"{kind} lets everyone reach {pods.object.title}, and nothing in the program asks who is calling"
        elif not _authenticates(config):
            yield "spec.type", f"{kind} lets everyone reach the proxy of {pods.object.title}, which has no authentication"


def _internal(item: Object) -> bool:
    annotations = mapping(item.manifest, "metadata", "annotations")
    if any(str(dig(annotations, key)).lower() == value.lower() for key, value in INTERNAL.items()):
        return True
    ranges = items(item.manifest, "spec", "loadBalancerSourceRanges")
    return bool(ranges) and not {"0.0.0.0/0", "::/0"} & {str(one) for one in ranges}


def _through(item: Object, program: Program, path: str, name: Any, namespace: str) -> Found:
    """A way in that leads to a proxy which asks nobody. What other servers ask cannot be seen from here."""
    service = program.find("Service", namespace, name)
    for pods in behind(program, service) if service else []:
        config = _proxy_config(pods, program)
        if config is not None and not _authenticates(config):
            yield path, f"leads from outside to the proxy of {pods.object.title}, which has no authentication"


def _backends(ingress: Object) -> Iterator[tuple[str, Any]]:
    spec = mapping(ingress.manifest, "spec")
    if "defaultBackend" in spec:
        yield "spec.defaultBackend", dig(spec, "defaultBackend", "service", "name")
    for index, rule in enumerate(items(spec, "rules")):
        for place, path in enumerate(items(rule, "http", "paths")):
            yield f"spec.rules[{index}].http.paths[{place}]", dig(path, "backend", "service", "name")


def _asks(ingress: Object, settings: Settings) -> bool:
    keys = mapping(ingress.manifest, "metadata", "annotations")
    return any(fnmatchcase(key, pattern) for key in keys for pattern in settings["authenticating_annotations"])


def _asked_by_policy(route: Object, program: Program) -> bool:
    for policy in program.objects:
        if policy.kind in POLICIES and policy.namespace == route.namespace:
            targets = [*items(policy.manifest, "spec", "targetRefs"), dig(policy.manifest, "spec", "targetRef")]
            if any((dig(one, "kind"), dig(one, "name")) == (route.kind, route.name) for one in targets):
                return True
    return False


def _proxy_config(pods: Pods, program: Program) -> Plain | None:
    """Configuration of the proxy that runs in `pods`; None where none runs, or nobody can read what it is told."""
    for container in pods.containers():
        words = [str(word) for word in command_of(container)]
        if PROXY not in words or "--config" not in words[:-1]:
            continue
        path = words[words.index("--config") + 1]
        for mount in items(container.spec, "volumeMounts"):
            directory = f"{str(dig(mount, 'mountPath')).rstrip('/')}/"
            volume = next((one for one in items(pods.spec, "volumes") if dig(one, "name") == dig(mount, "name")), None)
            found = program.find("ConfigMap", pods.object.namespace, dig(volume, "configMap", "name"))
            text = dig(found.manifest, "data", path.removeprefix(directory)) if found and path.startswith(directory) else None
            if isinstance(text, str):
                return cast("Plain", yaml.safe_load(text) or {})
    return None


def _authenticates(config: Plain) -> bool:
    return bool(config.get("authentication"))


UNAUTHENTICATED_EXPOSURE = Policy(
    name="unauthenticated-exposure",
    title="What is reached from outside asks who is calling.",
    remedy="give the gateway `authentication`, let the controller in front authenticate, or exempt what outsiders cannot reach",
    check=_exposed,
    level="mandatory",
    severity="critical",
    whole=True,
    own={
        "authenticating_annotations": Option(
            {
                "type": "array",
                "items": {"type": "string"},
                "default": AUTHENTICATING,
                "description": "Annotations of an Ingress that make its controller ask who is calling, with `*` for any part.",
            }
        )
    },
)
