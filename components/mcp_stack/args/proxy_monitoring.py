"""Arguments of a component: ProxyMonitoring. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict

import pulumi

from .monitoring import AlertsArgs, DashboardArgs


class ProxyMonitoringArgs(TypedDict):
    """Scraping, alerts and a dashboard for proxies that were deployed in some other way."""

    via: NotRequired[str]
    """ServiceMonitors, for which each proxy's Service gets a port `metrics`; or PodMonitors, which need no Service."""
    labels: dict[str, str]
    """Labels by which Prometheus selects monitors and rules, often `{release: NAME}` of its Helm chart; `{}` where it takes all."""
    interval_seconds: NotRequired[int]
    """Time between two scrapes."""
    timeout_seconds: NotRequired[int]
    """Time that one may take, at most `interval_seconds`."""
    alerts: NotRequired[AlertsArgs]
    """A PrometheusRule."""
    dashboard: NotRequired[DashboardArgs]
    """A Grafana dashboard."""
    namespace: pulumi.Input[str]
    """Namespace of the proxies. Their network policies have to let Prometheus in."""
    selector: dict[str, str]
    """Labels of their Services, each with a port `metrics`; or of their pods, with a port `management`, via `pod-monitor`. The pods
    carry them in either case."""
