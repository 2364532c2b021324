"""A Grafana dashboard on what the proxies count, as JSON (schema of Grafana 9 and later). Every query names metrics of theirs."""

import json
from collections.abc import Mapping
from typing import Any

from .alerts import FAULTS
from .queries import any_of, series

WIDTH, HEIGHT, ACROSS = 8, 8, 3
"""Grid units of a panel, of 24 across, and panels in a row."""

SOURCE = {"type": "prometheus", "uid": "${datasource}"}

Panel = tuple[str, str, str, dict[str, str]]
"""Title, what it says to whoever is on call, unit, and queries by their legend."""


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
        (
            "Calls by outcome",
            "How calls ended, by mcp_proxy_calls_total; `docs/observing.md` says what each outcome is.",
            "reqps",
            {"{{outcome}}": f"sum by (outcome) ({_rate(calls)})"},
        ),
        ("Calls by server", "Calls that ended, of any method.", "reqps", {"{{server}}": f"sum by (server) ({_rate(calls)})"}),
        (
            "Share that fails by fault of server or network",
            "Callers' own faults do not count. Above 5 % for ten minutes MCPServerErrors fires.",
            "percentunit",
            {"{{server}}": _share(faults, calls)},
        ),
        (
            "Tool calls: time below which 95 of 100 stay",
            "From request to the end of the answer. Above 10 s for ten minutes MCPCallsSlow fires.",
            "s",
            {"{{server}}": _quantile(0.95, "server", durations)},
        ),
        ("Tool calls: median", "Half of them take less.", "s", {"{{server}}": _quantile(0.5, "server", durations)}),
        ("Busiest tools", "The ten that are called most.", "reqps", {"{{server}} {{tool}}": _busiest(scope)}),
        (
            "Calls in flight",
            "Calls that have no answer yet. `autoscaling.calls` goes by them.",
            "short",
            {"{{server}}": f"sum by (server) ({series('mcp_proxy_calls_in_flight', scope)})"},
        ),
        (
            "Calls in flight by replica",
            "One that stands out holds on to connections, or waits for a slow server.",
            "short",
            {"{{pod}}": f"sum by (pod) ({series('mcp_proxy_calls_in_flight', scope)})"},
        ),
        (
            "Requests refused",
            "Before they were calls. 401: no valid key; 403: page or subject that may not; 421: foreign host; 429, 503: too many.",
            "reqps",
            {"{{status}}": f"sum by (status) ({_rate(refused)})"},
        ),
        (
            "Servers reached",
            "1 where at least one replica of the proxy is connected, 0 where none is.",
            "short",
            {"{{server}}": f"max by (server) ({series('mcp_proxy_upstream_connected', scope)})"},
        ),
        (
            "Tools listed",
            "What clients see. A fall means that a server lost tools, or that its list fails.",
            "short",
            {"{{server}}": f"max by (server) ({series('mcp_proxy_tools', scope)})"},
        ),
        (
            "Lists that failed",
            "1 while whoever asks goes without what this server has.",
            "short",
            {"{{server}} {{kind}}": f"max by (server, kind) ({series('mcp_proxy_list_failing', scope)})"},
        ),
        (
            "Negotiations",
            "Connections that were made anew. Many mean that a server ends or forgets its sessions.",
            "short",
            {"{{server}}": _increase("mcp_proxy_upstream_connects_total", "server", scope)},
        ),
        (
            "Processes",
            "Of stdio servers. None is no fault: a server at rest starts with the next call.",
            "short",
            {"{{server}}": f"sum by (server) ({series('mcp_proxy_child_processes', scope)})"},
        ),
        (
            "Processes replaced",
            "Those that ended by themselves. More than three in half an hour: MCPProcessRestarts fires.",
            "short",
            {"{{server}}": _increase("mcp_proxy_child_restarts_total", "server", scope)},
        ),
        (
            "Memory of processes",
            "Resident memory of stdio servers; a process beyond `process.max_memory` is ended.",
            "bytes",
            {"{{server}}": f"sum by (server) ({series('mcp_proxy_child_resident_memory_bytes', scope)})"},
        ),
        (
            "Traffic",
            "Bodies as clients send and get them.",
            "Bps",
            {
                "calls": f"sum({_rate(series('mcp_proxy_received_bytes_total', scope))})",
                "answers": f"sum({_rate(series('mcp_proxy_sent_bytes_total', scope))})",
            },
        ),
        (
            "Sessions and streams",
            "Sessions of clients of 2025-11-25 and older, and streams of notifications.",
            "short",
            {
                "legacy sessions": f"sum({series('mcp_proxy_sessions', scope)})",
                "streams": f"sum({series('mcp_proxy_streams', scope)})",
            },
        ),
        (
            "Audit records lost",
            "Has to stay at 0: MCPAuditLost fires with the first.",
            "short",
            {"{{pod}}": _increase("mcp_proxy_audit_lost_total", "pod", scope)},
        ),
        (
            "Event loop: 99 of 100 timers are later by less",
            "What every call waits besides. Above 250 ms for ten minutes MCPProxyBusy fires.",
            "s",
            {"{{pod}}": _quantile(0.99, "pod", lag)},
        ),
        (
            "CPU",
            "Cores in use by the proxy; processes of stdio servers are not in it.",
            "short",
            {"{{pod}}": f"sum by (pod) ({_rate(series('process_cpu_seconds_total', scope))})"},
        ),
        (
            "Memory",
            "Resident memory of the proxy; processes of stdio servers are not in it.",
            "bytes",
            {"{{pod}}": f"sum by (pod) ({series('process_resident_memory_bytes', scope)})"},
        ),
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
    """Count within each step of the graph: over `$__range` every point would repeat what happened long before it."""
    return f"sum by ({label}) (increase({series(name, scope)}[$__rate_interval]))"


def _panel(index: int, title: str, description: str, unit: str, queries: Mapping[str, str]) -> dict[str, Any]:
    targets = [
        {"refId": chr(ord("A") + place), "datasource": SOURCE, "expr": query, "legendFormat": legend}
        for place, (legend, query) in enumerate(queries.items())
    ]
    return {
        "id": index + 1,
        "type": "timeseries",
        "title": title,
        "description": description,
        "datasource": SOURCE,
        "targets": targets,
        "gridPos": {"h": HEIGHT, "w": WIDTH, "x": index % ACROSS * WIDTH, "y": index // ACROSS * HEIGHT},
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": list[Any]()},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi", "sort": "desc"}},
    }
