"""Arguments of a component: WorkloadAutoscaling. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict

import pulumi

from .alone import AskedArgs
from .autoscaling import ContainerTargetsArgs, KedaArgs, ScalingRulesArgs


class WorkloadAutoscalingArgs(TypedDict):
    """Replicas of one workload, whoever made it. The workload itself must not say how many there are."""

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
    namespace: pulumi.Input[str]
    """Namespace of the workload."""
    workload: pulumi.Input[str]
    """Name of the workload."""
    kind: NotRequired[str]
    """What it is."""
    container_name: NotRequired[str]
    """Name of the container that `container` is about."""
    labels: NotRequired[dict[str, str]]
    """Labels of the autoscaler."""
    prometheus: NotRequired[AskedArgs]
    """Whom KEDA asks for the calls in flight, with `keda`."""
