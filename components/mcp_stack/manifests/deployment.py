"""Deployments that replace pods without a gap."""

from collections.abc import Mapping
from typing import Any

from ..spec import StackSpec
from ..spec.workload import WorkloadSpec
from .identity import Manifest, manifest, selector_of, workload_of
from .patience import patience, waits
from .pod import pod_template
from .rotation import restart_annotations


def deployment(spec: StackSpec, part: str, maps: Mapping[str, str], annotations: Mapping[str, Any]) -> Manifest:
    """Deployment of `part`. `maps`: names of its ConfigMaps by role; `annotations`: for the pods alone.

    An old pod goes only when a new one is ready, unless `rollout` says otherwise; but where both need a volume that one node can
    have, the new one could wait for ever, and the old one goes first. `replicas` is absent beside an autoscaler, which every update
    would otherwise overrule.
    """
    workload = workload_of(spec, part)
    template = pod_template(spec, part, maps, annotations)
    body: dict[str, Any] = {
        "selector": {"matchLabels": selector_of(spec, part)},
        "strategy": strategy(workload),
        "template": template,
    }
    seconds = patience(template)
    if seconds is not None:
        body["progressDeadlineSeconds"] = seconds
    if not workload.autoscales:
        body["replicas"] = workload.replicas
    about = {**waits(seconds), **restart_annotations(spec, part)}
    return manifest(spec, part, "apps/v1 Deployment", {"spec": body}, annotations=about)


def strategy(workload: WorkloadSpec) -> dict[str, Any]:
    """`strategy` of a Deployment."""
    rollout = workload.rollout
    if rollout.recreate or workload.exclusive_volumes():
        return {"type": "Recreate"}
    return {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": rollout.max_unavailable, "maxSurge": rollout.max_surge}}
