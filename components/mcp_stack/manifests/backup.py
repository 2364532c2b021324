"""CronJobs that back up one volume each, and those that prove the backups; the rights, room and network that they need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mcp_stack_proxy.config import VARIABLES_DIR

from ..spec import Secret
from ..spec.backup import BackupSpec, BucketPeer, S3Spec
from ..spec.containers import TMP
from ..spec.network import DnsSpec
from ..spec.placement import HOST
from ..spec.workload import SecuritySpec
from . import volumes
from .hardening import container_security, pod_security
from .network import Rule, peer_of, resolver_rules, tcp_ports, url_rule
from .resources import filled
from .variables import literal

DATA, BACKUPS = "/data", "/backups"
"""Where a job has the volume, and the place of its backups."""

DEFAULTS = ({"cpu": "50m", "memory": "64Mi", "ephemeral-storage": "32Mi"}, {"cpu": "1", "memory": "512Mi"})
"""Requests and limits of a job: one chunk of one file at a time, and the parts of an upload that are under way."""

KEPT_SECONDS = 7 * 86400
"""Time after which a job that has ended is removed with its log, where a CronJob that seldom runs would keep it longer. After a
weekend somebody still has to see why it failed."""

USELESS = [2, 4]
"""Exit codes after which a further try would end alike: asked for something that cannot be, or a damaged backup."""

BUCKET = "BUCKET"
"""Variable that holds the name of a bucket that is known only after deployment."""


@dataclass(frozen=True, slots=True)
class Volume:
    """What is backed up, by whom, and what its backups are called."""

    backup: BackupSpec
    name: str
    """Of the backups in their target."""
    claim: str
    """PersistentVolumeClaim with the data."""
    target: str | None
    """PersistentVolumeClaim for the backups; None with a bucket."""
    shared: bool
    """Whether several nodes may have that one at a time."""
    beside: Mapping[str, str]
    """Labels of the pod that has the data mounted; empty where there is none."""
    scratch: str
    """Room for copies."""
    image: Mapping[str, Any]
    """Image of the proxy, and when it is pulled."""
    pod: Mapping[str, Any]
    """Fields of the pods that the data's own pods have, too, and their account."""
    security: SecuritySpec
    """That of the data's own pods, so that files can be read."""
    labels: Mapping[str, str]
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    credentials: Mapping[str, Secret] = field(default_factory=dict[str, Secret])
    """Secrets by the variable that they stand for."""


def backup_job(volume: Volume) -> dict[str, Any]:
    """Body of the CronJob that takes backups.

    The data are mounted read-only: SQLite reads a database whose writer is on the same node through the log and the locks that the
    writer keeps beside it, and what it would have to write is written to a copy. So a job cannot harm what it protects. For the
    same reason it runs where the pod with the data runs, whatever the volume's access mode: locks and shared memory end at a node.
    """
    backup = volume.backup
    arguments = ["backup", "--from", DATA, "--to", _target(volume), "--name", volume.name, "--keep", str(backup.keep)]
    arguments += [literal(f"--exclude={pattern}") for pattern in backup.exclude]
    found = [_claim("data", volume.claim, DATA, read_only=True), *_backups(volume, read_only=False)]
    near = {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [_beside(volume)]}} if volume.beside else {}
    return _cron_job(volume, "backup", backup.schedule, arguments, found, near)


def verify_job(volume: Volume) -> dict[str, Any]:
    """Body of the CronJob that restores the newest backup into an empty directory.

    It never sees the data. A volume of backups that only one node can have is read where backups are taken, if that is possible.
    """
    arguments = ["verify-backup", "--from", _target(volume), "--name", volume.name]
    near: dict[str, Any] = {}
    if volume.beside and volume.target and not volume.shared:
        near = {
            "podAffinity": {
                "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 100, "podAffinityTerm": _beside(volume)}]
            }
        }
    return _cron_job(volume, "verify", volume.backup.verify.schedule, arguments, _backups(volume, read_only=True), near)


def backup_policy(selector: Mapping[str, str], s3: S3Spec | None, dns: DnsSpec, namespace: str) -> dict[str, Any]:
    """Body of the NetworkPolicy of the jobs: nobody calls them, and they call at most the bucket, and who resolves its name."""
    egress: list[Rule] = []
    if s3 is not None:
        egress = [
            *resolver_rules(dns),
            *([_rule(one) for one in s3.egress] if s3.egress else [url_rule(s3.url, namespace)]),
        ]
    return {
        "spec": {
            "podSelector": {"matchLabels": dict(selector)},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [],
            "egress": egress,
        }
    }


