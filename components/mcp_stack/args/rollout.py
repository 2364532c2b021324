"""What arguments consist of: rollout. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict


class RolloutArgs(TypedDict):
    """How pods are replaced: by default a new one has to be ready before an old one goes, so that no call is lost. Where there is
    no room for one more, such as on nodes whose GPUs are all taken, an old one has to go first. Not beside `storage`."""

    max_surge: NotRequired[int]
    """Pods that may be there beyond the replicas."""
    max_unavailable: NotRequired[int]
    """Pods that may be missing meanwhile. At one replica nobody answers then."""
    recreate: NotRequired[bool]
    """`true` ends all old pods before the first new one starts: for what must never run twice. Nobody answers meanwhile."""
