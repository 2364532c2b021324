"""Counters of calls: plain numbers, written by every call and read by a scrape."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

from .exposition import Sample, series

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
"""Seconds. From 0.01 on those of the OpenTelemetry semantic conventions for MCP; finer ones below, where the proxy itself works."""

METHODS = frozenset(
    {
        *("initialize", "ping", "server/discover", "subscriptions/listen"),
        *("tools/list", "tools/call", "prompts/list", "prompts/get"),
        *("resources/list", "resources/templates/list", "resources/read", "resources/subscribe", "resources/unsubscribe"),
        *("completion/complete", "logging/setLevel"),
        *("tasks/get", "tasks/update", "tasks/cancel", "tasks/list", "tasks/result"),
        *("notifications/initialized", "notifications/cancelled", "notifications/progress", "notifications/roots/list_changed"),
    }
)
"""Methods with a label of their own; clients can send any."""

OTHER = "other"
"""Label of whatever has none of its own."""


class Histogram:
    """Durations by bucket."""

    __slots__ = ("_bounds", "_names", "buckets", "total")

    def __init__(self, name: str, labels: dict[str, str], bounds: Sequence[float] = BOUNDS) -> None:
        self._bounds = bounds
        self.buckets = [0] * (len(bounds) + 1)
        self.total = 0.0
        edges = [*(repr(bound) for bound in bounds), "+Inf"]
        self._names = [series(f"{name}_bucket", {**labels, "le": edge}) for edge in edges]
        self._names += [series(f"{name}_sum", labels), series(f"{name}_count", labels)]

    def add(self, seconds: float) -> None:
        """Count one."""
        self.buckets[bisect_left(self._bounds, seconds)] += 1
        self.total += seconds

    def samples(self) -> Iterator[Sample]:
        """Buckets, sum and count, at one moment."""
        counts = list(accumulate(self.buckets))
        return zip(self._names, [*counts, self.total, counts[-1]], strict=True)


class Calls:
    """Calls of one method, and of one tool where it is a tool's."""

    __slots__ = ("_labels", "_names", "_outcomes", "durations")

    def __init__(self, labels: dict[str, str]) -> None:
        self._labels = labels
        self._outcomes: dict[str, int] = {}
        self._names: dict[str, str] = {}
        self.durations = Histogram("mcp_proxy_call_duration_seconds", labels)

    def add(self, outcome: str, seconds: float) -> None:
        """Count one. `outcome` is one of `outcomes.OUTCOMES`."""
        outcomes = self._outcomes
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
        durations = self.durations
        durations.buckets[bisect_left(BOUNDS, seconds)] += 1  # what `durations.add` does
        durations.total += seconds

    def samples(self) -> Iterator[Sample]:
        """Numbers by outcome."""
        for outcome, count in tuple(self._outcomes.items()):
            name = self._names.get(outcome)
            if name is None:
                name = self._names[outcome] = series("mcp_proxy_calls_total", {**self._labels, "outcome": outcome})
            yield name, count


class ServerCounts:
    """What is counted of one server. How many series there are depends on what the server lists, never on what clients send.

    `listed` tells the names of its tools as far as they are known, `learn` has them fetched. A tool that is not listed, and one
    beyond the first `most` that are called, counts as `other`.
    """

    def __init__(self, server: str, most: int, listed: Callable[[], Sequence[str] | None], learn: Callable[[], None]) -> None:
        self._server = server
        self._most = most
        self._listed = listed
        self._learn = learn
        self._names: Sequence[str] | None = None
        self._known: frozenset[str] = frozenset()
        self.calls: dict[tuple[str, str], Calls] = {}
        """By method and tool; see `of`."""
        self._tools = 0
        self.in_flight = 0
        self.received = 0
        """Bytes of requests."""
        self.sent = 0
        """Bytes of answers."""

    def of(self, method: str, tool: str) -> Calls:
        """Where calls of `method` are counted; `tool` is empty for what calls none."""
        if (known := self.calls.get((method, tool))) is not None:
            return known
        method = method if method in METHODS else OTHER
        if method != "tools/call":
            tool = ""
        elif not self._lists(tool) or self._tools >= self._most:
            tool = OTHER
        if (found := self.calls.get((method, tool))) is None:
            found = self.calls[method, tool] = Calls({"server": self._server, "method": method, "tool": tool})
            self._tools += bool(tool) and tool != OTHER
        return found

    def each(self) -> list[Calls]:
        """All of them."""
        return list(self.calls.values())

    def _lists(self, tool: str) -> bool:
        names = self._listed()
        if names is None:
            self._learn()
        elif names is not self._names:
            self._names, self._known = names, frozenset(names)
        return tool in self._known
