"""A budget that protects without ever blocking a node drain."""

from ..spec import StackSpec
from .identity import Manifest, manifest, selector_of, workload_of


def disruption_budget(spec: StackSpec, part: str) -> Manifest | None:
    """PodDisruptionBudget of `part`, or None at a single replica, where any budget is either useless or a trap.

    `maxUnavailable` rather than `minAvailable`: the latter blocks drains when it reaches the replica count. `AlwaysAllow` keeps
    crash-looping pods evictable (KEP-3017).
    """
    workload = workload_of(spec, part)
    if workload.min_replicas < 2:
        return None
    body = {
        "maxUnavailable": workload.disruption.max_unavailable,
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
        "selector": {"matchLabels": selector_of(spec, part)},
    }
    return manifest(spec, part, "policy/v1 PodDisruptionBudget", {"spec": body})
