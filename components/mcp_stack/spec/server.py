"""One MCP server. What it is shows in which of `image`, `command` and `url` it has."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mcp_stack_proxy.config import Headers, Namespace, ProcessConfig, ServerLimits, Strict, ToolFilter, Url, Validation, Wrapped
from mcp_stack_proxy.config.amounts import NO_BOOL

from .backup import BackupSpec
from .containers import Writable
from .front import FrontSpec
from .image import ImageSpec
from .names import DnsName, SecretName, ServerName
from .network import Destination
from .probes import Port, ProbesSpec
from .secrets import AbsolutePath, EnvFrom, FileSpec
from .storage import StorageSpec
from .stores import SecretSpec
from .variables import Env
from .workload import Reachable, WorkloadSpec

Kind = Literal["image", "command", "url"]


class LocalSpec(Strict):
    """How a server that is an image in a cluster runs as a process on this machine."""

    command: Annotated[list[str], Field(min_length=1)]
    """Program and arguments. `${PORT}` stands for the port to listen on, which the variable PORT holds, too."""
    port: Port | None = None
    """Port, where the program knows only one; a free one by default."""


class ServerDefaults(WorkloadSpec):
    """What servers inherit, field by field, as far as it fits their kind."""

    probes: ProbesSpec = ProbesSpec()
    """Startup, readiness and liveness; working ones exist without a key. Of `defaults` a `command` takes over the times alone: the
    proxy round it has pages of its own."""
    env: Env = {}
    """Variables of its processes; in `defaults`, those of every server that runs here."""
    storage_class: DnsName | None = None
    """StorageClass of `storage.claims` that name none."""
    backup: BackupSpec | None = None
    """Backups of `storage.claims`, where present."""
    validation: Validation | None = None
    """What the gateway checks of calls, by the tools' own schemas."""
    process: ProcessConfig | None = None
    """How the process of a `command` is kept in each of its pods. It starts with the pod, unless `start` says otherwise."""
    limits: ServerLimits | None = None
    """Bounds of each server by itself, in the gateway and in the proxy that wraps a `command`."""


