"""What arguments consist of: containers. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import Any, NotRequired, TypedDict

from .image import ImageArgs
from .probes import ProbesArgs
from .scaling import ResourcesArgs
from .secrets import EnvFromArgs, FileArgs


class MountArgs(TypedDict):
    """A volume of the pod within one container."""

    volume: str
    """Name in `volumes`, or in `storage.claims`."""
    read_only: NotRequired[bool]
    """`true` lets the container read only. Keys and tokens always are."""


class ContainerSecurityArgs(TypedDict):
    """The few things about a container's rights that may differ. Everything else is the restricted profile."""

    run_as_user: NotRequired[int]
    """User and group id of its processes, never root's 0; those of the pod by default."""
    read_only_root_filesystem: NotRequired[bool]
    """`false` lets it write anywhere in its image's copy."""


class InitContainerArgs(TypedDict):
    """A container that starts before the main one, in the order of the list. Each waits for the one before: for its end, or for the
    startup probe of a sidecar."""

    writable: NotRequired[list[str]]
    """Directories beside /tmp, empty when a pod starts and gone with it."""
    name: str
    """Its name in the pod."""
    image: ImageArgs
    """What it runs."""
    sidecar: NotRequired[bool]
    """`true` keeps it running until the main container has ended. It is started again when it ends before."""
    command: NotRequired[list[str]]
    """Replaces the image's entry point."""
    args: NotRequired[list[str]]
    """Arguments."""
    env: NotRequired[dict[str, Any]]
    """Its variables."""
    env_from: NotRequired[list[EnvFromArgs]]
    """Objects whose keys become variables."""
    files: NotRequired[dict[str, FileArgs]]
    """Files by their path in the container."""
    mounts: NotRequired[dict[str, MountArgs]]
    """Volumes of the pod, by their path in the container."""
    resources: NotRequired[ResourcesArgs]
    """Requests and limits."""
    probes: NotRequired[ProbesArgs]
    """Probes of a sidecar: those that are given, each with the way and the port that it asks."""
    security: NotRequired[ContainerSecurityArgs]
    """User, and whether the image's files can be written."""
