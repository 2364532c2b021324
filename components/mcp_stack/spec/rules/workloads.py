"""Numbers and files of one workload that must fit each other."""

from collections.abc import Iterator, Mapping

from mcp_stack_proxy.config import Problem, bytes_of
from mcp_stack_proxy.config.strict import join

from ..containers import TMP, InitContainerSpec
from ..gateway import GatewaySpec
from ..quantity import amount
from ..scaling import ResourcesSpec
from ..secrets import FileSpec
from ..server import ServerSpec
from ..stack import StackFile, StackSpec
from ..workload import WorkloadSpec

SYSTEM = frozenset(
    {"/", "/bin", "/dev", "/etc", "/lib", "/lib64", "/proc", "/sbin", "/sys", TMP, "/usr", "/usr/bin", "/usr/lib", "/usr/local"}
)
"""Directories that a mount would hide from the container."""

MAX_FILES_BYTES = 1_000_000
"""Content of one server's files; the API server takes 1 MiB for the whole object."""

PROXY_PATHS = ("/config", "/secrets", "/session-keys")
"""Where the proxy's image gets its configuration and secrets."""


def workload_problems(spec: StackSpec, file: StackFile) -> Iterator[Problem]:
    """Contradictions within servers and gateway."""
    workloads: dict[str, tuple[WorkloadSpec, WorkloadSpec]] = {
        join("servers", name): (server, file.servers[name]) for name, server in spec.servers.items() if server.kind != "url"
    }
    if spec.gateway.enabled:
        workloads["gateway"] = (spec.gateway, file.gateway)
    yield from _observing(file.gateway)
    for place, (workload, own) in workloads.items():
        yield from _replicas(workload, own, place)
        yield from resource_problems(workload.resources, place)
        yield from _management_port(spec, workload, place)
        if isinstance(workload, ServerSpec):
            yield from _files(workload, place)
        if isinstance(workload, ServerSpec) and isinstance(own, ServerSpec):
            yield from _process(workload, own, place)


def _process(server: ServerSpec, own: ServerSpec, place: str) -> Iterator[Problem]:
    """Keys that the server itself gives and that do nothing beside the inherited ones, and a ceiling that is never reached."""
    if server.process is None:
        return
    given = own.process.model_fields_set if own.process is not None else set[str]()
    for key in server.process.inert():
        if key in given:
            need = "`sharing: session`" if key == "max_sessions" else "`idle_timeout: adaptive`"
            yield Problem(join(place, "process", key), f"does nothing without {need}")
    limit, most = server.resources.limits.memory, server.process.max_memory
    if limit is not None and most is not None and bytes_of(most) >= amount(limit):
        what = f"{most} is not below the container's memory limit of {limit}, at which the kernel ends the whole pod first"
        yield Problem(join(place, "process", "max_memory"), f"{what}; lower it, or raise `resources.limits.memory`")


def _management_port(spec: StackSpec, workload: WorkloadSpec, place: str) -> Iterator[Problem]:
    wrapped = not isinstance(workload, ServerSpec) or workload.kind == "command"
    if wrapped and workload.port == spec.gateway.management.port:
        yield Problem(
            join(place, "port"), f"{workload.port} is the proxies' `gateway.management.port`; choose another for one of them"
        )


def _observing(gateway: GatewaySpec) -> Iterator[Problem]:
    for section in ("metrics", "audit"):
        own = getattr(gateway, section)
        if not own.enabled:
            for key in sorted(own.model_fields_set - {"enabled"}):
                yield Problem(join("gateway", section, key), f"does nothing, `{section}.enabled` is false; remove one of them")


def _replicas(workload: WorkloadSpec, own: WorkloadSpec, place: str) -> Iterator[Problem]:
    scaling = workload.autoscaling
    if scaling is not None and workload.autoscales and "replicas" in own.model_fields_set:
        hint = "set `autoscaling.min` and remove it" if own.autoscaling else "set `autoscaling: {enabled: false}` to keep it"
        yield Problem(
            join(place, "replicas"),
            f"{own.replicas} does nothing, the autoscaler decides between {scaling.min} and {scaling.max}; {hint}",
        )
    if "disruption" not in own.model_fields_set and workload.min_replicas <= 1:
        return
    if workload.disruption.max_unavailable >= workload.min_replicas:
        least = "autoscaling.min" if workload.autoscales else "replicas"
        what = f"{workload.disruption.max_unavailable} must stay below `{least}` ({workload.min_replicas})"
        yield Problem(join(place, "disruption", "max_unavailable"), f"{what}, else a drain may take every pod at once")


def resource_problems(resources: ResourcesSpec, place: str) -> Iterator[Problem]:
    """Requests above their limits."""
    for resource in type(resources.requests).model_fields:
        request, limit = getattr(resources.requests, resource), getattr(resources.limits, resource)
        if request and limit and amount(request) > amount(limit):
            yield Problem(join(place, "resources", "requests", resource), f"{request} is above the limit of {limit}")


def _files(server: ServerSpec, place: str) -> Iterator[Problem]:
    mounted = {path: f"volume {name!r}" for name, path in server.main_mounts()}
    if server.kind == "command":
        mounted.update(dict.fromkeys(PROXY_PATHS, "the proxy"))
    yield from file_problems(server, mounted, place)


def why_not(path: str) -> str:
    """Why nothing is mounted at `path`, which is the system's or writable as it is."""
    return "is writable already" if path == TMP or path not in SYSTEM else "belongs to the system"


def file_problems(reader: ServerSpec | InitContainerSpec, mounted: Mapping[str, str], place: str) -> Iterator[Problem]:
    """Files and writable directories of one container that clash with each other or with what is `mounted`: path -> by whom."""
    taken = {**dict.fromkeys((TMP, *reader.writable), "writable"), **mounted}
    for index, path in enumerate(reader.writable):
        if path in SYSTEM or path in reader.writable[:index]:
            yield Problem(join(place, "writable", index), f"{path!r} {why_not(path)}; remove it")
    size = sum(len(file.content.encode()) for file in reader.files.values() if file.content is not None)
    if size > MAX_FILES_BYTES:
        yield Problem(join(place, "files"), f"{size} bytes together, a ConfigMap holds {MAX_FILES_BYTES}; put them into the image")
    whole = {file.directory(path) for path, file in reader.files.items() if file.secret}
    for path, file in reader.files.items():
        yield from _file(path, file, whole, taken, join(place, "files", path))


def _file(path: str, file: FileSpec, whole: set[str], taken: Mapping[str, str], at: str) -> Iterator[Problem]:
    directory = file.directory(path)
    if file.secret and directory in SYSTEM:
        yield Problem(
            at, f"a secret's directory is mounted whole and would hide {directory!r}; choose one of its own, such as /run/secrets"
        )
    for other, owner in taken.items():
        if directory == other or directory.startswith(f"{other}/") or path == other:
            yield Problem(at, f"{other!r} is mounted already ({owner}); choose another directory")
        elif file.secret and other.startswith(f"{directory}/"):
            why = "a secret's directory is mounted whole and read-only"
            yield Problem(at, f"{other!r} ({owner}) lies below {directory!r}, and {why}; choose another directory")
    if (path in whole and not file.is_directory) or any(directory.startswith(f"{other}/") for other in whole):
        yield Problem(at, "lies below a directory of secrets, which is mounted whole and read-only; choose another directory")
