"""Replicas that follow load."""

from typing import Any

from ..spec import StackSpec
from ..spec.alone import WorkloadAutoscalingSpec
from ..spec.autoscaling import AutoscalingSpec, ContainerTargets, ScalingRules
from .identity import Manifest, assemble, manifest, workload_of
from .keda import modes_of, scaled_object
from .queries import calls_in_flight

HPA = "autoscaling/v2 HorizontalPodAutoscaler"
SCALED_OBJECT = "keda.sh/v1alpha1 ScaledObject"

REPLACEABLE = {"validations.keda.sh/hpa-ownership": "false"}
"""Annotation of every HorizontalPodAutoscaler of ours. When a stack changes over to KEDA, its ScaledObject is created
before the old autoscaler is deleted, and KEDA's webhook would refuse that (kedacore/keda v2.20, scaledobject_webhook.go)."""


def autoscaler(spec: StackSpec, part: str) -> Manifest | None:
    """HorizontalPodAutoscaler or ScaledObject of `part`, never both; None where replicas are fixed."""
    workload = workload_of(spec, part)
    scaling = workload.autoscaling
    if scaling is None or not workload.autoscales:
        return None
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": spec.object_name(part)}
    if scaling.keda is None:
        return manifest(spec, part, HPA, {"spec": horizontal(scaling, target, part)}, annotations=REPLACEABLE)
    prometheus = spec.monitoring.prometheus if spec.monitoring else None
    if prometheus is None:
        raise ValueError(f"{spec.source}: monitoring.prometheus: required, {part!r} is scaled by what it knows")
    modes = modes_of(spec.prometheus_secrets(part))
    body = scaled_object(
        scaling,
        target,
        behavior(scaling),
        container=part,
        address=prometheus.address,
        query=calls_in_flight(spec, part),
        authentication=spec.object_name(part) if modes else None,
        modes=modes,
    )
    return manifest(spec, part, SCALED_OBJECT, {"spec": body})


def autoscaler_alone(name: str, spec: WorkloadAutoscalingSpec) -> Manifest:
    """HorizontalPodAutoscaler or ScaledObject `name` of somebody's workload."""
    target = {"apiVersion": "apps/v1", "kind": spec.kind, "name": spec.workload}
    asked = spec.prometheus
    if asked is None:
        return assemble(
            HPA, name, spec.namespace, spec.labels, REPLACEABLE, {"spec": horizontal(spec, target, spec.container_name)}
        )
    body = scaled_object(
        spec,
        target,
        behavior(spec),
        container=spec.container_name,
        address=asked.address,
        query=asked.query,
        authentication=asked.authentication,
        modes=asked.modes,
    )
    return assemble(SCALED_OBJECT, name, spec.namespace, spec.labels, {}, {"spec": body})


def horizontal(scaling: AutoscalingSpec, target: dict[str, Any], container: str | None) -> dict[str, Any]:
    """Body of a HorizontalPodAutoscaler of the workload `target`, whose own container is `container`."""
    metrics: list[dict[str, Any]] = [{"type": "Resource", "resource": one} for one in _utilization(scaling.targets)]
    own = [{**one, "container": container} for one in _utilization(scaling.container)]
    metrics += [{"type": "ContainerResource", "containerResource": one} for one in own]
    if scaling.calls is not None:
        aim = {"type": "AverageValue", "averageValue": str(scaling.calls)}
        metrics.append({"type": "Pods", "pods": {"metric": {"name": scaling.calls_metric}, "target": aim}})
    body: dict[str, Any] = {
        "scaleTargetRef": target,
        "minReplicas": scaling.min,
        "maxReplicas": scaling.max,
        "metrics": metrics,
    }
    if found := behavior(scaling):
        body["behavior"] = found
    return body


def behavior(scaling: AutoscalingSpec) -> dict[str, Any]:
    """How fast it moves, as far as that is written."""
    written = {"scaleUp": scaling.scale_up, "scaleDown": scaling.scale_down}
    return {name: _rules(rules) for name, rules in written.items() if rules}


def _utilization(targets: ContainerTargets | None) -> list[dict[str, Any]]:
    found = {"cpu": targets.cpu, "memory": targets.memory} if targets else {}
    return [
        {"name": name, "target": {"type": "Utilization", "averageUtilization": target}}
        for name, target in found.items()
        if target is not None
    ]


def _rules(rules: ScalingRules) -> dict[str, Any]:
    policies = [{"type": one.type, "value": one.value, "periodSeconds": one.period_seconds} for one in rules.policies or ()]
    found = {"stabilizationWindowSeconds": rules.stabilization_seconds, "selectPolicy": rules.select, "policies": policies or None}
    return {name: value for name, value in found.items() if value is not None}
