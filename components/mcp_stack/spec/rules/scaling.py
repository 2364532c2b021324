"""Autoscalers that can act: bounds, targets that something measures, and who is asked for the calls in flight."""

from collections.abc import Iterator

from mcp_stack_proxy.config import Problem
from mcp_stack_proxy.config.strict import join

from ..autoscaling import AutoscalingSpec
from ..names import GATEWAY
from ..stack import StackFile, StackSpec

ZERO = (
    "0 would leave nobody to answer: a call that comes then fails, because nothing holds it until a pod has started, and a server "
    "without pods cannot be asked for its tools; use at least 1"
)


def scaling_problems(spec: StackSpec, file: StackFile) -> Iterator[Problem]:
    """Contradictions within autoscalers, and targets that nothing measures."""
    parts = {name: join("servers", name) for name, server in spec.servers.items() if server.kind != "url"}
    if spec.gateway.enabled:
        parts[GATEWAY] = GATEWAY
    for part, place in parts.items():
        workload, own = (spec.gateway, file.gateway) if part == GATEWAY else (spec.servers[part], file.servers[part])
        at = join(place, "autoscaling")
        if workload.autoscaling is None or not workload.autoscales:
            if own.autoscaling is not None:
                for key in sorted(own.autoscaling.model_fields_set - {"enabled"}):
                    yield Problem(join(at, key), "does nothing, `enabled` is false; remove one of them")
            continue
        yield from autoscaler_problems(workload.autoscaling, at)
        if workload.autoscaling.calls is not None:
            yield from _calls(spec, part, workload.autoscaling, at)


def autoscaler_problems(scaling: AutoscalingSpec, at: str) -> Iterator[Problem]:
    """What is wrong with an autoscaler, whatever it scales. `at`: its path, empty for arguments of its own."""
    if scaling.min == 0:
        yield Problem(join(at, "min"), ZERO)
    if scaling.min > scaling.max:
        yield Problem(join(at, "min"), f"{scaling.min} is above `max` ({scaling.max})")
    if scaling.calls is None:
        for key in ("calls_metric", "keda"):
            if getattr(scaling, key) is not None:
                yield Problem(join(at, key), "does nothing without `calls`: CPU and memory need no more than Kubernetes itself")
    elif scaling.keda is None and scaling.calls_metric is None:
        how = "give `keda: {}`, or `calls_metric`, the name under which an adapter for custom metrics serves them"
        yield Problem(join(at, "calls"), f"{scaling.calls} is a target that Kubernetes alone cannot measure; {how}")
    elif scaling.keda is not None and scaling.calls_metric is not None:
        yield Problem(join(at, "calls_metric"), "does nothing beside `keda`, which asks Prometheus; remove one of them")
    fallback = scaling.keda.fallback if scaling.keda else None
    if fallback is not None and not scaling.min <= fallback.replicas <= scaling.max:
        bounds = f"`min` ({scaling.min}) and `max` ({scaling.max})"
        yield Problem(join(at, "keda", "fallback", "replicas"), f"{fallback.replicas} is not between {bounds}")


def _calls(spec: StackSpec, part: str, scaling: AutoscalingSpec, at: str) -> Iterator[Problem]:
    """Calls are counted by proxies: those of the pods themselves, or the gateway in front of them."""
    counts_itself = part in spec.proxies()
    if not spec.gateway.metrics.enabled:
        yield Problem(join(at, "calls"), "nothing counts calls, `gateway.metrics.enabled` is false; remove one of them")
    elif not counts_itself and scaling.keda is None:
        yield Problem(join(at, "calls"), "its pods do not count calls, the gateway does; give `keda`, which can ask for those")
    elif not counts_itself and not (spec.gateway.enabled and spec.servers[part].in_gateway):
        yield Problem(join(at, "calls"), "nothing counts its calls: it has no proxy, and no gateway offers it; aim at `cpu`")
    if scaling.keda is not None and (spec.monitoring is None or spec.monitoring.prometheus is None):
        example = "`monitoring: {labels: {…}, prometheus: {address: http://prometheus-operated.monitoring.svc:9090}}`"
        yield Problem(join(at, "keda"), f"nobody says where Prometheus is, which it asks for the calls in flight; give {example}")
