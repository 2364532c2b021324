"""What is watched, and who asks for it."""

from tests.dotted import put
from tests.spec.keys.room import Data, Path, Room

SHOWN = {
    "username": ["password"],
    "password": ["username"],
    "certificate": ["key"],
    "key": ["certificate"],
    "ca": ["certificate", "key"],
}
"""A key of an authentication -> those that it needs."""


def _before(data: Data, path: Path) -> None:
    if path[0] == "monitoring":
        data["monitoring"] = {"labels": {}}
    if "prometheus" in path:
        data["monitoring"]["prometheus"] = {"address": "http://prometheus.example"}
        data["gateway"]["autoscaling"] = {"calls": 3, "keda": {}}
    if "authentication" in path and path[0] == "monitoring":
        for other in SHOWN.get(path[-2], []):
            put(data, (*path[:-2], other), {"secret": "token"})


ROOM = Room(
    modules=("monitoring", "observing"),
    values={
        "address": ("http://one.example", "http://two.example"),
        "interval_seconds": (15, 60),
        "enabled": (True, False),
        "labels": ({"team": "a"}, {"team": "b"}),
        "namespace": ("one", "two"),
        "port": (8101, 8102),
        "pods": ({"app": "one"}, {"app": "two"}),
        "tools_per_server": (11, 12),
        "arguments": ("digest", "full"),
        "flush_seconds": (1.0, 2.0),
        "buffer_bytes": (100001, 100002),
        "via": ("service-monitor", "pod-monitor"),
        "timeout_seconds": (5, 6),
        "runbooks": ("https://one.example/runbooks", "https://two.example/runbooks"),
        "error_percent": (1, 2),
        "slow_seconds": (1.5, 2.5),
        "folder": ("one", "two"),
    },
    beside={"pods": ("namespace", "one")},
    before=_before,
)
