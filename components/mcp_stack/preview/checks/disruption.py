"""Budgets that protect something and let nodes be drained."""

from collections.abc import Iterator
from typing import Any

from ..rendered import KubeObject
from .cluster import Cluster, Pods, dig
from .finding import Finding, error, warning

CHECK = "disruption"


def disruption(cluster: Cluster) -> Iterator[Finding]:
    """Budgets under which no pod may ever be evicted, under which all may, and two for the same pods."""
    owners: dict[Pods, KubeObject] = {}
    for budget in cluster.of("PodDisruptionBudget"):
        for pods in cluster.selected(budget.namespace, dig(budget.plain, "spec", "selector")):
            other = owners.setdefault(pods, budget)
            if other is not budget:
                yield error(
                    CHECK,
                    budget,
                    "spec.selector",
                    f"{pods.owner.title} already has {other.title}; with two, evictions fail: keep one",
                )
            yield from _possible(budget, pods, cluster.fewest(pods))


def _possible(budget: KubeObject, pods: Pods, fewest: int) -> Iterator[Finding]:
    least, away = dig(budget.plain, "spec", "minAvailable"), dig(budget.plain, "spec", "maxUnavailable")
    must = _count(least, fewest)
    if least is not None and must >= fewest:
        message = (
            f"{least!r} of {pods.owner.title}'s {fewest} replica(s) leaves none to evict, so drains hang; use maxUnavailable: 1"
        )
        yield error(CHECK, budget, "spec.minAvailable", message)
    if away is not None and (away == 0 or away == "0%"):
        yield error(CHECK, budget, "spec.maxUnavailable", f"{away!r} forbids every eviction, so drains hang; use at least 1")
    elif away is not None and _count(away, fewest) >= fewest:
        message = f"{away!r} allows all {fewest} replica(s) of {pods.owner.title} to go at once; run more, or leave the budget out"
        yield warning(CHECK, budget, "spec.maxUnavailable", message)
    if least is None and away is None:
        yield error(CHECK, budget, "spec", "says neither minAvailable nor maxUnavailable; use maxUnavailable: 1")


def _count(value: Any, replicas: int) -> int:
    """Pods that a number or a percentage stands for; Kubernetes rounds percentages up."""
    if isinstance(value, str) and value.endswith("%") and value[:-1].isdecimal():
        return -(-int(value[:-1]) * replicas // 100)
    return value if isinstance(value, int) else 0
