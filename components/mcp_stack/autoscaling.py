"""Replicas that follow load, for any workload."""

import pulumi

from .args import WorkloadAutoscalingArgs
from .children import create
from .inputs import alone
from .manifests.autoscaling import autoscaler_alone
from .spec.alone import WorkloadAutoscalingSpec


class Autoscaling(pulumi.ComponentResource):
    """A HorizontalPodAutoscaler, or with `keda` a ScaledObject, for one workload. The workload must not say `replicas` itself."""

    object_name: pulumi.Output[str]
    """Name of the autoscaler."""

    def __init__(self, name: str, args: WorkloadAutoscalingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mcp-stack:index:Autoscaling", name, None, opts)
        spec, later = alone(WorkloadAutoscalingSpec, "Autoscaling", name, args)
        create(self, name, {"autoscaler": autoscaler_alone(name, spec)}, later)
        self.object_name = pulumi.Output.from_input(name)
        self.register_outputs({"objectName": self.object_name})
