"""Background tasks that somebody owns: referenced strongly, their failures logged, ended with their owner."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

from ..errors import ProxyError

T = TypeVar("T")

log = logging.getLogger(__name__)


class Tasks:
    """The tasks of one owner. The loop itself keeps only a weak reference to a task, which may then vanish at work."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()
        self._closed = False

    def __len__(self) -> int:
        return len(self._running)

    def spawn(self, coro: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
        """Start `coro`. An exception is logged under `name`, whether or not somebody awaits the task; a ProxyError is none: it is
        an outcome, for whoever awaits.

        After aclose the coroutine is not started and RuntimeError says so: nobody would end it.
        """
        if self._closed:
            coro.close()
            raise RuntimeError(f"{name}: its owner is closed")
        task = asyncio.create_task(coro, name=name)  # noqa: TID251 - the one place: the set below keeps the reference
        self._running.add(task)
        task.add_done_callback(self._done)
        return task

    async def finished(self, seconds: float) -> None:
        """Wait until all that run now have ended by themselves, for at most `seconds`."""
        if self._running:
            await asyncio.wait(self._running, timeout=seconds)

    async def aclose(self) -> None:
        """Cancel what still runs and wait until it has ended. Called from one of the tasks, it spares that one."""
        self._closed = True
        current = asyncio.current_task()
        while running := [task for task in self._running if task is not current]:
            for task in running:
                task.cancel()
            await asyncio.wait(running)
            self._running.difference_update(running)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None and not isinstance(error, ProxyError):
            log.error("task failed: %s", task.get_name(), exc_info=error)
