"""HTTPRoutes of the Gateway API."""

from typing import Any

from ..spec import StackSpec
from .controllers import Settings, Target
from .controllers.target import METHODS, PREFLIGHT_SECONDS, REQUEST_HEADERS, RESPONSE_HEADERS
from .gateways import own_parents


def route_body(spec: StackSpec, target: Target, settings: Settings) -> dict[str, Any]:
    """`spec` of the HTTPRoute for `target`.

    `0s` means without limit (GEP-1742): implementations would otherwise cut streams, Envoy after 15 s.
    """
    exposure = target.exposure
    rule: dict[str, Any] = {
        "matches": [{"path": {"type": "PathPrefix", "value": exposure.path}}],
        "backendRefs": [{"name": target.service, "port": target.port}],
    }
    if filters := _filters(target, settings):
        rule["filters"] = filters
    if settings.timeouts:
        rule["timeouts"] = {"request": "0s", "backendRequest": "0s"}
    parent = exposure.parent
    names = {"name": parent.name, "namespace": parent.namespace, "sectionName": parent.listener} if parent else {}
    given = {key: value for key, value in names.items() if value is not None}
    return {"parentRefs": [given] if given else own_parents(spec, exposure), "hostnames": exposure.hosts, "rules": [rule]}


def _filters(target: Target, settings: Settings) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [dict(one) for one in settings.filters]
    if target.origins and settings.pages:
        cors = {
            "allowOrigins": list(target.origins),
            "allowMethods": list(METHODS),
            "allowHeaders": list(REQUEST_HEADERS),
            "exposeHeaders": list(RESPONSE_HEADERS),
            "maxAge": PREFLIGHT_SECONDS,
        }
        found.append({"type": "CORS", "cors": cors})
    if target.exposure.rewrite is not None:
        path = {"type": "ReplacePrefixMatch", "replacePrefixMatch": target.exposure.rewrite}
        found.append({"type": "URLRewrite", "urlRewrite": {"path": path}})
    return found
