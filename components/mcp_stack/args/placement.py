"""What arguments consist of: placement. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict


class TolerationArgs(TypedDict):
    """A taint that pods put up with."""

    key: NotRequired[str]
    """Taint's key; every key by default."""
    operator: NotRequired[str]
    """Whether `value` has to be equal."""
    value: NotRequired[str]
    """Taint's value, with `Equal`."""
    effect: NotRequired[str]
    """Taint's effect; every effect by default."""
    toleration_seconds: NotRequired[int]
    """Time for which a pod stays on a node that gets the taint, with `NoExecute`; for ever by default."""


class SpreadingArgs(TypedDict):
    """How several replicas are spread, so that the loss of a node or a zone takes as few as possible."""

    enabled: NotRequired[bool]
    """`false` leaves it to the scheduler's own defaults."""
    over: NotRequired[list[str]]
    """Labels of nodes; those with equal values are one place."""
    max_skew: NotRequired[int]
    """Pods that one place may have more than another."""
    required: NotRequired[bool]
    """`true` keeps a pod waiting rather than uneven: a rollout may then stand still for want of a node."""
