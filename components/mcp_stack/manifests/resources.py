"""Requests and limits in force: what is written, over what is sensible for the kind of container."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..spec import GATEWAY, StackSpec
from ..spec.containers import Writable
from ..spec.quantity import amount
from ..spec.scaling import Amounts, ResourcesSpec
from .identity import workload_of

SCRATCH_GI = 1
"""Bound of each writable directory in Gi, so that a server cannot fill its node's disk."""

LOGS_GI = 1
"""What logs may take beside the writable directories."""

GATEWAY_DEFAULTS = ({"cpu": "100m", "memory": "64Mi", "ephemeral-storage": "32Mi"}, {"cpu": "1", "memory": "256Mi"})
"""Requests and limits of the gateway (seed 001's Deployment)."""

SERVER_DEFAULTS = ({"cpu": "100m", "memory": "128Mi", "ephemeral-storage": "32Mi"}, {"cpu": "1", "memory": "512Mi"})
"""Requests and limits of a server."""


INIT_DEFAULTS = ({"cpu": "10m", "memory": "32Mi", "ephemeral-storage": "32Mi"}, {"cpu": "500m", "memory": "256Mi"})
"""Requests and limits of a container beside the main one."""

Defaults = tuple[Mapping[str, str], Mapping[str, str]]
"""Requests, and limits without that for the disk."""


def resources(spec: StackSpec, part: str) -> dict[str, Any]:
    """`resources` of the main container of `part`. Directories that containers share count as its own."""
    workload = workload_of(spec, part)
    directories = 1 + (len(workload.writable) if isinstance(workload, Writable) else 0)
    shared = [volume.empty_dir.size for volume in workload.volumes.values() if volume.empty_dir and not volume.empty_dir.memory]
    return filled(workload.resources, GATEWAY_DEFAULTS if part == GATEWAY else SERVER_DEFAULTS, directories, shared)


def filled(written: ResourcesSpec, defaults: Defaults, directories: int, shared: Sequence[str] = ()) -> dict[str, Any]:
    """Requests and limits for CPU, memory and the node's disk, which every container has. `directories`: how many it may write, and
    `shared`: bounds of others that it may fill.

    A default gives way to what is written: a limit rises to a request above it, a request sinks to a limit below it.
    """
    base_requests, base_limits = defaults
    base_limits = {**base_limits, "ephemeral-storage": _disk(directories, shared)}
    requests, limits = _named(written.requests), _named(written.limits)
    for name, base in base_requests.items():
        limit = limits.get(name)
        requests.setdefault(name, limit if limit and amount(limit) < amount(base) else base)
    for name, base in base_limits.items():
        request = requests[name]
        limits.setdefault(name, request if amount(request) > amount(base) else base)
    devices = {name: str(count) for name, count in sorted(written.devices.items())}  # both alike: a device is never overcommitted
    return {"requests": {**requests, **devices}, "limits": {**limits, **devices}}


def _disk(directories: int, shared: Sequence[str]) -> str:
    """All that the pod may put on the node's disk, in Gi where it comes out even, else rounded up to Mi."""
    mi = (directories * SCRATCH_GI + LOGS_GI) * 1024 + sum(math.ceil(amount(size) / 2**20) for size in shared)
    return f"{mi}Mi" if mi % 1024 else f"{mi // 1024}Gi"


def _named(amounts: Amounts) -> dict[str, str]:
    found = {"cpu": amounts.cpu, "memory": amounts.memory, "ephemeral-storage": amounts.ephemeral_storage}
    return {name: quantity for name, quantity in found.items() if quantity is not None}
