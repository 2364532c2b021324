"""How many pods, of which size."""

from tests.dotted import put
from tests.spec.keys.room import Data, Path, Room, at


def _before(data: Data, path: Path) -> None:
    if "disruption" in path:
        at(data, path)["replicas"] = 4
    if {"calls", "keda"}.intersection(path):
        data["monitoring"] = {"labels": {}, "prometheus": {"address": "http://prometheus.example"}}
        for key, value in (("calls", 3), ("keda", {})):
            put(data, (*path[: path.index("autoscaling") + 1], key), value)
    if path[-1] == "calls_metric" and path[0] == "defaults":
        del data["servers"]["image"]  # its pods run no proxy that counts


ROOM = Room(
    modules=("scaling", "autoscaling"),
    values={
        "enabled": (True, False),
        "replicas": (4, 5),
        "min": (4, 5),
        "max": (8, 9),
        "cpu": (50, 60),
        "memory": (50, 60),
        "requests.cpu": ("10m", "20m"),
        "requests.memory": ("10Mi", "20Mi"),
        "limits.cpu": ("3", "4"),
        "limits.memory": ("3Gi", "4Gi"),
        "ephemeral_storage": ("1Gi", "2Gi"),
        "devices": ({"nvidia.com/gpu": 1}, {"nvidia.com/gpu": 2}),
        "stabilization_seconds": (10, 20),
        "select": ("Max", "Min"),
        "type": ("Pods", "Percent"),
        "value": (1, 2),
        "period_seconds": (17, 18),
        "max_unavailable": (1, 2),
        "calls": (7, 8),
        "calls_metric": ("one", "two"),
        "polling_seconds": (20, 40),
        "failures": (4, 5),
        "behavior": ("static", "currentReplicas"),
    },
    refused={"image.autoscaling.calls_metric": "its pods do not count calls"},
    beside={
        "calls_metric": ("calls", 3),
        "failures": ("replicas", 4),
        "behavior": ("replicas", 4),
    },
    elements={"policies": {"type": "Pods", "value": 3, "period_seconds": 60}},
    before=_before,
)
