"""How a pod ends: it leaves the Service's endpoints, pauses, gets SIGTERM, finishes, and is killed only after that.

Kubernetes counts the pause as part of the grace period, so both come from here, and from the one number that says how long the main
container takes: `limits.drain_seconds` for the proxy, `grace_seconds` for somebody's image.
"""

import math
from typing import Any

from ..spec import StackSpec
from ..spec.server import ServerSpec
from .identity import front_of, workload_of

MARGIN_SECONDS = 5
"""Time beyond the proxy's drain before the kubelet kills."""

HANDOVER_SECONDS = 2
"""Time by which a server outlives the last call that the proxy in front of it accepts."""

LEAST_SECONDS = 30
"""Grace of a proxy at least (seed 001)."""


def pause(spec: StackSpec, part: str) -> dict[str, Any]:
    """`lifecycle` of the main container. `sleep` needs no program in the image (stable since Kubernetes 1.34)."""
    seconds = workload_of(spec, part).pause_seconds + (HANDOVER_SECONDS if front_of(spec, part) is not None else 0)
    return {"preStop": {"sleep": {"seconds": seconds}}}


def early_drain(spec: StackSpec, part: str) -> dict[str, Any]:
    """`lifecycle` of the proxy in front of the main container.

    The kubelet runs the hooks of all containers at once and only then, in their order, sends SIGTERM: to a sidecar last, when the
    server has gone (KEP-753). Until then callers would keep their connections and lose calls on them, so the proxy begins to drain
    when the pause is over, and the server ends a little later.
    """
    return {"preStop": {"exec": {"command": ["mcp-stack-proxy", "drain", "--after", str(workload_of(spec, part).pause_seconds)]}}}


def grace_seconds(spec: StackSpec, part: str) -> int:
    """`terminationGracePeriodSeconds`: never less than the pause and what comes after it.

    Sidecars end after the main container, within the same time.
    """
    workload = workload_of(spec, part)
    drain = math.ceil(spec.limits_of(part).drain_seconds)
    if isinstance(workload, ServerSpec) and workload.kind == "image":
        if workload.front is None:
            return workload.pause_seconds + workload.grace_seconds
        return workload.pause_seconds + max(drain + MARGIN_SECONDS, HANDOVER_SECONDS + workload.grace_seconds)
    return max(LEAST_SECONDS, workload.pause_seconds + drain + MARGIN_SECONDS)
