"""One run of one process: its group, its output, its end."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread

from .plan import Process

TAIL_LINES = 20
"""Last lines of output that are kept to explain a failure."""

MAX_LINE = 4096
"""Bytes of output that count as one line."""

LAST_WORDS_SECONDS = 0.5
"""Time for output to be read after the end: a process that left the group may hold the pipe open for ever."""

_LAUNCHER = str(Path(__file__).with_name("die_with_parent.py"))


class Child:
    """A running process, leader of a session and group of its own: Ctrl-C reaches us alone, and we can end all of it."""

    def __init__(self, process: Process, directory: Path, on_line: Callable[[str], None]) -> None:
        launcher = [sys.executable, "-I", "-S", _LAUNCHER, str(os.getpid())] if sys.platform == "linux" else []
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
        """Last lines that it wrote."""
        self._loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[int] = self._loop.create_future()
        """Its exit code, negative for a signal; done when the whole group is gone."""
        self._on_line = on_line
        self._popen = subprocess.Popen(  # noqa: S603 - no shell, and the stack file's own command
            [*launcher, *process.argv],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(process.env),
            cwd=directory,
            start_new_session=True,
        )
        self._reader = Thread(target=self._read, name=f"output of {process.name}", daemon=True)
        self._reader.start()
        Thread(target=self._wait, name=f"end of {process.name}", daemon=True).start()

    @property
    def pid(self) -> int:
        """Its process id, which is also its group's."""
        return self._popen.pid

    def kill(self, number: signal.Signals) -> None:
        """Send a signal to the whole group."""
        with suppress(ProcessLookupError, PermissionError):  # PermissionError: macOS, for a group of zombies
            os.killpg(self._popen.pid, number)

    async def stop(self, grace: float) -> bool:
        """End it: SIGTERM, SIGKILL after `grace` seconds. Whether it ended by itself."""
        if not self.ended.done():
            self.kill(signal.SIGTERM)
        try:
            async with asyncio.timeout(grace):
                await asyncio.shield(self.ended)
        except TimeoutError:
            self.kill(signal.SIGKILL)
            await self.ended
            return False
        return True

    def _wait(self) -> None:
        if sys.platform == "linux":  # the dead leader keeps its id until it is collected, so the group is surely its own
            os.waitid(os.P_PID, self._popen.pid, os.WEXITED | os.WNOWAIT)
            self.kill(signal.SIGKILL)
            code = self._popen.wait()
        else:
            code = self._popen.wait()
            self.kill(signal.SIGKILL)
        self._reader.join(LAST_WORDS_SECONDS)
        self._tell(self._end, code)

    def _read(self) -> None:
        output = self._popen.stdout
        if output is not None:
            with output:
                for line in iter(lambda: output.readline(MAX_LINE), b""):
                    self._tell(self._heard, line.decode(errors="replace").rstrip())

    def _tell(self, what: Callable[..., None], value: object) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody listens any more
            self._loop.call_soon_threadsafe(what, value)

    def _heard(self, line: str) -> None:
        self.tail.append(line)
        self._on_line(line)

    def _end(self, code: int) -> None:
        if not self.ended.done():
            self.ended.set_result(code)


def describe_end(code: int) -> str:
    """How a process ended, in words."""
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"ended by signal {-code}"
