"""Volumes: those of a server's own, which outlive its pods, and everything else that containers mount."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from mcp_stack_proxy.config import Strict
from mcp_stack_proxy.config.amounts import NO_BOOL

from .names import DnsLabel, DnsName, SecretKey
from .quantity import Bytes
from .secrets import AbsolutePath

HEADLESS = "-pods"
"""What the name of the Service of a StatefulSet's single pods ends in."""

BACKUP = "-backup"
"""What the name of the part ends in that a server's backups are."""

RESERVED = frozenset({"api-keys", "audit", "authority", "config", "files", "secrets", "session-keys"})
"""Names of volumes that the stack makes; beside them whatever starts with `scratch-` or `mcp-proxy-`, or ends in
`-files` or `-files-1`."""


def _volume_name(name: str) -> str:
    if name in RESERVED or name.startswith("mcp-proxy-") or "scratch-" in name or "files-" in name or name.endswith("-files"):
        raise ValueError(f"{name!r} may be the name of a volume that the stack makes; choose another")
    return name


VolumeName = Annotated[DnsLabel, AfterValidator(_volume_name), Field(max_length=40)]


class ClaimSpec(Strict):
    """A volume that each pod of a server has for itself."""

    path: AbsolutePath
    """Where the server has it."""
    size: Bytes
    """Bytes: `50Gi`. A volume that is there has to be made to grow first (docs/workloads.md); `pulumi up` does not begin before."""
    storage_class: DnsName | None = None
    """The server's `storage_class` by default, else the cluster's default."""
    access_mode: Literal["ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany"] = "ReadWriteOnce"
    """From where it can be mounted: one node, one pod, or several nodes."""


class StorageSpec(Strict):
    """Volumes of a server's own, which outlive its pods. They make it a StatefulSet, whose pods have names that stay."""

    claims: Annotated[dict[VolumeName, ClaimSpec], Field(min_length=1)]
    """Volumes by name."""
    when_deleted: Literal["Retain", "Delete"] = "Retain"
    """What becomes of the volumes when the server is removed. `Delete` takes the data along when a change of `claims` makes the
    StatefulSet anew, too."""
    when_scaled: Literal["Retain", "Delete"] = "Retain"
    """What becomes of the volumes of pods that a smaller number of `replicas` ends."""
    replicated: bool = False
    """States that the server itself keeps the volumes of several pods alike, which then reach each other on its port. Needed for
    more than one replica."""


class EmptyDir(Strict):
    """A directory that is empty when a pod starts and gone with it."""

    size: Bytes = "1Gi"
    """At most; beyond it the pod is evicted."""
    memory: bool = False
    """Kept in memory, where it counts against the limits of who writes."""


class ExistingClaim(Strict):
    """A PersistentVolumeClaim in the stack's namespace that somebody else provides."""

    name: DnsName
    """Its name."""
    access_mode: Literal["ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany", "ReadOnlyMany"] = "ReadWriteOnce"
    """What it allows. But for the last two the old pod ends before the new one starts, and there is one at a time."""

    @property
    def exclusive(self) -> bool:
        """Whether pods on two nodes cannot have it at a time."""
        return self.access_mode in ("ReadWriteOnce", "ReadWriteOncePod")


RelativePath = Annotated[str, Field(pattern=r"^\.?[A-Za-z0-9_-][A-Za-z0-9._-]*(/\.?[A-Za-z0-9_-][A-Za-z0-9._-]*)*$")]


class ExistingKeys(Strict):
    """A ConfigMap or Secret in the stack's namespace that somebody else provides, as files."""

    name: DnsName
    """Its name."""
    items: dict[SecretKey, RelativePath] = {}
    """File of each key that is wanted; all keys, under their own names, by default."""


class EphemeralClaim(Strict):
    """A volume of a StorageClass that comes and goes with the pod: for more than a node's own disk holds."""

    size: Bytes
    """Bytes: `200Gi`."""
    storage_class: DnsName | None = None
    """The cluster's default by default."""


class CsiVolume(Strict):
    """What a driver of the node mounts for the pod alone, such as secrets of a cloud's store (`secrets-store.csi.k8s.io`)."""

    driver: DnsName
    """Its name."""
    attributes: dict[Annotated[str, Field(min_length=1)], str] = {}
    """What the driver wants to know: `{secretProviderClass: azure-kv}`."""
    existing_secret: DnsName | None = None
    """Secret in the stack's namespace with which the driver shows who the pod is."""
    fs_type: Annotated[str, Field(min_length=1)] | None = None
    """File system, where the driver makes one."""


class TokenVolume(Strict):
    """A token of the pod's ServiceAccount, as the file `token`, for who trusts the cluster's issuer. Here it opens nothing."""

    audience: Annotated[str, Field(min_length=1)]
    """Whom it is for; others refuse it."""
    expiration_seconds: Annotated[int, Field(ge=600, le=86400), NO_BOOL] = 3600
    """Time that it is good for; the file is renewed before."""


class VolumeSpec(Strict):
    """A volume: exactly one of the ways to have one."""

    path: AbsolutePath | None = None
    """Where the server, or the gateway, has it; nowhere by default, for what only its `init_containers` mount."""
    read_only: bool = False
    """`true` lets it read only. Keys and tokens always are."""
    empty_dir: EmptyDir | None = None
    """Empty when a pod starts, shared by its containers."""
    existing_claim: ExistingClaim | None = None
    """Somebody else's PersistentVolumeClaim."""
    existing_config_map: ExistingKeys | None = None
    """Somebody else's ConfigMap."""
    existing_secret: ExistingKeys | None = None
    """Somebody else's Secret. Secrets that the stack declares go into `files`."""
    token: TokenVolume | None = None
    """A token of the pod's ServiceAccount."""

    ephemeral: EphemeralClaim | None = None
    """A volume of a StorageClass, for one pod and gone with it."""
    csi: CsiVolume | None = None
    """What a driver of the node mounts; `read_only: true` for one that demands it, as those of secrets do."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = ("empty_dir", "existing_claim", "existing_config_map", "existing_secret", "token", "ephemeral", "csi")
        given = [kind for kind in kinds if getattr(self, kind) is not None]
        if len(given) != 1:
            raise ValueError(f"a volume is one of {', '.join(kinds)}" + (f", not {' and '.join(given)}" if given else ""))
        if self.read_only and not self.can_be_written:
            raise ValueError(f"`read_only` does nothing, {given[0]} always is; remove it")
        if self.read_only and self.path is None:
            raise ValueError("`read_only` does nothing without `path`; mounts of other containers have a key of their own")
        return self

    @property
    def can_be_written(self) -> bool:
        """Whether a container may be let write to it."""
        if self.existing_claim is not None:
            return self.existing_claim.access_mode != "ReadOnlyMany"
        return any(one is not None for one in (self.empty_dir, self.ephemeral, self.csi))

    @property
    def exclusive(self) -> bool:
        """Whether pods on two nodes cannot have it at a time."""
        return self.existing_claim is not None and self.existing_claim.exclusive


Volumes = dict[VolumeName, VolumeSpec]
