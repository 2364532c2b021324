"""What arguments consist of: scaling. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict


class ScalingPolicyArgs(TypedDict):
    """One allowed step of the autoscaler."""

    type: str
    """Unit of `value`."""
    value: int
    """Size of the step."""
    period_seconds: int
    """Time in which the step may happen once."""


class ScalingRulesArgs(TypedDict):
    """How fast the autoscaler moves in one direction."""

    stabilization_seconds: NotRequired[int]
    """Time over which the most cautious recommendation counts; Kubernetes: 0 up, 300 down."""
    select: NotRequired[str]
    """Which of several policies decides; `Disabled` forbids the direction."""
    policies: NotRequired[list[ScalingPolicyArgs]]
    """Allowed steps."""


class AutoscalingArgs(TypedDict):
    """Replicas that follow load. There are no fixed `replicas` beside it."""

    enabled: NotRequired[bool]
    """`false` removes an autoscaler that the stack's defaults would add."""
    min: NotRequired[int]
    """Fewest replicas."""
    max: NotRequired[int]
    """Most replicas."""
    cpu: NotRequired[int]
    """Percent of requested CPU to aim at. 80 for CPU and memory where neither is given."""
    memory: NotRequired[int]
    """Percent of requested memory to aim at."""
    scale_up: NotRequired[ScalingRulesArgs]
    """Limits on growing."""
    scale_down: NotRequired[ScalingRulesArgs]
    """Limits on shrinking."""


class DisruptionArgs(TypedDict):
    """Pods that may be away at once when nodes are drained. A budget exists from two replicas on."""

    max_unavailable: NotRequired[int]
    """Must stay below the fewest replicas; with `minAvailable` a budget could block drains for ever."""


class AmountsArgs(TypedDict):
    """Kubernetes quantities by resource."""

    cpu: NotRequired[str]
    """Cores: `250m`, `1.5`."""
    memory: NotRequired[str]
    """Bytes: `256Mi`, `1Gi`."""
    ephemeral_storage: NotRequired[str]
    """Bytes on the node's disk: logs and scratch space."""


class ResourcesArgs(TypedDict):
    """What a container is promised and what it may take at most. Merged field by field over the defaults."""

    requests: NotRequired[AmountsArgs]
    """Promised; the scheduler and the autoscaler go by it."""
    limits: NotRequired[AmountsArgs]
    """At most; a built-in limit below a request rises to it."""
