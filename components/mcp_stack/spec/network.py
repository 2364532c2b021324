"""Who may call a pod and what it may call. Whatever is not declared is denied."""

import ipaddress
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from mcp_stack_proxy.config import Strict

from .names import Annotations, DnsLabel, Selector
from .probes import Port

METADATA = ("169.254.169.254/32", "fd00:ec2::254/128")
"""Metadata services of the clouds, which hand out credentials of nodes."""


def _cidr(value: str) -> str:
    try:
        return str(ipaddress.ip_network(value))
    except ValueError as error:
        raise ValueError(f"{value!r} is no address range such as 10.20.0.0/16: {error}") from None


Cidr = Annotated[str, AfterValidator(_cidr)]


class Peer(Strict):
    """Pods (by namespace, labels or both), or a range of addresses."""

    namespace: DnsLabel | None = None
    """Pods of this namespace; the stack's own where only `pods` is given."""
    pods: Selector | None = None
    """Labels of the pods; all pods of the namespace by default."""
    cidr: Cidr | None = None
    """Range of addresses outside the cluster."""
    without: list[Cidr] = []
    """Ranges within `cidr` that are left out."""

    def ways(self) -> list[str]:
        """Which of the exclusive ways of naming a peer are used."""
        return [way for way, used in (("namespace/pods", self.namespace or self.pods), ("cidr", self.cidr)) if used]

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = self.ways()
        if len(ways) != 1:
            raise ValueError("name the peer in exactly one way" + (f", not by {' and '.join(ways)}" if ways else ""))
        if self.without and not self.cidr:
            raise ValueError("`without` does nothing without `cidr`")
        for inner in self.without:
            outer = ipaddress.ip_network(str(self.cidr))
            if inner and not _within(ipaddress.ip_network(inner), outer):
                raise ValueError(f"without: {inner!r} does not lie within {self.cidr!r}")
        return self


def _within(inner: ipaddress.IPv4Network | ipaddress.IPv6Network, outer: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    return inner.version == outer.version and inner != outer and inner.subnet_of(outer)  # pyright: ignore[reportArgumentType]


class Client(Peer):
    """Who may call, on the port that serves MCP."""


class Destination(Peer):
    """What may be called."""

    server: str | None = None
    """A server of this stack, on its port."""
    internet: bool = False
    """Every public address; private ranges, link-local ones and the cloud's metadata service stay denied."""
    ports: list[Port] = []
    """TCP ports; all by default."""

    def ways(self) -> list[str]:
        """As for any peer, and `server` and `internet`."""
        return super().ways() + [way for way in ("server", "internet") if getattr(self, way)]

    @model_validator(mode="after")
    def _server_port(self) -> Self:
        if self.server and self.ports:
            raise ValueError("`ports` does nothing beside `server`, whose port is known")
        return self


class ServiceSpec(Strict):
    """The name and port under which pods call a server."""

    type: Literal["ClusterIP", "NodePort", "LoadBalancer"] = "ClusterIP"
    """Kind of Service."""
    port: Port | None = None
    """The server's port by default."""
    port_name: Annotated[DnsLabel, Field(max_length=15)] = "http"
    """Name of that port."""
    annotations: Annotations = {}
    """Annotations of the Service alone."""
    session_affinity: Literal["None", "ClientIP"] = "None"
    """`ClientIP` sends one caller to one pod; through a gateway all calls have one caller."""
