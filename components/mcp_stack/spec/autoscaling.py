"""Replicas that follow load: by a HorizontalPodAutoscaler, or by KEDA where Prometheus knows the load."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mcp_stack_proxy.config import Strict
from mcp_stack_proxy.config.amounts import NO_BOOL

from .probes import Positive

Percent = Annotated[int, Field(ge=1, le=1000), NO_BOOL]


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


class ContainerTargets(Strict):
    """What the workload's own container aims at, whatever its neighbours in the pod use."""

    cpu: Percent | None = None
    """Percent of the CPU that it requests."""
    memory: Percent | None = None
    """Percent of the memory that it requests."""

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.cpu is None and self.memory is None:
            raise ValueError("give `cpu`, `memory` or both")
        return self


class FallbackSpec(Strict):
    """What holds while Prometheus does not answer. Without it replicas stay as they are, unless another target asks for more."""

    replicas: Positive
    """Replicas during that time, between `min` and `max`."""
    failures: Positive = 3
    """Failed questions in a row from which on it holds."""
    behavior: Literal["static", "currentReplicas", "currentReplicasIfHigher", "currentReplicasIfLower"] = "static"
    """Whether `replicas` always holds, never, or only where there are fewer or more."""


class KedaSpec(Strict):
    """KEDA asks Prometheus (`monitoring.prometheus`) for the calls in flight, and owns the autoscaler."""

    polling_seconds: Positive = 30
    """Time between two questions; answers count until the next. Below the interval of scraping it tells nothing new."""
    fallback: FallbackSpec | None = None
    """What holds while Prometheus does not answer."""


class AutoscalingSpec(Strict):
    """Replicas that follow load. There are no fixed `replicas` beside it."""

    enabled: bool = True
    """`false` removes an autoscaler that the stack's defaults would add."""
    min: Annotated[int, Field(ge=0), NO_BOOL] = 2
    """Fewest replicas, at least 1: nothing holds a call until a first pod has started."""
    max: Positive = 10
    """Most replicas."""
    cpu: Percent | None = None
    """Percent of requested CPU to aim at, over all containers of a pod. 80 for CPU and memory where there is no target at all."""
    memory: Percent | None = None
    """Percent of requested memory to aim at, over all containers of a pod."""
    container: ContainerTargets | None = None
    """Targets of its own container alone, so that an idle or a busy neighbour in the pod does not count."""
    calls: Positive | None = None
    """Calls in flight for each replica to aim at; open streams of notifications are none. Needs `keda` or `calls_metric`."""
    calls_metric: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_./-]*$")] | None = None
    """Without `keda`: name under which an adapter that the cluster has already serves `mcp_proxy_calls_in_flight` of each pod as a
    custom metric. Only where the pods run the proxy."""
    keda: KedaSpec | None = None
    """KEDA instead of a plain autoscaler, for `calls`."""
    scale_up: ScalingRules | None = None
    """Limits on growing."""
    scale_down: ScalingRules | None = None
    """Limits on shrinking."""

    @property
    def targets(self) -> ContainerTargets | None:
        """What whole pods aim at: 80 % where nothing else is aimed at (seed 003's chart), else what is written."""
        if self.cpu is None and self.memory is None:
            return None if self.container or self.calls else ContainerTargets(cpu=DEFAULT_TARGET, memory=DEFAULT_TARGET)
        return ContainerTargets(cpu=self.cpu, memory=self.memory)


DEFAULT_TARGET = 80
"""Percent of the requested CPU and memory."""
