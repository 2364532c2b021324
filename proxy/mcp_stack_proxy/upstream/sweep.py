"""Looking after running processes now and then: one coarse timer for all of them, started only while there are any."""

import asyncio
from typing import Protocol

from .procfs import resident_by_session
from .tasks import Tasks

SECONDS = 5.0
"""Between two looks."""


class Swept(Protocol):
    """Something that has a process."""

    @property
    def pid(self) -> int | None:
        """The process, which leads a session of its own; None where there is none at the moment."""
        ...

    def swept(self, resident: int | None, now: float) -> None:
        """Called once a look with the bytes that its processes occupy, None where that is not known, in the loop's time."""
        ...


class Sweep:
    """The processes of one gateway. They are measured in a thread: reading what hundreds of them occupy takes milliseconds."""

    def __init__(self, tasks: Tasks, seconds: float = SECONDS) -> None:
        self._tasks = tasks
        self._seconds = seconds
        self._watched: dict[Swept, None] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._looking = False

    def watch(self, swept: Swept) -> None:
        """Look after it from now on."""
        self._watched[swept] = None
        self._arm()

    def forget(self, swept: Swept) -> None:
        """It has no process any more."""
        self._watched.pop(swept, None)

    def close(self) -> None:
        """No look any more."""
        self._watched.clear()
        if self._timer is not None:
            self._timer.cancel()

    def _arm(self) -> None:
        if self._watched and self._timer is None and not self._looking:
            self._timer = asyncio.get_running_loop().call_later(self._seconds, self._tick)

    def _tick(self) -> None:
        self._timer = None
        if self._watched:
            self._tasks.spawn(self._look(), "look after processes")

    async def _look(self) -> None:
        self._looking = True
        try:
            resident = await asyncio.to_thread(resident_by_session)
        finally:
            self._looking = False
            self._arm()
        loop = asyncio.get_running_loop()
        for swept in self._watched:
            pid = swept.pid
            size = resident[pid] if resident is not None and pid is not None else None
            loop.call_soon(swept.swept, size, loop.time())  # each on its own: what fails there stops no other
