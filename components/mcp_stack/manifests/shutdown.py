"""How a pod ends: it leaves the Service's endpoints, pauses, gets SIGTERM, finishes, and is killed only after that.

Kubernetes counts the pause as part of the grace period, so both come from here, and from the one number that says how long the main
container takes: `limits.drain_seconds` for the proxy, `grace_seconds` for somebody's image.
"""

import math
from typing import Any

from ..spec import StackSpec
from ..spec.server import ServerSpec
from .identity import runs_proxy, workload_of

MARGIN_SECONDS = 5
"""Time beyond the proxy's drain before the kubelet kills."""

LEAST_SECONDS = 30
"""Grace of a proxy at least (seed 001)."""


def pause(spec: StackSpec, part: str) -> dict[str, Any]:
    """`lifecycle` of the main container. `sleep` needs no program in the image (stable since Kubernetes 1.34)."""
    return {"preStop": {"sleep": {"seconds": workload_of(spec, part).pause_seconds}}}


def grace_seconds(spec: StackSpec, part: str) -> int:
    """`terminationGracePeriodSeconds`: never less than the pause and what comes after it.

    Sidecars end after the main container, within the same time.
    """
    workload = workload_of(spec, part)
    if isinstance(workload, ServerSpec) and not runs_proxy(spec, part):
        return workload.pause_seconds + workload.grace_seconds
    drain = math.ceil(spec.gateway.limits.drain_seconds)
    return max(LEAST_SECONDS, workload.pause_seconds + drain + MARGIN_SECONDS)
