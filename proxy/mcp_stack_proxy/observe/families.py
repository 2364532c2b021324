"""Everything that `/metrics` shows, gathered from where it is counted."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Protocol, TypeVar

from ..catalog.list_record import ListRecord
from .audit_log import AuditLog
from .counts import ServerCounts
from .exposition import Family, Sample, series
from .lag import LoopLag
from .process_stats import process_families


class Totals(Protocol):
    """What is counted of the processes of one stdio server."""

    @property
    def starts(self) -> int:
        """Processes started, or attempted to."""
        ...

    @property
    def restarts(self) -> int:
        """Those that replaced a process that had ended by itself."""
        ...

    @property
    def exits(self) -> Mapping[Any, int]:
        """Processes ended, by a word for the cause out of a fixed few."""
        ...


class Children(Protocol):
    """The processes of one stdio server, at the moment (see `upstream.vitals`)."""

    @property
    def state(self) -> str:
        """What they are doing."""
        ...

    @property
    def processes(self) -> int:
        """Running ones."""
        ...

    @property
    def open_calls(self) -> int:
        """Calls that wait for them."""
        ...

    @property
    def resident_bytes(self) -> int | None:
        """What they occupy, where that is known."""
        ...

    @property
    def counters(self) -> Totals:
        """What only grows."""
        ...


T = TypeVar("T")

STATES = ("idle", "starting", "running", "backing-off", "failed", "stopped")


@dataclass(frozen=True, slots=True)
class Upstream:
    """One configured server."""

    connected: Callable[[], bool]
    """Whether it was reached and not lost since."""
    tools: Callable[[], Sequence[str] | None]
    """Names of its tools, as far as they are known."""
    connects: Callable[[], int]
    """Times that it was negotiated with."""
    lists: ListRecord
    """How attempts to get its lists have ended."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the numbers come from."""

    counts: Mapping[str, ServerCounts]
    """By server; the empty name stands for what concerns no single one."""
    upstreams: Mapping[str, Upstream]
    children: Callable[[], Mapping[str, Children]]
    """Processes of the servers that are run here."""
    sessions: Callable[[], int]
    """Legacy sessions of this process."""
    streams: Callable[[], int]
    """Streams that last until their client leaves."""
    refused: Mapping[str, int]
    lag: LoopLag
    audit: Mapping[str, AuditLog]
    """By output."""


def families(sources: Sources) -> Iterator[Family]:
    """All metrics."""
    calls = [one for counts in sources.counts.values() for one in counts.each()]
    yield Family("mcp_proxy_calls_total", "counter", "Calls by outcome.", _chain(one.samples() for one in calls))
    text = "Time from a call's arrival to the end of its answer."
    durations = _chain(one.durations.samples() for one in calls)
    yield Family("mcp_proxy_call_duration_seconds", "histogram", text, durations)
    yield _by_server("mcp_proxy_calls_in_flight", "gauge", "Calls being served.", sources.counts, lambda one: one.in_flight)
    yield _by_server("mcp_proxy_received_bytes_total", "counter", "Bytes of calls.", sources.counts, lambda one: one.received)
    yield _by_server("mcp_proxy_sent_bytes_total", "counter", "Bytes of answers.", sources.counts, lambda one: one.sent)
    refused = [(series("mcp_proxy_refused_requests_total", {"status": status}), count) for status, count in sources.refused.items()]
    yield Family("mcp_proxy_refused_requests_total", "counter", "Requests refused before they were a call.", refused)
    yield from _upstream_families(sources.upstreams)
    yield from _list_families(sources.upstreams)
    if run := sources.children():
        yield from _child_families(run)
    yield _single("mcp_proxy_sessions", "gauge", "Legacy sessions open.", sources.sessions())
    yield _single("mcp_proxy_streams", "gauge", "Streams of notifications open.", sources.streams())
    yield from _audit_families(sources.audit)
    text = "By how much the event loop was late."
    yield Family("mcp_proxy_event_loop_lag_seconds", "histogram", text, sources.lag.histogram.samples())
    yield from process_families()


