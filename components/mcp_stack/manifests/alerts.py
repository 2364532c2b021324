"""Alerts on what the proxies count. docs/runbooks.md says of each what it means and what to do; a test keeps both in step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..spec.monitoring import AlertsSpec
from .queries import any_of, series

FAULTS = (
    *("server-error", "internal-error", "rejected", "unknown", "replica-gone", "overloaded", "invalid-result", "invalid-schema"),
    *("upstream-unreachable", "upstream-connect-timeout", "upstream-timeout", "upstream-silent", "upstream-discovery-timeout"),
    *("upstream-invalid", "upstream-over-memory", "upstream-refused"),
)
"""Outcomes of calls that are the fault of the server, the network or the proxy. What callers do wrong, and what a tool itself
reports as failed, says nothing about a server's health."""

LOST = (*("upstream-unreachable", "upstream-connect-timeout", "upstream-timeout", "upstream-silent", "upstream-discovery-timeout"),)
"""Outcomes of calls to a server that does not answer at all."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert. `minutes`: how long `expression` has to hold."""

    name: str
    severity: str
    minutes: int
    expression: str
    summary: str
    description: str

    def rule(self, own: AlertsSpec) -> dict[str, Any]:
        """As a PrometheusRule has it."""
        texts = {"summary": self.summary, "description": self.description}
        if own.runbooks is not None:
            texts["runbook_url"] = f"{own.runbooks}#{self.name.lower()}"
        rule: dict[str, Any] = {"alert": self.name, "expr": self.expression}
        if self.minutes:
            rule["for"] = f"{self.minutes}m"
        return {**rule, "labels": {**own.labels, "severity": self.severity}, "annotations": texts}


def alert_rules(scope: Mapping[str, str], own: AlertsSpec, further: Sequence[Alert] = ()) -> list[dict[str, Any]]:
    """Every alert about the proxies that `scope` matches, and `further` ones."""
    return [alert.rule(own) for alert in (*_proxies(scope), *_servers(scope), *_calls(scope, own), *further)]


def _proxies(scope: Mapping[str, str]) -> list[Alert]:
    """About the proxies themselves."""
    late = f"rate({series('mcp_proxy_event_loop_lag_seconds_bucket', scope)}[10m])"
    return [
        Alert(
            "MCPMetricsMissing",
            "critical",
            10,
            f"absent({series('mcp_proxy_build_info', scope)})",
            "Prometheus has no metrics of {{ $labels.namespace }}",
            "No proxy is scraped, so no other alert can fire. See that pods run, that Prometheus selects the monitors, and that "
            "the network policy lets it in.",
        ),
        Alert(
            "MCPProxyDown",
            "warning",
            5,
            f"{series('up', scope)} == 0",
            "Proxy {{ $labels.pod }} cannot be scraped",
            "The pod does not answer on its management port. See its state and its last lines of log.",
        ),
        Alert(
            "MCPProxyBusy",
            "warning",
            10,
            f"histogram_quantile(0.99, sum by (namespace, pod, le) ({late})) > 0.25",
            "Proxy {{ $labels.pod }} is {{ $value | humanizeDuration }} late",
            "Its event loop is late for one timer in a hundred, and so is every call. It needs more CPU or more replicas.",
        ),
        Alert(
            "MCPAuditLost",
            "critical",
            0,
            f"sum by (namespace, pod) (increase({series('mcp_proxy_audit_lost_total', scope)}[15m])) > 0",
            "Proxy {{ $labels.pod }} loses audit records",
            "{{ $value | humanize }} records were lost within 15 minutes, because whoever reads its output does not keep up, or a "
            "disk is full.",
        ),
        Alert(
            "MCPAuditNotWritten",
            "warning",
            2,
            f"sum by (namespace, pod, output) (increase({series('mcp_proxy_audit_write_failures_total', scope)}[5m])) > 0",
            "Proxy {{ $labels.pod }} cannot write its audit to {{ $labels.output }}",
            "Records wait in its memory, and are lost when `buffer_bytes` are full. Calls go on. Is the disk full, or read-only?",
        ),
    ]


