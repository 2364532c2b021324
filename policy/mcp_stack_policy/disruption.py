"""Budgets that protect and still let a node be drained."""

import math
from collections.abc import Iterator
from typing import Any

from .model import Found, Policy, Program, Settings, selects
from .pods import all_pods
from .resources import Object, dig


def _drains(item: Object, program: Program, settings: Settings) -> Found:
    if item.kind != "PodDisruptionBudget" or item.partial:
        return
    spec = item.manifest.get("spec")
    most, least = dig(spec, "maxUnavailable"), dig(spec, "minAvailable")
    if most is not None and _share(most, 100) == 0:
        yield "spec.maxUnavailable", f"{most} never lets a pod go, so a drain of its node never ends"
    chosen = program.once(_chosen)
    for workload in chosen[item]:
        replicas = program.replicas(workload, "least")
        wanted = _share(least, replicas) if replicas is not None else None
        if wanted is not None and replicas is not None and wanted >= replicas:
            have = f"{workload.title} may have {replicas} pod{'s' if replicas != 1 else ''}"
            yield "spec.minAvailable", f"{least} have to stay and {have}, so a drain of their node never ends"
    for other, workloads in chosen.items():
        if not chosen[item].keys().isdisjoint(workloads) and other.title < item.title:
            yield "spec.selector", f"selects pods of {other.title}, too, and the API evicts no pod that has two budgets"


def _chosen(program: Program) -> dict[Object, dict[Object, None]]:
    """Each budget, and the workloads whose pods it protects."""
    return {budget: dict.fromkeys(_protected(budget, program)) for budget in program.of("PodDisruptionBudget")}


def _protected(budget: Object, program: Program) -> Iterator[Object]:
    selector = dig(budget.manifest, "spec", "selector")
    if selector is not None:
        namespace = budget.namespace
        for pods in all_pods(program):
            if selects(selector, pods.labels) and pods.object.namespace == namespace:
                yield pods.object


def _share(value: Any, whole: int) -> int | None:
    """Pods that a number or a percentage stands for; the API rounds up."""
    if isinstance(value, str) and value.endswith("%") and value[:-1].isdecimal():
        return math.ceil(int(value[:-1]) * whole / 100)
    return value if isinstance(value, int) else None


BLOCKED_DRAINS = Policy(
    name="blocked-drains",
    title="Disruption budgets let nodes be drained.",
    remedy="use `maxUnavailable: 1`, and no budget for a single pod",
    check=_drains,
    level="mandatory",
    severity="high",
    whole=True,
)
