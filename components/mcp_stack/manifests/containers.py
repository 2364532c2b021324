"""Containers beside the main one, hardened like it."""

from collections.abc import Mapping
from typing import Any

from ..spec import StackSpec
from ..spec.containers import TMP, InitContainerSpec, MountSpec
from ..spec.image import image_reference
from ..spec.workload import WorkloadSpec
from . import volumes
from .hardening import container_security
from .identity import workload_of
from .probes import given_probes, probe_ports
from .resources import INIT_DEFAULTS, filled
from .storage import mounted
from .variables import literal, sources, variables
from .volumes import Volume


def init_containers(spec: StackSpec, part: str, maps: Mapping[str, str]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Containers that start before the main one of `part`, in order, and the volumes that only they have."""
    workload = workload_of(spec, part)
    containers: list[dict[str, Any]] = []
    own: list[dict[str, Any]] = []
    for one in workload.init_containers:
        mine = _own_volumes(spec, part, one, maps.get(files_role(one)))
        own += [volume for volume, _ in mine]
        containers.append(_container(spec, part, one, [mount for _, mounts in mine for mount in mounts]))
    return containers, own


def files_role(one: InitContainerSpec) -> str:
    """Role of the ConfigMap of its files."""
    return f"files-{one.name}"


def _container(spec: StackSpec, part: str, one: InitContainerSpec, mounts: list[dict[str, Any]]) -> dict[str, Any]:
    workload = workload_of(spec, part)
    fields: dict[str, Any] = {
        "name": one.name,
        "image": image_reference(one.image, spec.image),
        "imagePullPolicy": one.image.pull_policy or spec.image.pull_policy,
        "restartPolicy": "Always" if one.sidecar else None,
        "command": [literal(word) for word in one.command],
        "args": [literal(word) for word in one.args],
        "env": variables(spec, part, one.env),
        "envFrom": sources(spec, part, one.env_from),
        "ports": [{"containerPort": port, "protocol": "TCP"} for port in sorted(probe_ports(one.probes))],
        **given_probes(one),
        "resources": filled(one.resources, INIT_DEFAULTS, directories=1 + len(one.writable)),
        "securityContext": container_security(one.security),
        "volumeMounts": [*mounts, *(_declared(workload, path, mount) for path, mount in sorted(one.mounts.items()))],
    }
    return {name: value for name, value in fields.items() if value not in (None, [])}


def _declared(workload: WorkloadSpec, path: str, mount: MountSpec) -> dict[str, Any]:
    volume = workload.volumes.get(mount.volume)
    return mounted(mount.volume, path, read_only=mount.read_only or (volume is not None and not volume.can_be_written))


def _own_volumes(spec: StackSpec, part: str, one: InitContainerSpec, map_name: str | None) -> list[Volume]:
    """Directories and files of this container alone: none is shared with another by accident."""
    prefix = f"{one.name}-"
    scratch = [volumes.scratch(index, path, prefix) for index, path in enumerate((TMP, *one.writable))]
    secret_of = {file.secret: spec.secret(part, file.secret) for file in one.files.values() if file.secret}
    return [*scratch, *volumes.files(one.files, map_name, secret_of, prefix)]
