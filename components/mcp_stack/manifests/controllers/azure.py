"""Application Gateway Ingress Controller."""

from .aws import ANY_ANSWER
from .target import DRAIN_SECONDS, Settings, Target, prefixed


def azure(target: Target) -> Settings:
    """Annotations by its reference (learn.microsoft.com/azure/application-gateway/ingress-controller-annotations)."""
    exposure = target.exposure
    found = {
        "request-timeout": str(target.idle),
        "connection-draining": "true",
        "connection-draining-timeout": str(DRAIN_SECONDS),
        "health-probe-path": target.health or "/",
    }
    if target.health is None:
        found["health-probe-status-codes"] = ANY_ANSWER
    if exposure.affinity is not None:
        found["cookie-based-affinity"] = "true"
    if exposure.rewrite is not None:
        found["backend-path-prefix"] = exposure.rewrite
    if exposure.tls is not None:
        found["ssl-redirect"] = "true"
    return Settings(prefixed("appgw.ingress.kubernetes.io/", found))
