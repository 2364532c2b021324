"""What a proxy is told: servers, where to listen, whom to trust, limits. Durations are seconds, sizes are bytes."""

from collections.abc import Callable
from typing import Annotated, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from .addresses import LOOPBACK, host_pattern, http_url, origin, split_address
from .amounts import Count, Seconds
from .guarding import ToolFilter, Validation
from .headers import Headers
from .logs import Log
from .names import NAME_RULE, is_server_name
from .observing import Audit, Management, Metrics
from .process import ProcessConfig
from .server_limits import ServerLimits
from .sharing import Sessions
from .strict import Strict
from .virtual import VirtualServer
from .wrapping import Wrapped


def _server_name(name: str) -> str:
    if not is_server_name(name):
        raise ValueError(f"{name!r} is no server name: {NAME_RULE}")
    return name


def _namespace(namespace: str) -> str:
    if namespace and not is_server_name(namespace):
        raise ValueError(f"{namespace!r} is no namespace: {NAME_RULE}")
    return namespace


ServerName = Annotated[str, AfterValidator(_server_name)]


def _once_filled(check: Callable[[str], str]) -> AfterValidator:
    """`check`, but a text with a placeholder is left to the start, which knows the value."""
    return AfterValidator(lambda text: text if "${" in text else check(text))


Url = Annotated[str, _once_filled(http_url)]


Namespace = Annotated[str, AfterValidator(_namespace)]
"""Prefix of names; empty for none."""
HostPattern = Annotated[str, _once_filled(host_pattern)]
Origin = Annotated[str, _once_filled(origin)]


class Limits(Strict):
    """Bounds of one proxy process. Whoever exceeds one gets an answer that names it."""

    max_body_bytes: Count = 4 * 1024 * 1024
    """Largest request body that is read from a client."""
    max_message_bytes: Count = 64 * 1024 * 1024
    """Largest single message that is read from a server where it has to be held whole (lists, stdio lines, SSE events)."""
    connect_seconds: Seconds = 5
    """Time to open a connection to a server."""
    max_connection_age_seconds: Seconds | None = None
    """Age from which on a connection to a server carries no further request; one under way ends. By default 2 for Services and
    private addresses, whose pods come and go, and 3600 for others. A pod has to stay that long after it has left its Service."""
    exchange_seconds: Seconds = 60
    """Silence allowed within one exchange with a server: until its first byte, and between two (seed 001: MCP_TIMEOUT)."""
    request_seconds: Seconds = 120
    """Hard end of a request, whatever progress is reported (seed 001: MCP_PROXY_REQUEST_TIMEOUT)."""
    input_seconds: Seconds = 300
    """Time that a client gets to answer what a server asks it (sampling, elicitation, roots). It does not count as the server's."""
    max_parked_calls: Count = 1000
    """Calls that wait for the input of clients of 2026-07-28, which send the call again with it; each holds a connection."""
    max_parked_calls_per_caller: Count = 100
    """Of these, the calls of one caller who has shown who it is."""
    discovery_seconds: Seconds = 30
    """Time for one server's part of a list, negotiation included."""
    catalog_seconds: Seconds = 300
    """Age at which a server's lists are fetched again, where it does not announce changes itself."""
    drain_seconds: Seconds = 10
    """Time that requests in flight get after SIGTERM, the end of the servers' processes included."""


_IDLE_BESIDE = {
    "url": ("args", "env", "cwd", "process", "cli"),
    "command": ("headers",),
    "cli": ("headers", "process"),
}
"""What a server is -> keys that would do nothing for it."""


class ServerConfig(Strict):
    """One MCP server: `url` for one that speaks HTTP, `command` for one that is run as a child and speaks stdio, or, with `cli`,
    for a program that knows nothing of MCP."""

    url: Url | None = None
    """Its MCP endpoint, such as `http://clock:8000/mcp`."""
    headers: Headers = {}
    """Headers of every request to `url`, credentials among them. The caller's own credentials are never passed on."""
    command: str | None = None
    """Program, started without a shell."""
    args: list[str] = []
    """Its arguments."""
    env: dict[str, str] = {}
    """Variables added to PATH, HOME, LANG and TZ, the only ones that a child inherits."""
    cwd: str | None = None
    """Its working directory; the proxy's own by default."""
    process: ProcessConfig = ProcessConfig()
    """How its process is kept."""
    cli: Wrapped = None
    """`command` is a command-line program, whose `--help` is made into tools. `true`, or a mapping with what differs."""
    namespace: Namespace | None = None
    """Prefix of its names on `/mcp`, the server's name by default. Empty: no prefix, for at most one server."""
    tools: ToolFilter | None = None
    """Which of its tools clients see and may call.

    With this or `validation`, `/servers/NAME/mcp` is no longer passed through as it is: the server sees sessions of the proxy's.
    """
    validation: Validation | None = None
    """What is checked by the tools' own schemas."""
    limits: ServerLimits | None = None
    """Bounds of this server alone."""

    @field_validator("validation")
    @classmethod
    def _validation(cls, validation: Validation | None) -> Validation | None:
        if validation is not None and (idle := validation.idle_bounds()):
            raise ValueError(f"`{idle[0]}` does nothing where neither `arguments` nor `results` is checked")
        return validation

    @field_validator("process")
    @classmethod
    def _process(cls, process: ProcessConfig) -> ProcessConfig:
        if inert := process.inert():
            need = "`sharing: session`" if inert[0] == "max_sessions" else "`idle_timeout: adaptive`"
            raise ValueError(f"`{inert[0]}` does nothing without {need}")
        return process

    @field_validator("limits")
    @classmethod
    def _limits(cls, limits: ServerLimits | None) -> ServerLimits | None:
        if limits is not None and (idle := limits.idle()):
            key, why = next(iter(idle.items()))
            raise ValueError(f"`{key}` {why}")
        return limits

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.url is None) == (self.command is None):
            raise ValueError("give either `url` (a server that speaks HTTP) or `command` (one to run here)")
        kind = "url" if self.url else "command" if self.cli is None else "cli"
        given = [key for key in _IDLE_BESIDE[kind] if key in self.model_fields_set and getattr(self, key)]
        if given:
            raise ValueError(f"`{given[0]}` does nothing beside `{kind}`")
        if self.command is not None and self.limits is not None and (idle := self.limits.of_connections()):
            raise ValueError(f"`limits.{idle[0]}` does nothing beside `command`: no connection leads to a child")
        return self


