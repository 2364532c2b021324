"""What was measured of each contender, as a table of Markdown; `-` where nothing was."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..load import Figures

RELAY, CHECKED = "mcp-stack-proxy, relay", "mcp-stack-proxy, checked"
"""Ours, as it is held against the others."""

COLUMNS = (
    *(
        "",
        "version",
        "calls/s",
        "CPU us",
        "relay has x",
        "checked has x",
        "p50 / p99 ms at 32",
        "p50 / p99 ms at 1",
        "added p50 ms",
    ),
    *("32 KiB: calls/s, CPU us", "SSE: calls/s, CPU us", "MB idle / after", "start s", "tools/list: ms, CPU ms, tools"),
)


@dataclass(slots=True)
class Line:
    """One contender. `reason`: why there are no figures, or not all. Memory in MB, `start` in seconds."""

    name: str
    version: str
    note: str
    busy: Figures | None = None
    alone: Figures | None = None
    large: Figures | None = None
    stream: Figures | None = None
    idle: float | None = None
    after: float | None = None
    start: float | None = None
    listing: tuple[Figures, int] | None = None
    reasons: list[str] = field(default_factory=list[str])

    @property
    def cost(self) -> Figures | None:
        """What a call costs, under load as far as it bears any."""
        return self.busy or self.alone


PROMISED = {"mcp-proxy": 10, "FastMCP, shared client": 25, "FastMCP, default": 300}
"""How many times the calls that each of these makes of a core ours has to make of it, at least."""


def times_per_core(ours: Figures | None, theirs: Figures | None) -> float | None:
    """How many times as many calls one makes of a second of CPU as the other."""
    return theirs.cpu_us / ours.cpu_us if ours and theirs and ours.cpu_us and theirs.cpu_us else None


def verdicts(lines: Sequence[Line]) -> list[str]:
    """Of each promise whether it is kept; of one that could not be tried, that."""
    costs = {line.name: line.cost for line in lines}
    said: list[str] = []
    for name, must in PROMISED.items():
        if name in costs:
            times = times_per_core(costs.get(RELAY), costs[name])
            verdict = "not measured" if times is None else f"{times:,.0f}x, {'met' if times >= must else 'NOT MET'}"
            said.append(f"- calls of a core, relay against {name}, at least {must}x: {verdict}")
    return said


def cells(line: Line, direct: Figures | None, relay: Figures | None = None, checked: Figures | None = None) -> list[str]:
    """One for each of COLUMNS."""
    added = None if line.alone is None or direct is None or line.alone is direct else line.alone.p50 - direct.p50
    return [
        line.name,
        line.version,
        "-" if line.busy is None else f"{line.busy.per_second:,.0f}",
        "-" if line.busy is None else _cpu(line.busy),
        _ratio(times_per_core(relay, line.cost)),
        _ratio(times_per_core(checked, line.cost)),
        _times(line.busy),
        _times(line.alone),
        "-" if added is None else f"{added:.2f}",
        _rate(line.large),
        _rate(line.stream),
        "-" if line.idle is None or line.after is None else f"{line.idle:.0f} / {line.after:.0f}",
        "-" if line.start is None else f"{line.start:.2f}",
        "-" if line.listing is None else _listed(*line.listing),
    ]


def markdown(lines: Sequence[Line]) -> str:
    """The table, then a line for each contender on how it was run and what is missing."""
    direct = next((line.alone for line in lines if line.name == "direct"), None)
    relay, checked = (next((line.cost for line in lines if line.name == name), None) for name in (RELAY, CHECKED))
    rows = [COLUMNS, ["---"] * len(COLUMNS), *(cells(line, direct, relay, checked) for line in lines)]
    table = ["| " + " | ".join(row) + " |" for row in rows]
    notes = [f"- **{line.name}**: {'; '.join([line.note, *line.reasons])}." for line in lines]
    kept = verdicts(lines)
    return "\n".join([*table, "", *notes, *(["", *kept] if kept else [])])


def _ratio(times: float | None) -> str:
    return "-" if times is None else f"{times:,.1f}"


def _cpu(figures: Figures) -> str:
    return f"{figures.cpu_us:,.1f}" if figures.cpu_us else "-"


def _rate(figures: Figures | None) -> str:
    return "-" if figures is None else f"{figures.per_second:,.0f}, {_cpu(figures)}"


def _times(figures: Figures | None) -> str:
    return "-" if figures is None else f"{figures.p50:.2f} / {figures.p99:.2f}"


def _listed(figures: Figures, tools: int) -> str:
    return f"{figures.p50:,.1f}, {figures.cpu_us / 1000:,.1f}, {tools}"
