"""One run of a program: what it is given to read, what it says, and an end that takes its whole process group along."""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import cast

from ..pipes import Input
from ..pipes import Output as Pipe
from ..program import Program, spawn
from ..reaper import Reaper
from ..tasks import Tasks
from .output import Output

GRACE_SECONDS = 1.0
"""Time between SIGTERM and SIGKILL."""

KILL_SECONDS = 5.0
"""How long SIGKILL may take: longer only in an uninterruptible system call."""

EOF_SECONDS = 0.5
"""How long the rest of the output is waited for after the end; a process in another session may hold it open."""

FLOOD = 64
"""A run that says this many times as much as is kept of it is ended: to read on would be work for nobody."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended, and what it said."""

    exit_code: int
    """Negative: the signal that ended it."""
    stdout: str
    stderr: str
    truncated: bool
    timed_out: bool
    flooded: bool
    """It was ended because it said too much."""


class Run:
    """A process. Use `run`, which leaves none behind."""

    def __init__(self, program: Program, max_output_bytes: int, heard: Callable[[bytes], None] | None) -> None:
        """`heard` gets stdout as it comes. It may not raise."""
        self._loop = asyncio.get_running_loop()
        self._heard = heard
        self._flood = FLOOD * max_output_bytes
        self._kept = [Output(max_output_bytes), Output(max_output_bytes)]
        self._code: int | None = None
        self._timed_out = False
        self._flooded = False
        self._timer: asyncio.TimerHandle | None = None
        self._over = asyncio.Event()
        self._input = Input(lambda: None)
        self._pipes = [Pipe(self._hear_stdout, self._pipe_closed), Pipe(self._hear_stderr, self._pipe_closed)]
        self._process = spawn(program)
        Reaper(self._process, lambda: self._signal(signal.SIGKILL), self._collected)

    @property
    def pid(self) -> int:
        """Process id, and that of its group and session."""
        return self._process.pid

    async def run(self, stdin: bytes, deadline: float) -> Outcome:
        """Give it `stdin` and wait for its end; at `deadline` (the event loop's time) it is ended. So it is when the wait is
        cancelled, and when this returns, nothing of its process group is left."""
        # Not to be cut short: uvloop would close the descriptor under its file object, which later closes whatever has the number.
        connecting = Tasks().spawn(self._connect(), "connect a process")
        try:
            await asyncio.shield(connecting)
            self._input.write(stdin)
            self._input.close()
            try:
                async with asyncio.timeout_at(deadline):
                    await self._over.wait()
            except TimeoutError:
                self._timed_out = True
                await self.end(GRACE_SECONDS)
        except BaseException:
            self._signal(signal.SIGKILL)  # nobody waits for what it would tidy up
            await asyncio.wait({connecting})
            with suppress(TimeoutError):
                async with asyncio.timeout(KILL_SECONDS):
                    await self._over.wait()
            self._abort()
            raise
        return Outcome(
            cast("int", self._code),
            self._kept[0].text(),
            self._kept[1].text(),
            truncated=any(one.truncated for one in self._kept),
            timed_out=self._timed_out,
            flooded=self._flooded,
        )

    async def end(self, grace: float) -> None:
        """SIGTERM, so that it can remove its locks, and SIGKILL after `grace` seconds, each to the whole group."""
        self._signal(signal.SIGTERM)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(grace):
                    await self._over.wait()
        finally:
            self._signal(signal.SIGKILL)
        await self._over.wait()

    async def _connect(self) -> None:
        process = self._process
        await self._loop.connect_write_pipe(lambda: self._input, process.stdin)
        await self._loop.connect_read_pipe(lambda: self._pipes[0], process.stdout)
        await self._loop.connect_read_pipe(lambda: self._pipes[1], process.stderr)

    # what the pipes and the kernel tell

    def _hear_stdout(self, data: bytes) -> None:
        self._kept[0].feed(data)
        if self._heard is not None:
            self._heard(data)
        self._count()

    def _hear_stderr(self, data: bytes) -> None:
        self._kept[1].feed(data)
        self._count()

    def _count(self) -> None:
        if not self._flooded and sum(one.size for one in self._kept) > self._flood:
            self._flooded = True
            self._signal(signal.SIGKILL)

    def _pipe_closed(self) -> None:
        if self._code is not None and all(pipe.closed for pipe in self._pipes):
            self._finish()

    def _collected(self, code: int) -> None:
        self._code = code
        self._timer = self._loop.call_later(EOF_SECONDS, self._finish)
        self._pipe_closed()

    def _finish(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._abort()
        self._over.set()

    def _abort(self) -> None:
        self._input.abort()
        for pipe in self._pipes:
            pipe.abort()

    def _signal(self, number: signal.Signals) -> None:
        if self._code is None:  # afterwards the id may belong to somebody else
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)
