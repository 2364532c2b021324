"""Annotations that controllers of Ingresses know. One that a controller does not know does nothing, and says nothing either.

Read from the controllers' sources: ingress-nginx 1.15 (internal/ingress/annotations), F5 NGINX Ingress Controller 5.6
(internal/configs), HAProxy Kubernetes Ingress 3.2 (documentation/annotations.md), Traefik 3.7, Contour 1.33, AWS Load Balancer
Controller 3 (pkg/annotations), GKE, Application Gateway Ingress Controller, cert-manager 1.20.
"""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

_KNOWN_BY_PREFIX = {
    "nginx.ingress.kubernetes.io/": """
        affinity affinity-canary-behavior affinity-mode allowlist-source-range app-root auth-always-set-cookie auth-cache-duration
        auth-cache-key auth-keepalive auth-keepalive-requests auth-keepalive-share-vars auth-keepalive-timeout auth-method
        auth-proxy-set-headers auth-realm auth-request-redirect auth-response-headers auth-secret auth-secret-type auth-signin
        auth-signin-redirect-param auth-snippet auth-tls-error-page auth-tls-match-cn auth-tls-pass-certificate-to-upstream
        auth-tls-secret auth-tls-verify-client auth-tls-verify-depth auth-type auth-url backend-protocol canary canary-by-cookie
        canary-by-header canary-by-header-pattern canary-by-header-value canary-weight canary-weight-total client-body-buffer-size
        configuration-snippet connection-proxy-header cors-allow-credentials cors-allow-headers cors-allow-methods cors-allow-origin
        cors-expose-headers cors-max-age custom-headers custom-http-errors default-backend denylist-source-range
        disable-proxy-intercept-errors enable-access-log enable-cors enable-global-auth enable-modsecurity enable-opentelemetry
        enable-owasp-core-rules enable-rewrite-log fastcgi-index fastcgi-params-configmap force-ssl-redirect from-to-www-redirect
        http2-push-preload limit-allowlist limit-burst-multiplier limit-connections limit-rate limit-rate-after limit-rpm limit-rps
        limit-whitelist load-balance mirror-host mirror-request-body mirror-target modsecurity-snippet modsecurity-transaction-id
        opentelemetry-operation-name opentelemetry-trust-incoming-span permanent-redirect permanent-redirect-code
        preserve-trailing-slash proxy-body-size proxy-buffer-size proxy-buffering proxy-buffers-number proxy-busy-buffers-size
        proxy-connect-timeout proxy-cookie-domain proxy-cookie-path proxy-http-version proxy-max-temp-file-size proxy-next-upstream
        proxy-next-upstream-timeout proxy-next-upstream-tries proxy-read-timeout proxy-redirect-from proxy-redirect-to
        proxy-request-buffering proxy-send-timeout proxy-ssl-ciphers proxy-ssl-name proxy-ssl-protocols proxy-ssl-secret
        proxy-ssl-server-name proxy-ssl-verify proxy-ssl-verify-depth relative-redirects rewrite-target satisfy server-alias
        server-snippet service-upstream session-cookie-change-on-failure session-cookie-conditional-samesite-none
        session-cookie-domain session-cookie-expires session-cookie-max-age session-cookie-name session-cookie-path
        session-cookie-samesite session-cookie-secure ssl-ciphers ssl-passthrough ssl-prefer-server-ciphers ssl-redirect
        stream-snippet temporal-redirect temporal-redirect-code upstream-hash-by upstream-hash-by-subset
        upstream-hash-by-subset-size upstream-vhost use-port-in-redirects use-regex whitelist-source-range x-forwarded-prefix""",
    "nginx.org/": """
        add-header add-header-inherit app-root basic-auth-realm basic-auth-secret client-body-buffer-size client-max-body-size
        custom-http-errors fail-timeout grpc-services hsts hsts-behind-proxy hsts-include-subdomains hsts-max-age http-redirect-code
        keepalive lb-method limit-req-burst limit-req-delay limit-req-dry-run limit-req-key limit-req-log-level limit-req-no-delay
        limit-req-rate limit-req-reject-code limit-req-scale limit-req-zone-size listen-ports listen-ports-ssl location-snippets
        max-conns max-fails mergeable-ingress-type path-regex policies proxy-buffer-size proxy-buffering proxy-buffers
        proxy-busy-buffers-size proxy-connect-timeout proxy-hide-headers proxy-max-temp-file-size proxy-next-upstream
        proxy-next-upstream-timeout proxy-next-upstream-tries proxy-pass-headers proxy-read-timeout proxy-redirect-from
        proxy-redirect-to proxy-send-timeout proxy-set-headers redirect-to-https rewrite-target rewrites server-snippets
        server-tokens ssl-ciphers ssl-prefer-server-ciphers ssl-redirect ssl-services sticky-cookie-services upstream-zone-size
        use-cluster-ip websocket-services""",
    "nginx.com/": """
        health-checks health-checks-mandatory health-checks-mandatory-queue jwt-key jwt-login-url jwt-realm jwt-token policies
        slow-start sticky-cookie-services""",
    "haproxy.org/": """
        allow-list auth-realm auth-secret auth-type backend-config-snippet blacklist check check-http check-interval
        cors-allow-credentials cors-allow-headers cors-allow-methods cors-allow-origin cors-enable cors-max-age deny-list
        forwarded-for load-balance path-rewrite pod-maxconn rate-limit-period rate-limit-requests rate-limit-size
        rate-limit-status-code rate-limit-whitelist request-capture request-capture-len request-redirect request-redirect-code
        request-set-header response-set-header scale-server-slots send-proxy-protocol server-ca server-crt server-proto server-ssl
        set-host src-ip-header ssl-passthrough ssl-redirect ssl-redirect-code ssl-redirect-port standalone-backend timeout-check
        timeout-connect timeout-queue timeout-server timeout-server-fin timeout-tunnel whitelist""",
    "traefik.ingress.kubernetes.io/": """
        router.entrypoints router.middlewares router.pathmatcher router.priority router.rulesyntax router.tls
        router.tls.certresolver router.tls.options router.observability.accesslogs router.observability.metrics
        router.observability.tracing""",
    "projectcontour.io/": """
        ingress.class num-retries per-try-timeout response-timeout retry-on tls-cert-namespace tls-maximum-protocol-version
        tls-minimum-protocol-version websocket-routes""",
    "alb.ingress.kubernetes.io/": """
        acm-pca-arn auth-idp-cognito auth-idp-oidc auth-on-unauthenticated-request auth-scope auth-session-cookie
        auth-session-timeout auth-type backend-protocol backend-protocol-version certificate-arn create-acm-cert
        customer-owned-ipv4-pool enable-frontend-nlb group.name group.order healthcheck-interval-seconds healthcheck-path
        healthcheck-port healthcheck-protocol healthcheck-timeout-seconds healthy-threshold-count inbound-cidrs ip-address-type
        ipam-ipv4-pool-id jwt-validation listen-ports load-balancer-attributes load-balancer-name
        manage-backend-security-group-rules minimum-load-balancer-capacity multi-cluster-target-group mutual-authentication scheme
        security-group-prefix-lists security-groups shield-advanced-protection ssl-policy ssl-redirect subnets success-codes tags
        target-control-port target-group-attributes target-node-labels target-type unhealthy-threshold-count use-regex-path-match
        waf-acl-id wafv2-acl-arn wafv2-acl-name""",
    "appgw.ingress.kubernetes.io/": """
        appgw-ssl-certificate appgw-ssl-profile appgw-trusted-root-certificate backend-hostname backend-path-prefix backend-protocol
        connection-draining connection-draining-timeout cookie-based-affinity cookie-based-affinity-distinct-name
        health-probe-hostname health-probe-interval health-probe-path health-probe-port health-probe-status-codes
        health-probe-timeout health-probe-unhealthy-threshold hostname-extension override-frontend-port request-timeout
        rewrite-rule-set rewrite-rule-set-custom-resource rule-priority ssl-redirect use-private-ip waf-policy-for-path""",
    "networking.gke.io/": "managed-certificates v1beta1.FrontendConfig internal-load-balancer-allow-global-access",
    "ingress.gcp.kubernetes.io/": "pre-shared-cert",
    "cert-manager.io/": """
        issuer cluster-issuer issuer-kind issuer-group common-name duration renew-before renew-before-percentage
        private-key-algorithm private-key-encoding private-key-size private-key-rotation-policy revision-history-limit usages
        alt-names email-sans ip-sans uri-sans subject-organizations subject-organizationalunits subject-countries subject-provinces
        subject-localities subject-postalcodes subject-streetaddresses subject-serialnumber secret-template""",
}

