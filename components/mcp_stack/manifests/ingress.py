"""Ingresses: hosts, one path, a certificate."""

from typing import Any

from ..spec import StackSpec
from .certificates import certificate_name, issuer_annotation
from .controllers import Settings, Target

CLASS = "kubernetes.io/ingress.class"
"""The annotation that named the class before there was a field, and that GKE alone still asks for."""


def ingress_body(spec: StackSpec, target: Target, settings: Settings) -> tuple[dict[str, Any], dict[str, str]]:
    """`spec` of the Ingress for `target`, and annotations that follow from it."""
    exposure = target.exposure
    backend = {"service": {"name": target.service, "port": {"number": target.port}}}
    path = {"path": exposure.path, "pathType": "Prefix", "backend": backend}
    if settings.path is not None:
        path |= {"path": settings.path, "pathType": "ImplementationSpecific"}
    body: dict[str, Any] = {"rules": [{"host": host, "http": {"paths": [path]}} for host in exposure.hosts]}
    annotations: dict[str, str] = {}
    if settings.class_annotation:
        annotations[CLASS] = exposure.ingress_class or ""
    else:
        body = {"ingressClassName": exposure.ingress_class, **body}
    if exposure.tls is not None:
        tls = exposure.tls
        secrets: dict[str, list[str]] = {}
        for host in exposure.hosts:
            secrets.setdefault(certificate_name(spec, tls, host, target.name), []).append(host)
        body["tls"] = [{"hosts": hosts, "secretName": secret} for secret, hosts in secrets.items()]
        if not tls.wildcard:
            annotations |= issuer_annotation(tls)
    return body, annotations
