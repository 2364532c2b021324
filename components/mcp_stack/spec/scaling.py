"""How large pods are, and how many of them may be away."""

from mcp_stack_proxy.config import Strict

from .probes import Positive
from .quantity import Quantity


class Amounts(Strict):
    """Kubernetes quantities by resource."""

    cpu: Quantity | None = None
    """Cores: `250m`, `1.5`."""
    memory: Quantity | None = None
    """Bytes: `256Mi`, `1Gi`."""
    ephemeral_storage: Quantity | None = None
    """Bytes on the node's disk: logs and scratch space."""


class ResourcesSpec(Strict):
    """What a container is promised and what it may take at most. Merged field by field over the defaults."""

    requests: Amounts = Amounts()
    """Promised; the scheduler and the autoscaler go by it."""
    limits: Amounts = Amounts()
    """At most; a built-in limit below a request rises to it."""


class DisruptionSpec(Strict):
    """Pods that may be away at once when nodes are drained. A budget exists from two replicas on."""

    max_unavailable: Positive = 1
    """Must stay below the fewest replicas; with `minAvailable` a budget could block drains for ever."""
