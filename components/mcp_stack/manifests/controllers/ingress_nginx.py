"""ingress-nginx, retired in March 2026 and still what most clusters run."""

from .target import METHODS, PREFLIGHT_SECONDS, REQUEST_HEADERS, RESPONSE_HEADERS, Settings, Target, prefixed


def ingress_nginx(target: Target) -> Settings:
    """Annotations by its reference (docs/user-guide/nginx-configuration/annotations.md).

    Requests are not held back either: a client that writes slowly is the proxy's matter, which bounds it. A rewrite needs a
    pattern, and then the cookie of an affinity needs a path.
    """
    exposure = target.exposure
    found = {
        "proxy-buffering": "off",
        "proxy-request-buffering": "off",
        "proxy-http-version": "1.1",
        "proxy-read-timeout": str(target.idle),
        "proxy-send-timeout": str(target.idle),
    }
    if target.body_bytes is not None:
        found["proxy-body-size"] = str(target.body_bytes)
    if exposure.affinity == "cookie":
        found |= {"affinity": "cookie", "affinity-mode": "persistent", "session-cookie-path": exposure.path}
    elif exposure.affinity == "client-ip":
        found["upstream-hash-by"] = "$remote_addr"
    if exposure.rate_limit is not None:
        unit = "limit-rps" if exposure.rate_limit.per == "second" else "limit-rpm"
        found |= {unit: str(exposure.rate_limit.requests), "limit-burst-multiplier": "1"}
    if target.origins:
        found |= {
            "enable-cors": "true",
            "cors-allow-origin": ",".join(target.origins),
            "cors-allow-methods": ", ".join(METHODS),
            "cors-allow-headers": ", ".join(REQUEST_HEADERS),
            "cors-expose-headers": ", ".join(RESPONSE_HEADERS),
            "cors-allow-credentials": "false",
            "cors-max-age": str(PREFLIGHT_SECONDS),
        }
    if exposure.tls is not None:
        found["ssl-redirect"] = "true"
    path = None
    if exposure.rewrite is not None:
        path = f"{target.whole_prefix}(/|$)(.*)" if target.whole_prefix else "/()(.*)"
        found |= {"use-regex": "true", "rewrite-target": f"{exposure.rewrite.rstrip('/')}/$2"}
    return Settings(prefixed("nginx.ingress.kubernetes.io/", found), path=path)