class ServerSpec(ServerDefaults, Reachable, Writable):
    """`image`: a container that speaks MCP over HTTP. `command`: a stdio server that the stack's proxy image runs and wraps.
    `url`: somebody else's server."""

    enabled: bool = True
    """`false` leaves it out."""
    image: ImageSpec | None = None
    """Container image that speaks MCP over HTTP on `port` and `path`."""
    command: Annotated[list[str], Field(min_length=1)] | None = None
    """Without `image`: the stdio server's program and arguments. Beside it: replaces the image's entry point."""
    args: list[str] = []
    """Further arguments."""
    cli: Wrapped = None
    """For `command`: it is a command-line program that knows nothing of MCP, and its `--help` is made into tools. `true`, or a
    mapping with what differs. Its texts stand for themselves, without `${VARIABLE}`."""
    url: Url | None = None
    """MCP endpoint of a server that runs elsewhere."""
    headers: Headers = {}
    """Headers of every request to `url`, with `${VARIABLE}` for what `env` declares."""
    path: Annotated[str, Field(pattern=r"^/")] = "/mcp"
    """Path of the image's MCP endpoint."""
    namespace: Namespace | None = None
    """Prefix of its names on the gateway's `/mcp`, the server's name by default. Empty: no prefix, for at most one server."""
    tools: ToolFilter | None = None
    """Which of its tools clients of the gateway see and may call. Who reaches the server itself is not bound by it."""
    in_gateway: bool = True
    """`false` keeps it out of the gateway: for what only other servers use, such as a database."""
    env_from: list[EnvFrom] = []
    """Existing objects whose keys become variables."""
    files: dict[AbsolutePath, FileSpec] = {}
    """Files by their path in the container."""
    secrets: dict[SecretName, SecretSpec] = {}
    """Secrets of this server alone."""
    storage: StorageSpec | None = None
    """Volumes of its own, which outlive its pods."""
    egress: list[Destination] = []
    """What it may call beside DNS. For `url`, where the gateway may go instead of the public address that `url` implies."""
    grace_seconds: Annotated[int, Field(ge=1, le=3600), NO_BOOL] = 30
    """Time that a container gets to finish after SIGTERM."""
    trust_network: bool = False
    """For `command`: states that only trusted clients come through its own `clients`, `exposure` and other servers' `egress`, where
    nothing checks who calls. Callers of the gateway need no such statement."""
    proxy: FrontSpec | None = None
    """For `image`, where present: the validating proxy in the same pods, in front of it."""
    formerly: ServerName | None = None
    """Name that it had when its objects were made. They keep it, so that nothing is replaced and volumes stay its own; what clients
    see has the new one."""
    local: LocalSpec | None = None
    """How `image` runs on this machine, without a container."""

    @property
    def kind(self) -> Kind:
        """What it is."""
        return "url" if self.url is not None else "image" if self.image is not None else "command"

    @property
    def front(self) -> FrontSpec | None:
        """The proxy in front of it in its own pods."""
        return self.proxy if self.kind == "image" else None

    @property
    def runs_proxy(self) -> bool:
        """Whether its pods run the bundled image, round it or in front of it."""
        return self.kind == "command" or self.front is not None

    @property
    def reached_on(self) -> int:
        """Port of its pods that callers reach."""
        return (self.service.target_port or self.port) if self.front is None else self.front.port

    @property
    def starts_process(self) -> bool:
        """Whether its pods are ready only when its process has answered: new ones replace old ones that can be called, then."""
        start = None if self.process is None else self.process.start
        return self.kind == "command" and self.cli is None and start != "first_call"

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if self.url is not None and (self.image is not None or self.command is not None):
            raise ValueError("`url` is a server that runs elsewhere; it has neither `image` nor `command`")
        if self.url is None and self.image is None and self.command is None:
            raise ValueError(
                "give `image` (a container that speaks HTTP), `command` (a stdio server) or `url` (somebody else's server)"
            )
        if self.cli is not None and self.process is not None:
            raise ValueError("`process` does nothing beside `cli`: such a program runs once for each call")
        return self

    def main_mounts(self) -> list[tuple[str, str]]:
        """(name, path) of the volumes that the main container mounts."""
        claims = self.storage.claims.items() if self.storage else ()
        return [*super().main_mounts(), *((name, claim.path) for name, claim in claims)]

    def backed_up(self) -> BackupSpec | None:
        """How its volumes are backed up, where they are."""
        known = self.backup if self.storage is not None else None
        return known if known is not None and known.enabled else None

    def keeps_volumes(self) -> bool:
        """Whether volumes outlive it, its own or those of its backups."""
        backup = self.backed_up()
        kept = self.storage is not None and self.storage.when_deleted == "Retain"
        return kept or (backup is not None and backup.to.claim is not None)

    def volume_names(self) -> list[str]:
        """Names that containers may mount."""
        return [*super().volume_names(), *(self.storage.claims if self.storage else ())]

    def inherits(self, key: str) -> bool:
        """Whether it takes over `key` of `defaults`."""
        return key in INHERITED[self.kind] and not (key == "process" and self.cli is not None)


KEYS_OF_KIND: dict[Kind, frozenset[str]] = {
    "image": frozenset(ServerSpec.model_fields) - {"url", "headers", "trust_network", "process", "cli"},
    "command": frozenset(ServerSpec.model_fields)
    - {"image", "url", "headers", "path", "local", "env_from", "grace_seconds", "proxy"},
    "url": frozenset({"enabled", "url", "headers", "namespace", "env", "secrets", "egress", "tools", "validation", "limits"}),
}
"""Keys that do something for each kind; the rest is refused."""

INHERITED: dict[Kind, frozenset[str]] = {
    "image": frozenset(ServerDefaults.model_fields) - {"process"},
    "command": frozenset(ServerDefaults.model_fields),
    "url": frozenset({"validation", "limits"}),
}
"""Keys of `defaults` that each kind takes over."""
