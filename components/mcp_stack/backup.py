"""Backups of one volume, and the proof that they can be restored."""

import pulumi

from .args import VolumeBackupArgs
from .children import create
from .inputs import alone
from .manifests.backups import backup_alone, names_alone
from .spec.alone import VolumeBackupSpec
from .stand_ins import settled


class Backup(pulumi.ComponentResource):
    """CronJobs that back up a PersistentVolumeClaim and prove the newest backup, with their account and network."""

    job_name: pulumi.Output[str]
    """Name of the CronJob that takes backups: `kubectl create job --from=cronjob/NAME now` takes one at once."""
    target_claim: pulumi.Output[str | None]
    """PersistentVolumeClaim that holds the backups, or nothing where a bucket does."""

    def __init__(self, name: str, args: VolumeBackupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mcp-stack:index:Backup", name, None, opts)
        spec, later = alone(VolumeBackupSpec, "Backup", name, args)
        create(self, name, backup_alone(name, spec), later)
        names = names_alone(name, spec)
        self.job_name = pulumi.Output.from_input(names.job)
        self.target_claim = pulumi.Output.from_input(settled(names.target, later))
        self.register_outputs({"jobName": self.job_name, "targetClaim": self.target_claim})
