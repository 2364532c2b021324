"""Affinity as Kubernetes has it, its keys in snake case. What the API server would refuse is refused here."""

from typing import Annotated, Literal, Self

from pydantic import AliasGenerator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from mcp_stack_proxy.config import Strict
from mcp_stack_proxy.config.amounts import NO_BOOL

from .names import DnsLabel, Selector

Weight = Annotated[int, Field(ge=1, le=100), NO_BOOL]
TopologyKey = Annotated[str, Field(min_length=1)]


class Shaped(Strict):
    """A part of a pod's specification, which `shape` gives in the spelling of the API."""

    model_config = ConfigDict(alias_generator=AliasGenerator(serialization_alias=to_camel))


class LabelExpression(Shaped):
    """A condition on a label of pods or namespaces."""

    key: TopologyKey
    """Label."""
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist"]
    """How `values` are compared."""
    values: list[str] | None = None
    """With `In` and `NotIn`."""

    @model_validator(mode="after")
    def _values(self) -> Self:
        if (self.operator in ("In", "NotIn")) != bool(self.values):
            raise ValueError(f"`{self.operator}` {'needs' if self.operator in ('In', 'NotIn') else 'takes no'} `values`")
        return self


class NodeExpression(Shaped):
    """A condition on a label of nodes."""

    key: TopologyKey
    """Label."""
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]
    """How `values` are compared; `Gt` and `Lt` as numbers."""
    values: list[str] | None = None
    """With `In` and `NotIn`; a single whole number with `Gt` and `Lt`."""

    @model_validator(mode="after")
    def _values(self) -> Self:
        if self.operator in ("Gt", "Lt"):
            if self.values is None or len(self.values) != 1 or not self.values[0].lstrip("-").isdecimal():
                raise ValueError(f"`{self.operator}` needs one whole number in `values`")
        elif (self.operator in ("In", "NotIn")) != bool(self.values):
            raise ValueError(f"`{self.operator}` {'needs' if self.operator in ('In', 'NotIn') else 'takes no'} `values`")
        return self


class NodeField(Shaped):
    """A condition on a field of nodes. There is one."""

    key: Literal["metadata.name"]
    """Field."""
    operator: Literal["In", "NotIn"]
    """How `values` are compared."""
    values: Annotated[list[str], Field(min_length=1, max_length=1)]
    """One name."""


class NodeTerm(Shaped):
    """Nodes that meet all conditions."""

    match_expressions: list[NodeExpression] | None = None
    """Conditions on labels."""
    match_fields: list[NodeField] | None = None
    """Conditions on fields."""

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.match_expressions and not self.match_fields:
            raise ValueError("without a condition no node is meant; give `match_expressions` or `match_fields`")
        return self


class NodeSelectorSpec(Shaped):
    """Nodes that meet any of several terms."""

    node_selector_terms: Annotated[list[NodeTerm], Field(min_length=1)]
    """Terms."""


class PreferredNodes(Shaped):
    """Nodes that are better than others."""

    weight: Weight
    """How much better, 1 to 100."""
    preference: NodeTerm
    """Which."""


class NodeAffinity(Shaped):
    """Nodes that pods run on."""

    required_during_scheduling_ignored_during_execution: NodeSelectorSpec | None = None
    """Only on these."""
    preferred_during_scheduling_ignored_during_execution: list[PreferredNodes] | None = None
    """Rather on these."""


class LabelSelectorSpec(Shaped):
    """Pods or namespaces that meet all conditions; all of them without any."""

    match_labels: Selector | None = None
    """Labels with their values."""
    match_expressions: list[LabelExpression] | None = None
    """Conditions on labels."""


class PodTerm(Shaped):
    """Pods, and how near is near."""

    topology_key: TopologyKey
    """Label of nodes; those with equal values are one place: `kubernetes.io/hostname`, `topology.kubernetes.io/zone`."""
    label_selector: LabelSelectorSpec | None = None
    """Which pods."""
    namespaces: list[DnsLabel] | None = None
    """Where they are; in the stack's own namespace by default."""
    namespace_selector: LabelSelectorSpec | None = None
    """Namespaces by their labels, beside `namespaces`."""
    match_label_keys: list[str] | None = None
    """Labels that have the same value as on the pod that is placed."""
    mismatch_label_keys: list[str] | None = None
    """Labels that have another value than on the pod that is placed."""

    @model_validator(mode="after")
    def _selected(self) -> Self:
        if self.label_selector is None:
            raise ValueError("without `label_selector` no pod is meant")
        if shared := set(self.match_label_keys or ()) & set(self.mismatch_label_keys or ()):
            raise ValueError(f"{', '.join(sorted(shared))}: in `match_label_keys` and in `mismatch_label_keys`; remove one of them")
        return self


class PreferredPods(Shaped):
    """Places that are better than others."""

    weight: Weight
    """How much better, 1 to 100."""
    pod_affinity_term: PodTerm
    """Which."""


class PodAffinity(Shaped):
    """Pods that pods are placed by."""

    required_during_scheduling_ignored_during_execution: list[PodTerm] | None = None
    """Only so."""
    preferred_during_scheduling_ignored_during_execution: list[PreferredPods] | None = None
    """Rather so."""


class AffinitySpec(Shaped):
    """Which nodes pods are drawn to, and which other pods they are near to or apart from."""

    node_affinity: NodeAffinity | None = None
    """Nodes that they run on."""
    pod_affinity: PodAffinity | None = None
    """Pods that they are near to."""
    pod_anti_affinity: PodAffinity | None = None
    """Pods that they are apart from."""

    def shape(self) -> dict[str, object]:
        """As the API takes it."""
        return self.model_dump(by_alias=True, exclude_none=True)
