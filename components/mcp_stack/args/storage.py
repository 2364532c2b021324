"""What arguments consist of: storage. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict

import pulumi


class EmptyDirArgs(TypedDict):
    """A directory that is empty when a pod starts and gone with it."""

    size: NotRequired[str]
    """At most; beyond it the pod is evicted."""
    memory: NotRequired[bool]
    """Kept in memory, where it counts against the limits of who writes."""


class ExistingClaimArgs(TypedDict):
    """A PersistentVolumeClaim in the stack's namespace that somebody else provides."""

    name: pulumi.Input[str]
    """Its name."""
    access_mode: NotRequired[str]
    """What it allows. But for the last two the old pod ends before the new one starts, and there is one at a time."""


class ExistingKeysArgs(TypedDict):
    """A ConfigMap or Secret in the stack's namespace that somebody else provides, as files."""

    name: str
    """Its name."""
    items: NotRequired[dict[str, str]]
    """File of each key that is wanted; all keys, under their own names, by default."""


class TokenVolumeArgs(TypedDict):
    """A token of the pod's ServiceAccount, as the file `token`, for who trusts the cluster's issuer. Here it opens nothing."""

    audience: str
    """Whom it is for; others refuse it."""
    expiration_seconds: NotRequired[int]
    """Time that it is good for; the file is renewed before."""


class EphemeralClaimArgs(TypedDict):
    """A volume of a StorageClass that comes and goes with the pod: for more than a node's own disk holds."""

    size: str
    """Bytes: `200Gi`."""
    storage_class: NotRequired[str]
    """The cluster's default by default."""


class CsiVolumeArgs(TypedDict):
    """What a driver of the node mounts for the pod alone, such as secrets of a cloud's store (`secrets-store.csi.k8s.io`)."""

    driver: str
    """Its name."""
    attributes: NotRequired[dict[str, str]]
    """What the driver wants to know: `{secretProviderClass: azure-kv}`."""
    existing_secret: NotRequired[str]
    """Secret in the stack's namespace with which the driver shows who the pod is."""
    fs_type: NotRequired[str]
    """File system, where the driver makes one."""


class VolumeArgs(TypedDict):
    """A volume: exactly one of the ways to have one."""

    path: NotRequired[str]
    """Where the server, or the gateway, has it; nowhere by default, for what only its `init_containers` mount."""
    read_only: NotRequired[bool]
    """`true` lets it read only. Keys and tokens always are."""
    empty_dir: NotRequired[EmptyDirArgs]
    """Empty when a pod starts, shared by its containers."""
    existing_claim: NotRequired[ExistingClaimArgs]
    """Somebody else's PersistentVolumeClaim."""
    existing_config_map: NotRequired[ExistingKeysArgs]
    """Somebody else's ConfigMap."""
    existing_secret: NotRequired[ExistingKeysArgs]
    """Somebody else's Secret. Secrets that the stack declares go into `files`."""
    token: NotRequired[TokenVolumeArgs]
    """A token of the pod's ServiceAccount."""
    ephemeral: NotRequired[EphemeralClaimArgs]
    """A volume of a StorageClass, for one pod and gone with it."""
    csi: NotRequired[CsiVolumeArgs]
    """What a driver of the node mounts; `read_only: true` for one that demands it, as those of secrets do."""


class ClaimArgs(TypedDict):
    """A volume that each pod of a server has for itself."""

    path: str
    """Where the server has it."""
    size: str
    """Bytes: `50Gi`. A volume that is there has to be made to grow first (docs/workloads.md); `pulumi up` does not begin before."""
    storage_class: NotRequired[str]
    """The server's `storage_class` by default, else the cluster's default."""
    access_mode: NotRequired[str]
    """From where it can be mounted: one node, one pod, or several nodes."""


class StorageArgs(TypedDict):
    """Volumes of a server's own, which outlive its pods. They make it a StatefulSet, whose pods have names that stay."""

    claims: dict[str, ClaimArgs]
    """Volumes by name."""
    when_deleted: NotRequired[str]
    """What becomes of the volumes when the server is removed. `Delete` takes the data along when a change of `claims` makes the
    StatefulSet anew, too."""
    when_scaled: NotRequired[str]
    """What becomes of the volumes of pods that a smaller number of `replicas` ends."""
    replicated: NotRequired[bool]
    """States that the server itself keeps the volumes of several pods alike, which then reach each other on its port. Needed for
    more than one replica."""
