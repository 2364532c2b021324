"""Containers, their probes and what they are given."""

from typing import Any

from tests.dotted import put
from tests.spec.keys.room import Data, Path, Room, at


def _before(data: Data, path: Path) -> None:
    own = at(data, path)
    if "init_containers" in path:
        own["init_containers"] = [{"name": "one", "image": {"repository": "acme/one", "tag": "1.0.0"}}]
    if "mounts" in path:
        own["volumes"] = {name: {"path": f"/{name}", "empty_dir": {}} for name in ("own", "other")}
        own["init_containers"][0]["mounts"] = {"/mounted": {"volume": "own"}}
    if "init_containers" in path and "probes" in path:
        own["init_containers"][0]["sidecar"] = True
        way = path[path.index("probes") + 2]
        asks = {way: {"port": 8200}} if way in ("http_get", "tcp_socket", "grpc") else {} if way == "exec" else {"exec": ["one"]}
        put(data, path[: path.index("probes") + 2], asks)
    if path[-1] == "prefix" and "env_from" in path:
        put(data, (*path[:-1], "existing_secret"), "one")


def _after(data: Data, path: Path, value: Any) -> None:
    if path[-1] == "secret":
        data["secrets"]["other"] = {"config": "other"}
        data["servers"]["url"]["env"]["OTHER"] = {"secret": "other"}
        data["servers"]["url"]["headers"]["X-Other"] = "${OTHER}"


ROOM = Room(
    modules=("probes", "containers", "workload", "secrets", "rollout", "resolving"),
    values={
        "enabled": (True, False),
        "name": ("one", "two"),
        "path": ("/one", "/two"),
        "port": (8101, 8102),
        "service": ("one", "two"),
        "exec": (["one"], ["two"]),
        "scheme": ("HTTP", "HTTPS"),
        "headers": ({"X-One": "a"}, {"X-One": "b"}),
        "initial_delay_seconds": (0, 7),
        "period_seconds": (17, 18),
        "timeout_seconds": (11, 12),
        "success_threshold": (1, 2),
        "failure_threshold": (13, 14),
        "sidecar": (True, False),
        "volume": ("own", "other"),
        "read_only": (True, False),
        "writable": (["/one"], ["/two"]),
        "command": (["one", "${TOKEN:-}"], ["two", "${TOKEN:-}"]),
        "args": (["one"], ["two"]),
        "env": ({"TOKEN": "one"}, {"TOKEN": "two"}),
        "user_namespace": (True, False),
        "assigned_user": (True, False),
        "ndots": (1, 2),
        "searches": (["one.example"], ["two.example"]),
        "max_surge": (2, 3),
        "max_unavailable": (2, 3),
        "recreate": (True, False),
        "run_as_user": (20001, 20002),
        "read_only_root_filesystem": (True, False),
        "existing_secret": ("one", "two"),
        "existing_config_map": ("one", "two"),
        "prefix": ("A_", "B_"),
        "content": ("one", "two"),
        "secret": ("token", "other"),
        "env_from.0.secret": ("app", "other"),
    },
    refused={
        "startup.success_threshold": "can only be 1",
        "liveness.success_threshold": "can only be 1",
        **{
            f"{place}.probes.{kind}.grpc.{key}": "speaks HTTP only"
            for place in ("gateway", "servers.command")
            for kind in ("startup", "readiness", "liveness")
            for key in ("port", "service")
        },
        **{f"init_containers.0.probes.{kind}.enabled": "does nothing" for kind in ("startup", "readiness", "liveness")},
    },
    before=_before,
    after=_after,
)
