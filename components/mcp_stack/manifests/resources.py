"""Requests and limits in force: what is written, over what is sensible for the kind of container."""

from typing import Any

from ..spec import GATEWAY, StackSpec
from ..spec.quantity import amount
from ..spec.scaling import Amounts
from ..spec.workload import Writable
from .identity import workload_of

SCRATCH_GI = 1
"""Bound of each writable directory in Gi, so that a server cannot fill its node's disk."""

LOGS_GI = 1
"""What logs may take beside the writable directories."""

GATEWAY_DEFAULTS = ({"cpu": "100m", "memory": "64Mi", "ephemeral-storage": "32Mi"}, {"cpu": "1", "memory": "256Mi"})
"""Requests and limits of the gateway (seed 001's Deployment)."""

SERVER_DEFAULTS = ({"cpu": "100m", "memory": "128Mi", "ephemeral-storage": "32Mi"}, {"cpu": "1", "memory": "512Mi"})
"""Requests and limits of a server."""


def resources(spec: StackSpec, part: str) -> dict[str, Any]:
    """`resources` of the container of `part`. Every container has requests and limits for CPU, memory and the node's disk.

    A default gives way to what is written: a limit rises to a request above it, a request sinks to a limit below it.
    """
    workload = workload_of(spec, part)
    written = workload.resources
    base_requests, base_limits = GATEWAY_DEFAULTS if part == GATEWAY else SERVER_DEFAULTS
    directories = 1 + (len(workload.writable) if isinstance(workload, Writable) else 0)
    base_limits = {**base_limits, "ephemeral-storage": f"{directories * SCRATCH_GI + LOGS_GI}Gi"}
    requests, limits = _named(written.requests), _named(written.limits)
    for name, base in base_requests.items():
        limit = limits.get(name)
        requests.setdefault(name, limit if limit and amount(limit) < amount(base) else base)
    for name, base in base_limits.items():
        request = requests[name]
        limits.setdefault(name, request if amount(request) > amount(base) else base)
    return {"requests": requests, "limits": limits}


def _named(amounts: Amounts) -> dict[str, str]:
    found = {"cpu": amounts.cpu, "memory": amounts.memory, "ephemeral-storage": amounts.ephemeral_storage}
    return {name: quantity for name, quantity in found.items() if quantity is not None}
