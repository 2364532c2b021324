"""Who may call a pod and what it may call. Whatever is not declared is denied."""

import ipaddress
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from mcp_stack_proxy.config import Strict
from mcp_stack_proxy.config.amounts import NO_BOOL

from .names import Annotations, DnsLabel, Selector
from .probes import Port

METADATA = ("169.254.169.254/32", "100.100.100.200/32", "168.63.129.16/32", "fd00:ec2::254/128", "fd20:ce::254/128")
"""Metadata services of the clouds, which hand out credentials of nodes: the usual one, Alibaba's, IPv6 of AWS and Google.

168.63.129.16 is Azure's WireServer, at a public address: it hands a node's bootstrap token to whoever asks (Mandiant, "Escalating
Privileges in Azure Kubernetes Services", 2024). Pods ask the cluster's resolver for names, so that they need it for nothing.
"""


def plain_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that `host` is, that of IPv4 where IPv6 wraps one (`::ffff:10.0.0.5`); None where it is a name."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


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
    api_server: bool = False
    """The cluster's API server, where `network.api_server` says it is."""
    ports: list[Port] = []
    """TCP ports; all by default."""

    def ways(self) -> list[str]:
        """As for any peer, and `server`, `internet` and `api_server`."""
        return super().ways() + [way for way in ("server", "internet", "api_server") if getattr(self, way)]

    @model_validator(mode="after")
    def _known_port(self) -> Self:
        for way in ("server", "api_server"):
            if getattr(self, way) and self.ports:
                raise ValueError(f"`ports` does nothing beside `{way}`, whose port is known")
        return self


class DnsSpec(Strict):
    """Who resolves names for the pods."""

    namespace: DnsLabel = "kube-system"
    """Namespace of the resolver's pods; `openshift-dns` on OpenShift."""
    pods: Annotated[Selector, Field(min_length=1)] = {"k8s-app": "kube-dns"}
    """Labels of the resolver's pods; `{dns.operator.openshift.io/daemonset-dns: default}` on OpenShift."""
    ports: Annotated[list[Port], Field(min_length=1)] = [53]
    """Ports of those pods, UDP and TCP: policies see the pods' ports, not the Service's. 5353 on OpenShift."""
    addresses: list[Cidr] = ["169.254.20.10/32"]
    """Resolvers that are no pods to a policy, asked on port 53: the node-local cache at its usual address. Empty where there is
    none."""


class ApiServerSpec(Strict):
    """Where the cluster's API server is. It runs on the network of its nodes, so only addresses stand for it."""

    cidrs: Annotated[list[Cidr], Field(min_length=1)]
    """Its addresses (`kubectl get endpointslices -n default`), and its Service's where the network plugin judges by that."""
    ports: Annotated[list[Port], Field(min_length=1)] = [443, 6443]
    """Its ports: that of its Service, and its own."""


class NetworkSpec(Strict):
    """What every pod of the stack may reach, or servers may say that they need."""

    dns: DnsSpec = DnsSpec()
    """Who resolves names for the pods; every pod may ask."""
    api_server: ApiServerSpec | None = None
    """Where the API server is, for servers whose `egress` names it."""


class LoadBalancerSpec(Strict):
    """What the cloud's load balancer is told."""

    load_balancer_class: (
        Annotated[str, Field(pattern=r"^([a-z0-9]([a-z0-9.-]*[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$")] | None
    ) = None
    """Which of the cluster's implementations makes it, such as `service.k8s.aws/nlb`; the cloud's own by default. Kubernetes lets
    nobody change it later."""
    source_ranges: list[Cidr] = []
    """Addresses that it lets in; all by default. Its `clients` have to name them, too."""


class ServiceSpec(Strict):
    """The name and port under which pods call a server."""

    type: Literal["ClusterIP", "NodePort", "LoadBalancer"] = "ClusterIP"
    """Kind of Service."""
    port: Port | None = None
    """The port of the pods that it leads to by default."""
    target_port: Port | None = None
    """Port of the pods that it leads to: of a sidecar in front of the server, or a further one of its own. The server's `port` by
    default. For `image`."""
    protocol: Literal["TCP", "UDP", "SCTP"] = "TCP"
    """Of that port. MCP runs over TCP; another one is for an `image` that only other servers call (`in_gateway: false`)."""
    port_name: Annotated[DnsLabel, Field(max_length=15)] = "http"
    """Name of that port."""
    annotations: Annotations = {}
    """Annotations of the Service alone."""
    session_affinity: Literal["None", "ClientIP"] = "None"
    """`ClientIP` sends one caller to one pod; through a gateway all calls have one caller."""
    ip_family_policy: Literal["SingleStack", "PreferDualStack", "RequireDualStack"] | None = None
    """Addresses of IPv4 and IPv6, where the cluster has both; one, of the cluster's first family, by default."""
    ip_families: Annotated[list[Literal["IPv4", "IPv6"]], Field(min_length=1, max_length=2)] | None = None
    """Which families, and in which order: the first one's address is what most callers use."""
    node_port: Annotated[int, Field(ge=1, le=65535), NO_BOOL] | None = None
    """Port of every node, of the range that the cluster has for it (30000 to 32767 by default). Not for `ClusterIP`."""
    external_traffic: Literal["Cluster", "Local"] | None = None
    """`Local` sends what comes from outside only to pods of the node that it reached, which then see the caller's address; nodes
    without one answer nothing. Not for `ClusterIP`."""
    load_balancer: LoadBalancerSpec | None = None
    """For `LoadBalancer`: what the cloud's is told beside `annotations`."""

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        for key in ("node_port", "external_traffic"):
            if getattr(self, key) is not None and self.type == "ClusterIP":
                raise ValueError(f"`{key}` does nothing for `type: ClusterIP`; remove it, or choose `NodePort` or `LoadBalancer`")
        if self.load_balancer is not None and self.type != "LoadBalancer":
            raise ValueError(f"`load_balancer` does nothing for `type: {self.type}`; remove it, or choose `LoadBalancer`")
        families = self.ip_families or []
        if len(set(families)) < len(families):
            raise ValueError(f"ip_families: {families[0]} stands there twice; name it once")
        if len(families) == 2 and self.ip_family_policy in (None, "SingleStack"):
            raise ValueError("two `ip_families` need `ip_family_policy: PreferDualStack` or `RequireDualStack`")
        return self
