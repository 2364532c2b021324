"""The state of a run for people: a live table on a terminal, one line for each change elsewhere."""

import json
from collections.abc import Iterable
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from ..spec import GATEWAY
from .board import Board, Row, State
from .client import bearer
from .keys import VARIABLE

COLOURS = {
    State.STARTING: "yellow",
    State.LISTENING: "yellow",
    State.READY: "green",
    State.FAILING: "red",
    State.STOPPED: "dim",
}


class Display:
    """Shows a board from entering to leaving. A context manager, because a terminal has to be left as it was found."""

    def __init__(self, console: Console, board: Board) -> None:
        self._console = console
        self._board = board
        self._live = Live(console=console, auto_refresh=False, transient=True) if console.is_terminal else None

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
            self._draw()
        self._board.listen(self._changed)
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def say(self, text: str) -> None:
        """A line that stays, above the table."""
        self._console.print(Text(text), soft_wrap=True)

    def output(self, name: str, lines: list[str]) -> None:
        """What a process wrote, each line behind its name."""
        for line in lines:
            self._console.print(Text(f"{name} | ", "dim") + Text(line), soft_wrap=True)

    def _changed(self, old: Row, new: Row) -> None:
        if self._live is not None:
            self._draw()
        elif (old.state, old.reason, old.tools) != (new.state, new.reason, new.tools) and new.state is not State.LISTENING:
            self.say(line_of(new))

    def _draw(self) -> None:
        if self._live is not None:
            self._live.update(table_of(self._board), refresh=True)


def line_of(row: Row) -> str:
    """A row as a sentence."""
    facts = [row.reason] if row.reason else []
    if row.tools is not None:
        facts.append(_plural(row.tools, "tool"))
    facts += [f"revision {row.revision}"] * (row.state is State.READY and bool(row.revision))
    if row.pid is not None and row.state is not State.FAILING:
        facts.append(f"pid {row.pid}, port {row.port}")
    return f"{row.name} is {row.state}" + (f": {', '.join(facts)}" if facts else "")


def table_of(board: Board) -> Table:
    """All rows. The gateway's tools are those of the servers that are ready."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("server", "kind", "state"):
        table.add_column(column, no_wrap=True)
    table.add_column("tools", justify="right")
    for column in ("revision", "pid", "port"):
        table.add_column(column, no_wrap=True)
    for row in board.rows:
        tools = sum(each.tools or 0 for each in board.rows) if row.name == GATEWAY else row.tools
        cells = ["-" if tools is None else str(tools), row.revision or "-", str(row.pid or "-"), str(row.port or "-")]
        table.add_row(row.name, row.kind, Text(row.state, COLOURS[row.state]), *cells)
    failing = [row for row in board.rows if row.reason]
    if failing:
        table.caption = Text("\n").join(Text(f"{row.name}: {row.reason}", "red") for row in failing)
        table.caption_justify = "left"
    return table


def invitation(port: int, key: str | None = None, virtual: Iterable[str] = ()) -> str:
    """What to paste into a client. `key`: the run's own, where callers have to show one. `virtual`: virtual servers."""
    url = f"http://127.0.0.1:{port}/mcp"
    headers = {} if key is None else {"headers": bearer(key)}
    snippet = json.dumps({"mcpServers": {"mcp-stack": {"type": "http", "url": url, **headers}}})
    text = f"all servers: {url}\none server:  http://127.0.0.1:{port}/servers/NAME/mcp\n"
    text += "".join(f"{name}: http://127.0.0.1:{port}/servers/{name}/mcp\n" for name in virtual)
    text += f"in a client: {snippet}"
    return text if key is None else f"{text}\nthis key ends with the run; ${VARIABLE} takes a file of keys that stay"


def _plural(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
