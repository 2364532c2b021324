"""Watching over slow requests, at no cost for fast ones: one coarse timer for all, started only while something is in flight."""

import asyncio
from typing import Protocol

TICK = 0.25
"""Seconds. A request that is answered within one tick is never looked at."""


class Watched(Protocol):
    """Something that takes time."""

    def slow(self, age: float) -> None:
        """Called once a tick with the seconds since it began."""
        ...


class Vigil:
    """Calls `slow` on everything that is in flight for longer than a tick."""

    def __init__(self) -> None:
        self._since: dict[Watched, int] = {}  # in ticks
        self._ticks = 0
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._since)

    def begin(self, watched: Watched) -> None:
        """Watch from now on."""
        self._since[watched] = self._ticks
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(TICK, self._tick, loop)

    def end(self, watched: Watched) -> None:
        """It is done."""
        self._since.pop(watched, None)

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        self._ticks += 1
        for watched, since in self._since.items():
            if (whole := self._ticks - since - 1) > 0:  # the first tick came at any time after its beginning
                loop.call_soon(self._tell, watched, whole * TICK)  # each on its own: what fails there stops no other
        self._timer = loop.call_later(TICK, self._tick, loop) if self._since else None

    def _tell(self, watched: Watched, age: float) -> None:
        if watched in self._since:
            watched.slow(age)
