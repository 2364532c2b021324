"""Autoscalers that can act, and that nobody works against."""

from collections.abc import Iterator

from ..rendered import KubeObject
from ..values import told_later
from .cluster import Cluster, Pods, dig, items, mapping
from .finding import Finding, error, warning
from .keda import keda

CHECK = "autoscaling"


def autoscaling(cluster: Cluster) -> Iterator[Finding]:
    """Missing targets and requests, fixed replicas beside an autoscaler, two autoscalers for one workload."""
    owners: dict[tuple[str, str, str], KubeObject] = {}
    for scaler in cluster.of("HorizontalPodAutoscaler", "ScaledObject"):
        target = mapping(scaler.plain, "spec", "scaleTargetRef")
        kind, name = str(target.get("kind", "Deployment")), str(target.get("name"))
        later = told_later(name)
        other = scaler if later else owners.setdefault((scaler.namespace, kind, name), scaler)
        if other is not scaler:
            yield error(
                CHECK,
                scaler,
                "spec.scaleTargetRef",
                f"{kind} {name} already follows {other.title}; two autoscalers fight, keep one",
            )
        pods = next(
            (pods for pods in cluster.pods if (pods.owner.kind, pods.namespace, pods.owner.name) == (kind, scaler.namespace, name)),
            None,
        )
        if pods is None and not later:
            yield error(
                CHECK,
                scaler,
                "spec.scaleTargetRef",
                f"{kind} {scaler.namespace}/{name} does not exist; name a workload of the stack",
            )
        if pods is not None and dig(pods.owner.plain, "spec", "replicas") is not None:
            yield error(
                CHECK,
                pods.owner,
                "spec.replicas",
                f"every deployment resets what {scaler.title} decided; leave it out beside an autoscaler",
            )
        if scaler.kind == "HorizontalPodAutoscaler":
            yield from _bounds(scaler, "minReplicas", "maxReplicas", 1)
            yield from _metrics(scaler, pods)
        else:
            yield from _bounds(scaler, "minReplicaCount", "maxReplicaCount", 0)
            yield from keda(cluster, scaler)


def _bounds(scaler: KubeObject, fewest: str, highest: str, usual: int) -> Iterator[Finding]:
    least, most = dig(scaler.plain, "spec", fewest), dig(scaler.plain, "spec", highest)
    least = usual if least is None else least
    if isinstance(most, int) and least > most:
        yield error(CHECK, scaler, f"spec.{highest}", f"{most} is less than {fewest} ({least}); raise it")
    if least == most:
        yield warning(
            CHECK, scaler, f"spec.{highest}", f"equals {fewest} ({least}), so nothing scales; raise it, or use fixed replicas"
        )


def _metrics(scaler: KubeObject, pods: Pods | None) -> Iterator[Finding]:
    metrics = items(scaler.plain, "spec", "metrics")
    if not metrics:
        yield error(CHECK, scaler, "spec.metrics", "missing: there is nothing to scale by; add a metric")
    for index, metric in enumerate(metrics if pods else []):
        for source in ("resource", "containerResource"):
            found = mapping(metric, source)
            if dig(found, "target", "type") != "Utilization" or pods is None:
                continue
            wanted = found.get("container")
            chosen = [container for container in pods.running if wanted in (None, container.name)]
            if not chosen:
                yield error(
                    CHECK, scaler, f"spec.metrics[{index}].{source}.container", f"{wanted!r} is no container of {pods.owner.title}"
                )
            for container in chosen:
                name = str(found.get("name"))
                if not dig(container.spec, "resources", "requests", name):
                    message = (
                        f"{scaler.title} aims at a share of the requested {name}, and this container requests none; add a request"
                    )
                    yield error(CHECK, pods.owner, f"{container.path}.resources.requests.{name}", message)
