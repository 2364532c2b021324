"""Fields that older clusters do not have. They drop them without a word, or refuse the object."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..preview.checks.cluster import Pods, dig, items, mapping
from ..preview.rendered import KubeObject


@dataclass(frozen=True, slots=True)
class Feature:
    """`minor`: the first 1.x that has it without a feature gate (kubernetes.io, "Feature Gates")."""

    name: str
    minor: int
    used: Callable[[KubeObject, Pods | None], bool]


def _of_pods(look: Callable[[Pods], bool]) -> Callable[[KubeObject, Pods | None], bool]:
    return lambda _, pods: pods is not None and look(pods)


def _of(kind: str, look: Callable[[KubeObject], bool]) -> Callable[[KubeObject, Pods | None], bool]:
    return lambda item, _: item.kind == kind and look(item)


def _probes(pods: Pods) -> Iterator[object]:
    for container in pods.containers:
        for name in ("startupProbe", "readinessProbe", "livenessProbe"):
            yield mapping(container.spec, name)


FEATURES = (
    Feature("sidecars (init containers that go on)", 29, _of_pods(lambda pods: any(one.sidecar for one in pods.containers))),
    Feature("user namespaces (`hostUsers: false`)", 33, _of_pods(lambda pods: pods.spec.get("hostUsers") is False)),
    Feature(
        "a pause before the end (`preStop.sleep`)",
        30,
        _of_pods(lambda pods: any(dig(one.spec, "lifecycle", "preStop", "sleep") is not None for one in pods.containers)),
    ),
    Feature("gRPC probes", 24, _of_pods(lambda pods: any(dig(probe, "grpc") is not None for probe in _probes(pods)))),
    Feature(
        "spreading that knows taints (`nodeTaintsPolicy`)",
        26,
        _of_pods(lambda pods: any("nodeTaintsPolicy" in one for one in items(pods.spec, "topologySpreadConstraints"))),
    ),
    Feature(
        "spreading by revision (`matchLabelKeys`)",
        27,
        _of_pods(lambda pods: any("matchLabelKeys" in one for one in items(pods.spec, "topologySpreadConstraints"))),
    ),
    Feature(
        "eviction of unhealthy pods (`unhealthyPodEvictionPolicy`)",
        27,
        _of("PodDisruptionBudget", lambda item: dig(item.plain, "spec", "unhealthyPodEvictionPolicy") is not None),
    ),
    Feature(
        "scaling by one container (`ContainerResource`)",
        27,
        _of(
            "HorizontalPodAutoscaler",
            lambda item: any(dig(one, "type") == "ContainerResource" for one in items(item.plain, "spec", "metrics")),
        ),
    ),
    Feature(
        "volumes that go with their StatefulSet (`persistentVolumeClaimRetentionPolicy`)",
        27,
        _of("StatefulSet", lambda item: dig(item.plain, "spec", "persistentVolumeClaimRetentionPolicy") is not None),
    ),
)
