"""What arguments consist of: affinity. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict


class NodeExpressionArgs(TypedDict):
    """A condition on a label of nodes."""

    key: str
    """Label."""
    operator: str
    """How `values` are compared; `Gt` and `Lt` as numbers."""
    values: NotRequired[list[str]]
    """With `In` and `NotIn`; a single whole number with `Gt` and `Lt`."""


class NodeFieldArgs(TypedDict):
    """A condition on a field of nodes. There is one."""

    key: str
    """Field."""
    operator: str
    """How `values` are compared."""
    values: list[str]
    """One name."""


class NodeTermArgs(TypedDict):
    """Nodes that meet all conditions."""

    match_expressions: NotRequired[list[NodeExpressionArgs]]
    """Conditions on labels."""
    match_fields: NotRequired[list[NodeFieldArgs]]
    """Conditions on fields."""


class NodeSelectorArgs(TypedDict):
    """Nodes that meet any of several terms."""

    node_selector_terms: list[NodeTermArgs]
    """Terms."""


class PreferredNodesArgs(TypedDict):
    """Nodes that are better than others."""

    weight: int
    """How much better, 1 to 100."""
    preference: NodeTermArgs
    """Which."""


class NodeAffinityArgs(TypedDict):
    """Nodes that pods run on."""

    required_during_scheduling_ignored_during_execution: NotRequired[NodeSelectorArgs]
    """Only on these."""
    preferred_during_scheduling_ignored_during_execution: NotRequired[list[PreferredNodesArgs]]
    """Rather on these."""


class LabelExpressionArgs(TypedDict):
    """A condition on a label of pods or namespaces."""

    key: str
    """Label."""
    operator: str
    """How `values` are compared."""
    values: NotRequired[list[str]]
    """With `In` and `NotIn`."""


class LabelSelectorArgs(TypedDict):
    """Pods or namespaces that meet all conditions; all of them without any."""

    match_labels: NotRequired[dict[str, str]]
    """Labels with their values."""
    match_expressions: NotRequired[list[LabelExpressionArgs]]
    """Conditions on labels."""


class PodTermArgs(TypedDict):
    """Pods, and how near is near."""

    topology_key: str
    """Label of nodes; those with equal values are one place: `kubernetes.io/hostname`, `topology.kubernetes.io/zone`."""
    label_selector: NotRequired[LabelSelectorArgs]
    """Which pods."""
    namespaces: NotRequired[list[str]]
    """Where they are; in the stack's own namespace by default."""
    namespace_selector: NotRequired[LabelSelectorArgs]
    """Namespaces by their labels, beside `namespaces`."""
    match_label_keys: NotRequired[list[str]]
    """Labels that have the same value as on the pod that is placed."""
    mismatch_label_keys: NotRequired[list[str]]
    """Labels that have another value than on the pod that is placed."""


class PreferredPodsArgs(TypedDict):
    """Places that are better than others."""

    weight: int
    """How much better, 1 to 100."""
    pod_affinity_term: PodTermArgs
    """Which."""


class PodAffinityArgs(TypedDict):
    """Pods that pods are placed by."""

    required_during_scheduling_ignored_during_execution: NotRequired[list[PodTermArgs]]
    """Only so."""
    preferred_during_scheduling_ignored_during_execution: NotRequired[list[PreferredPodsArgs]]
    """Rather so."""


class AffinityArgs(TypedDict):
    """Which nodes pods are drawn to, and which other pods they are near to or apart from."""

    node_affinity: NotRequired[NodeAffinityArgs]
    """Nodes that they run on."""
    pod_affinity: NotRequired[PodAffinityArgs]
    """Pods that they are near to."""
    pod_anti_affinity: NotRequired[PodAffinityArgs]
    """Pods that they are apart from."""
