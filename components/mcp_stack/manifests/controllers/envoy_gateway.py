"""Envoy Gateway: a BackendTrafficPolicy for each route."""

from typing import Any

from .target import HOUR, Extra, Settings, Target


def envoy_gateway(target: Target) -> Settings:
    """By its reference (gateway.envoyproxy.io/v1alpha1, release 1.9).

    Envoy ends what is silent for 5 minutes, and an answer after 15 s. `requestBuffer` is never set: it would hold streams back.
    """
    exposure = target.exposure
    route = {"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": target.name}
    times = {"requestTimeout": "0s", "maxStreamDuration": "0s", "streamIdleTimeout": f"{target.idle}s"}
    policy: dict[str, Any] = {"targetRefs": [route], "timeout": {"http": times}}
    if exposure.affinity is not None:
        consistent: dict[str, Any] = {"type": "SourceIP"}
        if exposure.affinity == "cookie":
            consistent = {"type": "Cookie", "cookie": {"name": "mcp-affinity", "ttl": f"{HOUR}s"}}
        policy["loadBalancer"] = {"type": "ConsistentHash", "consistentHash": consistent}
    if exposure.rate_limit is not None:
        limit = {"requests": exposure.rate_limit.requests, "unit": exposure.rate_limit.per.capitalize()}
        policy["rateLimit"] = {"type": "Local", "local": {"rules": [{"limit": limit}]}}
    return Settings(extras=(Extra("gateway.envoyproxy.io/v1alpha1 BackendTrafficPolicy", "", policy),))
