"""One run of a stdio server: started without shell, spoken to in lines, its end noticed at once and its process group with it."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Self, cast

from ..config import Limits
from ..errors import Reason, UpstreamError
from .lines import LineSplitter, Tail, TooLongError
from .pipes import Input, Output
from .procfs import members
from .program import Program, spawn
from .reaper import Reaper
from .redaction import redaction
from .tasks import Tasks

_EOF_SECONDS = 0.5
"""How long the rest of the output is waited for after the end of the process; a grandchild in another session may hold it open."""

_SILENT_SECONDS = 1.0
"""How long a process may go on after it closed stdin or stdout, without which it can never answer."""

_KILL_SECONDS = 5.0
"""How long SIGKILL may take before `stop` gives up waiting: longer only in an uninterruptible system call."""


@dataclass(frozen=True, slots=True)
class Exit:
    """How a run ended."""

    code: int
    """Exit code, negative for a signal as subprocess has it."""
    stderr: tuple[str, ...]
    """Its last lines: for logs; they may hold anything but the values of its environment."""
    fault: UpstreamError | None = None
    """Why the proxy ended it, where it broke the protocol."""

    def __str__(self) -> str:
        if self.fault is not None:
            return f"was stopped: {self.fault.message}"
        if self.code >= 0:
            return f"exited with code {self.code}"
        with suppress(ValueError):
            return f"was killed by {signal.Signals(-self.code).name}"
        return f"was killed by signal {-self.code}"


class Child:
    """A running server. `on_line` gets each line of stdout in order, then `on_exit` the end, once. Neither may raise."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        limits: Limits,
        on_line: Callable[[bytes], None],
        on_exit: Callable[[Exit], None],
        redacted: Callable[[str], str] = str,
    ) -> None:
        self._process = process
        self._loop = asyncio.get_running_loop()
        self._on_line = on_line
        self._on_exit = on_exit
        self._lines = LineSplitter(limits.max_message_bytes)
        self._line_limit = limits.max_message_bytes
        self._backlog = 4 * limits.max_body_bytes
        self._tail = Tail(redacted=redacted)
        self._input = Input(self._pipe_closed)
        self._outputs = [Output(self._hear, self._pipe_closed), Output(self._tail.feed, self._pipe_closed)]
        self._timer: asyncio.TimerHandle | None = None
        self._fault: UpstreamError | None = None
        self._code: int | None = None
        self._stopping = False
        self._ended = asyncio.Event()
        Reaper(process, self._kill_group, self._collected)

    @classmethod
    async def start(
        cls,
        command: str,
        args: Sequence[str],
        env: Mapping[str, str],
        cwd: str | None,
        *,
        limits: Limits,
        on_line: Callable[[bytes], None],
        on_exit: Callable[[Exit], None],
    ) -> Self:
        """Start `command`; UpstreamError where that cannot be done. The process is in a session of its own."""
        program = Program(command, args, env, cwd)
        program.check()
        child = cls(spawn(program), limits, on_line, on_exit, redaction(env))
        # Not to be cut short: uvloop would close the descriptor under its file object, which later closes whatever has the number.
        connecting = Tasks().spawn(child._connect(), "connect a process")
        try:
            await asyncio.shield(connecting)
        except BaseException:
            child._signal(signal.SIGKILL)
            await asyncio.wait({connecting})
            raise
        return child

    @property
    def pid(self) -> int:
        """Process id, and that of its group and session."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether `on_exit` has been called."""
        return self._ended.is_set()

    @property
    def running(self) -> bool:
        """Whether it can still be talked to."""
        return self._code is None and self._fault is None and not self._stopping and not self._input.closed

    def stderr_tail(self) -> list[str]:
        """The last lines on stderr, without control characters."""
        return self._tail.lines()

    def write(self, line: bytes) -> None:
        """Send one message. Line breaks between JSON tokens become spaces: a message is one line, whatever it looked like.

        UpstreamError where the process has ended, or reads so slowly that more than its share waits here.
        """
        if not self.running:
            raise UpstreamError(Reason.UNREACHABLE, "its process has ended", retryable=True)
        if self._input.waiting() + len(line) > self._backlog:
            raise UpstreamError(Reason.UNREACHABLE, f"does not read its input, {self._backlog} bytes wait for it", retryable=True)
        if b"\n" in line or b"\r" in line:
            line = line.replace(b"\n", b" ").replace(b"\r", b" ")
        self._input.write(line + b"\n")

    async def drain(self) -> None:
        """Wait until the process has read most of what was written; UpstreamError where it ends before."""
        await self._input.writable.wait()
        if not self.running:
            raise UpstreamError(Reason.UNREACHABLE, "its process has ended")

    async def stop(self, grace: float) -> None:
        """End it: close stdin, then SIGTERM after half of `grace` seconds, then SIGKILL, each to the whole group."""
        self._stopping = True
        self._input.writable.set()
        try:
            self._input.close()
            if not await self._gone(grace / 2):
                self._signal(signal.SIGTERM)
                await self._gone(grace / 2)
        finally:
            self._signal(signal.SIGKILL)
        await self._gone(_KILL_SECONDS)

    def end(self, fault: UpstreamError) -> None:
        """Kill it and its group, because of `fault`: it is of no use any more."""
        if self._fault is None and self._code is None:
            self._fault = fault
            self._input.writable.set()
            self._signal(signal.SIGKILL)

    # what the pipes tell

    def _pipe_closed(self) -> None:
        """stdin or an output is closed. Right before an exit that is normal; a process that stays is of no use any more."""
        if self._code is not None:
            if all(output.closed for output in self._outputs):
                self._end()
        elif self._timer is None and not self._stopping and (self._input.closed or self._outputs[0].closed):
            fault = UpstreamError(Reason.UNREACHABLE, "closed its input or output and went on")
            self._timer = self._loop.call_later(_SILENT_SECONDS, self.end, fault)

    def _hear(self, data: bytes) -> None:
        if self._fault is not None:
            return
        try:
            lines = self._lines.feed(data)
        except TooLongError:
            self.end(UpstreamError(Reason.INVALID, f"sent a line of more than {self._line_limit} bytes"))
            return
        for line in lines:
            self._on_line(line)

    # its life

    async def _connect(self) -> None:
        process = self._process
        await self._loop.connect_write_pipe(lambda: self._input, process.stdin)
        await self._loop.connect_read_pipe(lambda: self._outputs[0], process.stdout)
        await self._loop.connect_read_pipe(lambda: self._outputs[1], process.stderr)

    async def _gone(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._ended.wait()
        return self._ended.is_set()

    def _signal(self, number: signal.Signals) -> None:
        if self._code is None:  # afterwards the id may belong to somebody else
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)

    def _kill_group(self) -> None:
        """The process is dead but not collected: end what it left behind, groups of their own in its session included."""
        self._signal(signal.SIGKILL)
        for pid in members(self.pid):
            if pid != self.pid:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)

    def _collected(self, code: int) -> None:
        self._code = code
        self._input.writable.set()
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(_EOF_SECONDS, self._end)
        self._pipe_closed()

    def _end(self) -> None:
        """Everything is said: tell how it ended."""
        if self._ended.is_set():
            return
        if self._timer is not None:
            self._timer.cancel()
        self._input.abort()
        for output in self._outputs:
            output.abort()
        self._ended.set()
        self._on_exit(Exit(cast("int", self._code), tuple(self._tail.lines()), self._fault))
