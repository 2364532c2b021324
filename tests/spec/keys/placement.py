"""Which nodes pods run on."""

import copy
from typing import Any

from tests.dotted import put
from tests.spec.keys.room import Data, Path, Room, at

PODS: Data = {"topology_key": "one", "label_selector": {}}
NODES: Data = {"match_expressions": [{"key": "one", "operator": "Exists"}]}


def _before(data: Data, path: Path) -> None:
    for index, step in enumerate(path):
        if step == "preferred_during_scheduling_ignored_during_execution":
            term = {"preference": NODES} if "node_affinity" in path else {"pod_affinity_term": PODS}
            put(data, path[: index + 1], [copy.deepcopy({"weight": 50, **term})])
        elif step == "required_during_scheduling_ignored_during_execution" and "node_affinity" not in path:
            put(data, path[: index + 1], [copy.deepcopy(PODS)])
    if "spreading" in path:
        at(data, path)["replicas"] = 4


def _after(data: Data, path: Path, value: Any) -> None:
    if path[-3:] == ("tolerations", "0", "operator") and value == "Exists":
        del at(data, path)["tolerations"][0]["value"]


ROOM = Room(
    modules=("placement", "affinity"),
    values={
        "namespaces": (["one"], ["two"]),
        "enabled": (True, False),
        "key": ("one", "two"),
        "value": ("one", "two"),
        "operator": ("In", "NotIn"),
        "tolerations.0.operator": ("Exists", "Equal"),
        "values": (["one"], ["two"]),
        "weight": (1, 2),
        "topology_key": ("one", "two"),
        "match_labels": ({"app": "one"}, {"app": "two"}),
        "match_label_keys": (["one"], ["two"]),
        "mismatch_label_keys": (["one"], ["two"]),
        "over": (["one"], ["two"]),
        "max_skew": (2, 3),
        "required": (True, False),
        "toleration_seconds": (60, 70),
        "effect": ("NoSchedule", "NoExecute"),
    },
    refused={"match_fields.0.key": "metadata.name"},
    beside={"toleration_seconds": ("effect", "NoExecute")},
    elements={
        "tolerations": {"key": "one", "operator": "Equal", "value": "one"},
        "node_selector_terms": {},
        "match_expressions": {"key": "one", "operator": "In", "values": ["one"]},
        "match_fields": {"key": "metadata.name", "operator": "In", "values": ["one"]},
    },
    before=_before,
    after=_after,
)
