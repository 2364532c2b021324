"""What arguments consist of: monitoring. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict

from .secrets import SecretRefArgs


class AlertsArgs(TypedDict):
    """Alerts, each of which docs/runbooks.md says what to do about."""

    enabled: NotRequired[bool]
    """`false` leaves them out."""
    runbooks: NotRequired[str]
    """Where docs/runbooks.md can be read; each alert's `runbook_url` is its place there."""
    labels: NotRequired[dict[str, str]]
    """Labels of every alert beside `severity`, by which Alertmanager finds who to tell."""
    error_percent: NotRequired[int]
    """Share of a server's calls that may fail by the server's or the network's fault, over ten minutes."""
    slow_seconds: NotRequired[float]
    """Time that 95 of 100 tool calls of a server should stay below."""


class DashboardArgs(TypedDict):
    """A ConfigMap with a dashboard, which Grafana's sidecar loads."""

    enabled: NotRequired[bool]
    """`false` leaves it out."""
    labels: NotRequired[dict[str, str]]
    """Labels by which the sidecar finds it."""
    folder: NotRequired[str]
    """Folder in Grafana; the sidecar reads it from the annotation `grafana_folder`."""


class PrometheusAuthenticationArgs(TypedDict):
    """How KEDA shows Prometheus who asks: a token, or a user with a password, or a certificate, the latter beside either."""

    bearer_token: NotRequired[SecretRefArgs]
    """Token."""
    username: NotRequired[SecretRefArgs]
    """User of `password`."""
    password: NotRequired[SecretRefArgs]
    """Password of `username`."""
    certificate: NotRequired[SecretRefArgs]
    """Client certificate, in PEM."""
    key: NotRequired[SecretRefArgs]
    """Private key of `certificate`, in PEM."""
    ca: NotRequired[SecretRefArgs]
    """Authority that has signed Prometheus' own certificate, in PEM. Only beside `certificate`: KEDA reads it for that alone."""


class PrometheusArgs(TypedDict):
    """Where KEDA asks for the calls in flight."""

    address: str
    """Prometheus, or what speaks its interface: `http://prometheus-operated.monitoring.svc:9090`."""
    authentication: NotRequired[PrometheusAuthenticationArgs]
    """Where it asks who asks."""


class MonitoringArgs(TypedDict):
    """Scraping of every proxy, alerts and a dashboard. Prometheus is let in to the management port, and nobody else."""

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
    namespace: NotRequired[str]
    """Namespace of Prometheus' pods."""
    pods: NotRequired[dict[str, str]]
    """Labels of Prometheus' pods; all pods of `namespace` by default."""
    prometheus: NotRequired[PrometheusArgs]
    """Where KEDA asks for the calls in flight."""
