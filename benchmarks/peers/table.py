"""What was measured of each contender, as a table of Markdown; `-` where nothing was."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..load import Figures

COLUMNS = (
    *("", "version", "calls/s", "CPU us", "p50 / p99 ms at 32", "p50 / p99 ms at 1", "added p50 ms"),
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


def cells(line: Line, direct: Figures | None) -> list[str]:
    """One for each of COLUMNS."""
    added = None if line.alone is None or direct is None or line.alone is direct else line.alone.p50 - direct.p50
    return [
        line.name,
        line.version,
        "-" if line.busy is None else f"{line.busy.per_second:,.0f}",
        "-" if line.busy is None else _cpu(line.busy),
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
    rows = [COLUMNS, ["---"] * len(COLUMNS), *(cells(line, direct) for line in lines)]
    table = ["| " + " | ".join(row) + " |" for row in rows]
    notes = [f"- **{line.name}**: {'; '.join([line.note, *line.reasons])}." for line in lines]
    return "\n".join([*table, "", *notes])


def _cpu(figures: Figures) -> str:
    return f"{figures.cpu_us:,.1f}" if figures.cpu_us else "-"


def _rate(figures: Figures | None) -> str:
    return "-" if figures is None else f"{figures.per_second:,.0f}, {_cpu(figures)}"


def _times(figures: Figures | None) -> str:
    return "-" if figures is None else f"{figures.p50:.2f} / {figures.p99:.2f}"


def _listed(figures: Figures, tools: int) -> str:
    return f"{figures.p50:,.1f}, {figures.cpu_us / 1000:,.1f}, {tools}"