KNOWN: Mapping[str, frozenset[str]] = {prefix: frozenset(names.split()) for prefix, names in _KNOWN_BY_PREFIX.items()}
"""Names by prefix, as they stand on an Ingress."""

_FAMILIES = {
    "alb.ingress.kubernetes.io/": re.compile(r"(actions|conditions|transforms|listener-attributes|frontend-nlb-).+"),
}
"""Names that are made up by their users, or many of one kind."""

_OWNERS = {
    "nginx.ingress.kubernetes.io/": ("ingress-nginx", "traefik"),  # Traefik reads them since 3.6, where told to
    "nginx.org/": ("f5-nginx",),
    "nginx.com/": ("f5-nginx",),
    "haproxy.org/": ("haproxy",),
    "traefik.ingress.kubernetes.io/": ("traefik",),
    "projectcontour.io/": ("contour",),
    "alb.ingress.kubernetes.io/": ("aws",),
    "appgw.ingress.kubernetes.io/": ("azure",),
    "networking.gke.io/": ("gce", "gke-gateway"),
    "ingress.gcp.kubernetes.io/": ("gce",),
}
"""Who reads the annotations of a prefix."""

_INSTEAD = {
    "nginx.ingress.kubernetes.io/rate-limit": "requests are bounded by `rate_limit`, or by `limit-rps` and `limit-rpm`",
    "haproxy.org/timeout-client": "it belongs into the controller's own ConfigMap",
    "haproxy.org/timeout-http-request": "it belongs into the controller's own ConfigMap",
    "traefik.ingress.kubernetes.io/service.sticky.cookie": "it belongs on the Service: `affinity: cookie` puts it there",
}
"""What is often meant by an annotation that does not exist."""

