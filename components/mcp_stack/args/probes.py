"""What arguments consist of: probes. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict


class HttpGetArgs(TypedDict):
    """Answered with a status from 200 to 399."""

    path: NotRequired[str]
    """Path and query."""
    port: NotRequired[int]
    """The server's port by default; the management port for what the proxy runs."""
    scheme: NotRequired[str]
    """HTTPS certificates are not checked by the kubelet."""
    headers: NotRequired[dict[str, str]]
    """Headers of the request."""


class TcpSocketArgs(TypedDict):
    """A connection that opens."""

    port: NotRequired[int]
    """The server's port by default."""


class GrpcArgs(TypedDict):
    """`SERVING` as answer of the standard health service (grpc.health.v1), without TLS."""

    port: NotRequired[int]
    """The server's port by default."""
    service: NotRequired[str]
    """Name of the service that is asked for; the server as a whole by default."""


class ProbeArgs(TypedDict):
    """One probe. Keys left out keep the default of its kind."""

    enabled: NotRequired[bool]
    """`false` removes the probe, which would otherwise be there."""
    http_get: NotRequired[HttpGetArgs]
    """Ask by HTTP."""
    tcp_socket: NotRequired[TcpSocketArgs]
    """Open a connection: the default for containers of whose health endpoint nothing is known."""
    grpc: NotRequired[GrpcArgs]
    """Ask by gRPC's health protocol."""
    exec: NotRequired[list[str]]
    """Run a program in the container; exit code 0 is healthy."""
    initial_delay_seconds: NotRequired[int]
    """Wait after the container's start."""
    period_seconds: NotRequired[int]
    """Time between two probes."""
    timeout_seconds: NotRequired[int]
    """Time for an answer."""
    success_threshold: NotRequired[int]
    """Successes in a row that count; more than 1 for readiness only."""
    failure_threshold: NotRequired[int]
    """Failures in a row that count."""


class ProbesArgs(TypedDict):
    """Probes of one container. Each exists unless it is switched off."""

    startup: NotRequired[ProbeArgs]
    """Until it succeeds, the other two wait: it owns a slow start."""
    readiness: NotRequired[ProbeArgs]
    """Whether calls are sent to the pod."""
    liveness: NotRequired[ProbeArgs]
    """Whether the container is restarted. It must not depend on other servers."""
