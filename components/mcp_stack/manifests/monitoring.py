"""Who scrapes the proxies: a ServiceMonitor, or a PodMonitor, for the Prometheus operator."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..spec import SHARED, StackSpec
from ..spec.alone import DASHBOARD, ProxyMonitoringSpec
from ..spec.monitoring import MonitorSpec
from ..spec.rules.monitoring import METRICS
from .alerts import Alert, alert_rules
from .backup_alerts import overdue
from .dashboard import dashboard
from .identity import Manifest, assemble, labels_of, runs_proxy, selector_of, shared_labels, workload_of
from .probes import MANAGEMENT
from .queries import scope

GROUP = "monitoring.coreos.com/v1"

IDENTITY = ("app.kubernetes.io/instance", "app.kubernetes.io/name")
"""Labels of pods that every scraped series carries, beside those that select the pods: queries tell proxies apart by them."""


def monitor(spec: StackSpec, part: str) -> Manifest | None:
    """ServiceMonitor or PodMonitor of `part`, or None where nothing is scraped: without `monitoring`, and where no proxy runs."""
    if spec.monitoring is None or not runs_proxy(spec, part):
        return None
    labels, annotations = labels_of(spec, part), {**spec.annotations, **workload_of(spec, part).annotations}
    name = spec.object_name(part)
    return scraping(spec.monitoring, name, spec.namespace, labels, annotations, selector_of(spec, part))


def scraping(
    monitor: MonitorSpec,
    name: str,
    namespace: str,
    labels: Mapping[str, str],
    annotations: Mapping[str, str],
    selector: Mapping[str, str],
) -> Manifest:
    """Monitor of the Services, or pods, that `selector` selects in `namespace`."""
    services = monitor.via == "service-monitor"
    endpoint: dict[str, Any] = {
        "port": METRICS if services else MANAGEMENT,
        "path": "/metrics",
        "interval": f"{monitor.interval_seconds}s",
        "scrapeTimeout": f"{monitor.timeout_seconds}s",
    }
    body = {
        "selector": {"matchLabels": dict(selector)},
        "podTargetLabels": sorted({*IDENTITY, *selector}),
        "endpoints" if services else "podMetricsEndpoints": [endpoint],
    }
    kind = "ServiceMonitor" if services else "PodMonitor"
    return assemble(f"{GROUP} {kind}", name, namespace, {**labels, **monitor.labels}, annotations, {"spec": body})


def monitoring_alone(name: str, spec: ProxyMonitoringSpec) -> dict[str, Manifest]:
    """Monitor, alerts and dashboard `name` for proxies that run in `namespace`, by role."""
    monitor = scraping(spec, name, spec.namespace, {}, {}, spec.selector)
    return {"monitor": monitor, **about(spec, name, spec.namespace, {}, {}, pods=spec.selector, title=name)}


def overview(spec: StackSpec, part: str | None = None) -> dict[str, Manifest]:
    """Alerts and dashboard by role, about the whole stack, or about `part` where that stands alone."""
    if spec.monitoring is None:
        return {}
    name = spec.object_name(part or SHARED)
    labels = labels_of(spec, part) if part else shared_labels(spec)
    pods = selector_of(spec, part) if part else {IDENTITY[0]: spec.stack}
    title = f"{spec.stack} {labels[IDENTITY[1]]}" if part else spec.stack
    backups = overdue(spec, [part] if part else list(spec.servers))
    return about(spec.monitoring, name, spec.namespace, labels, spec.annotations, pods=pods, title=title, further=backups)


def about(
    monitor: MonitorSpec,
    name: str,
    namespace: str,
    labels: Mapping[str, str],
    annotations: Mapping[str, str],
    *,
    pods: Mapping[str, str],
    title: str,
    further: Sequence[Alert] = (),
) -> dict[str, Manifest]:
    """PrometheusRule and dashboard by role, about proxies whose pods have the labels `pods`. `title` is for readers, `further` are
    alerts on something else."""
    asked, found = scope(namespace, pods), dict[str, Manifest]()
    if monitor.alerts.enabled:
        groups = [{"name": name, "rules": alert_rules(asked, monitor.alerts, further)}]
        kind = f"{GROUP} PrometheusRule"
        found["alerts"] = assemble(kind, name, namespace, {**labels, **monitor.labels}, annotations, {"spec": {"groups": groups}})
    if monitor.dashboard.enabled:
        own = monitor.dashboard
        data = {f"{name}.json": dashboard(name, title, asked)}
        notes = {**annotations, "grafana_folder": own.folder}
        shown = {**labels, **own.labels}
        found["dashboard"] = assemble("v1 ConfigMap", name + DASHBOARD, namespace, shown, notes, {"data": data})
    return found
