"""What the gateway records of each call, and the volume on which it keeps records."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from mcp_stack_proxy.config import AuditFiles, Strict, seconds_of
from mcp_stack_proxy.config.amounts import NO_BOOL

from .names import DnsName
from .observing import AuditSpec
from .quantity import Bytes, amount
from .storage import ExistingClaim

VOLUME = "/data"
"""Where the gateway has the volume of its records, which lie where the proxy has them by default."""

USUAL_FILE = AuditFiles().max_file_bytes


def _duration(text: str) -> str:
    seconds_of(text)
    return text


class AuditClaim(Strict):
    """A PersistentVolumeClaim that the stack makes. It stays when the gateway is removed."""

    size: Bytes
    """Bytes: `10Gi`. A claim that exists is not resized by a change here."""
    storage_class: DnsName | None = None
    """The cluster's default by default."""
    access_mode: Literal["ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany"] = "ReadWriteOnce"
    """From where it can be mounted. But for the last, the old pod ends before the new one starts, and there is one at a time."""

    @property
    def exclusive(self) -> bool:
        """Whether pods on two nodes cannot have it at a time."""
        return self.access_mode != "ReadWriteMany"


class AuditFilesSpec(Strict):
    """Records in files on a volume, where `kubectl exec … mcp-stack-proxy audit` finds them. Each pod has files of its own."""

    claim: AuditClaim | None = None
    """A volume of their own."""
    existing_claim: ExistingClaim | None = None
    """Somebody else's PersistentVolumeClaim."""
    max_bytes: Annotated[int, Field(gt=0), NO_BOOL] | None = None
    """All files together; the oldest go. Nine tenths of a `claim` by default, 1 GiB of an `existing_claim`."""
    max_file_bytes: Annotated[int, Field(ge=64 * 1024), NO_BOOL] | None = None
    """Size at which a file is ended and the next one begun: 64 MiB by default, or an eighth of `max_bytes` where that is less."""
    max_age: Annotated[str, AfterValidator(_duration)] = "720h"
    """Age beyond which records go, such as `720h`. They go by the file, so they may stay for up to an eighth longer."""
    sync: bool = False
    """Has the disk confirm each write, so that the loss of power loses no more than a killed pod."""

    @model_validator(mode="after")
    def _one_volume(self) -> Self:
        if (self.claim is None) == (self.existing_claim is None):
            raise ValueError("give one of `claim` and `existing_claim`: the volume that records are kept on")
        if self.existing_claim is not None and self.existing_claim.access_mode == "ReadOnlyMany":
            raise ValueError("`existing_claim.access_mode: ReadOnlyMany` lets nobody write records; take another claim")
        return self

    @model_validator(mode="after")
    def _room(self) -> Self:
        if self.claim is not None and self.most > amount(self.claim.size):
            raise ValueError(
                f"`max_bytes` ({self.most}) is more than `claim.size` ({self.claim.size}) holds; lower it, or leave it out"
            )
        if self.most < 2 * self.each:
            raise ValueError(f"`max_bytes` ({self.most}) is less than two files of `max_file_bytes` ({self.each}); raise it")
        return self

    @property
    def most(self) -> int:
        """Bytes of all files together."""
        if self.max_bytes is not None:
            return self.max_bytes
        return AuditFiles().max_bytes if self.claim is None else int(amount(self.claim.size) * 9 / 10)

    @property
    def each(self) -> int:
        """Bytes of one file."""
        return self.max_file_bytes or max(min(USUAL_FILE, self.most // 8), 64 * 1024)

    @property
    def exclusive(self) -> bool:
        """Whether pods on two nodes cannot have the volume at a time."""
        return any(one.exclusive for one in (self.claim, self.existing_claim) if one is not None)


class GatewayAuditSpec(AuditSpec):
    """One line of JSON for each call through the gateway, and for each that comes to a wrapper without it."""

    output: Literal["stdout", "stderr", "file", "file+stdout"] | None = None
    """Where the gateway's records go: `stdout` by default, and with `files` both. What has no volume writes to its standard output
    in the place of `file`."""
    files: AuditFilesSpec | None = None
    """A volume on which the gateway keeps records."""

    @model_validator(mode="after")
    def _stored(self) -> Self:
        wanted = self.output is not None and self.output.startswith("file")
        if wanted and self.files is None:
            raise ValueError(f"`output: {self.output}` needs `files`: the volume that records are kept on")
        if self.files is not None and self.output is not None and not wanted:
            raise ValueError(f"`files` does nothing beside `output: {self.output}`; remove one of them")
        return self
