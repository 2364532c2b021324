"""Backups of the servers of a stack: a job for each volume of each of their pods."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..spec import Secret, StackSpec
from ..spec.alone import VolumeBackupSpec
from ..spec.backup import BackupSpec
from ..spec.image import ImageDefaults, image_reference, pull_secrets
from ..spec.names import object_name, part_labels, selector
from ..spec.quantity import amount
from ..spec.server import ServerSpec
from ..spec.storage import BACKUP, StorageSpec
from ..spec.workload import SecuritySpec
from .backup import Volume, backup_claim, backup_job, backup_policy, verify_job
from .identity import Manifest, assemble, labels_of, selector_of
from .placement import tolerations
from .stateful_set import stateful_set_name

MAX_NAME = 52
"""Characters of a CronJob's name: its jobs' names have eleven more (Kubernetes, "CronJob limitations")."""

POD_NAME = "statefulset.kubernetes.io/pod-name"

NO_WAIT = {"pulumi.com/skipAwait": "true"}
"""Annotation of claims that are bound when the first job mounts them, which may be tomorrow."""

KEYS = {"access_key_id": "AWS_ACCESS_KEY_ID", "secret_access_key": "AWS_SECRET_ACCESS_KEY"}
"""Keys of the stack file -> variables of the client."""


def backup_objects(spec: StackSpec, part: str) -> dict[str, Manifest]:
    """Everything that backs up the volumes of `part`, by role; nothing where nothing is backed up."""
    server = spec.servers[part]
    backup, storage = server.backed_up(), server.storage
    if backup is None or storage is None:
        return {}
    name, s3 = spec.object_name(part, BACKUP), backup.to.s3
    policy = backup_policy(backup_selector(spec, part), s3, spec.network.dns, spec.namespace)
    known = s3.service_account_annotations if s3 else {}
    found = {
        "backup-account": _object(spec, part, "v1 ServiceAccount", name, {"automountServiceAccountToken": False}, known),
        "backup-network": _object(spec, part, "networking.k8s.io/v1 NetworkPolicy", name, policy),
    }
    if (claim := backup.to.claim) is not None:
        for replica in range(server.replicas):
            body = backup_claim(claim.size, claim.storage_class)
            kind = "v1 PersistentVolumeClaim"
            found[f"backup-claim-{replica}"] = _object(spec, part, kind, f"{name}-{replica}", body, NO_WAIT)
    for volume, replica in _each(server, storage):
        one = _volume(spec, part, server, backup, storage, volume, replica)
        kind, place = "batch/v1 CronJob", f"{volume}-{replica}"
        found[f"backup-job-{place}"] = _object(spec, part, kind, job_name(spec, part, "backup", place), backup_job(one))
        if backup.verify.enabled:
            found[f"backup-proof-{place}"] = _object(spec, part, kind, job_name(spec, part, "verify", place), verify_job(one))
    return found


def backup_selector(spec: StackSpec, part: str) -> dict[str, str]:
    """Labels that select exactly the pods of the jobs for `part`, and none of its own."""
    return selector(spec.stack, f"{spec.known_as(part)}{BACKUP}")


def data_claim(spec: StackSpec, part: str, volume: str, replica: int) -> str:
    """Name of the claim of one pod (Kubernetes, "StatefulSets", stable storage)."""
    return f"{volume}-{stateful_set_name(spec, part)}-{replica}"


def job_names(spec: StackSpec, part: str) -> list[str]:
    """Names of the CronJobs that take backups of `part`."""
    server = spec.servers[part]
    if server.backed_up() is None or server.storage is None:
        return []
    return [job_name(spec, part, "backup", f"{volume}-{replica}") for volume, replica in _each(server, server.storage)]


def job_name(spec: StackSpec, part: str, what: str, place: str) -> str:
    """Name of one CronJob. `place`: volume and number of the pod."""
    return object_name(spec.stack, f"{spec.known_as(part)}-{what}-{place}", limit=MAX_NAME)


def _each(server: ServerSpec, storage: StorageSpec) -> list[tuple[str, int]]:
    """(volume, number of the pod). What a server says to be replicated may lag behind in one of the pods, so that each counts."""
    return [(volume, replica) for replica in range(server.replicas) for volume in sorted(storage.claims)]


def _volume(
    spec: StackSpec, part: str, server: ServerSpec, backup: BackupSpec, storage: StorageSpec, volume: str, replica: int
) -> Volume:
    image = spec.proxy.image
    if image is None:
        raise ValueError(f"{spec.source}: proxy.image: required, backups of {part!r} run it")
    pod_name = f"{stateful_set_name(spec, part)}-{replica}"
    existing = backup.to.existing_claim
    target = f"{spec.object_name(part, BACKUP)}-{replica}" if backup.to.claim else existing.name if existing else None
    pod: dict[str, Any] = {"serviceAccountName": spec.object_name(part, BACKUP)}
    if server.tolerations:
        pod["tolerations"] = tolerations(server.tolerations)
    if server.node_selector:
        pod["nodeSelector"] = dict(server.node_selector)
    if server.security.user_namespace:
        pod["hostUsers"] = False
    if pulled := pull_secrets(image, spec.image):
        pod["imagePullSecrets"] = [{"name": one} for one in pulled]
    return Volume(
        backup=backup,
        name=object_name(spec.stack, spec.known_as(part), f"-{volume}-{replica}", limit=100),
        claim=data_claim(spec, part, volume, replica),
        target=target,
        shared=existing is not None and not existing.exclusive,
        beside={**selector_of(spec, part), POD_NAME: pod_name},
        scratch=backup.scratch or twice(storage.claims[volume].size),
        image={"image": image_reference(image, spec.image), "imagePullPolicy": image.pull_policy or spec.image.pull_policy},
        pod=pod,
        security=server.security,
        labels=_labels(spec, part),
        annotations={**spec.annotations, **server.annotations},
        credentials=_credentials(spec, part, backup),
    )


def _credentials(spec: StackSpec, part: str, backup: BackupSpec) -> dict[str, Secret]:
    declared = backup.to.s3.credentials if backup.to.s3 else None
    if declared is None:
        return {}
    if declared.existing_secret is not None:
        return existing_credentials(declared.existing_secret)
    return {KEYS[key]: spec.secret(part, reference.secret) for key, reference in declared.references().items()}


def existing_credentials(secret: str) -> dict[str, Secret]:
    """Keys of a Secret that somebody else provides."""
    return {variable: Secret(secret, secret, variable, None) for variable in KEYS.values()}


def twice(size: str) -> str:
    """Twice the bytes of `size`, in Gi where it comes out even, else rounded up to Mi."""
    mi = 2 * math.ceil(amount(size) / 2**20)
    return f"{mi}Mi" if mi % 1024 else f"{mi // 1024}Gi"


def _labels(spec: StackSpec, part: str) -> dict[str, str]:
    named = part_labels(spec.stack, f"{spec.known_as(part)}{BACKUP}")
    return {**labels_of(spec, part), **named, "app.kubernetes.io/component": "backup"}


def _object(
    spec: StackSpec, part: str, kind: str, name: str, body: dict[str, Any], annotations: Mapping[str, str] | None = None
) -> Manifest:
    together = {**spec.annotations, **spec.servers[part].annotations, **(annotations or {})}
    return assemble(kind, name, spec.namespace, _labels(spec, part), together, body)


@dataclass(frozen=True, slots=True)
class Names:
    """What the objects of backups that stand alone are called."""

    job: str
    proof: str
    target: str | None
    """Claim with the backups; None with a bucket."""


def names_alone(name: str, spec: VolumeBackupSpec) -> Names:
    """Names that follow from the component's own."""
    existing = spec.to.existing_claim
    target = object_name(name, "backups") if spec.to.claim else existing.name if existing else None
    return Names(object_name(name, "backup", limit=MAX_NAME), object_name(name, "verify", limit=MAX_NAME), target)


