"""Gateways of Google Kubernetes Engine: policies attached to the Service."""

from typing import Any

from .gce import AFFINITY
from .target import DRAIN_SECONDS, HOUR, Extra, Settings, Target


def gke_gateway(target: Target) -> Settings:
    """By its reference (kubernetes-engine/docs/how-to/configure-gateway-resources).

    Time limits are the policy's matter (30 s by default), which it prefers to the route's. Nothing is derived from probes: without
    a HealthCheckPolicy it asks for `/`.
    """
    exposure = target.exposure
    service = {"group": "", "kind": "Service", "name": target.service}
    backend: dict[str, Any] = {"timeoutSec": target.idle, "connectionDraining": {"drainingTimeoutSec": DRAIN_SECONDS}}
    if exposure.affinity is not None:
        kept = {"cookieTtlSec": HOUR} if exposure.affinity == "cookie" else {}
        backend["sessionAffinity"] = {"type": AFFINITY[exposure.affinity], **kept}
    ask: dict[str, Any] = {"type": "TCP", "tcpHealthCheck": {"portSpecification": "USE_SERVING_PORT"}}
    if target.health is not None:
        ask = {"type": "HTTP", "httpHealthCheck": {"portSpecification": "USE_SERVING_PORT", "requestPath": target.health}}
    extras = (
        Extra("networking.gke.io/v1 GCPBackendPolicy", "", {"default": backend, "targetRef": service}),
        Extra("networking.gke.io/v1 HealthCheckPolicy", "", {"default": {"config": ask}, "targetRef": service}),
    )
    return Settings(extras=extras, timeouts=False)
