"""Arguments of a component: VolumeBackup. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict

import pulumi

from .backup import BackupTargetArgs, VerifyArgs
from .image import ImageArgs
from .network import DnsArgs
from .placement import TolerationArgs
from .scaling import ResourcesArgs


class VolumeBackupArgs(TypedDict):
    """Backups of one PersistentVolumeClaim, whoever made it and whoever writes to it."""

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
    namespace: pulumi.Input[str]
    """Namespace of the claim."""
    existing_claim: pulumi.Input[str]
    """Name of the claim. Not one that only a single pod may mount."""
    pods: NotRequired[dict[str, str]]
    """Labels of the pod that has it mounted, next to which the jobs run; anywhere by default, for a claim that nobody writes to."""
    image: ImageArgs
    """The bundled proxy image, with its registry."""
    size: str
    """Size of the claim, by which `scratch` goes."""
    run_as_user: NotRequired[int]
    """User and group id that may read the volume."""
    tolerations: NotRequired[list[TolerationArgs]]
    """Taints that the jobs put up with, to get where the pod is."""
    dns: NotRequired[DnsArgs]
    """Who resolves the name of a bucket."""
    labels: NotRequired[dict[str, str]]
    """Labels of all objects and pods."""
