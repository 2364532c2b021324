"""How many pods, how large, and how many of them may be away."""

from typing import Annotated, Literal

from pydantic import Field

from mcp_stack_proxy.config import Strict

from .probes import Positive
from .quantity import NO_BOOL, Quantity

Percent = Annotated[int, Field(ge=1, le=1000), NO_BOOL]


class Amounts(Strict):
    """Kubernetes quantities by resource."""

    cpu: Quantity | None = None
    """Cores: `250m`, `1.5`."""
    memory: Quantity | None = None
    """Bytes: `256Mi`, `1Gi`."""
    ephemeral_storage: Quantity | None = None
    """Bytes on the node's disk: logs and scratch space."""


class ResourcesSpec(Strict):
    """What a container is promised and what it may take at most. Merged field by field over the defaults."""

    requests: Amounts = Amounts()
    """Promised; the scheduler and the autoscaler go by it."""
    limits: Amounts = Amounts()
    """At most; a built-in limit below a request rises to it."""


class ScalingPolicy(Strict):
    """One allowed step of the autoscaler."""

    type: Literal["Pods", "Percent"]
    """Unit of `value`."""
    value: Positive
    """Size of the step."""
    period_seconds: Annotated[int, Field(ge=1, le=1800), NO_BOOL]
    """Time in which the step may happen once."""


class ScalingRules(Strict):
    """How fast the autoscaler moves in one direction."""

    stabilization_seconds: Annotated[int, Field(ge=0, le=3600), NO_BOOL] | None = None
    """Time over which the most cautious recommendation counts; Kubernetes: 0 up, 300 down."""
    select: Literal["Max", "Min", "Disabled"] | None = None
    """Which of several policies decides; `Disabled` forbids the direction."""
    policies: Annotated[list[ScalingPolicy], Field(min_length=1)] | None = None
    """Allowed steps."""


class AutoscalingSpec(Strict):
    """Replicas that follow load. There are no fixed `replicas` beside it."""

    enabled: bool = True
    """`false` removes an autoscaler that the stack's defaults would add."""
    min: Positive = 2
    """Fewest replicas."""
    max: Positive = 10
    """Most replicas."""
    cpu: Percent | None = None
    """Percent of requested CPU to aim at. 80 for CPU and memory where neither is given."""
    memory: Percent | None = None
    """Percent of requested memory to aim at."""
    scale_up: ScalingRules | None = None
    """Limits on growing."""
    scale_down: ScalingRules | None = None
    """Limits on shrinking."""


class DisruptionSpec(Strict):
    """Pods that may be away at once when nodes are drained. A budget exists from two replicas on."""

    max_unavailable: Positive = 1
    """Must stay below the fewest replicas; with `minAvailable` a budget could block drains for ever."""
