"""NGINX Ingress Controller by F5, whose class is usually called `nginx`, too."""

from .target import METHODS, PREFLIGHT_SECONDS, REQUEST_HEADERS, RESPONSE_HEADERS, Extra, Settings, Target, per_second, prefixed


def f5_nginx(target: Target) -> Settings:
    """Annotations by its reference (configuration/ingress-resources/advanced-configuration-with-annotations).

    Answers to browsers are a Policy object (`k8s.nginx.org/v1`), which `nginx.org/policies` refers to. A rewrite replaces the
    very text of the path, hence slashes at both ends.
    """
    exposure = target.exposure
    found = {
        "proxy-buffering": "false",
        "proxy-read-timeout": f"{target.idle}s",
        "proxy-send-timeout": f"{target.idle}s",
    }
    extras: tuple[Extra, ...] = ()
    path = None
    if target.body_bytes is not None:
        found["client-max-body-size"] = str(target.body_bytes)
    if exposure.affinity == "cookie":
        found["sticky-cookie-services"] = f"serviceName={target.service} mcp_affinity path={exposure.path}"
    elif exposure.affinity == "client-ip":
        found["lb-method"] = "ip_hash"
    if exposure.rate_limit is not None:
        limit = exposure.rate_limit
        found |= {
            "limit-req-rate": per_second(limit.requests, limit.per),
            "limit-req-key": "${binary_remote_addr}" if limit.by == "client" else "${server_name}",
            "limit-req-burst": str(limit.requests),
            "limit-req-no-delay": "true",
            "limit-req-reject-code": "429",
        }
    if target.origins:
        found["policies"] = f"{target.name}-cors"
        cors = {
            "allowOrigin": list(target.origins),
            "allowMethods": list(METHODS),
            "allowHeaders": list(REQUEST_HEADERS),
            "exposeHeaders": list(RESPONSE_HEADERS),
            "maxAge": PREFLIGHT_SECONDS,
        }
        extras = (Extra("k8s.nginx.org/v1 Policy", "-cors", {"cors": cors}),)
    if exposure.rewrite is not None:
        path = f"{exposure.path.rstrip('/')}/"
        found["rewrites"] = f"serviceName={target.service} rewrite={exposure.rewrite.rstrip('/')}/"
    if exposure.tls is not None:
        found["redirect-to-https"] = "true"
    return Settings(prefixed("nginx.org/", found), extras=extras, path=path)
