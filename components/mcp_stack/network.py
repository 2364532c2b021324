"""Who may reach the pods of any workload, and whom they may reach."""

import pulumi

from .args import WorkloadNetworkArgs
from .children import create
from .inputs import alone
from .manifests.network import policy_alone
from .spec.alone import WorkloadNetworkSpec


class Network(pulumi.ComponentResource):
    """A NetworkPolicy for one workload, or for all pods of a namespace: what it does not declare is denied, DNS excepted."""

    object_name: pulumi.Output[str]
    """Name of the NetworkPolicy."""

    def __init__(self, name: str, args: WorkloadNetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mcp-stack:index:Network", name, None, opts)
        spec, later = alone(WorkloadNetworkSpec, "Network", name, args)
        create(self, name, {"network": policy_alone(name, spec)}, later)
        self.object_name = pulumi.Output.from_input(name)
        self.register_outputs({"objectName": self.object_name})
