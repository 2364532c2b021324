"""Keeps a stdio server available: started on demand, once for all who wait, and again after it ended, within a budget."""

import asyncio
import math
from collections.abc import Callable
from enum import StrEnum

from ..config import Limits
from ..errors import Reason, UpstreamError
from .backoff import Backoff
from .child import Child, Exit
from .program import Program
from .tasks import Tasks


class State(StrEnum):
    """What a server's process is doing."""

    IDLE = "idle"
    """Not running; the next call starts it."""
    STARTING = "starting"
    RUNNING = "running"
    BACKING_OFF = "backing-off"
    """Ended too soon or too often; calls are refused until the next attempt is due."""
    STOPPED = "stopped"
    """Stopped for good."""


class Supervisor:
    """The runs of one program. `on_line` and `on_exit` belong to the run that is on; a run's last line comes before its end."""

    def __init__(
        self,
        program: Program,
        *,
        limits: Limits,
        on_line: Callable[[bytes], None],
        on_exit: Callable[[Exit], None],
        backoff: Backoff | None = None,
    ) -> None:
        self.starts = 0
        """Processes started so far."""
        self.exits = 0
        """Processes ended so far."""
        self.last_exit: Exit | None = None
        self._program = program
        self._limits = limits
        self._on_line = on_line
        self._on_exit = on_exit
        self._backoff = backoff or Backoff()
        self._tasks = Tasks()
        self._child: Child | None = None
        self._starting: asyncio.Task[Child] | None = None
        self._stopped = False

    @property
    def state(self) -> State:
        """For health and metrics."""
        if self._stopped:
            return State.STOPPED
        if self._starting is not None:
            return State.STARTING
        if self._child is not None:
            return State.RUNNING
        return State.BACKING_OFF if self.retry_after() > 0 else State.IDLE

    def retry_after(self) -> float:
        """Seconds until a start is allowed, 0 for now."""
        return self._backoff.wait(asyncio.get_running_loop().time())

    async def ensure(self) -> Child:
        """The running process, started if need be.

        UpstreamError UNREACHABLE while backing off, where the program is missing, or after `stop`. A caller that is cancelled
        leaves the start to the others.
        """
        if self._child is not None and self._child.running:
            return self._child
        if self._stopped:
            raise UpstreamError(Reason.UNREACHABLE, "is being stopped", retryable=True)
        if self._starting is None:
            self._program.check()  # before the back-off: a missing program is news that does not have to wait
            if (seconds := self.retry_after()) > 0 or self._child is not None:
                raise self._unavailable(seconds)
            self._starting = self._tasks.spawn(self._start(), f"start {self._program.shown}")
        return await asyncio.shield(self._starting)

    async def stop(self, grace: float) -> None:
        """End the process for good, within about `grace` seconds."""
        self._stopped = True
        if self._starting is not None:
            await asyncio.wait({self._starting})
        await self._tasks.aclose()
        if self._child is not None:
            await self._child.stop(grace)

    async def _start(self) -> Child:
        now = asyncio.get_running_loop().time
        program = self._program
        self._backoff.started(now())
        self.starts += 1
        try:
            child = await Child.start(
                program.command,
                program.args,
                program.env,
                program.cwd,
                limits=self._limits,
                on_line=self._on_line,
                on_exit=self._exited,
            )
        except UpstreamError:
            self._backoff.ended(now())
            raise
        finally:
            self._starting = None
        if not child.ended:
            self._child = child
        return child

    def _exited(self, exit_: Exit) -> None:
        self._child = None
        self.exits += 1
        self.last_exit = exit_
        self._backoff.ended(asyncio.get_running_loop().time())
        self._on_exit(exit_)

    def _unavailable(self, seconds: float) -> UpstreamError:
        end = f"its process {self.last_exit}" if self.last_exit is not None else "its process could not be started"
        if self._child is not None:
            end = "its process is ending"
        wait = max(math.ceil(seconds), 1)
        return UpstreamError(Reason.UNREACHABLE, f"{end}; next attempt in {wait} s", retryable=True)
