"""What arguments consist of: workload. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict


class SecurityArgs(TypedDict):
    """The few things about a pod's rights that may differ. Everything else is the restricted profile, for every pod."""

    run_as_user: NotRequired[int]
    """User and group id of the processes, never root's 0; below 10000 it may be a user of the node."""
    read_only_root_filesystem: NotRequired[bool]
    """`false` lets the container write anywhere in its image's copy."""


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
