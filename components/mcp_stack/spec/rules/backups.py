"""Backups: there is something to back up, a job can reach it, and nothing else has its name."""

from collections.abc import Iterator
from datetime import timedelta

from mcp_stack_proxy.config import Problem
from mcp_stack_proxy.config.strict import join

from ..backup import BackupSpec
from ..network import METADATA
from ..server import ServerSpec
from ..stack import StackFile, StackSpec
from ..storage import BACKUP
from .workloads import resource_problems


def backup_problems(spec: StackSpec, file: StackFile) -> Iterator[Problem]:
    """Backups of nothing, of what only one pod may mount, and names that servers have, too."""
    for name, server in spec.servers.items():
        at = join("servers", name, "backup")
        own = file.servers[name].backup
        if server.kind == "url" or server.backup is None:
            continue
        if server.storage is None:
            if own is not None:
                yield Problem(at, "does nothing, it has no `storage`; remove it")
            continue
        if not server.backup.enabled:
            continue
        yield from _volumes(server, at)
        yield from job_problems(server.backup, at)
        if spec.proxy.image is None:
            yield Problem(
                "proxy.image", f"required, backups of {name!r} run it; give repository and tag or digest of the bundled image"
            )
        for other in (one for one in spec.servers if spec.known_as(one) == f"{spec.known_as(name)}{BACKUP}"):
            yield Problem(join("servers", other), f"its objects have the names of those that back up {name!r}; call it otherwise")


def _volumes(server: ServerSpec, at: str) -> Iterator[Problem]:
    storage, backup = server.storage, server.backup
    for name, claim in storage.claims.items() if storage else ():
        if claim.access_mode == "ReadWriteOncePod":
            place = join(at.removesuffix(".backup"), "storage", "claims", name, "access_mode")
            why = "lets no second pod read it, so no job can back it up"
            yield Problem(place, f"'ReadWriteOncePod' {why}; take ReadWriteOnce, or set `backup: {{enabled: false}}`")
    existing = backup.to.existing_claim if backup else None
    if existing is not None and existing.exclusive and server.replicas > 1:
        why = f"{server.replicas} pods are backed up from their nodes, and it can be on one only"
        yield Problem(join(at, "to", "existing_claim", "access_mode"), f"{existing.access_mode!r}: {why}; take `claim`, or `s3`")


def job_problems(backup: BackupSpec, at: str) -> Iterator[Problem]:
    """Whatever is wrong with a backup, whose volumes it may be."""
    if not backup.to.given():
        yield Problem(join(at, "to"), "required: say where backups are kept, by one of `claim`, `existing_claim` and `s3`")
    yield from resource_problems(backup.resources, at)
    own = backup.verify
    if not own.enabled and "schedule" in own.model_fields_set:
        yield Problem(join(at, "verify", "schedule"), "does nothing, `verify.enabled` is false; remove one of them")
    if backup.max_seconds > timedelta(days=7).total_seconds():
        yield Problem(join(at, "max_seconds"), f"{backup.max_seconds} is longer than a week; a job that hangs would never end")
    for index, one in enumerate(backup.to.s3.egress if backup.to.s3 else ()):
        if one.cidr in METADATA:
            what = "hands out credentials of the node; no pod may reach it"
            yield Problem(join(at, "to", "s3", "egress", index, "cidr"), f"{str(one.cidr).partition('/')[0]} {what}")
