"""How large pods are, and how many of them may be away."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from mcp_stack_proxy.config import Strict
from mcp_stack_proxy.config.amounts import NO_BOOL

from .probes import Positive
from .quantity import Bytes, Cores


class Amounts(Strict):
    """Kubernetes quantities by resource."""

    cpu: Cores | None = None
    """Cores: `250m`, `1.5`."""
    memory: Bytes | None = None
    """Bytes: `256Mi`, `1Gi`."""
    ephemeral_storage: Bytes | None = None
    """Bytes on the node's disk: logs and scratch space."""


_RESOURCE = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?/[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")


def _device(name: str) -> str:
    """Vendors' resources have a domain of their own; Kubernetes' are the keys of `requests`."""
    domain, slash, _ = name.partition("/")
    own = domain == "kubernetes.io" or domain.endswith(".kubernetes.io")
    if not slash or own or not _RESOURCE.fullmatch(name):
        raise ValueError(f"{name!r} is no device of a vendor, such as nvidia.com/gpu")
    return name


Devices = Annotated[int, Field(ge=1, le=1024), NO_BOOL]


class ResourcesSpec(Strict):
    """What a container is promised and what it may take at most. Merged field by field over the defaults."""

    requests: Amounts = Amounts()
    """Promised; the scheduler and the autoscaler go by it."""
    limits: Amounts = Amounts()
    """At most; a built-in limit below a request rises to it."""
    devices: dict[Annotated[str, AfterValidator(_device)], Devices] = {}
    """Devices that it has for itself, by the name that their plugin gives them: `{nvidia.com/gpu: 1}`."""


class DisruptionSpec(Strict):
    """Pods that may be away at once when nodes are drained. A budget exists from two replicas on."""

    max_unavailable: Positive = 1
    """Must stay below the fewest replicas; with `minAvailable` a budget could block drains for ever."""
