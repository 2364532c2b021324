"""Settings that keep an ingress controller from buffering or cutting streams, by the controller's own annotations.

Sources: the controllers' annotation references as of 2026. Traefik passes streams on at once and needs none.
"""

HOUR = "3600"

STREAMING: dict[str, dict[str, str]] = {
    "nginx": {
        "nginx.ingress.kubernetes.io/proxy-buffering": "off",
        "nginx.ingress.kubernetes.io/proxy-http-version": "1.1",
        "nginx.ingress.kubernetes.io/proxy-read-timeout": HOUR,
        "nginx.ingress.kubernetes.io/proxy-send-timeout": HOUR,
    },
    "traefik": {},
    "haproxy": {"haproxy.org/timeout-server": "1h"},
    "contour": {"projectcontour.io/response-timeout": "infinity"},
    "alb": {
        "alb.ingress.kubernetes.io/load-balancer-attributes": f"idle_timeout.timeout_seconds={HOUR}",
        "alb.ingress.kubernetes.io/target-type": "ip",
    },
}

NAMESPACES = {"nginx": "ingress-nginx", "traefik": "traefik", "haproxy": "haproxy-controller", "contour": "projectcontour"}
"""Where a controller's pods live when it is installed as its own documentation says."""


def controller_of(ingress_class: str) -> str | None:
    """Controller behind a class such as `nginx` or `nginx-staging`, or None where the name does not tell."""
    return next((name for name in STREAMING if ingress_class == name or ingress_class.startswith(f"{name}-")), None)