def _upstream_families(upstreams: Mapping[str, Upstream]) -> Iterator[Family]:
    text = "Whether a server was reached and not lost since."
    yield _by_server("mcp_proxy_upstream_connected", "gauge", text, upstreams, lambda one: int(one.connected()))
    text = "Times that a server was negotiated with: once, and again after it was lost."
    yield _by_server("mcp_proxy_upstream_connects_total", "counter", text, upstreams, lambda one: one.connects())
    known = {name: tools for name, one in upstreams.items() if (tools := one.tools()) is not None}
    yield _by_server("mcp_proxy_tools", "gauge", "Tools that a server lists, as far as known.", known, len)


def _list_families(upstreams: Mapping[str, Upstream]) -> Iterator[Family]:
    name = "mcp_proxy_list_failures_total"
    failures = [
        (series(name, {"server": server, "kind": kind, "reason": str(reason)}), count)
        for server, one in upstreams.items()
        for (kind, reason), count in one.lists.failures.items()
    ]
    yield Family(name, "counter", "Attempts to get a list of a server that failed.", failures)
    name = "mcp_proxy_list_failing"
    failing = [
        (series(name, {"server": server, "kind": kind}), int(failed))
        for server, one in upstreams.items()
        for kind, failed in one.lists.failing.items()
    ]
    yield Family(name, "gauge", "Whether whoever asked last for a list of a server went without.", failing)


def _child_families(run: Mapping[str, Children]) -> Iterator[Family]:
    name = "mcp_proxy_child_state"
    states = [
        (series(name, {"server": server, "state": state}), int(state == one.state))
        for server, one in run.items()
        for state in STATES
    ]
    yield Family(name, "gauge", "State of a server's processes: 1 for the one that they are in.", states)
    yield _by_server("mcp_proxy_child_processes", "gauge", "Processes running.", run, lambda one: one.processes)
    yield _by_server("mcp_proxy_child_calls_in_flight", "gauge", "Calls that wait for a process.", run, lambda one: one.open_calls)
    sizes = {server: size for server, one in run.items() if (size := one.resident_bytes) is not None}
    yield _by_server("mcp_proxy_child_resident_memory_bytes", "gauge", "Resident memory of processes.", sizes, lambda size: size)
    yield _by_server("mcp_proxy_child_starts_total", "counter", "Processes started.", run, lambda one: one.counters.starts)
    text = "Processes that replaced one that had ended by itself."
    yield _by_server("mcp_proxy_child_restarts_total", "counter", text, run, lambda one: one.counters.restarts)
    name = "mcp_proxy_child_exits_total"
    exits = [
        (series(name, {"server": server, "cause": str(cause)}), count)
        for server, one in run.items()
        for cause, count in one.counters.exits.items()
    ]
    yield Family(name, "counter", "Processes ended, by cause.", exits)


def _audit_families(logs: Mapping[str, AuditLog]) -> Iterator[Family]:
    for name, text, value in (
        ("mcp_proxy_audit_records_total", "Audit records taken.", attrgetter("written")),
        ("mcp_proxy_audit_lost_total", "Audit records lost.", attrgetter("lost")),
        ("mcp_proxy_audit_write_failures_total", "Attempts to write audit records that failed.", attrgetter("failures")),
    ):
        if logs:
            yield Family(name, "counter", text, [(series(name, {"output": output}), value(log)) for output, log in logs.items()])


def _by_server(name: str, kind: str, text: str, of: Mapping[str, T], value: Callable[[T], float]) -> Family:
    return Family(name, kind, text, [(series(name, {"server": server}), value(one)) for server, one in of.items()])


def _single(name: str, kind: str, text: str, value: float) -> Family:
    return Family(name, kind, text, [(name, value)])


def _chain(parts: Iterable[Iterable[Sample]]) -> Iterator[Sample]:
    for part in parts:
        yield from part
