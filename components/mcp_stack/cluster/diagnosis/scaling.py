"""Autoscalers that know nothing, or cannot act."""

from collections.abc import Iterator

from .causes import Cause, first
from .found import Diagnosis, one_line
from .world import World, conditions, label_of, title_of

AT_REST = frozenset({"ScalingDisabled"})
"""Reasons that are no fault: somebody scaled it to zero."""

ACTIVE = (
    Cause(
        "missing request for",
        "give every container of the pod `resources.requests` of that; a sidecar that somebody injects counts, too",
    ),
    Cause(
        "metrics\\.k8s\\.io|could not find the requested resource|unable to fetch metrics from resource metrics",
        "install metrics-server, or see why `kubectl top pods` fails",
    ),
    Cause(
        "custom\\.metrics|external\\.metrics|unable to fetch metrics from (custom|external)|get(pods|external)metric",
        "the adapter does not know the metric; see its rules, and whether Prometheus has it",
    ),
    Cause(
        "no recommendation|did not receive metrics|no metrics returned",
        "its pods are not ready yet, or metrics-server has not seen them; look again in a minute",
    ),
)

TRIGGERED = (
    Cause(
        "no such host|refused|timeout|unreachable",
        "KEDA does not reach Prometheus; mend `monitoring.prometheus.address`, or open its network policy",
    ),
    Cause("40[13]\\b|unauthorized|forbidden", "Prometheus refuses KEDA; mend `monitoring.prometheus.authentication`"),
    Cause("secret .*not found|triggerauthentication", "create the Secret that its authentication names"),
    Cause("already managed by|hpa", "another autoscaler has the same target; remove one"),
    Cause("deployment.*not found|target", "what it scales is not there; see what is said of the Deployment"),
)


def scaling(world: World) -> Iterator[Diagnosis]:
    """HorizontalPodAutoscalers and ScaledObjects with a condition that stops them."""
    for one in world.of("HorizontalPodAutoscaler"):
        found = conditions(one.get("status"))
        for kind in ("AbleToScale", "ScalingActive"):
            condition = found.get(kind)
            if condition is None or condition.get("status") != "False" or condition.get("reason") in AT_REST:
                continue
            said = one_line(condition.get("message"))
            step = first(ACTIVE, f"{said} {condition.get('reason')}", "see whether its target and its metrics are there")
            yield Diagnosis(title_of(one), label_of(condition), said, step)
    for one in world.of("ScaledObject"):
        found = conditions(one.get("status"))
        ready, fallback = found.get("Ready"), found.get("Fallback")
        if not found:
            yield Diagnosis(title_of(one), "no status", "", "no controller has looked at it; see whether KEDA runs")
        if ready is not None and ready.get("status") == "False":
            said = one_line(ready.get("message"))
            cause = next(iter(world.warnings(one)), "")
            step = first(TRIGGERED, f"{said} {cause}", "see the log of KEDA's operator")
            yield Diagnosis(title_of(one), label_of(ready), cause or said, step)
        elif fallback is not None and fallback.get("status") == "True":
            said = one_line(fallback.get("message"))
            step = "KEDA gets no answer, so it stands at its fallback; see whether Prometheus answers and knows the metric"
            yield Diagnosis(title_of(one), label_of(fallback), said, step)
