"""What arguments consist of: audit. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict

from .storage import ExistingClaimArgs


class AuditClaimArgs(TypedDict):
    """A PersistentVolumeClaim that the stack makes. It stays when the gateway is removed."""

    size: str
    """Bytes: `10Gi`. A claim that exists is not resized by a change here."""
    storage_class: NotRequired[str]
    """The cluster's default by default."""
    access_mode: NotRequired[str]
    """From where it can be mounted. But for the last, the old pod ends before the new one starts, and there is one at a time."""


class AuditFilesArgs(TypedDict):
    """Records in files on a volume, where `kubectl exec … mcp-stack-proxy audit` finds them. Each pod has files of its own."""

    claim: NotRequired[AuditClaimArgs]
    """A volume of their own."""
    existing_claim: NotRequired[ExistingClaimArgs]
    """Somebody else's PersistentVolumeClaim."""
    max_bytes: NotRequired[int]
    """All files together; the oldest go. Nine tenths of a `claim` by default, 1 GiB of an `existing_claim`."""
    max_file_bytes: NotRequired[int]
    """Size at which a file is ended and the next one begun: 64 MiB by default, or an eighth of `max_bytes` where that is less."""
    max_age: NotRequired[str]
    """Age beyond which records go, such as `720h`. They go by the file, so they may stay for up to an eighth longer."""
    sync: NotRequired[bool]
    """Has the disk confirm each write, so that the loss of power loses no more than a killed pod."""


class GatewayAuditArgs(TypedDict):
    """One line of JSON for each call through the gateway, and for each that comes to a wrapper without it."""

    enabled: NotRequired[bool]
    """`false` records nothing."""
    arguments: NotRequired[str]
    """What of a call's arguments is recorded: nothing, their SHA-256 (which tells short or guessable ones), or all of them."""
    flush_seconds: NotRequired[float]
    """Time after which a record is written at the latest: a killed pod loses what is younger."""
    buffer_bytes: NotRequired[int]
    """Records that wait for a slow reader of the output; those beyond are lost and counted."""
    output: NotRequired[str]
    """Where the gateway's records go: `stdout` by default, and with `files` both. What has no volume writes to its standard output
    in the place of `file`."""
    files: NotRequired[AuditFilesArgs]
    """A volume on which the gateway keeps records."""
