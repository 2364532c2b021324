"""Probes: written ones over the numbers of their kind, working ones where nothing is written."""

from typing import Any

from ..spec.probes import ProbeSpec, ProbesSpec

PORT = "http"
"""Name of the container's port."""

MANAGEMENT = "management"
"""Name of the proxy's port for health and metrics."""

_FIELDS = {
    "initial_delay_seconds": "initialDelaySeconds",
    "period_seconds": "periodSeconds",
    "timeout_seconds": "timeoutSeconds",
    "success_threshold": "successThreshold",
    "failure_threshold": "failureThreshold",
}

WRITTEN = {"startup": (0, 10, 3, 1, 30), "readiness": (10, 5, 3, 1, 3), "liveness": (30, 10, 5, 1, 3)}
"""Delay, period, timeout, successes, failures of a probe that is written (seed 003's chart)."""

UNWRITTEN = {kind: (0, *numbers[1:]) for kind, numbers in WRITTEN.items()}
"""The same without delays, for probes that nobody wrote: the startup probe holds the others back."""

PROXY = {"startup": (0, 5, 3, 1, 6), "readiness": (0, 10, 3, 1, 3), "liveness": (0, 30, 5, 1, 3)}
"""Those of the proxy (seed 001: 30 s to start, liveness every 30 s, readiness every 10 s)."""

PROXY_PATHS = {"startup": "/startupz", "readiness": "/readyz", "liveness": "/livez"}


def server_probes(probes: ProbesSpec) -> dict[str, Any]:
    """Probes of a container of which nothing is known but its port."""
    found: dict[str, Any] = {}
    for kind in WRITTEN:
        written = kind in probes.model_fields_set
        numbers = (WRITTEN if written else UNWRITTEN)[kind]
        found.update(_probe(kind, getattr(probes, kind), numbers, {"tcpSocket": {"port": PORT}}))
    return found


def proxy_probes(probes: ProbesSpec) -> dict[str, Any]:
    """Probes of the proxy, on its management port: a main port that is busy or drains hides nothing from the kubelet."""
    found: dict[str, Any] = {}
    for kind, numbers in PROXY.items():
        ask = {
            "httpGet": {
                "path": PROXY_PATHS[kind],
                "port": MANAGEMENT,
                "scheme": "HTTP",
            }
        }
        found.update(_probe(kind, getattr(probes, kind), numbers, ask, MANAGEMENT))
    return found


def _probe(kind: str, probe: ProbeSpec, numbers: tuple[int, ...], ask: dict[str, Any], pages: str = PORT) -> dict[str, Any]:
    """`pages`: name of the port that has pages, for a probe that names none."""
    if not probe.enabled:
        return {}
    timing: dict[str, Any] = {}
    for (field, name), default in zip(_FIELDS.items(), numbers, strict=True):
        value = getattr(probe, field)
        timing[name] = default if value is None else value
    if timing["initialDelaySeconds"] == 0:  # not kept by the API server, so that a refresh would miss it
        del timing["initialDelaySeconds"]
    return {f"{kind}Probe": {**(_handler(probe, pages) or ask), **timing}}


def _handler(probe: ProbeSpec, pages: str) -> dict[str, Any]:
    if probe.http_get is not None:
        http = probe.http_get
        headers = [{"name": name, "value": value} for name, value in http.headers.items()]
        return {
            "httpGet": {
                "path": http.path,
                "port": http.port or pages,
                "scheme": http.scheme,
                **({"httpHeaders": headers} if headers else {}),
            }
        }
    if probe.tcp_socket is not None:
        return {"tcpSocket": {"port": probe.tcp_socket.port or PORT}}
    return {"exec": {"command": probe.exec}} if probe.exec is not None else {}