def _servers(scope: Mapping[str, str]) -> list[Alert]:
    """About MCP servers, whichever proxy leads to them. The names of the first two are those of mcp-hangar's rules."""
    connected = f"max by (namespace, server) ({series('mcp_proxy_upstream_connected', scope)}) == 0"
    failing = series("mcp_proxy_calls_total", scope, any_of("outcome", LOST))
    failed = f"min by (namespace, server) ({series('mcp_proxy_child_state', {**scope, 'state': 'failed'})}) == 1"
    ailing = series("mcp_proxy_child_state", scope, any_of("state", ("backing-off", "failed")))
    restarts = f"increase({series('mcp_proxy_child_restarts_total', scope)}[30m])"
    return [
        Alert(
            "MCPServerDead",
            "critical",
            2,
            f"({connected} and on (namespace, server) sum by (namespace, server) (increase({failing}[5m])) > 0) or {failed}",
            "MCP server {{ $labels.server }} is dead",
            "No proxy reaches it and calls fail, or its process has failed too often to be started again in every replica.",
        ),
        Alert(
            "MCPServerDegraded",
            "warning",
            5,
            f"max by (namespace, server) ({ailing}) == 1",
            "MCP server {{ $labels.server }} is degraded",
            "Its process ends again and again in at least one replica, which waits before it starts it anew.",
        ),
        Alert(
            "MCPListIncomplete",
            "warning",
            5,
            f"max by (namespace, server, kind) ({series('mcp_proxy_list_failing', scope)}) == 1",
            "Clients see no {{ $labels.kind }} of MCP server {{ $labels.server }}",
            "In at least one replica whoever asked last went without. Everything of other servers is listed, and `_meta` "
            "of the list says what is missing and why; the label `reason` of mcp_proxy_list_failures_total does, too.",
        ),
        Alert(
            "MCPProcessRestarts",
            "warning",
            0,
            f"sum by (namespace, server) ({restarts}) > 3",
            "The process of MCP server {{ $labels.server }} keeps ending",
            "It ended by itself and was replaced {{ $value | humanize }} times within 30 minutes; calls that it had got an error.",
        ),
    ]


def _calls(scope: Mapping[str, str], own: AlertsSpec) -> list[Alert]:
    """About how calls end."""
    total, buckets = "mcp_proxy_calls_total", "mcp_proxy_call_duration_seconds_bucket"
    faults = series(total, scope, any_of("outcome", FAULTS))
    every = series(total, scope, 'server!=""')
    share = f"100 * sum by (namespace, server) (rate({faults}[10m])) / sum by (namespace, server) (rate({every}[10m]))"
    slow = f"rate({series(buckets, {**scope, 'method': 'tools/call'})}[10m])"
    refused = series("mcp_proxy_refused_requests_total", scope, any_of("status", ("401", "403", "421", "429", "503")))
    return [
        Alert(
            "MCPServerErrors",
            "warning",
            10,
            f"{share} > {own.error_percent}",
            "{{ $value | humanize }} % of calls to MCP server {{ $labels.server }} fail",
            f"More than {own.error_percent} % ended by the fault of the server, the network or the proxy over ten minutes. "
            "The label `outcome` of mcp_proxy_calls_total says how.",
        ),
        Alert(
            "MCPCallsSlow",
            "warning",
            10,
            f"histogram_quantile(0.95, sum by (namespace, server, le) ({slow})) > {own.slow_seconds:g}",
            "Tool calls of MCP server {{ $labels.server }} take {{ $value | humanizeDuration }}",
            f"Five of a hundred take longer than {own.slow_seconds:g} s, over ten minutes.",
        ),
        Alert(
            "MCPRequestsRefused",
            "warning",
            10,
            f"sum by (namespace, status) (rate({refused}[10m])) > 1",
            "More than one request a second is refused with {{ $labels.status }}",
            "Callers without a valid key, from a page or under a host that is not allowed, or more of them than are served. "
            "The audit names who was refused for what it showed.",
        ),
    ]
