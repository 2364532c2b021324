"""Backups of a server's volumes: when, where to, how many, and how they are proven."""

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from mcp_stack_proxy.config import Strict, Url
from mcp_stack_proxy.config.amounts import NO_BOOL

from .names import Annotations, DnsName
from .network import Peer
from .probes import Port, Positive
from .quantity import Bytes
from .scaling import ResourcesSpec
from .schedule import Schedule, TimeZone, longest_pause
from .secrets import SecretRef
from .storage import ExistingClaim

AWS = "amazonaws.com"


def _bucket(value: Any) -> object:
    """A name, or what a program knows only after deployment."""
    if isinstance(value, str):
        if not 3 <= len(value) <= 63 or not value.replace("-", "").replace(".", "").isalnum() or value != value.lower():
            raise ValueError(f"{value!r} is no name of a bucket: 3 to 63 lower-case letters, digits, `-` and `.`")
        return value
    if callable(getattr(value, "apply", None)):
        return value
    raise ValueError("give the name of a bucket")


Bucket = Annotated[Any, BeforeValidator(_bucket), WithJsonSchema({"type": "string"})]
"""`str`, or a value that a program knows only after deployment."""


class NewClaim(Strict):
    """A PersistentVolumeClaim that the stack makes, one for each pod of the server. It stays when the server is removed."""

    size: Bytes
    """Bytes: `50Gi`. A larger size lets a claim grow that is there, where its class allows that."""
    storage_class: DnsName | None = None
    """The cluster's default by default. Better another one than that of the data."""


class S3Credentials(Strict):
    """Who writes to the bucket: two declared secrets, or a Secret that somebody else provides."""

    access_key_id: SecretRef | None = None
    """Access key."""
    secret_access_key: SecretRef | None = None
    """Secret of the access key."""
    existing_secret: DnsName | None = None
    """Secret in the same namespace with the keys `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        pair = (self.access_key_id is not None, self.secret_access_key is not None)
        if pair[0] != pair[1]:
            raise ValueError("`access_key_id` and `secret_access_key` belong together")
        if pair[0] == (self.existing_secret is not None):
            raise ValueError("give either `access_key_id` with `secret_access_key`, or `existing_secret`")
        return self

    def references(self) -> dict[str, SecretRef]:
        """Declared secrets by key."""
        found = {"access_key_id": self.access_key_id, "secret_access_key": self.secret_access_key}
        return {key: one for key, one in found.items() if one is not None}


class BucketPeer(Peer):
    """Where a bucket is, as a policy can say it."""

    ports: list[Port] = []
    """TCP ports; all by default."""


class S3Spec(Strict):
    """A bucket of S3, or of what speaks its interface and has conditional writes."""

    bucket: Bucket
    """Its name."""
    prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_./-]*[A-Za-z0-9_]$|^[A-Za-z0-9_]$")] | None = None
    """What the objects' names begin with; nothing by default. They carry stack and server anyway."""
    region: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")] = "us-east-1"
    """Region of the bucket."""
    endpoint: Url | None = None
    """Of another storage than AWS, such as `http://minio.storage.svc:9000`."""
    credentials: S3Credentials | None = None
    """Keys. Without them the identity of the workload, see `service_account_annotations`."""
    service_account_annotations: Annotations = {}
    """Annotations of the jobs' ServiceAccount, by which a cloud knows them: `{eks.amazonaws.com/role-arn: …}`."""
    egress: list[BucketPeer] = []
    """Where the jobs may go instead of the address that `endpoint` or `region` implies, which is public or a Service's."""

    @model_validator(mode="after")
    def _one_identity(self) -> Self:
        if self.credentials is not None and self.service_account_annotations:
            raise ValueError(
                "`service_account_annotations` does nothing beside `credentials`, which come first; remove one of them"
            )
        return self

    @property
    def url(self) -> str:
        """Where it is reached."""
        return self.endpoint or f"https://s3.{self.region}.{AWS}"


class BackupTarget(Strict):
    """Where backups are kept: exactly one of the three."""

    claim: NewClaim | None = None
    """A volume of their own."""
    existing_claim: ExistingClaim | None = None
    """Somebody else's PersistentVolumeClaim."""
    s3: S3Spec | None = None
    """A bucket."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        given = self.given()
        if len(given) > 1:
            raise ValueError(f"give one of `claim`, `existing_claim` and `s3`, not {' and '.join(given)}")
        if self.existing_claim is not None and self.existing_claim.access_mode in ("ReadWriteOncePod", "ReadOnlyMany"):
            why = "several jobs write to it and read from it"
            raise ValueError(f"existing_claim: {self.existing_claim.access_mode!r} does not do, {why}; take another claim")
        return self

    def given(self) -> list[str]:
        """Which of them there are."""
        return [name for name in type(self).model_fields if getattr(self, name) is not None]


class VerifySpec(Strict):
    """A second job that restores the newest backup into an empty directory and checks everything in it."""

    enabled: bool = True
    """`false` leaves it out. Each backup is read back right after it was written, all the same."""
    schedule: Schedule = "30 4 * * 0"
    """When, in the same time zone; weekly by default."""


class BackupSpec(Strict):
    """A job that backs up each volume of each pod of its own, consistently while the server writes; see docs/backups.md."""

    enabled: bool = True
    """`false` leaves it out, where `defaults` have it."""
    schedule: Schedule = "0 2 * * *"
    """When: minute, hour, day of the month, month, day of the week."""
    time_zone: TimeZone = "Etc/UTC"
    """Of the schedule."""
    to: BackupTarget = BackupTarget()
    """Where backups are kept."""
    keep: Annotated[int, Field(ge=1, le=10_000), NO_BOOL] = 7
    """Backups of each volume that are left; older ones go after a new one was read back."""
    exclude: list[Annotated[str, Field(min_length=1)]] = []
    """Patterns of paths that are left out, such as `cache/*`; `*` matches slashes, too."""
    suspend: bool = False
    """`true` lets no new job start."""
    start_within_seconds: Annotated[int, Field(ge=60), NO_BOOL] = 3600
    """Time after the scheduled one in which a job may still start, when the cluster could not at once."""
    max_seconds: Positive = 3600
    """Time that a job may take, waiting for its node included."""
    retries: Annotated[int, Field(ge=0, le=10), NO_BOOL] = 2
    """Further pods of a job whose first one failed."""
    resources: ResourcesSpec = ResourcesSpec()
    """Requests and limits of the jobs."""
    scratch: Bytes | None = None
    """Room for copies while they are made, and for what is restored to be checked; twice the size of the volume by default."""
    verify: VerifySpec = VerifySpec()
    """Restores the newest backup now and then."""

    @property
    def overdue_seconds(self) -> int:
        """Time within which a good run follows a good run, if nothing is wrong. An hour is for the change to summer."""
        return longest_pause(self.schedule) + self.start_within_seconds + self.max_seconds + 3600
