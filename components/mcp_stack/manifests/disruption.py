"""A budget that protects without ever blocking a node drain."""

from collections.abc import Mapping
from typing import Any

from ..spec import StackSpec
from ..spec.alone import WorkloadDisruptionSpec
from .identity import Manifest, assemble, manifest, selector_of, workload_of

BUDGET = "policy/v1 PodDisruptionBudget"


def disruption_budget(spec: StackSpec, part: str) -> Manifest | None:
    """PodDisruptionBudget of `part`, or None at a single replica, where any budget is either useless or a trap."""
    workload = workload_of(spec, part)
    if workload.min_replicas < 2:
        return None
    return manifest(spec, part, BUDGET, _body(selector_of(spec, part), workload.disruption.max_unavailable))


def budget_alone(name: str, spec: WorkloadDisruptionSpec) -> Manifest | None:
    """PodDisruptionBudget `name` of somebody's pods, or None at a single replica."""
    if spec.min_replicas < 2:
        return None
    return assemble(BUDGET, name, spec.namespace, spec.labels, {}, _body(spec.selector, spec.max_unavailable))


def _body(selector: Mapping[str, str], max_unavailable: int) -> dict[str, Any]:
    """`maxUnavailable` rather than `minAvailable`: the latter blocks drains when it reaches the replica count. `AlwaysAllow` keeps
    crash-looping pods evictable (KEP-3017)."""
    return {
        "spec": {
            "maxUnavailable": max_unavailable,
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
            "selector": {"matchLabels": dict(selector)},
        }
    }
