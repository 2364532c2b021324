"""What arguments consist of: backup. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict

import pulumi

from .scaling import ResourcesArgs
from .secrets import SecretRefArgs
from .storage import ExistingClaimArgs


class NewClaimArgs(TypedDict):
    """A PersistentVolumeClaim that the stack makes, one for each pod of the server. It stays when the server is removed."""

    size: str
    """Bytes: `50Gi`. A larger size lets a claim grow that is there, where its class allows that."""
    storage_class: NotRequired[str]
    """The cluster's default by default. Better another one than that of the data."""


class S3CredentialsArgs(TypedDict):
    """Who writes to the bucket: two declared secrets, or a Secret that somebody else provides."""

    access_key_id: NotRequired[SecretRefArgs]
    """Access key."""
    secret_access_key: NotRequired[SecretRefArgs]
    """Secret of the access key."""
    existing_secret: NotRequired[str]
    """Secret in the same namespace with the keys `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`."""


class BucketPeerArgs(TypedDict):
    """Where a bucket is, as a policy can say it."""

    namespace: NotRequired[str]
    """Pods of this namespace; the stack's own where only `pods` is given."""
    pods: NotRequired[dict[str, str]]
    """Labels of the pods; all pods of the namespace by default."""
    cidr: NotRequired[str]
    """Range of addresses outside the cluster."""
    without: NotRequired[list[str]]
    """Ranges within `cidr` that are left out."""
    ports: NotRequired[list[int]]
    """TCP ports; all by default."""


class S3Args(TypedDict):
    """A bucket of S3, or of what speaks its interface and has conditional writes."""

    bucket: pulumi.Input[str]
    """Its name."""
    prefix: NotRequired[str]
    """What the objects' names begin with; nothing by default. They carry stack and server anyway."""
    region: NotRequired[str]
    """Region of the bucket."""
    endpoint: NotRequired[str]
    """Of another storage than AWS, such as `http://minio.storage.svc:9000`."""
    credentials: NotRequired[S3CredentialsArgs]
    """Keys. Without them the identity of the workload, see `service_account_annotations`."""
    service_account_annotations: NotRequired[dict[str, str]]
    """Annotations of the jobs' ServiceAccount, by which a cloud knows them: `{eks.amazonaws.com/role-arn: …}`."""
    egress: NotRequired[list[BucketPeerArgs]]
    """Where the jobs may go instead of the address that `endpoint` or `region` implies, which is public or a Service's."""


class BackupTargetArgs(TypedDict):
    """Where backups are kept: exactly one of the three."""

    claim: NotRequired[NewClaimArgs]
    """A volume of their own."""
    existing_claim: NotRequired[ExistingClaimArgs]
    """Somebody else's PersistentVolumeClaim."""
    s3: NotRequired[S3Args]
    """A bucket."""


class VerifyArgs(TypedDict):
    """A second job that restores the newest backup into an empty directory and checks everything in it."""

    enabled: NotRequired[bool]
    """`false` leaves it out. Each backup is read back right after it was written, all the same."""
    schedule: NotRequired[str]
    """When, in the same time zone; weekly by default."""


class BackupArgs(TypedDict):
    """A job that backs up each volume of each pod of its own, consistently while the server writes; see docs/backups.md."""

    enabled: NotRequired[bool]
    """`false` leaves it out, where `defaults` have it."""
    schedule: NotRequired[str]
    """When: minute, hour, day of the month, month, day of the week."""
    time_zone: NotRequired[str]
    """Of the schedule."""
    to: NotRequired[BackupTargetArgs]
    """Where backups are kept."""
    keep: NotRequired[int]
    """Backups of each volume that are left; older ones go after a new one was read back."""
    exclude: NotRequired[list[str]]
    """Patterns of paths that are left out, such as `cache/*`; `*` matches slashes, too."""
    suspend: NotRequired[bool]
    """`true` lets no new job start."""
    start_within_seconds: NotRequired[int]
    """Time after the scheduled one in which a job may still start, when the cluster could not at once."""
    max_seconds: NotRequired[int]
    """Time that a job may take, waiting for its node included."""
    retries: NotRequired[int]
    """Further pods of a job whose first one failed."""
    resources: NotRequired[ResourcesArgs]
    """Requests and limits of the jobs."""
    scratch: NotRequired[str]
    """Room for copies while they are made, and for what is restored to be checked; twice the size of the volume by default."""
    verify: NotRequired[VerifyArgs]
    """Restores the newest backup now and then."""