class Authentication(Strict):
    """How callers show who they are."""

    api_keys: Annotated[str, Field(min_length=1)]
    """File with the keys that are accepted, as hashes (`mcp-stack-proxy new-key` makes both). Read again when it changes."""


class ProxyConfig(Strict):
    """Everything that `mcp-stack-proxy serve` does."""

    servers: Annotated[dict[ServerName, ServerConfig], Field(min_length=1)]
    """Servers by name: a lower-case letter, then letters, digits and single dashes, at most 40 characters."""
    listen: str = "127.0.0.1:8080"
    """HOST:PORT. Off loopback only with `authentication` or `trust_network`."""
    authentication: Authentication | None = None
    """Admits only callers who show who they are, and none of their credentials goes any further. Everyone else gets 401."""
    sessions: Sessions | None = None
    """What several replicas share. Without it each process seals with a key of its own, which ends its sessions with it."""
    trust_network: bool = False
    """States that only trusted clients can reach `listen`, which then may be any address. Not beside `authentication`."""
    name: str = "mcp-stack"
    """Name that clients see in `serverInfo`."""
    instructions: str | None = None
    """Text for the model on how to use the servers together, sent by `/mcp` on initialize and discover."""
    allowed_hosts: list[HostPattern] = []
    """Host headers accepted beside loopback's and the listener's own: `mcp.example.com`, `*.example.com`, each with any port."""
    allowed_origins: list[Origin] = []
    """Origins of browser pages that may call: `https://app.example.com`. Requests without Origin always may."""
    management: Management | None = None
    """Health and metrics on a port of their own."""
    metrics: Metrics | None = None
    """Counts calls by server, tool and outcome, for Prometheus."""
    audit: Audit | None = None
    """Notes each call: who, what, how it ended."""
    log: Log = Log()
    """What it says of itself on standard error."""
    limits: Limits = Limits()
    """Bounds on size and time."""
    virtual_servers: dict[ServerName, VirtualServer] = {}
    """Endpoints `/servers/NAME/mcp` that offer a selection of what several servers have."""

    @field_validator("listen")
    @classmethod
    def _address(cls, listen: str) -> str:
        split_address(listen)
        return listen

    @model_validator(mode="after")
    def _namespaces(self) -> Self:
        owner: dict[str, str] = {}
        for name, server in self.servers.items():
            namespace = namespace_of(name, server)
            if namespace in owner:
                what = f"namespace {namespace!r}" if namespace else "the empty namespace"
                both = f"servers {owner[namespace]!r} and {name!r}"
                raise ValueError(f"{both} both have {what}; give one of them another `namespace`")
            owner[namespace] = name
        return self

    @model_validator(mode="after")
    def _virtual(self) -> Self:
        for name, virtual in self.virtual_servers.items():
            if name in self.servers:
                raise ValueError(f"virtual server {name!r} has the name of a server; call it otherwise")
            for key, index, server in virtual.selections():
                if server not in self.servers:
                    known = ", ".join(sorted(self.servers))
                    raise ValueError(f"virtual server {name!r}: {key}[{index}]: no server {server!r}; servers are: {known}")
        return self

    @model_validator(mode="after")
    def _runs(self) -> Self:
        for name, server in self.servers.items():
            most = limits_of(self, name).request_seconds
            if server.cli is not None and "timeout_seconds" in server.cli.model_fields_set and server.cli.timeout_seconds > most:
                raise ValueError(
                    f"cli.timeout_seconds of server {name!r} ({server.cli.timeout_seconds:g}) is above limits.request_seconds "
                    f"({most:g}), which ends the call before; lower the one or raise the other"
                )
        return self

    @model_validator(mode="after")
    def _guarded(self) -> Self:
        host, _ = split_address(self.listen)
        if self.authentication is not None and self.trust_network:
            raise ValueError("`authentication` checks who calls, `trust_network` states that nobody has to; remove one of them")
        if host not in LOOPBACK and self.authentication is None and not self.trust_network:
            raise ValueError(
                f"listen {self.listen!r} is reachable from other machines and nothing checks who calls; "
                "listen on 127.0.0.1, give `authentication`, or set `trust_network: true` where the network in front lets only "
                "trusted clients through"
            )
        return self


def namespace_of(name: str, server: ServerConfig) -> str:
    """Namespace in force for server `name`."""
    return name if server.namespace is None else server.namespace


def limits_of(config: ProxyConfig, name: str) -> Limits:
    """Limits in force for server `name`: the process's, but what the server has its own of."""
    own = config.servers[name].limits
    times = {} if own is None else own.times()
    return config.limits.model_copy(update=times) if times else config.limits
