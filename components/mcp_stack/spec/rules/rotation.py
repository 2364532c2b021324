"""A new value of a secret has to reach the process that reads it."""

from collections.abc import Container, Iterable, Iterator, Set

from mcp_stack_proxy.config import Problem
from mcp_stack_proxy.config.strict import join

from ..containers import InitContainerSpec
from ..names import GATEWAY
from ..secrets import SecretRef
from ..server import ServerSpec
from ..stack import StackFile, StackSpec
from ..workload import WorkloadSpec


def rotation_problems(spec: StackSpec, file: StackFile, faulty: Set[str] = frozenset()) -> Iterator[Problem]:
    """Workloads that would never see a new value, and a `restart` that does nothing or that nobody carries out.

    What they read may be among the `faulty` subjects, of which it is unknown what it was.
    """
    parts: dict[str, tuple[WorkloadSpec, WorkloadSpec]] = {
        name: (server, file.servers[name]) for name, server in spec.servers.items() if server.kind != "url"
    }
    if spec.gateway.enabled:
        parts[GATEWAY] = (spec.gateway, file.gateway)
    for part, (workload, own) in parts.items():
        place = GATEWAY if part == GATEWAY else join("servers", part)
        known = not any(one.startswith(("secret", "defaults", *(("servers",) if part == GATEWAY else ()))) for one in faulty)
        yield from _restart(spec, part, workload, own, join(place, "restart"), known=known)


def _restart(
    spec: StackSpec, part: str, workload: WorkloadSpec, own: WorkloadSpec, place: str, *, known: bool
) -> Iterator[Problem]:
    """`known`: whether all that the workload reads has been understood."""
    named = dict.fromkeys((owner, name.partition("/")[0]) for owner, name in spec.references_of(part))
    read = [(name, declared) for owner, name in named if (declared := spec.declared(owner, name)) is not None]
    kept = {name: one.store for name, one in read if one.store is not None and one.refresh.policy != "CreatedOnce"}
    first = next(iter(kept), None)
    foreign = any(one.existing is not None for _, one in read)
    if workload.restart is None:
        if first is not None:
            ways = ["`reloader` (Stakater's Reloader runs in the cluster)"]
            seen = _of_operator(spec, kept.values()) and _variables_alone(workload, kept)
            ways += ["`infisical` (its operator restarts the pods)"] if seen else []
            ways += ["`rereads` (the server reads its files again by itself)"] if _files_alone(workload, kept) else []
            what = f"secret {first!r} comes from a store, and a new value would never reach the process"
            yield Problem(place, f"required: {what}; {' or '.join(ways)}")
    elif first is None:
        if known and own.restart is not None and not (foreign and own.restart == "reloader"):
            yield Problem(place, "does nothing, no secret that it reads at its start changes by itself; remove it")
    elif workload.restart == "rereads" and not _files_alone(workload, kept):
        what = "variables, and whatever a proxy or a container that ends gets, are read once, at the start"
        yield Problem(place, f"'rereads': {what}; read {first!r} from `files` of an `image`, or let `reloader` restart the pods")
    elif workload.restart == "infisical" and not _of_operator(spec, kept.values()) and known:
        yield Problem(place, "'infisical': its operator knows only of Secrets that it writes itself; use `reloader`")
    elif workload.restart == "infisical" and not _variables_alone(workload, kept):
        what = "its operator overlooks files, and whatever a proxy gets; use `reloader`"
        yield Problem(place, f"'infisical': {what}, or read {first!r} from variables of an `image`")


def _of_operator(spec: StackSpec, stores: Iterable[str]) -> bool:
    found = (spec.secret_stores.get(name) for name in stores)
    return all(store is not None and store.backend == "infisical_operator" for store in found)


def _variables_alone(workload: WorkloadSpec, kept: Iterable[str]) -> bool:
    """Whether a server of its own image, or what runs beside it, has all of `kept` in variables.

    Infisical's operator (0.11, `isPodSpecConsumingSecret`) looks for a Secret in `env`, `envFrom` and volumes of kind `secret`;
    ours are projected, because several Secrets meet in one directory.
    """
    if not isinstance(workload, ServerSpec) or workload.kind != "image":
        return False
    named = {name.partition("/")[0] for reader in (workload, *workload.init_containers) for name in _variables(reader)}
    return named.issuperset(kept)


def _files_alone(workload: WorkloadSpec, kept: Container[str]) -> bool:
    """Whether a server of its own image, and what runs beside it, read all of `kept` from files, which the kubelet brings up to
    date. What has run to its end reads nothing again."""
    if not isinstance(workload, ServerSpec) or workload.kind != "image":
        return False
    once = [name for reader in (workload, *workload.init_containers) for name in _variables(reader)]
    ended = [one for one in workload.init_containers if not one.sidecar]
    once += [file.secret for one in ended for file in one.files.values() if file.secret]
    return not any(name.partition("/")[0] in kept for name in once)


def _variables(reader: ServerSpec | InitContainerSpec) -> list[str]:
    """Secrets in the variables of one container."""
    named = [value.secret for value in reader.env.values() if isinstance(value, SecretRef)]
    return [*named, *(source.secret for source in reader.env_from if source.secret)]
