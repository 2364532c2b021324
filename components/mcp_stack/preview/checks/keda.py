"""ScaledObjects that KEDA takes, and that can ask what they want to know (kedacore/keda v2.20, its webhook and scalers)."""

from collections.abc import Iterator

from ..rendered import KubeObject
from .cluster import Cluster, dig, items, mapping
from .finding import MISSING, Finding, error, warning
from .references import provided_keys

CHECK = "autoscaling"

RESOURCES = ("cpu", "memory")
"""Triggers that Kubernetes itself measures."""


def keda(cluster: Cluster, scaler: KubeObject) -> Iterator[Finding]:
    """Missing triggers and authentications, times that do nothing, a fallback for nothing."""
    triggers = items(scaler.plain, "spec", "triggers")
    if not triggers:
        yield error(CHECK, scaler, "spec.triggers", "missing: there is nothing to scale by; add a trigger")
    asking = [trigger for trigger in triggers if dig(trigger, "type") not in RESOURCES]
    least = dig(scaler.plain, "spec", "minReplicaCount") or 0
    if triggers and not asking:
        if least == 0:
            message = "0 with triggers of CPU and memory alone, which pods have to be there for; use at least 1"
            yield error(CHECK, scaler, "spec.minReplicaCount", message)
        if dig(scaler.plain, "spec", "fallback") is not None:
            message = "is for triggers that ask somebody; CPU and memory alone have none, and KEDA refuses it: remove it"
            yield error(CHECK, scaler, "spec.fallback", message)
    if least > 0:
        yield from _idle(scaler, cached=any(dig(trigger, "useCachedMetrics") for trigger in asking))
    for index, trigger in enumerate(triggers):
        name, kind = dig(trigger, "authenticationRef", "name"), dig(trigger, "authenticationRef", "kind")
        if name is not None and kind in (None, "TriggerAuthentication"):
            yield from _authentication(cluster, scaler, str(name), f"spec.triggers[{index}].authenticationRef")


def _idle(scaler: KubeObject, *, cached: bool) -> Iterator[Finding]:
    """Times that matter on the way to and from zero alone."""
    keys = ["cooldownPeriod", *([] if cached else ["pollingInterval"])]
    for key in keys:
        if dig(scaler.plain, "spec", key) is not None and dig(scaler.plain, "spec", "idleReplicaCount") is None:
            hint = "remove it" if key == "cooldownPeriod" else "set `useCachedMetrics` on a trigger, or remove it"
            yield warning(CHECK, scaler, f"spec.{key}", f"does nothing while minReplicaCount is above 0; {hint}")


def _authentication(cluster: Cluster, scaler: KubeObject, name: str, path: str) -> Iterator[Finding]:
    found = cluster.find("TriggerAuthentication", scaler.namespace, name)
    if found is None:
        if not cluster.exists("TriggerAuthentication", scaler.namespace, name):
            yield error(CHECK, scaler, path, f"TriggerAuthentication {scaler.namespace}/{name} {MISSING}")
        return
    for index, reference in enumerate(items(found.plain, "spec", "secretTargetRef")):
        secret, key = str(dig(reference, "name")), str(dig(reference, "key"))
        keys = provided_keys(cluster, "Secret", found.namespace, secret)
        place = f"spec.secretTargetRef[{index}]"
        if keys is None:
            yield error(CHECK, found, place, f"Secret {found.namespace}/{secret} {MISSING}")
        elif keys and key not in keys:
            known = ", ".join(sorted(keys))
            yield error(CHECK, found, place, f"Secret {secret} has no key {key!r}; it has: {known}")
    if not mapping(found.plain, "spec"):
        yield error(CHECK, found, "spec", "gives nothing to show; name a secret, or leave it out")
