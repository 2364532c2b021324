"""A Grafana dashboard on what the proxies count, as JSON (schema of Grafana 9 and later). Every query names metrics of theirs."""

import json
from collections.abc import Mapping
from typing import Any

from .alerts import FAULTS
from .queries import any_of, series

WIDTH, HEIGHT, ACROSS = 8, 8, 3
"""Grid units of a panel, of 24 across, and panels in a row."""

SOURCE = {"type": "prometheus", "uid": "${datasource}"}

Panel = tuple[str, str, dict[str, str]]
"""Title, unit, and queries by their legend."""


def dashboard(uid: str, title: str, scope: Mapping[str, str]) -> str:
    """Text of a dashboard for the proxies that `scope` matches. `uid` stays, so that links to it do."""
    build = series("mcp_proxy_build_info", scope)
    proxies = f"label_values({build}, app_kubernetes_io_name)"
    variables = [
        {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"},
        {
            "name": "proxy",
            "label": "Proxy",
            "type": "query",
            "datasource": SOURCE,
            "definition": proxies,
            "query": {"query": proxies, "refId": "proxies"},
            "refresh": 2,
            "sort": 1,
        },
    ]
    panels = _panels({**scope, "app_kubernetes_io_name": "$proxy"})
    body = {
        "uid": uid[:40],
        "title": f"MCP: {title}",
        "tags": ["mcp"],
        "schemaVersion": 37,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "templating": {"list": variables},
        "panels": [_panel(index, *panel) for index, panel in enumerate(panels)],
    }
    return json.dumps(body, indent=1, sort_keys=True)


def _panels(scope: Mapping[str, str]) -> list[Panel]:
    """In the order in which they are read: calls, servers, processes, the proxies themselves."""
    calls, refused = series("mcp_proxy_calls_total", scope), series("mcp_proxy_refused_requests_total", scope)
    faults = series("mcp_proxy_calls_total", scope, any_of("outcome", FAULTS))
    durations = f"rate({series('mcp_proxy_call_duration_seconds_bucket', {**scope, 'method': 'tools/call'})}[$__rate_interval])"
    lag = f"rate({series('mcp_proxy_event_loop_lag_seconds_bucket', scope)}[$__rate_interval])"
    return [
        ("Calls by outcome", "reqps", {"{{outcome}}": f"sum by (outcome) ({_rate(calls)})"}),
        ("Calls by server", "reqps", {"{{server}}": f"sum by (server) ({_rate(calls)})"}),
        ("Share that fails by fault of server or network", "percentunit", {"{{server}}": _share(faults, calls)}),
        ("Tool calls: time below which 95 of 100 stay", "s", {"{{server}}": _quantile(0.95, "server", durations)}),
        ("Tool calls: median", "s", {"{{server}}": _quantile(0.5, "server", durations)}),
        ("Busiest tools", "reqps", {"{{server}} {{tool}}": _busiest(scope)}),
        ("Calls in flight", "short", {"{{server}}": f"sum by (server) ({series('mcp_proxy_calls_in_flight', scope)})"}),
        ("Calls in flight by replica", "short", {"{{pod}}": f"sum by (pod) ({series('mcp_proxy_calls_in_flight', scope)})"}),
        ("Requests refused", "reqps", {"{{status}}": f"sum by (status) ({_rate(refused)})"}),
        ("Servers reached", "short", {"{{server}}": f"max by (server) ({series('mcp_proxy_upstream_connected', scope)})"}),
        ("Tools listed", "short", {"{{server}}": f"max by (server) ({series('mcp_proxy_tools', scope)})"}),
        (
            "Lists that failed",
            "short",
            {"{{server}} {{kind}}": f"max by (server, kind) ({series('mcp_proxy_list_failing', scope)})"},
        ),
        ("Negotiations", "short", {"{{server}}": _increase("mcp_proxy_upstream_connects_total", "server", scope)}),
        ("Processes", "short", {"{{server}}": f"sum by (server) ({series('mcp_proxy_child_processes', scope)})"}),
        ("Processes replaced", "short", {"{{server}}": _increase("mcp_proxy_child_restarts_total", "server", scope)}),
        (
            "Memory of processes",
            "bytes",
            {"{{server}}": f"sum by (server) ({series('mcp_proxy_child_resident_memory_bytes', scope)})"},
        ),
        (
            "Traffic",
            "Bps",
            {
                "calls": f"sum({_rate(series('mcp_proxy_received_bytes_total', scope))})",
                "answers": f"sum({_rate(series('mcp_proxy_sent_bytes_total', scope))})",
            },
        ),
        (
            "Sessions and streams",
            "short",
            {
                "legacy sessions": f"sum({series('mcp_proxy_sessions', scope)})",
                "streams": f"sum({series('mcp_proxy_streams', scope)})",
            },
        ),
        ("Audit records lost", "short", {"{{pod}}": _increase("mcp_proxy_audit_lost_total", "pod", scope)}),
        ("Event loop: 99 of 100 timers are later by less", "s", {"{{pod}}": _quantile(0.99, "pod", lag)}),
        ("CPU", "short", {"{{pod}}": f"sum by (pod) ({_rate(series('process_cpu_seconds_total', scope))})"}),
        ("Memory", "bytes", {"{{pod}}": f"sum by (pod) ({series('process_resident_memory_bytes', scope)})"}),
    ]


def _rate(selector: str) -> str:
    return f"rate({selector}[$__rate_interval])"


def _share(some: str, every: str) -> str:
    return f"sum by (server) ({_rate(some)}) / sum by (server) ({_rate(every)})"


def _quantile(which: float, label: str, rate: str) -> str:
    return f"histogram_quantile({which}, sum by ({label}, le) ({rate}))"


def _busiest(scope: Mapping[str, str]) -> str:
    tools = series("mcp_proxy_calls_total", scope, 'tool!=""')
    return f"topk(10, sum by (server, tool) ({_rate(tools)}))"


def _increase(name: str, label: str, scope: Mapping[str, str]) -> str:
    return f"sum by ({label}) (increase({series(name, scope)}[$__range]))"


def _panel(index: int, title: str, unit: str, queries: Mapping[str, str]) -> dict[str, Any]:
    targets = [
        {"refId": chr(ord("A") + place), "datasource": SOURCE, "expr": query, "legendFormat": legend}
        for place, (legend, query) in enumerate(queries.items())
    ]
    return {
        "id": index + 1,
        "type": "timeseries",
        "title": title,
        "datasource": SOURCE,
        "targets": targets,
        "gridPos": {"h": HEIGHT, "w": WIDTH, "x": index % ACROSS * WIDTH, "y": index // ACROSS * HEIGHT},
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": list[Any]()},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi", "sort": "desc"}},
    }
