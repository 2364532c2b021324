"""KEDA's objects: replicas by what Prometheus answers, and what KEDA shows Prometheus when it asks."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..spec import Secret, StackSpec
from ..spec.autoscaling import AutoscalingSpec
from .identity import Manifest, manifest

PARAMETERS = {
    "bearer_token": ("bearer", "bearerToken"),
    "username": ("basic", "username"),
    "password": ("basic", "password"),
    "certificate": ("tls", "cert"),
    "key": ("tls", "key"),
    "ca": ("tls", "ca"),
}
"""Key of an authentication -> KEDA's mode and parameter (kedacore/keda v2.20, pkg/scalers/authentication)."""


def scaled_object(
    scaling: AutoscalingSpec,
    target: Mapping[str, Any],
    behavior: Mapping[str, Any],
    *,
    container: str | None,
    address: str,
    query: str,
    authentication: str | None,
    modes: Sequence[str] = (),
) -> dict[str, Any]:
    """Body of a ScaledObject of the workload `target`, whose own container is `container`. `authentication`: a
    TriggerAuthentication, for KEDA's `modes` of asking.

    Answers are cached between two questions; without that, KEDA would ask anew whenever the autoscaler looks, every 15 seconds,
    whatever its polling interval. An empty answer is no zero: scraping has failed, and nothing is scaled down by that. No cooldown
    is written, because KEDA heeds it on the way to zero replicas alone.
    """
    keda = scaling.keda
    if keda is None or scaling.calls is None:
        raise ValueError("KEDA scales by `calls`; give both `keda` and `calls`")
    metadata = {"serverAddress": address, "query": query, "threshold": str(scaling.calls), "ignoreNullValues": "false"}
    trigger: dict[str, Any] = {
        "type": "prometheus",
        "name": "calls",
        "metricType": "AverageValue",
        "useCachedMetrics": True,
        "metadata": metadata,
    }
    if authentication is not None:
        metadata["authModes"] = ",".join(modes)
        trigger["authenticationRef"] = {"name": authentication}
    body: dict[str, Any] = {
        "scaleTargetRef": dict(target),
        "minReplicaCount": scaling.min,
        "maxReplicaCount": scaling.max,
        "pollingInterval": keda.polling_seconds,
        "triggers": [trigger, *_resources(scaling, container)],
    }
    if keda.fallback is not None:
        fallback = keda.fallback
        body["fallback"] = {
            "failureThreshold": fallback.failures,
            "replicas": fallback.replicas,
            "behavior": fallback.behavior,
        }
    if behavior:
        body["advanced"] = {"horizontalPodAutoscalerConfig": {"behavior": dict(behavior)}}
    return body


def _resources(scaling: AutoscalingSpec, container: str | None) -> list[dict[str, Any]]:
    """Triggers by CPU and memory, of whole pods and of their own container."""
    aims = [(kind, None, getattr(scaling.targets, kind, None)) for kind in ("cpu", "memory")]
    aims += [(kind, container, getattr(scaling.container, kind, None)) for kind in ("cpu", "memory")]
    return [
        {
            "type": kind,
            "metricType": "Utilization",
            "metadata": {"value": str(aim), **({"containerName": name} if name else {})},
        }
        for kind, name, aim in aims
        if aim is not None
    ]


def modes_of(keys: Iterable[str]) -> list[str]:
    """KEDA's modes for the keys of an authentication."""
    return sorted({PARAMETERS[key][0] for key in keys})


def trigger_authentication(spec: StackSpec, part: str) -> Manifest | None:
    """TriggerAuthentication of `part`, or None where KEDA need not show anything. It names Secrets; no value stands in it."""
    shown = spec.prometheus_secrets(part)
    if not shown:
        return None
    found: dict[str, Secret] = {key: spec.secret(part, name) for key, name in shown.items()}
    references = [{"parameter": PARAMETERS[key][1], "name": secret.object, "key": secret.key} for key, secret in found.items()]
    return manifest(spec, part, "keda.sh/v1alpha1 TriggerAuthentication", {"spec": {"secretTargetRef": references}})
