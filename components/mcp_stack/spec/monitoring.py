"""Prometheus, alerts and a dashboard for what the proxies count. The Prometheus operator's kinds, and Grafana's sidecar."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mcp_stack_proxy.config import Strict
from mcp_stack_proxy.config.amounts import NO_BOOL

from .names import DnsLabel, Labels, Selector
from .probes import Positive
from .secrets import SecretRef

Address = Annotated[str, Field(pattern=r"^https?://[^\s/?#]+[^\s?#]*$")]


class PrometheusAuthentication(Strict):
    """How KEDA shows Prometheus who asks: a token, or a user with a password, or a certificate, the latter beside either."""

    bearer_token: SecretRef | None = None
    """Token."""
    username: SecretRef | None = None
    """User of `password`."""
    password: SecretRef | None = None
    """Password of `username`."""
    certificate: SecretRef | None = None
    """Client certificate, in PEM."""
    key: SecretRef | None = None
    """Private key of `certificate`, in PEM."""
    ca: SecretRef | None = None
    """Authority that has signed Prometheus' own certificate, in PEM. Only beside `certificate`: KEDA reads it for that alone."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("`username` and `password` belong together")
        if (self.certificate is None) != (self.key is None):
            raise ValueError("`certificate` and `key` belong together")
        if self.ca is not None and self.certificate is None:
            raise ValueError("`ca` does nothing without `certificate` and `key`; give KEDA's operator the authority instead")
        if self.bearer_token is not None and self.username is not None:
            raise ValueError("give either `bearer_token` or `username` with `password`")
        if not self.secrets():
            raise ValueError("names no secret; give one, or leave it out")
        return self

    def secrets(self) -> dict[str, str]:
        """Names of the declared secrets by key."""
        found = {key: getattr(self, key) for key in type(self).model_fields}
        return {key: reference.secret for key, reference in found.items() if reference is not None}


class PrometheusSpec(Strict):
    """Where KEDA asks for the calls in flight."""

    address: Address
    """Prometheus, or what speaks its interface: `http://prometheus-operated.monitoring.svc:9090`."""
    authentication: PrometheusAuthentication | None = None
    """Where it asks who asks."""


class AlertsSpec(Strict):
    """Alerts, each of which docs/runbooks.md says what to do about."""

    enabled: bool = True
    """`false` leaves them out."""
    runbooks: Address | None = None
    """Where docs/runbooks.md can be read; each alert's `runbook_url` is its place there."""
    labels: dict[Annotated[str, Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")], str] = {}
    """Labels of every alert beside `severity`, by which Alertmanager finds who to tell."""
    error_percent: Annotated[int, Field(ge=1, le=99), NO_BOOL] = 5
    """Share of a server's calls that may fail by the server's or the network's fault, over ten minutes."""
    slow_seconds: Annotated[float, Field(gt=0, le=300, allow_inf_nan=False), NO_BOOL] = 10.0
    """Time that 95 of 100 tool calls of a server should stay below."""


class DashboardSpec(Strict):
    """A ConfigMap with a dashboard, which Grafana's sidecar loads."""

    enabled: bool = True
    """`false` leaves it out."""
    labels: Labels = {"grafana_dashboard": "1"}
    """Labels by which the sidecar finds it."""
    folder: Annotated[str, Field(min_length=1)] = "MCP"
    """Folder in Grafana; the sidecar reads it from the annotation `grafana_folder`."""


class MonitorSpec(Strict):
    """Who scrapes, and how often."""

    via: Literal["service-monitor", "pod-monitor"] = "service-monitor"
    """ServiceMonitors, for which each proxy's Service gets a port `metrics`; or PodMonitors, which need no Service."""
    labels: Labels
    """Labels by which Prometheus selects monitors and rules, often `{release: NAME}` of its Helm chart; `{}` where it takes all."""
    interval_seconds: Positive = 30
    """Time between two scrapes."""
    timeout_seconds: Positive = 10
    """Time that one may take, at most `interval_seconds`."""
    alerts: AlertsSpec = AlertsSpec()
    """A PrometheusRule."""
    dashboard: DashboardSpec = DashboardSpec()
    """A Grafana dashboard."""


class MonitoringSpec(MonitorSpec):
    """Scraping of every proxy, alerts and a dashboard. Prometheus is let in to the management port, and nobody else."""

    namespace: DnsLabel = "monitoring"
    """Namespace of Prometheus' pods."""
    pods: Selector | None = None
    """Labels of Prometheus' pods; all pods of `namespace` by default."""
    prometheus: PrometheusSpec | None = None
    """Where KEDA asks for the calls in flight."""
