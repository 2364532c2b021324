"""Traefik. It recognises streams and passes them on at once; what it does to requests are Middleware objects."""

import hashlib
from collections.abc import Mapping
from typing import Any

from ...spec.annotations import middleware_reference
from .target import METHODS, PREFLIGHT_SECONDS, REQUEST_HEADERS, RESPONSE_HEADERS, Extra, Settings, Target, prefixed


def traefik(target: Target) -> Settings:
    """Annotations and middlewares by its reference (Kubernetes Ingress; http/middlewares).

    With a certificate the host is served on the entry point `websecure` alone, as Traefik's chart calls it. The cookie of an
    affinity is the Service's matter.
    """
    exposure = target.exposure
    found: dict[str, str] = {"router.entrypoints": "websecure", "router.tls": "true"} if exposure.tls is not None else {}
    extras = _extras(target, _middlewares(target))
    if extras:
        found["router.middlewares"] = ",".join(middleware_reference(target.namespace, one.name(target)) for one in extras)
    service: dict[str, str] = {}
    if exposure.affinity == "cookie":
        service = {"service.sticky.cookie": "true", "service.sticky.cookie.httponly": "true"}
        if exposure.tls is not None:
            service["service.sticky.cookie.secure"] = "true"
    prefix = "traefik.ingress.kubernetes.io/"
    return Settings(prefixed(prefix, found), prefixed(prefix, service), extras)


def traefik_gateway(target: Target) -> Settings:
    """The same by Gateway API, where middlewares are filters of a route (HTTPRoute, `ExtensionRef`).

    A filter of type `CORS` makes it answer 500 (3.6). What replaces a prefix it does by the standard's own filter.
    """
    found = _middlewares(target)
    found.pop("rewrite", None)
    extras = _extras(target, found)
    references = ({"group": "traefik.io", "kind": "Middleware", "name": one.name(target)} for one in extras)
    filters = tuple({"type": "ExtensionRef", "extensionRef": one} for one in references)
    return Settings(extras=extras, pages=False, filters=filters)


def _extras(target: Target, middlewares: Mapping[str, dict[str, Any]]) -> tuple[Extra, ...]:
    """Objects for `middlewares`.

    Traefik takes two dashes of a name for one, some of its references do not, and a router without its middleware answers 404. So
    a further way's have single dashes, and a mark that keeps them apart from those of a server that is called alike.
    """
    owner, mark = target.name, ""
    if "--" in owner:
        owner, mark = owner.replace("--", "-"), f"-{hashlib.sha256(owner.encode()).hexdigest()[:8]}"
    return tuple(Extra("traefik.io/v1alpha1 Middleware", f"-{name}{mark}", spec, owner) for name, spec in middlewares.items())


def _middlewares(target: Target) -> dict[str, dict[str, Any]]:
    """By name, in the order in which a request meets them."""
    exposure = target.exposure
    found: dict[str, dict[str, Any]] = {}
    if exposure.rate_limit is not None:
        limit = exposure.rate_limit
        rate: dict[str, Any] = {"average": limit.requests, "period": f"1{limit.per[0]}", "burst": limit.requests}
        if limit.by == "everyone":
            rate["sourceCriterion"] = {"requestHost": True}
        found["rate-limit"] = {"rateLimit": rate}
    if target.origins:
        found["cors"] = {
            "headers": {
                "accessControlAllowOriginList": list(target.origins),
                "accessControlAllowMethods": list(METHODS),
                "accessControlAllowHeaders": list(REQUEST_HEADERS),
                "accessControlExposeHeaders": list(RESPONSE_HEADERS),
                "accessControlMaxAge": PREFLIGHT_SECONDS,
                "addVaryHeader": True,
            }
        }
    if exposure.rewrite is not None:
        pattern = {"regex": f"^{target.whole_prefix}(?:/(.*))?$", "replacement": f"{exposure.rewrite.rstrip('/')}/$1"}
        found["rewrite"] = {"replacePathRegex": pattern}
    return found
