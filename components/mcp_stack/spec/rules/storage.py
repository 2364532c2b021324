"""Volumes: one writer each, unless somebody states otherwise; mounted somewhere, and nowhere twice."""

from collections.abc import Iterator

from mcp_stack_proxy.config import Problem
from mcp_stack_proxy.config.strict import join

from ..audit import VOLUME
from ..containers import Writable
from ..gateway import GatewaySpec
from ..names import GATEWAY
from ..proxy_config import AUTHORITY_DIR, KEYS_DIR
from ..server import ServerSpec
from ..stack import StackFile, StackSpec
from ..storage import HEADLESS, StorageSpec
from ..workload import WorkloadSpec
from .workloads import PROXY_PATHS, SYSTEM


def storage_problems(spec: StackSpec, file: StackFile) -> Iterator[Problem]:
    """Volumes that several pods would write, that nobody mounts, or that hide something."""
    yield from _namespace(spec, file)
    for place, part, workload in spec.workloads():
        yield from _one_writer(workload, place)
        yield from _mounted(workload, place)
        yield from _places(spec, part, workload, place)
        if part in file.servers and file.servers[part].storage_class is not None:
            yield from _class(spec.servers[part], join(place, "storage_class"))
        if isinstance(workload, ServerSpec) and workload.storage is not None:
            yield from _storage(workload, workload.storage, place)
            for other in (one for one in spec.servers if spec.known_as(one) == f"{spec.known_as(part)}{HEADLESS}"):
                yield Problem(join("servers", other), f"its Service has the name of the one of {part!r}'s pods; call it otherwise")


def _namespace(spec: StackSpec, file: StackFile) -> Iterator[Problem]:
    """Whoever deletes a namespace deletes the claims in it."""
    given, place = file.namespace.when_deleted, "namespace.when_deleted"
    if given is not None and not spec.create_namespace:
        yield Problem(place, "does nothing, a namespace of somebody else stays; remove it")
    elif given == "Delete" and (kept := spec.kept_volumes()):
        why = f"the volumes of {kept[0]!r}, which are to outlive it, would go with the namespace"
        yield Problem(
            place, f"'Delete', and {why}; set `servers.{kept[0]}.storage.when_deleted: Delete`, too, or leave it out here"
        )


def _class(server: ServerSpec, at: str) -> Iterator[Problem]:
    claims = server.storage.claims.values() if server.storage else ()
    if all(claim.storage_class is not None for claim in claims):
        why = "each of `storage.claims` names its own" if server.storage else "it has no `storage`"
        yield Problem(at, f"does nothing, {why}; remove it")


def _storage(server: ServerSpec, storage: StorageSpec, place: str) -> Iterator[Problem]:
    if server.autoscales:
        why = "a new pod begins with empty volumes, and those of one that goes are left; set `autoscaling: {enabled: false}`"
        yield Problem(join(place, "autoscaling"), f"does not go with `storage`: {why}")
    elif server.replicas > 1 and not storage.replicated:
        why = "each pod has volumes of its own, so callers would find different data; set it to 1"
        yield Problem(
            join(place, "replicas"), f"{server.replicas}, but {why}, or state `storage.replicated: true` where it keeps them alike"
        )
    elif server.replicas == 1 and storage.replicated:
        yield Problem(join(place, "storage", "replicated"), "does nothing at one replica; remove it, or raise `replicas`")
    for name in storage.claims:
        if name in server.volumes:
            yield Problem(join(place, "volumes", name), "is the name of one of `storage.claims`, too; rename one of them")


def _one_writer(workload: WorkloadSpec, place: str) -> Iterator[Problem]:
    """Two pods with a volume of one node: the second waits for ever where it lands on another."""
    for volume in workload.exclusive_volumes():
        if workload.autoscales:
            key, what = "autoscaling", "is on, which means several pods; set `enabled: false`"
        elif workload.replicas > 1:
            key, what = "replicas", f"{workload.replicas}, which means several pods; set it to 1"
        else:
            continue
        why = "can only be mounted by one at a time"
        yield Problem(join(place, key), f"{what}, because `{volume}` {why}, or give its `access_mode` where it allows more")


def _mounted(workload: WorkloadSpec, place: str) -> Iterator[Problem]:
    used = {name for name, _ in workload.main_mounts()}
    used |= {mount.volume for one in workload.init_containers for mount in one.mounts.values()}
    for name in workload.volumes:
        if name not in used:
            hint = "give its `path`, mount it in `init_containers`, or remove it"
            yield Problem(join(place, "volumes", name), f"is mounted nowhere; {hint}")


def _places(spec: StackSpec, part: str, workload: ServerSpec | GatewaySpec, place: str) -> Iterator[Problem]:
    """Two volumes at one path, and volumes that hide what the container needs."""
    own = workload.writable if isinstance(workload, Writable) else ()
    taken: dict[str, str] = dict.fromkeys(own, "writable")
    if part == GATEWAY or (isinstance(workload, ServerSpec) and workload.kind == "command"):
        taken.update(dict.fromkeys((*PROXY_PATHS, KEYS_DIR, AUTHORITY_DIR) if part == GATEWAY else PROXY_PATHS, "the proxy"))
    if part == GATEWAY and spec.gateway.audit.files is not None:
        taken[VOLUME] = "audit"
    for name, path in workload.main_mounts():
        claimed = name not in workload.volumes
        at = join(place, *(("storage", "claims") if claimed else ("volumes",)), name, "path")
        if path in SYSTEM:
            yield Problem(at, f"{path!r} belongs to the system, which would be hidden; choose a directory of its own")
        elif path in taken:
            yield Problem(at, f"{path!r} is mounted already ({taken[path]}); choose another directory")
        taken.setdefault(path, f"volume {name!r}")
