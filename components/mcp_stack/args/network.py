"""What arguments consist of: network. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict

import pulumi


class DestinationArgs(TypedDict):
    """What may be called."""

    namespace: NotRequired[pulumi.Input[str]]
    """Pods of this namespace; the stack's own where only `pods` is given."""
    pods: NotRequired[dict[str, str]]
    """Labels of the pods; all pods of the namespace by default."""
    cidr: NotRequired[str]
    """Range of addresses outside the cluster."""
    without: NotRequired[list[str]]
    """Ranges within `cidr` that are left out."""
    server: NotRequired[str]
    """A server of this stack, on its port."""
    internet: NotRequired[bool]
    """Every public address; private ranges, link-local ones and the cloud's metadata service stay denied."""
    api_server: NotRequired[bool]
    """The cluster's API server, where `network.api_server` says it is."""
    ports: NotRequired[list[int]]
    """TCP ports; all by default."""


class DnsArgs(TypedDict):
    """Who resolves names for the pods."""

    namespace: NotRequired[str]
    """Namespace of the resolver's pods; `openshift-dns` on OpenShift."""
    pods: NotRequired[dict[str, str]]
    """Labels of the resolver's pods; `{dns.operator.openshift.io/daemonset-dns: default}` on OpenShift."""
    ports: NotRequired[list[int]]
    """Ports of those pods, UDP and TCP: policies see the pods' ports, not the Service's. 5353 on OpenShift."""
    addresses: NotRequired[list[str]]
    """Resolvers that are no pods to a policy, asked on port 53: the node-local cache at its usual address. Empty where there is
    none."""


class ApiServerArgs(TypedDict):
    """Where the cluster's API server is. It runs on the network of its nodes, so only addresses stand for it."""

    cidrs: list[str]
    """Its addresses (`kubectl get endpointslices -n default`), and its Service's where the network plugin judges by that."""
    ports: NotRequired[list[int]]
    """Its ports: that of its Service, and its own."""


class NetworkArgs(TypedDict):
    """What every pod of the stack may reach, or servers may say that they need."""

    dns: NotRequired[DnsArgs]
    """Who resolves names for the pods; every pod may ask."""
    api_server: NotRequired[ApiServerArgs]
    """Where the API server is, for servers whose `egress` names it."""


class LoadBalancerArgs(TypedDict):
    """What the cloud's load balancer is told."""

    load_balancer_class: NotRequired[str]
    """Which of the cluster's implementations makes it, such as `service.k8s.aws/nlb`; the cloud's own by default. Kubernetes lets
    nobody change it later."""
    source_ranges: NotRequired[list[str]]
    """Addresses that it lets in; all by default. Its `clients` have to name them, too."""


class ServiceArgs(TypedDict):
    """The name and port under which pods call a server."""

    type: NotRequired[str]
    """Kind of Service."""
    port: NotRequired[int]
    """The port of the pods that it leads to by default."""
    target_port: NotRequired[int]
    """Port of the pods that it leads to: of a sidecar in front of the server, or a further one of its own. The server's `port` by
    default. For `image`."""
    protocol: NotRequired[str]
    """Of that port. MCP runs over TCP; another one is for an `image` that only other servers call (`in_gateway: false`)."""
    port_name: NotRequired[str]
    """Name of that port."""
    annotations: NotRequired[dict[str, str]]
    """Annotations of the Service alone."""
    session_affinity: NotRequired[str]
    """`ClientIP` sends one caller to one pod; through a gateway all calls have one caller."""
    ip_family_policy: NotRequired[str]
    """Addresses of IPv4 and IPv6, where the cluster has both; one, of the cluster's first family, by default."""
    ip_families: NotRequired[list[str]]
    """Which families, and in which order: the first one's address is what most callers use."""
    node_port: NotRequired[int]
    """Port of every node, of the range that the cluster has for it (30000 to 32767 by default). Not for `ClusterIP`."""
    external_traffic: NotRequired[str]
    """`Local` sends what comes from outside only to pods of the node that it reached, which then see the caller's address; nodes
    without one answer nothing. Not for `ClusterIP`."""
    load_balancer: NotRequired[LoadBalancerArgs]
    """For `LoadBalancer`: what the cloud's is told beside `annotations`."""


class ClientArgs(TypedDict):
    """Who may call, on the port that serves MCP."""

    namespace: NotRequired[pulumi.Input[str]]
    """Pods of this namespace; the stack's own where only `pods` is given."""
    pods: NotRequired[dict[str, str]]
    """Labels of the pods; all pods of the namespace by default."""
    cidr: NotRequired[str]
    """Range of addresses outside the cluster."""
    without: NotRequired[list[str]]
    """Ranges within `cidr` that are left out."""
