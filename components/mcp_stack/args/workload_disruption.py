"""Arguments of a component: WorkloadDisruption. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict

import pulumi


class WorkloadDisruptionArgs(TypedDict):
    """Pods of one workload that may be away at once. Nothing at a single replica, where any budget is either useless or a trap."""

    max_unavailable: NotRequired[int]
    """Must stay below the fewest replicas; with `minAvailable` a budget could block drains for ever."""
    namespace: pulumi.Input[str]
    """Namespace of the pods."""
    selector: dict[str, str]
    """Labels that select exactly the pods of one workload."""
    min_replicas: int
    """Replicas that the workload never falls below: the autoscaler's minimum, or the fixed number."""
    labels: NotRequired[dict[str, str]]
    """Labels of the budget."""
