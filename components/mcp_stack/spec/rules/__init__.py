"""Rules that span keys, servers, or a stack as a whole. Each yields every problem that it sees."""

from collections.abc import Callable, Iterator, Set

from mcp_stack_proxy.config import Problem

from ..stack import StackFile, StackSpec
from .admission import admission_problems
from .audit import audit_problems
from .backups import backup_problems
from .connections import connection_problems
from .containers import container_problems
from .exposures import exposure_problems
from .flows import flow_problems
from .images import image_problems
from .monitoring import monitoring_problems
from .placement import placement_problems
from .renames import rename_problems
from .replicas import session_problems
from .rotation import rotation_problems
from .scaling import scaling_problems
from .secrets import secret_problems
from .selections import selection_problems
from .services import service_problems
from .storage import storage_problems
from .stores import store_problems
from .surroundings import surrounding_problems
from .topology import cluster_problems, topology_problems
from .variables import variable_problems
from .workloads import workload_problems


def problems_of_stack(
    spec: StackSpec,
    file: StackFile,
    *,
    faulty: Set[str],
    cluster: bool,
    sidecar: bool,
    has_config: Callable[[str], bool] | None,
    offered: bool = False,
) -> Iterator[Problem]:
    """Everything wrong with `spec`, which was made from `file`.

    `faulty`: subjects (`servers.github`, `gateway`) of which the schema had to drop something. Nothing more is said of them, and
    nothing that may only follow from what was dropped. `offered`: its secrets are for others, so nothing here need use them.
    """
    groups = [
        topology_problems(spec, file),
        rename_problems(file),
        exposure_problems(spec, file),
        image_problems(spec, file),
        variable_problems(spec),
        workload_problems(spec, file),
        service_problems(spec),
        surrounding_problems(spec, file, faulty),
        storage_problems(spec, file),
        backup_problems(spec, file),
        audit_problems(spec, file, sidecar=sidecar),
        connection_problems(spec, file),
        container_problems(spec),
        placement_problems(spec, file),
        admission_problems(spec, cluster=cluster),
        session_problems(spec, cluster=cluster),
        scaling_problems(spec, file),
        monitoring_problems(spec),
        secret_problems(spec, file, has_config, faulty, offered=offered),
        flow_problems(spec, faulty),
        selection_problems(spec, file, faulty),
        store_problems(spec, file, faulty, offered=offered),
        rotation_problems(spec, file, faulty),
    ]
    if cluster:
        groups.append(cluster_problems(spec, sidecar=sidecar))
    for group in groups:
        yield from (problem for problem in group if not faulty or not _may_follow(problem.path, faulty))


def _may_follow(path: str, faulty: Set[str]) -> bool:
    """Whether what is wrong at `path` may only follow from what the schema had to drop: there, in what is inherited there, or in
    what scales by the Prometheus of `monitoring`.
    """
    subject = subject_of(path)
    key = path.removeprefix(subject).lstrip(".").partition(".")[0].partition("[")[0]
    inherited = subject.startswith("servers.") and f"defaults.{key}" in faulty
    scaled = key == "autoscaling" and "monitoring" in faulty
    asked = path.startswith("monitoring.prometheus") and any(one.startswith(("servers", "gateway", "defaults")) for one in faulty)
    return subject in faulty | {"servers"} or inherited or scaled or asked


def subject_of(path: str) -> str:
    """What a problem is about: one server, secret or store, else a key of the stack file."""
    first, _, rest = path.partition(".")
    return (
        f"{first}.{rest.partition('.')[0]}"
        if first in ("servers", "secrets", "secret_stores") and rest
        else first.partition("[")[0]
    )
