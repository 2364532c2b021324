"""Where pods run: the fields of a pod's specification that the scheduler reads."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..spec import StackSpec
from ..spec.placement import HOST, SpreadingSpec, Toleration
from .identity import selector_of, workload_of

REVISION = "pod-template-hash"
"""Label that a Deployment gives to the pods of each of its revisions."""


def placement(spec: StackSpec, part: str) -> dict[str, Any]:
    """Fields of the pods of `part`; absent where nothing is said."""
    workload = workload_of(spec, part)
    fields: dict[str, Any] = {
        "nodeSelector": workload.node_selector,
        "tolerations": tolerations(workload.tolerations),
        "affinity": workload.affinity.shape() if workload.affinity else None,
        "priorityClassName": workload.priority_class,
        "runtimeClassName": workload.runtime_class,
    }
    if spec.scales(part) and workload.spreading.enabled:
        selector = selector_of(spec, part)
        stored = part in spec.servers and spec.servers[part].storage is not None
        fields["topologySpreadConstraints"] = _spread(workload.spreading, selector, by_revision=not stored)
        if HOST in workload.spreading.over:
            fields["affinity"] = {"podAntiAffinity": _apart(selector), **(fields["affinity"] or {})}
    return {name: value for name, value in fields.items() if value}


def tolerations(declared: Sequence[Toleration]) -> list[dict[str, Any]]:
    """Taints that pods put up with."""
    return [_toleration(one.model_dump(exclude_none=True)) for one in declared]


def _toleration(fields: dict[str, Any]) -> dict[str, Any]:
    seconds = fields.pop("toleration_seconds", None)
    return fields if seconds is None else {**fields, "tolerationSeconds": seconds}


def _spread(spreading: SpreadingSpec, selector: Mapping[str, str], *, by_revision: bool) -> list[dict[str, Any]]:
    """Over zones, then nodes, as well as it goes: a demand would block rollouts where replicas outnumber nodes.

    A demand does not count nodes whose taints keep the pods away, which would stay empty for ever and hold back all others.
    Pods of a Deployment's own revision count alone: were those counted that a rollout is about to end, what it leaves behind
    would lie where they had left room (Kubernetes, "Pod Topology Spread Constraints", `matchLabelKeys`). The pods of a
    StatefulSet have no such label, and each comes back to its volume.
    """
    how = {"whenUnsatisfiable": "DoNotSchedule", "nodeTaintsPolicy": "Honor"}
    return [
        {
            "maxSkew": spreading.max_skew,
            "topologyKey": key,
            **(how if spreading.required else {"whenUnsatisfiable": "ScheduleAnyway"}),
            "labelSelector": {"matchLabels": dict(selector)},
            **({"matchLabelKeys": [REVISION]} if by_revision else {}),
        }
        for key in spreading.over
    ]


def _apart(selector: Mapping[str, str]) -> dict[str, Any]:
    """Replicas prefer other nodes, with all the weight that a preference can have: a soft spread is one wish among many.

    Whoever writes an anti-affinity of their own has that instead.
    """
    term = {"topologyKey": HOST, "labelSelector": {"matchLabels": dict(selector)}}
    return {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 100, "podAffinityTerm": term}]}
