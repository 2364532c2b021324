"""What arguments consist of: network. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict


class DestinationArgs(TypedDict):
    """What may be called."""

    namespace: NotRequired[str]
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
    ports: NotRequired[list[int]]
    """TCP ports; all by default."""


class ServiceArgs(TypedDict):
    """The name and port under which pods call a server."""

    type: NotRequired[str]
    """Kind of Service."""
    port: NotRequired[int]
    """The server's port by default."""
    port_name: NotRequired[str]
    """Name of that port."""
    annotations: NotRequired[dict[str, str]]
    """Annotations of the Service alone."""
    session_affinity: NotRequired[str]
    """`ClientIP` sends one caller to one pod; through a gateway all calls have one caller."""


class ClientArgs(TypedDict):
    """Who may call, on the port that serves MCP."""

    namespace: NotRequired[str]
    """Pods of this namespace; the stack's own where only `pods` is given."""
    pods: NotRequired[dict[str, str]]
    """Labels of the pods; all pods of the namespace by default."""
    cidr: NotRequired[str]
    """Range of addresses outside the cluster."""
    without: NotRequired[list[str]]
    """Ranges within `cidr` that are left out."""
