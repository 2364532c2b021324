"""When a pod has started, may be called, and has to be restarted."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from mcp_stack_proxy.config import Strict
from mcp_stack_proxy.config.amounts import NO_BOOL

Port = Annotated[int, Field(ge=1, le=65535), NO_BOOL]
Positive = Annotated[int, Field(ge=1), NO_BOOL]

HANDLERS = ("http_get", "tcp_socket", "grpc", "exec")
"""A probe asks in exactly one of these ways."""


def _header(name: str) -> str:
    """As the API server has it (apimachinery, `IsHTTPHeaderName`)."""
    if not re.fullmatch(r"[-A-Za-z0-9]+", name):
        raise ValueError(f"{name!r} is no name of a header that a probe may have: letters, digits and dashes")
    return name


class HttpGet(Strict):
    """Answered with a status from 200 to 399."""

    path: Annotated[str, Field(pattern=r"^/")] = "/"
    """Path and query."""
    port: Port | None = None
    """The server's port by default; the management port for what the proxy runs."""
    scheme: Literal["HTTP", "HTTPS"] = "HTTP"
    """HTTPS certificates are not checked by the kubelet."""
    headers: dict[Annotated[str, AfterValidator(_header)], str] = {}
    """Headers of the request."""


class TcpSocket(Strict):
    """A connection that opens."""

    port: Port | None = None
    """The server's port by default."""


class Grpc(Strict):
    """`SERVING` as answer of the standard health service (grpc.health.v1), without TLS."""

    port: Port | None = None
    """The server's port by default."""
    service: str | None = None
    """Name of the service that is asked for; the server as a whole by default."""


class ProbeSpec(Strict):
    """One probe. Keys left out keep the default of its kind."""

    enabled: bool = True
    """`false` removes the probe, which would otherwise be there."""
    http_get: HttpGet | None = None
    """Ask by HTTP."""
    tcp_socket: TcpSocket | None = None
    """Open a connection: the default for containers of whose health endpoint nothing is known."""
    grpc: Grpc | None = None
    """Ask by gRPC's health protocol."""
    exec: Annotated[list[str], Field(min_length=1)] | None = None
    """Run a program in the container; exit code 0 is healthy."""
    initial_delay_seconds: Annotated[int, Field(ge=0), NO_BOOL] | None = None
    """Wait after the container's start."""
    period_seconds: Positive | None = None
    """Time between two probes."""
    timeout_seconds: Positive | None = None
    """Time for an answer."""
    success_threshold: Positive | None = None
    """Successes in a row that count; more than 1 for readiness only."""
    failure_threshold: Positive | None = None
    """Failures in a row that count."""

    @property
    def asks(self) -> HttpGet | TcpSocket | Grpc | list[str] | None:
        """The way that is given."""
        return self.http_get or self.tcp_socket or self.grpc or self.exec

    @model_validator(mode="after")
    def _one_handler(self) -> Self:
        given = [key for key in HANDLERS if getattr(self, key) is not None]
        if len(given) > 1:
            raise ValueError(f"a probe asks in one way, not in {len(given)}: {', '.join(given)}")
        return self


class ProbesSpec(Strict):
    """Probes of one container. Each exists unless it is switched off."""

    startup: ProbeSpec = ProbeSpec()
    """Until it succeeds, the other two wait: it owns a slow start."""
    readiness: ProbeSpec = ProbeSpec()
    """Whether calls are sent to the pod."""
    liveness: ProbeSpec = ProbeSpec()
    """Whether the container is restarted. It must not depend on other servers."""

    @model_validator(mode="after")
    def _single_success(self) -> Self:
        for name in ("startup", "liveness"):
            if getattr(self, name).success_threshold not in (None, 1):
                raise ValueError(f"{name}.success_threshold can only be 1; Kubernetes knows others for readiness alone")
        return self