def backup_alone(name: str, spec: VolumeBackupSpec) -> dict[str, Manifest]:
    """Everything that backs up the claim of somebody else, by role."""
    names, s3 = names_alone(name, spec), spec.to.s3
    labels = {**spec.labels, **part_labels(name, "backup"), "app.kubernetes.io/component": "backup"}
    pod: dict[str, Any] = {"serviceAccountName": names.job}
    if spec.tolerations:
        pod["tolerations"] = tolerations(spec.tolerations)
    if spec.image.pull_secrets:
        pod["imagePullSecrets"] = [{"name": one} for one in spec.image.pull_secrets]
    usual = ImageDefaults()
    secret = s3.credentials.existing_secret if s3 and s3.credentials else None
    volume = Volume(
        backup=spec,
        name=object_name(name, spec.existing_claim, limit=100).replace(".", "-"),
        claim=spec.existing_claim,
        target=names.target,
        shared=spec.to.existing_claim is not None and not spec.to.existing_claim.exclusive,
        beside=spec.pods,
        scratch=spec.scratch or twice(spec.size),
        image={"image": image_reference(spec.image, usual), "imagePullPolicy": spec.image.pull_policy or usual.pull_policy},
        pod=pod,
        security=SecuritySpec(run_as_user=spec.run_as_user),
        labels=labels,
        credentials=existing_credentials(secret) if secret else {},
    )

    def made(kind: str, called: str, body: dict[str, Any], annotations: Mapping[str, str] | None = None) -> Manifest:
        return assemble(kind, called, spec.namespace, labels, annotations or {}, body)

    policy = backup_policy(selector(name, "backup"), s3, spec.dns, spec.namespace)
    known = s3.service_account_annotations if s3 else {}
    found = {
        "backup-account": made("v1 ServiceAccount", names.job, {"automountServiceAccountToken": False}, known),
        "backup-network": made("networking.k8s.io/v1 NetworkPolicy", names.job, policy),
    }
    if spec.to.claim is not None and names.target is not None:
        body = backup_claim(spec.to.claim.size, spec.to.claim.storage_class)
        found["backup-claim"] = made("v1 PersistentVolumeClaim", names.target, body, NO_WAIT)
    found["backup-job"] = made("batch/v1 CronJob", names.job, backup_job(volume))
    if spec.verify.enabled:
        found["backup-proof"] = made("batch/v1 CronJob", names.proof, verify_job(volume))
    return found