_NEEDED = (
    (re.compile(r"(nginx\.ingress\.kubernetes\.io/)cors-.+"), "enable-cors", "true"),
    (re.compile(r"(haproxy\.org/)cors-(?!enable$).+"), "cors-enable", "true"),
    (re.compile(r"(nginx\.ingress\.kubernetes\.io/)session-cookie-.+"), "affinity", "cookie"),
    (re.compile(r"(nginx\.ingress\.kubernetes\.io/)limit-burst-multiplier"), "limit-rps", None),
    (re.compile(r"(haproxy\.org/)rate-limit-(?!requests$).+"), "rate-limit-requests", None),
)
"""Annotations that have no effect without another one, with its value where it matters."""


def middleware_reference(namespace: str, name: str) -> str:
    """How Traefik's annotations name a Middleware: what is neither letter nor digit is one dash, also where there are more of it.

    By its source (`provider.Normalize`, 3.6); a router whose middleware it does not find answers 404.
    """
    return "-".join(re.findall(r"[^\W_]+", f"{namespace}-{name}")) + "@kubernetescrd"


def annotation_faults(annotations: Mapping[str, str], controller: str | None = None) -> Iterator[tuple[str, str]]:
    """Each annotation that does nothing, and why. `controller`: who reads them, where that is known.

    Annotations of prefixes that nobody here knows are somebody else's matter.
    """
    for key in annotations:
        prefix, name = _split(key)
        if prefix is None:
            continue
        if controller is not None and controller not in _OWNERS.get(prefix, (controller,)):
            yield key, f"means nothing to {controller}, which does not read `{prefix}`; remove it"
        elif name not in KNOWN[prefix] and not (prefix in _FAMILIES and _FAMILIES[prefix].fullmatch(name)):
            near = get_close_matches(name, KNOWN[prefix], n=1, cutoff=0.75)
            known = _INSTEAD.get(key) or (f"did you mean `{prefix}{near[0]}`?" if near else "remove it")
            yield key, f"no such annotation of {_OWNERS.get(prefix, ('cert-manager',))[0]}: {known}"
        else:
            yield from ((key, fault) for fault in _alone(key, annotations))


def _alone(key: str, annotations: Mapping[str, str]) -> Iterator[str]:
    for pattern, other, value in _NEEDED:
        if found := pattern.fullmatch(key):
            needed = found[1] + other
            there = needed in annotations if value is None else annotations.get(needed) == value
            if other == "limit-rps":
                there = any(f"{found[1]}{bound}" in annotations for bound in ("limit-rps", "limit-rpm", "limit-connections"))
            if not there:
                shown = f"`{needed}: {value!r}`" if value is not None else f"`{needed}`"
                yield f"has no effect without {shown}; add that, or use the key of `exposure` for it"


def _split(key: str) -> tuple[str | None, str]:
    prefix = next((prefix for prefix in KNOWN if key.startswith(prefix)), None)
    return prefix, key.removeprefix(prefix or "")
