"""Where pods run: nodes, spreading, priority, runtime."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mcp_stack_proxy.config import Strict
from mcp_stack_proxy.config.amounts import NO_BOOL

from .affinity import AffinitySpec, TopologyKey
from .names import DnsName, Labels
from .probes import Positive

ZONE, HOST = "topology.kubernetes.io/zone", "kubernetes.io/hostname"


class Toleration(Strict):
    """A taint that pods put up with."""

    key: str | None = None
    """Taint's key; every key by default."""
    operator: Literal["Exists", "Equal"] = "Exists"
    """Whether `value` has to be equal."""
    value: str | None = None
    """Taint's value, with `Equal`."""
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = None
    """Taint's effect; every effect by default."""
    toleration_seconds: Annotated[int, Field(ge=0), NO_BOOL] | None = None
    """Time for which a pod stays on a node that gets the taint, with `NoExecute`; for ever by default."""

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        if self.operator == "Exists" and self.value is not None:
            raise ValueError("`value` does nothing without `operator: Equal`")
        if self.operator == "Equal" and self.key is None:
            raise ValueError("`operator: Equal` needs a `key`")
        if self.toleration_seconds is not None and self.effect != "NoExecute":
            raise ValueError("`toleration_seconds` does nothing without `effect: NoExecute`")
        return self


class SpreadingSpec(Strict):
    """How several replicas are spread, so that the loss of a node or a zone takes as few as possible."""

    enabled: bool = True
    """`false` leaves it to the scheduler's own defaults."""
    over: Annotated[list[TopologyKey], Field(min_length=1)] = [ZONE, HOST]
    """Labels of nodes; those with equal values are one place."""
    max_skew: Positive = 1
    """Pods that one place may have more than another."""
    required: bool = False
    """`true` keeps a pod waiting rather than uneven: a rollout may then stand still for want of a node."""


class Placed(Strict):
    """Where pods run, and how they rank."""

    node_selector: Labels = {}
    """Labels of the nodes that pods may run on."""
    tolerations: list[Toleration] = []
    """Taints that pods put up with."""
    affinity: AffinitySpec | None = None
    """Nodes and other pods that pods are drawn to or kept from, as Kubernetes has it."""
    spreading: SpreadingSpec = SpreadingSpec()
    """How several replicas are spread over nodes and zones."""
    priority_class: DnsName | None = None
    """PriorityClass: whose pods give way when nodes are full."""
    runtime_class: DnsName | None = None
    """RuntimeClass: another container runtime than the nodes' usual one, such as a sandbox."""
