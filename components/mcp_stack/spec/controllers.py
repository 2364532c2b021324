"""What forwards traffic into a cluster, and what each of them can be told for a single host.

Sources: the controllers' own references as of August 2026 (ingress-nginx 1.15, F5 NGINX Ingress Controller 5.6, Traefik 3.7,
HAProxy Kubernetes Ingress 3.2, Contour 1.33, AWS Load Balancer Controller 3, GKE, Application Gateway Ingress Controller, Envoy
Gateway 1.9).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

ControllerName = Literal[
    "ingress-nginx",
    "f5-nginx",
    "traefik",
    "haproxy",
    "contour",
    "aws",
    "gce",
    "azure",
    "envoy-gateway",
    "gke-gateway",
    "traefik-gateway",
]

Wish = Literal["idle_seconds", "max_body_bytes", "cookie", "client-ip", "cors", "rate_limit", "rewrite", "tls", "redirect"]
"""What an exposure may ask for beyond a host, a path and open streams. `cookie`, `client-ip`: values of `affinity`."""


@dataclass(frozen=True, slots=True)
class Controller:
    """One controller. `lacks` says for every wish that it cannot fulfil why, or what does it instead."""

    name: ControllerName
    via: Literal["gateway-api", "ingress"]
    lacks: Mapping[Wish, str]
    namespace: str | None = None
    """Where its pods live when it is installed as its own documentation says; None for those that are no pods."""
    callers: tuple[str, ...] = ()
    """Addresses that it calls from, where they are the same for everybody."""
    counts: tuple[str, ...] = ("client",)
    """Whose requests a rate limit can count."""
    longest_idle: int = 86400
    """Most seconds that a stream may be silent."""
    warning: str | None = None
    """What whoever uses it should know."""
    annotations: tuple[str, ...] = field(default=())
    """Prefixes of its own annotations."""


RETIRED = (
    "ingress-nginx was retired in March 2026 and gets no fixes, not even for security; move to `via: gateway-api`, or to another "
    "controller (Traefik 3.7 reads its annotations)"
)

_ENVOY_PROXY = "its Ingress has no annotation for it; use `via: gateway-api`"
_AWS_WAF = "an Application Load Balancer has none; attach a web ACL of AWS WAF by `alb.ingress.kubernetes.io/wafv2-acl-arn`"
_ARMOR = "Google's load balancers leave it to Cloud Armor; name its policy in a BackendConfig or GCPBackendPolicy of your own"
_AZURE_WAF = "Application Gateway leaves it to its firewall; name its policy by `appgw.ingress.kubernetes.io/waf-policy-for-path`"
_NO_PAGES = "it answers no questions of browsers; put the server behind the stack's gateway, which does"
_ANY_SIZE = "it takes requests of any size and cannot be told otherwise; the proxy behind it has `limits.max_body_bytes`"
_COOKIE_ONLY = "it knows clients by cookie only"
_TRAEFIK: Mapping[Wish, str] = {
    "idle_seconds": "its time limits belong to entry points (`transport.respondingTimeouts`), and answers have none there",
    "max_body_bytes": "its `buffering` middleware would hold streams back; the proxy behind it has `limits.max_body_bytes`",
    "client-ip": _COOKIE_ONLY,
}

CONTROLLERS: tuple[Controller, ...] = (
    Controller("ingress-nginx", "ingress", {}, "ingress-nginx", warning=RETIRED, annotations=("nginx.ingress.kubernetes.io/",)),
    Controller("f5-nginx", "ingress", {}, "nginx-ingress", counts=("client", "everyone"), annotations=("nginx.org/", "nginx.com/")),
    Controller(
        "traefik",
        "ingress",
        {
            **_TRAEFIK,
            "redirect": "plain HTTP is not served for the host; redirect for all hosts at its entry point "
            "(`http.redirections.entryPoint`)",
        },
        "traefik",
        counts=("client", "everyone"),
        annotations=("traefik.ingress.kubernetes.io/",),
    ),
    Controller("haproxy", "ingress", {"max_body_bytes": _ANY_SIZE}, "haproxy-controller", annotations=("haproxy.org/",)),
    Controller(
        "contour",
        "ingress",
        {
            "idle_seconds": "it is `stream-idle-timeout` in Contour's own configuration, 5 minutes by default",
            "max_body_bytes": _ANY_SIZE,
            **dict.fromkeys(("cookie", "client-ip", "cors", "rate_limit", "rewrite"), _ENVOY_PROXY),
        },
        "projectcontour",
        annotations=("projectcontour.io/",),
    ),
    Controller(
        "aws",
        "ingress",
        {
            "max_body_bytes": _ANY_SIZE,
            "client-ip": _COOKIE_ONLY,
            "cors": _NO_PAGES,
            "rate_limit": _AWS_WAF,
            "rewrite": "give the server its own host, or a path that it knows itself",
            "tls": "certificates come from ACM, found by the host or named by `alb.ingress.kubernetes.io/certificate-arn`",
        },
        longest_idle=4000,
        annotations=("alb.ingress.kubernetes.io/",),
    ),
    Controller(
        "gce",
        "ingress",
        {
            "max_body_bytes": _ANY_SIZE,
            "cors": _NO_PAGES,
            "rate_limit": _ARMOR,
            "rewrite": "give the server its own host, or a path that it knows itself",
        },
        callers=("35.191.0.0/16", "130.211.0.0/22"),
        annotations=("networking.gke.io/", "ingress.gcp.kubernetes.io/"),
    ),
    Controller(
        "azure",
        "ingress",
        {"max_body_bytes": _AZURE_WAF, "client-ip": _COOKIE_ONLY, "cors": _NO_PAGES, "rate_limit": _AZURE_WAF},
        annotations=("appgw.ingress.kubernetes.io/",),
    ),
    Controller(
        "envoy-gateway",
        "gateway-api",
        {"max_body_bytes": "its `requestBuffer` would hold streams back; the proxy behind it has `limits.max_body_bytes`"},
        "envoy-gateway-system",
        counts=("everyone",),
    ),
    Controller(
        "gke-gateway",
        "gateway-api",
        {"max_body_bytes": _ANY_SIZE, "cors": _NO_PAGES, "rate_limit": _ARMOR},
        callers=("35.191.0.0/16", "130.211.0.0/22"),
    ),
    Controller(
        "traefik-gateway",
        "gateway-api",
        {
            **_TRAEFIK,
            **dict.fromkeys(
                ("cookie", "client-ip"), "it has no affinity for routes of the Gateway API; use `via: ingress` and a cookie"
            ),
        },
        "traefik",
        counts=("client", "everyone"),
    ),
)

ANY_GATEWAY: Mapping[Wish, str] = dict.fromkeys(
    ("idle_seconds", "max_body_bytes", "cookie", "client-ip", "rate_limit"),
    "the Gateway API has no field for it; name the implementation as `controller`, if it is one of "
    + ", ".join(one.name for one in CONTROLLERS if one.via == "gateway-api"),
)
"""What lacks where nobody knows what implements the Gateway API."""

ANY_INGRESS: Mapping[Wish, str] = dict.fromkeys(
    ("idle_seconds", "max_body_bytes", "cookie", "client-ip", "cors", "rate_limit", "rewrite"),
    "an Ingress has no field for it; name the `controller` behind the class, or use its annotations",
)
"""What lacks where nobody knows the controller of an Ingress."""

_CLASSES = {
    "nginx": "ingress-nginx",
    **{name: name for name in ("traefik", "haproxy", "contour", "gce")},
    "alb": "aws",
    "azure": "azure",
    "azure-application-gateway": "azure",
}

_GATEWAY_CLASSES = {
    **dict.fromkeys(("eg", "envoy", "envoy-gateway"), "envoy-gateway"),
    "gke-l7": "gke-gateway",
    "traefik": "traefik-gateway",
}


def by_name(name: str) -> Controller:
    """The controller `name`."""
    return next(one for one in CONTROLLERS if one.name == name)


def by_class(ingress_class: str) -> Controller | None:
    """Controller behind a class such as `nginx` or `nginx-staging`, or None where the name does not tell."""
    return _found(_CLASSES, ingress_class)


def by_gateway_class(gateway_class: str) -> Controller | None:
    """Implementation behind a GatewayClass such as `eg`, or None where the name does not tell."""
    return _found(_GATEWAY_CLASSES, gateway_class)


def _found(classes: Mapping[str, str], name: str) -> Controller | None:
    known = next((known for known in classes if name == known or name.startswith(f"{known}-")), None)
    return None if known is None else by_name(classes[known])


def lacking(controller: Controller | None, via: str) -> Mapping[Wish, str]:
    """Why a wish cannot be fulfilled, for each such wish."""
    if controller is not None:
        return controller.lacks
    return ANY_GATEWAY if via == "gateway-api" else ANY_INGRESS
