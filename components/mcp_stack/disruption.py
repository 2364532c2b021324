"""A budget for the pods of any workload that protects without ever blocking a node drain."""

import pulumi

from .args import WorkloadDisruptionArgs
from .children import create
from .inputs import alone
from .manifests.disruption import budget_alone
from .spec.alone import WorkloadDisruptionSpec


class Disruption(pulumi.ComponentResource):
    """A PodDisruptionBudget for one workload; nothing at a single replica, where any budget is either useless or a trap."""

    budget_name: pulumi.Output[str | None]
    """Name of the PodDisruptionBudget, or nothing where there is none."""

    def __init__(self, name: str, args: WorkloadDisruptionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mcp-stack:index:Disruption", name, None, opts)
        spec, later = alone(WorkloadDisruptionSpec, "Disruption", name, args)
        budget = budget_alone(name, spec)
        create(self, name, {"budget": budget} if budget else {}, later)
        self.budget_name = pulumi.Output.from_input(name if budget else None)
        self.register_outputs({"budgetName": self.budget_name})
