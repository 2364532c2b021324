"""Replicas that follow load."""

from typing import Any

from ..spec import StackSpec
from ..spec.scaling import ScalingRules
from .identity import Manifest, manifest, workload_of

DEFAULT_TARGET = 80
"""Percent of the requested CPU and memory (seed 003's chart)."""


def autoscaler(spec: StackSpec, part: str) -> Manifest | None:
    """HorizontalPodAutoscaler of `part`, or None where replicas are fixed."""
    workload = workload_of(spec, part)
    scaling = workload.autoscaling
    if scaling is None or not workload.autoscales:
        return None
    targets = {"cpu": scaling.cpu, "memory": scaling.memory}
    if scaling.cpu is None and scaling.memory is None:
        targets = dict.fromkeys(targets, DEFAULT_TARGET)
    body: dict[str, Any] = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": spec.object_name(part)},
        "minReplicas": scaling.min,
        "maxReplicas": scaling.max,
        "metrics": [
            {"type": "Resource", "resource": {"name": name, "target": {"type": "Utilization", "averageUtilization": target}}}
            for name, target in targets.items()
            if target is not None
        ],
    }
    behavior = {name: _rules(rules) for name, rules in (("scaleUp", scaling.scale_up), ("scaleDown", scaling.scale_down)) if rules}
    if behavior:
        body["behavior"] = behavior
    return manifest(spec, part, "autoscaling/v2 HorizontalPodAutoscaler", {"spec": body})


def _rules(rules: ScalingRules) -> dict[str, Any]:
    policies = [{"type": one.type, "value": one.value, "periodSeconds": one.period_seconds} for one in rules.policies or ()]
    found = {"stabilizationWindowSeconds": rules.stabilization_seconds, "selectPolicy": rules.select, "policies": policies or None}
    return {name: value for name, value in found.items() if value is not None}
