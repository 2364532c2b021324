"""Scraping, alerts and a dashboard for proxies that were deployed in some other way."""

import pulumi

from .args import ProxyMonitoringArgs
from .children import create
from .inputs import alone
from .manifests.monitoring import monitoring_alone
from .spec.alone import ProxyMonitoringSpec


class Monitoring(pulumi.ComponentResource):
    """A ServiceMonitor or PodMonitor, a PrometheusRule and a Grafana dashboard. Needs the Prometheus operator's kinds."""

    object_name: pulumi.Output[str]
    """Name of the monitor, and of the rule where there is one."""
    dashboard_name: pulumi.Output[str | None]
    """Name of the dashboard's ConfigMap, or nothing where there is none."""

    def __init__(self, name: str, args: ProxyMonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mcp-stack:index:Monitoring", name, None, opts)
        spec, later = alone(ProxyMonitoringSpec, "Monitoring", name, args)
        objects = monitoring_alone(name, spec)
        create(self, name, objects, later)
        dashboard = objects.get("dashboard")
        self.object_name = pulumi.Output.from_input(name)
        self.dashboard_name = pulumi.Output.from_input(dashboard["metadata"]["name"] if dashboard else None)
        self.register_outputs({"objectName": self.object_name, "dashboardName": self.dashboard_name})
