"""Ingress of Google Kubernetes Engine: a BackendConfig for the Service, a FrontendConfig for the Ingress."""

import json
from typing import Any

from .target import DRAIN_SECONDS, HOUR, Extra, Settings, Target

AFFINITY = {"cookie": "GENERATED_COOKIE", "client-ip": "CLIENT_IP"}


def gce(target: Target) -> Settings:
    """By its reference (kubernetes-engine/docs/how-to/ingress-configuration). It does not read `ingressClassName`.

    `timeoutSec` bounds a whole answer here, hence how long a stream lives; clients come back. Without a health page it asks
    what the readiness probe asks.
    """
    exposure = target.exposure
    backend: dict[str, Any] = {"timeoutSec": target.idle, "connectionDraining": {"drainingTimeoutSec": DRAIN_SECONDS}}
    if exposure.affinity is not None:
        kept = {"affinityCookieTtlSec": HOUR} if exposure.affinity == "cookie" else {}
        backend["sessionAffinity"] = {"affinityType": AFFINITY[exposure.affinity], **kept}
    if target.health is not None:
        backend["healthCheck"] = {"type": "HTTP", "requestPath": target.health}
    extras = [Extra("cloud.google.com/v1 BackendConfig", "", backend)]
    annotations: dict[str, str] = {}
    if exposure.tls is not None:
        extras.append(Extra("networking.gke.io/v1beta1 FrontendConfig", "", {"redirectToHttps": {"enabled": True}}))
        annotations["networking.gke.io/v1beta1.FrontendConfig"] = target.name
    service = {
        "cloud.google.com/backend-config": json.dumps({"default": target.name}),
        "cloud.google.com/neg": json.dumps({"ingress": True}),
    }
    return Settings(annotations, service, tuple(extras), class_annotation=True)
