"""What arguments consist of: upstream. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict


class SidecarArgs(TypedDict):
    """The workload whose pods the proxy joins."""

    port: int
    """Port on which the server's container listens. The proxy calls it on 127.0.0.1; from elsewhere nobody can any more."""
    path: NotRequired[str]
    """Path of its MCP endpoint."""
    selector: dict[str, str]
    """Labels that select exactly the workload's pods."""
    replicas: NotRequired[int]
    """Pods that the workload has at most. Several need `sessions`."""