def _rule(one: BucketPeer) -> Rule:
    return {"to": [peer_of(one)], **({"ports": tcp_ports(one.ports)} if one.ports else {})}


def backup_claim(size: str, storage_class: str | None) -> dict[str, Any]:
    """Body of a PersistentVolumeClaim for backups."""
    wanted = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}, "volumeMode": "Filesystem"}
    return {"spec": {**wanted, **({"storageClassName": storage_class} if storage_class is not None else {})}}


def _cron_job(
    volume: Volume,
    what: str,
    schedule: str,
    arguments: list[str],
    mounted: Sequence[volumes.Volume],
    affinity: Mapping[str, Any],
) -> dict[str, Any]:
    backup = volume.backup
    scratch = {"name": "scratch-0", "emptyDir": {"sizeLimit": volume.scratch}}, [{"name": "scratch-0", "mountPath": TMP}]
    together = [scratch, *mounted]
    env: list[dict[str, Any]] = [{"name": "HOME", "value": TMP}]
    s3 = backup.to.s3
    if s3 is not None:
        arguments = [*arguments, "--region", s3.region, *(("--endpoint", s3.endpoint) if s3.endpoint else ())]
        if not isinstance(s3.bucket, str):
            env.append({"name": BUCKET, "value": s3.bucket})
    if volume.credentials:
        env.append({"name": VARIABLES_DIR, "value": volumes.SECRETS_DIR})
        together.append(volumes.variables(volume.credentials))
    container = {
        "name": what,
        **volume.image,
        "command": ["mcp-stack-proxy"],
        "args": arguments,
        "env": env,
        "resources": filled(backup.resources, DEFAULTS, 0, [volume.scratch]),
        "securityContext": container_security(SecuritySpec()),
        "terminationMessagePolicy": "FallbackToLogsOnError",  # so that the pod's status says what its log ends with
        "volumeMounts": [mount for _, mounts in together for mount in mounts],
    }
    pod = {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 30,
        "securityContext": pod_security(volume.security),
        **volume.pod,
        "containers": [container],
        "volumes": [one for one, _ in together],
        **({"affinity": dict(affinity)} if affinity else {}),
    }
    job = {
        "backoffLimit": backup.retries,
        "activeDeadlineSeconds": backup.max_seconds,
        "ttlSecondsAfterFinished": KEPT_SECONDS,
        "podFailurePolicy": {
            "rules": [
                {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]},
                {"action": "FailJob", "onExitCodes": {"containerName": what, "operator": "In", "values": USELESS}},
            ]
        },
        "template": {"metadata": _metadata(volume), "spec": pod},
    }
    return {
        "spec": {
            "schedule": schedule,
            "timeZone": backup.time_zone,
            "concurrencyPolicy": "Forbid",
            "startingDeadlineSeconds": backup.start_within_seconds,
            "suspend": backup.suspend,
            "successfulJobsHistoryLimit": 1,
            "failedJobsHistoryLimit": 3,
            "jobTemplate": {"metadata": _metadata(volume), "spec": job},
        }
    }


def _metadata(volume: Volume) -> dict[str, Any]:
    return {"labels": dict(volume.labels), **({"annotations": dict(volume.annotations)} if volume.annotations else {})}


def _target(volume: Volume) -> str:
    s3 = volume.backup.to.s3
    if s3 is None:
        return BACKUPS
    bucket = s3.bucket if isinstance(s3.bucket, str) else f"$({BUCKET})"
    return f"s3://{bucket}/{s3.prefix}" if s3.prefix else f"s3://{bucket}"


def _backups(volume: Volume, *, read_only: bool) -> list[volumes.Volume]:
    return [_claim("backups", volume.target, BACKUPS, read_only=read_only)] if volume.target else []


def _claim(name: str, claim: str, path: str, *, read_only: bool) -> volumes.Volume:
    """A claim and its mount. The volume itself stays writable to the kubelet, which sets the group of its files."""
    mount = {"name": name, "mountPath": path, **({"readOnly": True} if read_only else {})}
    return {"name": name, "persistentVolumeClaim": {"claimName": claim}}, [mount]


def _beside(volume: Volume) -> dict[str, Any]:
    return {"topologyKey": HOST, "labelSelector": {"matchLabels": dict(volume.beside)}}
