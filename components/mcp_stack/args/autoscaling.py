"""What arguments consist of: autoscaling. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict


class ContainerTargetsArgs(TypedDict):
    """What the workload's own container aims at, whatever its neighbours in the pod use."""

    cpu: NotRequired[int]
    """Percent of the CPU that it requests."""
    memory: NotRequired[int]
    """Percent of the memory that it requests."""


class FallbackArgs(TypedDict):
    """What holds while Prometheus does not answer. Without it replicas stay as they are, unless another target asks for more."""

    replicas: int
    """Replicas during that time, between `min` and `max`."""
    failures: NotRequired[int]
    """Failed questions in a row from which on it holds."""
    behavior: NotRequired[str]
    """Whether `replicas` always holds, never, or only where there are fewer or more."""


class KedaArgs(TypedDict):
    """KEDA asks Prometheus (`monitoring.prometheus`) for the calls in flight, and owns the autoscaler."""

    polling_seconds: NotRequired[int]
    """Time between two questions; answers count until the next. Below the interval of scraping it tells nothing new."""
    fallback: NotRequired[FallbackArgs]
    """What holds while Prometheus does not answer."""


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
    """Fewest replicas, at least 1: nothing holds a call until a first pod has started."""
    max: NotRequired[int]
    """Most replicas."""
    cpu: NotRequired[int]
    """Percent of requested CPU to aim at, over all containers of a pod. 80 for CPU and memory where there is no target at all."""
    memory: NotRequired[int]
    """Percent of requested memory to aim at, over all containers of a pod."""
    container: NotRequired[ContainerTargetsArgs]
    """Targets of its own container alone, so that an idle or a busy neighbour in the pod does not count."""
    calls: NotRequired[int]
    """Calls in flight for each replica to aim at; open streams of notifications are none. Needs `keda` or `calls_metric`."""
    calls_metric: NotRequired[str]
    """Without `keda`: name under which an adapter that the cluster has already serves `mcp_proxy_calls_in_flight` of each pod as a
    custom metric. Only where the pods run the proxy."""
    keda: NotRequired[KedaArgs]
    """KEDA instead of a plain autoscaler, for `calls`."""
    scale_up: NotRequired[ScalingRulesArgs]
    """Limits on growing."""
    scale_down: NotRequired[ScalingRulesArgs]
    """Limits on shrinking."""
