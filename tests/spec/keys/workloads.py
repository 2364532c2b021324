"""Servers, the gateway and what servers share."""

from typing import Any

from tests.spec.keys.room import Data, Path, Room, at


def _before(data: Data, path: Path) -> None:
    if "authentication" in path and path[0] == "gateway":
        del data["gateway"]["trust_network"]
    if path[-1] == "key" and "certificate_authority" in path:
        data["gateway"]["certificate_authority"] = {"existing_config_map": "one"}
    if path == ("servers", "command", "trust_network"):
        data["gateway"] = {"authentication": {"api_keys": {"secret": "token"}}}
        data["servers"]["command"]["clients"] = [{"namespace": "agents"}]


def _after(data: Data, path: Path, value: Any) -> None:
    if "secrets" in path and path[0] == "servers":
        reads = {"env": {"TOKEN": {"secret": "own"}}} if path[1] == "url" else {"files": {"/run/own/file": {"secret": "own"}}}
        at(data, path).update(reads)
    if path == ("gateway", "enabled") and not value:
        del data["servers"]["url"]


ROOM = Room(
    modules=("server", "gateway"),
    values={
        "restart": ("reloader", None),
        "enabled": (True, False),
        "name": ("one", "two"),
        "labels": ({"team": "a"}, {"team": "b"}),
        "annotations": ({"note": "a"}, {"note": "b"}),
        "namespace": ("one", "two"),
        "path": ("/one", "/two"),
        "port": (8101, 8102),
        "replicas": (4, 5),
        "priority_class": ("one", "two"),
        "runtime_class": ("one", "two"),
        "service_account": ("one", "two"),
        "certificate_authority.existing_config_map": ("one", "two"),
        "certificate_authority.existing_secret": ("one", "two"),
        "certificate_authority.key": ("one", "two"),
        "service_account_annotations": ({"role": "one"}, {"role": "two"}),
        "host_aliases": ({"one.example": "10.0.0.5"}, {"two.example": "10.0.0.5"}),
        "pause_seconds": (7, 8),
        "storage_class": ("one", "two"),
        "node_selector": ({"disk": "ssd"}, {"disk": "hdd"}),
        "writable": (["/one"], ["/two"]),
        "command": (["one", "${TOKEN:-}"], ["two", "${TOKEN:-}"]),
        "args": (["one"], ["two"]),
        "env": ({"TOKEN": "one"}, {"TOKEN": "two"}),
        "url": ("https://one.example/mcp", "https://two.example/mcp"),
        "headers": ({"Authorization": "a ${TOKEN}"}, {"Authorization": "b ${TOKEN}"}),
        "in_gateway": (True, False),
        "formerly": ("one", "two"),
        "grace_seconds": (40, 50),
        "trust_network": (True, False),
        "instructions": ("one", "two"),
        "allowed_hosts": (["a.example"], ["b.example"]),
        "allowed_origins": (["https://a.example"], ["https://b.example"]),
    },
    before=_before,
    after=_after,
)
