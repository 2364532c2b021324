"""What arguments consist of: scaling. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict


class DisruptionArgs(TypedDict):
    """Pods that may be away at once when nodes are drained. A budget exists from two replicas on."""

    max_unavailable: NotRequired[int]
    """Must stay below the fewest replicas; with `minAvailable` a budget could block drains for ever."""


class AmountsArgs(TypedDict):
    """Kubernetes quantities by resource."""

    cpu: NotRequired[str]
    """Cores: `250m`, `1.5`."""
    memory: NotRequired[str]
    """Bytes: `256Mi`, `1Gi`."""
    ephemeral_storage: NotRequired[str]
    """Bytes on the node's disk: logs and scratch space."""


class ResourcesArgs(TypedDict):
    """What a container is promised and what it may take at most. Merged field by field over the defaults."""

    requests: NotRequired[AmountsArgs]
    """Promised; the scheduler and the autoscaler go by it."""
    limits: NotRequired[AmountsArgs]
    """At most; a built-in limit below a request rises to it."""
    devices: NotRequired[dict[str, int]]
    """Devices that it has for itself, by the name that their plugin gives them: `{nvidia.com/gpu: 1}`."""
