"""Containers that a scheduler can place and a kubelet can judge."""

from collections.abc import Mapping
from typing import Any

from .model import Found, Option, Policy, Program, Settings
from .pods import SERVING, pods_of
from .resources import Object, dig

_NAMES: Mapping[str, Any] = {"type": "array", "items": {"type": "string"}}


def _resources(item: Object, program: Program, settings: Settings) -> Found:
    pods = pods_of(item)
    if pods is None or item.partial:
        return
    for container in pods.containers():
        for side in ("requests", "limits"):
            lacking = [one for one in settings[side] if not _given(container.spec, side, one) and not _given(pods.spec, side, one)]
            if lacking:
                yield f"{container.path}.resources.{side}", f"no {' and '.join(lacking)}"


def _given(spec: Any, side: str, resource: str) -> bool:
    """A limit is the request, too, where there is none (core/v1, `ResourceRequirements`)."""
    sides = ("requests", "limits") if side == "requests" else (side,)
    return any(dig(spec, "resources", one, resource) is not None for one in sides)


CONTAINER_RESOURCES = Policy(
    name="container-resources",
    title="Containers say what they need and what they may take.",
    remedy="set them, so that a node is neither overbooked nor taken by one pod",
    check=_resources,
    level="mandatory",
    severity="medium",
    own={
        "requests": Option({**_NAMES, "default": ["cpu", "memory"], "description": "Resources that have to be requested."}),
        "limits": Option({**_NAMES, "default": ["memory"], "description": "Resources that have to be limited."}),
    },
)


def _probes(item: Object, program: Program, settings: Settings) -> Found:
    pods = pods_of(item)
    if pods is None or item.partial or item.kind not in SERVING:
        return
    for container in pods.containers():
        lacking = [one for one in settings["required"] if dig(container.spec, one) is None]
        if lacking and not container.init:
            yield container.path, f"no {' and '.join(lacking)}"


PROBES = Policy(
    name="probes",
    title="Containers that serve are asked whether they can.",
    remedy="add them: without, calls reach a pod that is not ready, and one that hangs stays",
    check=_probes,
    level="advisory",
    severity="medium",
    own={
        "required": Option(
            {**_NAMES, "default": ["readinessProbe", "livenessProbe"], "description": "Probes that have to be there."}
        )
    },
)
