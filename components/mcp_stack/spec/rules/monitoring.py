"""Monitoring that finds something to scrape, and opens it to nobody else."""

from collections.abc import Iterator

from mcp_stack_proxy.config import Problem
from mcp_stack_proxy.config.strict import join

from ..monitoring import MonitorSpec
from ..names import GATEWAY
from ..stack import StackSpec

METRICS = "metrics"
"""Name of the port of a Service that is scraped."""


def monitoring_problems(spec: StackSpec) -> Iterator[Problem]:
    """Monitoring of nothing, keys that do nothing, and Services that would show metrics to everyone."""
    monitoring = spec.monitoring
    if monitoring is None:
        return
    if not spec.proxies():
        yield Problem("monitoring", "does nothing, no proxy runs: no gateway, and no server with `command` or `proxy`; remove it")
    elif not spec.gateway.metrics.enabled:
        yield Problem("monitoring", "does nothing, `gateway.metrics.enabled` is false, so nothing is counted; remove one of them")
    yield from monitor_problems(monitoring, "monitoring")
    asking = [part for part in (*spec.servers, GATEWAY) if spec.asks_prometheus(part)]
    if monitoring.prometheus is not None and not asking:
        reason = "does nothing, nothing is scaled by `calls` with `autoscaling.keda`; remove it"
        yield Problem("monitoring.prometheus", reason)
    if monitoring.via == "service-monitor":
        yield from _services(spec)


def monitor_problems(monitor: MonitorSpec, at: str) -> Iterator[Problem]:
    """What is wrong with scraping, alerts and dashboard, whatever they are about."""
    if monitor.timeout_seconds > monitor.interval_seconds:
        what = f"{monitor.timeout_seconds} is above `interval_seconds` ({monitor.interval_seconds}), which Prometheus refuses"
        yield Problem(join(at, "timeout_seconds"), what)
    for section in ("alerts", "dashboard"):
        own = getattr(monitor, section)
        if not own.enabled:
            for key in sorted(own.model_fields_set - {"enabled"}):
                yield Problem(join(at, section, key), f"does nothing, `{section}.enabled` is false; remove one of them")


def _services(spec: StackSpec) -> Iterator[Problem]:
    """The metrics get a port of their own in each proxy's Service, so it must be free, and the Service must not lead outside."""
    number = spec.gateway.management.port
    for part in spec.proxies():
        workload = spec.gateway if part == GATEWAY else spec.servers[part]
        at = join(GATEWAY if part == GATEWAY else join("servers", part), "service")
        if workload.service.type != "ClusterIP":
            why = f"{workload.service.type!r} would lead to the metrics from outside; set `monitoring.via: pod-monitor`"
            yield Problem(join(at, "type"), why)
        if workload.service.port == number:
            yield Problem(join(at, "port"), f"{number} is where the Service has the metrics (`gateway.management.port`)")
        if workload.service.port_name == METRICS:
            yield Problem(join(at, "port_name"), f"{METRICS!r} is the port of the metrics; choose another")
