"""Containers beside the main one: those that end before it starts, and sidecars that run as long as it does."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from mcp_stack_proxy.config import Strict
from mcp_stack_proxy.config.amounts import NO_BOOL

from .image import ImageSpec
from .names import DnsLabel
from .probes import ProbeSpec, ProbesSpec
from .scaling import ResourcesSpec
from .secrets import AbsolutePath, EnvFrom, FileSpec
from .variables import Env

TMP = "/tmp"  # noqa: S108 - the container's, an empty volume of its own; always there to be written

User = Annotated[int, Field(ge=1, le=2**31 - 1), NO_BOOL]


class Writable(Strict):
    """Directories that a container may write although its root is read-only."""

    writable: list[AbsolutePath] = []
    """Directories beside /tmp, empty when a pod starts and gone with it."""


class MountSpec(Strict):
    """A volume of the pod within one container."""

    volume: DnsLabel
    """Name in `volumes`, or in `storage.claims`."""
    read_only: bool = False
    """`true` lets the container read only. Keys and tokens always are."""


class ContainerSecuritySpec(Strict):
    """The few things about a container's rights that may differ. Everything else is the restricted profile."""

    run_as_user: User | None = None
    """User and group id of its processes, never root's 0; those of the pod by default."""
    read_only_root_filesystem: bool = True
    """`false` lets it write anywhere in its image's copy."""


class InitContainerSpec(Writable):
    """A container that starts before the main one, in the order of the list. Each waits for the one before: for its end, or for the
    startup probe of a sidecar."""

    name: Annotated[DnsLabel, Field(max_length=40)]
    """Its name in the pod."""
    image: ImageSpec
    """What it runs."""
    sidecar: bool = False
    """`true` keeps it running until the main container has ended. It is started again when it ends before."""
    command: list[str] = []
    """Replaces the image's entry point."""
    args: list[str] = []
    """Arguments."""
    env: Env = {}
    """Its variables."""
    env_from: list[EnvFrom] = []
    """Objects whose keys become variables."""
    files: dict[AbsolutePath, FileSpec] = {}
    """Files by their path in the container."""
    mounts: dict[AbsolutePath, MountSpec] = {}
    """Volumes of the pod, by their path in the container."""
    resources: ResourcesSpec = ResourcesSpec()
    """Requests and limits."""
    probes: ProbesSpec = ProbesSpec()
    """Probes of a sidecar: those that are given, each with the way and the port that it asks."""
    security: ContainerSecuritySpec = ContainerSecuritySpec()
    """User, and whether the image's files can be written."""

    @model_validator(mode="after")
    def _probes(self) -> Self:
        if self.given_probes and not self.sidecar:
            raise ValueError("`probes` do nothing for a container that runs to its end; remove them, or set `sidecar: true`")
        for kind, probe in self.given_probes.items():
            if not probe.enabled:
                raise ValueError(f"probes.{kind}.enabled does nothing, a sidecar has only the probes that are given; remove it")
            if probe.asks is None:
                raise ValueError(f"probes.{kind}: say how it asks, such as `http_get: {{path: /healthz, port: 9000}}`")
            if not isinstance(probe.asks, list) and probe.asks.port is None:
                raise ValueError(f"probes.{kind}: name the `port`; a sidecar has none by default")
        return self

    @property
    def given_probes(self) -> dict[str, ProbeSpec]:
        """Its probes by kind."""
        return {kind: getattr(self.probes, kind) for kind in type(self.probes).model_fields if kind in self.probes.model_fields_set}
