"""Probes: written ones over the numbers of their kind, working ones where nothing is written."""

from typing import Any

from ..spec.containers import InitContainerSpec
from ..spec.probes import Grpc, HttpGet, ProbeSpec, ProbesSpec, TcpSocket
from ..spec.server import ServerSpec

PORT = "http"
"""Name of the container's port."""

MANAGEMENT = "management"
"""Name of the proxy's port for health and metrics."""

PROXY = "proxy"
"""Name of the port of a proxy that shares its pod (seed 000's chart)."""

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

PROXY_NUMBERS = {"startup": (0, 5, 3, 1, 6), "readiness": (0, 10, 3, 1, 3), "liveness": (0, 30, 5, 1, 3)}
"""Those of the proxy (seed 001: 30 s to start, liveness every 30 s, readiness every 10 s)."""

PROCESS_NUMBERS = {**PROXY_NUMBERS, "startup": (0, 5, 3, 1, 36)}
"""Those of a proxy that waits for a process: three minutes, since `npx` and `uvx` bring the program along when it starts."""

PROXY_PATHS = {"startup": "/startupz", "readiness": "/readyz", "liveness": "/livez"}


def server_probes(server: ServerSpec) -> dict[str, Any]:
    """Probes of a container of which nothing is known but its port.

    Liveness names that by its number: a linter that compares the two by their ports would call it the readiness probe again, which
    it is not, since it is asked half as often and has to fail for twice as long.
    """
    found: dict[str, Any] = {}
    for kind in WRITTEN:
        written = kind in server.probes.model_fields_set
        numbers = (WRITTEN if written else UNWRITTEN)[kind]
        ask = {"tcpSocket": {"port": server.port if kind == "liveness" else PORT}}
        found.update(_probe(kind, getattr(server.probes, kind), numbers, ask, number=server.port))
    return found


def proxy_probes(probes: ProbesSpec, *, waits: bool = False) -> dict[str, Any]:
    """Probes of the proxy, on its management port: a main port that is busy or drains hides nothing from the kubelet.

    `waits`: it is ready when a server's process is.
    """
    found: dict[str, Any] = {}
    for kind, numbers in (PROCESS_NUMBERS if waits else PROXY_NUMBERS).items():
        ask = {"httpGet": {"path": PROXY_PATHS[kind], "port": MANAGEMENT, "scheme": "HTTP"}}
        found.update(_probe(kind, getattr(probes, kind), numbers, ask, MANAGEMENT))
    return found


def given_probes(one: InitContainerSpec) -> dict[str, Any]:
    """Probes of a sidecar, of which nothing is known: those that are written."""
    found: dict[str, Any] = {}
    for kind, probe in one.given_probes.items():
        found.update(_probe(kind, probe, WRITTEN[kind], {}))
    return found


def probe_ports(probes: ProbesSpec) -> set[int]:
    """Ports that probes ask by number, which a container then has to declare."""
    asked = [getattr(probes, kind).asks for kind in type(probes).model_fields if getattr(probes, kind).enabled]
    return {one.port for one in asked if isinstance(one, HttpGet | TcpSocket | Grpc) and one.port is not None}


def _probe(
    kind: str, probe: ProbeSpec, numbers: tuple[int, ...], ask: dict[str, Any], pages: str = PORT, number: int | None = None
) -> dict[str, Any]:
    """`pages`: name of the port that has pages, for a probe that names none; `number`: of the main port, where no name will do."""
    if not probe.enabled:
        return {}
    timing: dict[str, Any] = {}
    for (field, name), default in zip(_FIELDS.items(), numbers, strict=True):
        value = getattr(probe, field)
        timing[name] = default if value is None else value
    if timing["initialDelaySeconds"] == 0:  # not kept by the API server, so that a refresh would miss it
        del timing["initialDelaySeconds"]
    return {f"{kind}Probe": {**(_handler(probe, pages, number) or ask), **timing}}


def _handler(probe: ProbeSpec, pages: str, number: int | None) -> dict[str, Any]:
    match probe.asks:
        case HttpGet() as http:
            headers = [{"name": name, "value": value} for name, value in http.headers.items()]
            found = {"path": http.path, "port": http.port or pages, "scheme": http.scheme}
            return {"httpGet": {**found, **({"httpHeaders": headers} if headers else {})}}
        case TcpSocket() as tcp:
            return {"tcpSocket": {"port": tcp.port or PORT}}
        case Grpc() as grpc:
            return {"grpc": {"port": grpc.port or number, **({"service": grpc.service} if grpc.service else {})}}
        case list() as command:
            return {"exec": {"command": command}}
        case _:
            return {}
