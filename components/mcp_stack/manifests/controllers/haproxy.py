"""HAProxy Kubernetes Ingress Controller (haproxytech)."""

import re

from .target import METHODS, PREFLIGHT_SECONDS, REQUEST_HEADERS, RESPONSE_HEADERS, Settings, Target, prefixed


def haproxy(target: Target) -> Settings:
    """Annotations by its reference (documentation/annotations.md). The cookie of an affinity is the Service's matter.

    `timeout-client` (50 s) is a matter of the controller's ConfigMap, and bounds a silent stream, too: the proxy's heartbeats
    keep it.
    """
    exposure = target.exposure
    found = {"timeout-server": f"{target.idle}s"}
    service: dict[str, str] = {}
    if exposure.affinity == "cookie":
        service["cookie-persistence"] = "mcp_affinity"
    elif exposure.affinity == "client-ip":
        found["load-balance"] = "source"
    if exposure.rate_limit is not None:
        limit = exposure.rate_limit
        found |= {
            "rate-limit-requests": str(limit.requests),
            "rate-limit-period": f"1{limit.per[0]}",
            "rate-limit-status-code": "429",
        }
    if target.origins:
        found |= {
            "cors-enable": "true",
            "cors-allow-origin": f"^({'|'.join(re.escape(origin) for origin in target.origins)})$",
            "cors-allow-methods": ", ".join(METHODS),
            "cors-allow-headers": ", ".join(REQUEST_HEADERS),
            "cors-max-age": f"{PREFLIGHT_SECONDS}s",
            "response-set-header": f'Access-Control-Expose-Headers "{", ".join(RESPONSE_HEADERS)}"',
        }
    if exposure.rewrite is not None:
        found["path-rewrite"] = rf"{target.whole_prefix}(/(.*))? {exposure.rewrite.rstrip('/')}/\2"
    if exposure.tls is not None:
        found |= {"ssl-redirect": "true", "ssl-redirect-port": "443"}
    return Settings(prefixed("haproxy.org/", found), prefixed("haproxy.org/", service))
