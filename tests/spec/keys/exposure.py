"""Ways from outside."""

from typing import Any

from tests.dotted import put
from tests.spec.keys.room import Data, Path, Room, at

WISHES = ("idle_seconds", "max_body_bytes", "affinity", "rate_limit")
"""What only a known controller does; F5's does all of it."""


def _before(data: Data, path: Path) -> None:
    if "parent" in path:
        put(data, (*path[:-1], "name"), "public")
    if "exposure" in path:
        _way(data, path[: path.index("exposure") + 1], path[path.index("exposure") + 1 :])
    if "exposures" in path:
        _way(data, path[: path.index("exposures") + 2], path[path.index("exposures") + 2 :])


def _way(data: Data, place: Path, key: Path) -> None:
    """A way from outside, at `place`, on which `key` means something."""
    if key[0] in ("ingress_class", "controller", *WISHES) or (key[0] == "tls" and key[1] != "secret_namespace"):
        data["exposure"] = {}
        put(data, (*place, "via"), "ingress")
        put(data, (*place, "ingress_class"), "corp" if key[0] == "controller" else "nginx")
        put(data, (*place, "controller_namespaces"), ["edge"])
    elif key[0] == "gateway" or key[-1] == "secret_namespace":
        data["exposure"] = {"gateway": {"gateway_class": "one"}}
        put(data, (*place, "tls"), {"secret": "one"})
    if key[0] in WISHES:
        put(data, (*place, "controller"), "f5-nginx")
    if key[0] == "rate_limit":
        put(data, (*place, "rate_limit"), {"requests": 5})
    if key[-1] == "wildcard":
        put(data, (*place, "tls"), {"issuer": "one"})


def _after(data: Data, path: Path, value: Any) -> None:
    if path[-1] == "via" and "exposures" in path:
        way = {"parent": {"name": "public"}} if value == "gateway-api" else {"ingress_class": "nginx"}
        data["exposure"] = {}
        at(data, path)["exposures"]["inner"] = {"via": value, **way}
    if path[-1] == "via" and "exposure" in path:
        way = {"parent": {"name": "public"}} if value == "gateway-api" else {"ingress_class": "nginx"}
        target = data["exposure"] = {} if path[0] == "exposure" else data["exposure"]
        target = target if path[0] == "exposure" else at(data, path)["exposure"]
        target.update({"via": value, **way})


ROOM = Room(
    modules=("exposure",),
    values={
        "controller": ("traefik", "contour"),
        "enabled": (True, False),
        "annotations": ({"note": "a"}, {"note": "b"}),
        "via": ("gateway-api", "ingress"),
        "listener": ("http", "https"),
        "ingress_class": ("nginx", "traefik"),
        **dict.fromkeys(
            ("name", "namespace", "secret", "secret_namespace", "issuer", "cluster_issuer", "gateway_class"), ("one", "two")
        ),
        "wildcard": (True, False),
        "idle_seconds": (100, 200),
        "affinity": ("cookie", "client-ip"),
        "origins": (["https://a.example"], ["https://b.example"]),
        "requests": (11, 12),
        "per": ("second", "minute"),
        "by": ("client", "everyone"),
        "host_pattern": ("{server}.{domain}", "x-{server}.{domain}"),
        "aliases": (["a.example"], ["b.example"]),
        "rewrite": ("/one", "/two"),
        "controller_namespaces": (["one"], ["two"]),
        "host": ("a.example", "b.example"),
        "path": ("/one", "/two"),
        "max_body_bytes": (1001, 1002),
    },
    before=_before,
    after=_after,
)
