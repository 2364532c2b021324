"""Contour, by its few annotations of an Ingress. Whatever else it can do belongs to its own kinds and to the Gateway API."""

from .target import Settings, Target


def contour(target: Target) -> Settings:
    """Annotations by its reference (docs/main/config/annotations). Envoy would end an answer after 15 s otherwise."""
    found = {"projectcontour.io/response-timeout": "infinity"}
    if target.exposure.tls is not None:
        found["ingress.kubernetes.io/force-ssl-redirect"] = "true"
    return Settings(found)
