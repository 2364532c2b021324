"""The proxy in front of all servers."""

from mcp_stack_proxy.config import HostPattern, Limits, Origin, Strict

from .image import ImageSpec
from .probes import Port
from .workload import Reachable, WorkloadSpec


class ProxySpec(Strict):
    """The bundled image: gateway, and wrapper of stdio servers."""

    image: ImageSpec | None = None
    """One reference for every role. Needed in a cluster."""


class GatewaySpec(WorkloadSpec, Reachable):
    """One endpoint for all servers."""

    enabled: bool = True
    """`false` runs the servers without it."""
    port: Port = 8080
    """Port that it listens on."""
    trust_network: bool = False
    """States that only trusted clients reach the proxies: nothing checks who calls. Needed in a cluster."""
    name: str = "mcp-stack"
    """Name that clients see in `serverInfo`."""
    instructions: str | None = None
    """Text for the model on how to use the servers together."""
    allowed_hosts: list[HostPattern] = []
    """Host headers accepted beside the Service's names and the exposed host."""
    allowed_origins: list[Origin] = []
    """Origins of browser pages that may call: `https://app.example.com`."""
    limits: Limits = Limits()
    """Bounds on size and time, for gateway and wrapped stdio servers."""
