"""What is known about each part of a running stack, and who wants to hear of changes."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from ..spec import GATEWAY, StackSpec
from .fronts import front_name

KINDS = {"image": "http", "command": "stdio", "url": "remote"}
"""Kind in the stack file -> what it is in a local run."""


PROXY = "proxy"
"""What a proxy in front of a server is called."""


class State(StrEnum):
    """What a server or the gateway is doing."""

    STARTING = "starting"
    LISTENING = "listening"
    """Its process listens; whether its tools can be called is not known yet."""
    READY = "ready"
    """Its tools are listed through the gateway; for the gateway and what is not behind it: listening."""
    FAILING = "failing"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Row:
    """One part of the stack."""

    name: str
    kind: str
    state: State = State.STARTING
    reason: str = ""
    """Why it is failing."""
    tools: int | None = None
    revision: str = ""
    """Newest revision that the server itself speaks; for a stdio server, what its wrapper makes of it."""
    pid: int | None = None
    port: int | None = None
    ends: int = 0
    """How often its process ended by itself."""


Listener = Callable[[Row, Row], None]


class Board:
    """Rows by name, in the order in which they are shown."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = {row.name: row for row in rows}
        self._listeners: list[Listener] = []
        self._changed = asyncio.Event()

    def __getitem__(self, name: str) -> Row:
        return self._rows[name]

    @property
    def rows(self) -> tuple[Row, ...]:
        """All of them, in order."""
        return tuple(self._rows.values())

    def listen(self, listener: Listener) -> None:
        """Call `listener` with the old and the new row at each change."""
        self._listeners.append(listener)

    def update(self, name: str, **changes: Any) -> None:
        """Change fields of one row."""
        old = self._rows[name]
        new = replace(old, **changes)
        if new != old:
            self._rows[name] = new
            self._changed.set()
            self._changed = asyncio.Event()
            for listener in self._listeners:
                listener(old, new)

    async def until(self, condition: Callable[["Board"], bool]) -> None:
        """Wait for `condition`, which is asked after each change."""
        while not condition(self):
            await self._changed.wait()

    def ready(self) -> bool:
        """Whether every part does what it is for."""
        return all(row.state is State.READY for row in self._rows.values())


def first_board(spec: StackSpec, ports: Mapping[str, int]) -> Board:
    """Before anything has started: the servers in order of name, the gateway last."""
    servers: list[Row] = []
    for name, server in spec.servers.items():
        servers.append(Row(name, KINDS[server.kind], port=ports.get(name)))
        if server.front is not None:
            servers.append(Row(front_name(name), PROXY, port=ports.get(front_name(name))))
    return Board([*servers, Row(GATEWAY, GATEWAY, port=ports[GATEWAY])])
