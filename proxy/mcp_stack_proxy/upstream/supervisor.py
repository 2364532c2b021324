"""Keeps a stdio server available: started on demand, once for all who wait, and again after it ended, within a budget."""

import asyncio
import math
from collections.abc import Callable

from ..config import Limits
from ..errors import Reason, UpstreamError
from .backoff import Backoff
from .child import Child, Exit
from .procfs import shown
from .program import Program
from .tasks import Tasks
from .vitals import Cause, Counters, State


class Supervisor:
    """The runs of one program. `on_line` and `on_exit` belong to the run that is on; a run's last line comes before its end."""

    def __init__(
        self,
        program: Program,
        *,
        limits: Limits,
        on_line: Callable[[bytes], None],
        on_exit: Callable[[Exit, Cause], None],
        backoff: Backoff | None = None,
        counters: Counters | None = None,
        max_memory: int | None = None,
    ) -> None:
        """`counters` may be shared with other supervisors; `max_memory` is in bytes."""
        self.counters = counters or Counters()
        self.last_exit: Exit | None = None
        self.resident: int | None = None
        """Bytes that the process and its descendants occupied when they were last measured."""
        self._program = program
        self._limits = limits
        self._on_line = on_line
        self._on_exit = on_exit
        self._backoff = backoff or Backoff()
        self._max_memory = max_memory
        self._tasks = Tasks()
        self._child: Child | None = None
        self._starting: asyncio.Task[Child] | None = None
        self._resting: asyncio.Task[None] | None = None
        self._stopped = False
        self._replaces = False
        """Whether the next start follows an end that nobody wanted."""

    @property
    def state(self) -> State:
        """For health and metrics."""
        if self._stopped:
            return State.STOPPED
        if self._starting is not None:
            return State.STARTING
        if self._child is not None and self._resting is None:
            return State.RUNNING
        if self._backoff.failed:
            return State.FAILED
        return State.BACKING_OFF if self.retry_after() > 0 else State.IDLE

    @property
    def pid(self) -> int | None:
        """The process that runs, if one does."""
        return None if self._child is None else self._child.pid

    def retry_after(self) -> float:
        """Seconds until a start is allowed, 0 for now."""
        return self._backoff.wait(asyncio.get_running_loop().time())

    async def ensure(self) -> Child:
        """The running process, started if need be; one that is being put to rest is waited for.

        UpstreamError UNREACHABLE while backing off, where the program is missing, or after `stop`. A caller that is cancelled
        leaves the start to the others.
        """
        if (child := self._usable()) is not None:
            return child
        if self._stopped:
            raise UpstreamError(Reason.UNREACHABLE, "is being stopped", retryable=True)
        if self._starting is None:
            self._program.check()  # before the back-off: a missing program is news that does not have to wait
            if self._resting is None and (self.retry_after() > 0 or self._child is not None):
                raise self._unavailable()
            self._starting = self._tasks.spawn(self._start(), f"start {self._program.shown}")
        return await asyncio.shield(self._starting)

    def current(self) -> Child:
        """The running process, which nobody starts for this; UpstreamError UNREACHABLE where there is none."""
        if (child := self._usable()) is None:
            raise self._unavailable()
        return child

    def rest(self, grace: float) -> None:
        """End a process that nobody needs, within about `grace` seconds: no failure, and the next `ensure` starts another."""
        if (child := self._usable()) is not None:
            self._resting = self._tasks.spawn(self._rest(child, grace), f"put {self._program.shown} to rest")

    def forgive(self) -> None:
        """The end of the last run counts as no failure: it was our doing, and the next start may come at once."""
        self._backoff.rested(asyncio.get_running_loop().time())

    def measured(self, resident: int | None) -> None:
        """The process and its descendants occupy `resident` bytes: they are ended where that is more than they may."""
        self.resident = resident
        child, most = self._usable(), self._max_memory
        if child is not None and most is not None and resident is not None and resident > most:
            used = f"used {shown(resident)} of memory, more than the {shown(most)} that it may, and was ended"
            child.end(UpstreamError(Reason.OVER_MEMORY, used, hint="raise `process.max_memory`, or ask for less at once"))

    async def stop(self, grace: float) -> None:
        """End the process for good, within about `grace` seconds."""
        self._stopped = True
        if self._starting is not None:
            await asyncio.wait({self._starting})
        try:
            if self._resting is not None:
                await asyncio.wait({self._resting}, timeout=grace)
        finally:
            await self._tasks.aclose()
        if self._child is not None:
            await self._child.stop(grace)

    def _usable(self) -> Child | None:
        child = self._child
        return child if child is not None and child.running and self._resting is None else None

    async def _rest(self, child: Child, grace: float) -> None:
        try:
            await child.stop(grace)
        finally:
            self._resting = None

    async def _start(self) -> Child:
        try:
            if self._resting is not None:
                await asyncio.wait({self._resting})
            if self._child is not None:
                raise self._unavailable()
            return await self._run()
        finally:
            self._starting = None

    async def _run(self) -> Child:
        now = asyncio.get_running_loop().time
        program = self._program
        self._backoff.started(now())
        self.counters.starts += 1
        self.counters.restarts += self._replaces
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
            self._replaces = True
            self.counters.refused += 1
            raise
        if not child.ended:
            self._child = child
        return child

    def _exited(self, exit_: Exit) -> None:
        cause = self._cause(exit_)
        self._child = None
        self.resident = None
        self.last_exit = exit_
        self.counters.exits[cause] += 1
        self._replaces = cause is not Cause.IDLE
        now = asyncio.get_running_loop().time()
        if cause is Cause.IDLE:
            self._backoff.rested(now)
        else:
            self._backoff.ended(now)
        self._on_exit(exit_, cause)

    def _cause(self, exit_: Exit) -> Cause:
        if self._resting is not None:
            return Cause.IDLE
        if exit_.fault is not None:
            return Cause.MEMORY if exit_.fault.reason is Reason.OVER_MEMORY else Cause.PROTOCOL
        if self._stopped:
            return Cause.STOPPED
        return Cause.EXITED if exit_.code >= 0 else Cause.KILLED

    def _unavailable(self) -> UpstreamError:
        seconds, backoff = self.retry_after(), self._backoff
        end = f"its process {self.last_exit}" if self.last_exit is not None else "its process could not be started"
        hint = None
        if self._child is not None:
            end = "its process is ending"
        elif backoff.failed:
            end += f", as often as {backoff.max_starts} times within {backoff.window_seconds:g} s"
            hint = "see its last lines in the proxy's log; `process.max_starts` bounds its starts"
        wait = max(math.ceil(seconds), 1)
        return UpstreamError(Reason.UNREACHABLE, f"{end}; next attempt in {wait} s", retryable=True, hint=hint)
