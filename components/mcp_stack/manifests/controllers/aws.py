"""AWS Load Balancer Controller: an Application Load Balancer that calls the pods themselves."""

from .target import DRAIN_SECONDS, HOUR, Settings, Target, prefixed

ANY_ANSWER = "200-499"
"""An MCP server that knows no health page answers a GET of `/` with 404 or 406, and is well."""


def aws(target: Target) -> Settings:
    """Annotations by its reference (guide/ingress/annotations). Nothing is held back by this load balancer."""
    attributes = {"deregistration_delay.timeout_seconds": str(DRAIN_SECONDS)}
    if target.exposure.affinity == "cookie":
        attributes |= {
            "stickiness.enabled": "true",
            "stickiness.type": "lb_cookie",
            "stickiness.lb_cookie.duration_seconds": str(HOUR),
        }
    found = {
        "target-type": "ip",
        "load-balancer-attributes": f"idle_timeout.timeout_seconds={target.idle}",
        "target-group-attributes": ",".join(f"{key}={value}" for key, value in attributes.items()),
        "healthcheck-path": target.health or "/",
    }
    if target.health is None:
        found["success-codes"] = ANY_ANSWER
    return Settings(prefixed("alb.ingress.kubernetes.io/", found))
