"""Where certificates are kept, and who makes them."""

import hashlib
from collections.abc import Sequence
from typing import Any

from ..spec import SHARED, StackSpec
from ..spec.exposure import TlsSpec
from .identity import Manifest, assemble, shared_labels


def parent_domain(host: str) -> str:
    """`staging.example.com` for `mcp.staging.example.com`, which a wildcard of it covers (RFC 6125: one label)."""
    return host.partition(".")[2] or host


def certificate_name(spec: StackSpec, tls: TlsSpec, host: str, owner: str) -> str:
    """Secret that holds the certificate for `host`, made for the object `owner` unless others share it."""
    if tls.secret is not None:
        return tls.secret
    if not tls.wildcard:
        return f"{owner}-tls"
    return wildcard_name(spec, parent_domain(host))


def wildcard_name(spec: StackSpec, domain: str) -> str:
    """Secret of the stack's wildcard certificate for `domain`."""
    return spec.object_name(SHARED, f"-tls-{hashlib.sha256(domain.encode()).hexdigest()[:8]}")


def issuer_annotation(tls: TlsSpec) -> dict[str, str]:
    """What makes cert-manager issue a certificate for an Ingress; nothing where it is not asked."""
    named = {"cert-manager.io/issuer": tls.issuer, "cert-manager.io/cluster-issuer": tls.cluster_issuer}
    return {key: name for key, name in named.items() if name is not None}


def wildcard_certificates(spec: StackSpec) -> dict[str, Manifest]:
    """Certificates that several exposures share, by role: one for each domain.

    They are objects of the stack's own: cert-manager lets no two Ingresses ask for the same Secret.
    """
    found: dict[str, TlsSpec] = {}
    for way in spec.exposed():
        tls = way.exposure.tls
        if tls is not None and tls.wildcard:
            found.update(dict.fromkeys(map(parent_domain, way.exposure.hosts), tls))
    return {
        f"certificate-{domain}": certificate(spec, wildcard_name(spec, domain), [f"*.{domain}"], tls)
        for domain, tls in sorted(found.items())
    }


def certificate(spec: StackSpec, name: str, hosts: Sequence[str], tls: TlsSpec) -> Manifest:
    """Certificate for `hosts`, kept in the Secret `name`."""
    kind, issuer = ("Issuer", tls.issuer) if tls.issuer is not None else ("ClusterIssuer", tls.cluster_issuer)
    body: dict[str, Any] = {
        "secretName": name,
        "dnsNames": list(hosts),
        "issuerRef": {"group": "cert-manager.io", "kind": kind, "name": issuer},
    }
    whole = {"spec": body}
    return assemble("cert-manager.io/v1 Certificate", name, spec.namespace, shared_labels(spec), spec.annotations, whole)
