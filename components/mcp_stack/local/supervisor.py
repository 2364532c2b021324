"""Keeps one process running: started, watched until it listens, started again with back-off when it ends."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from .board import Board, State
from .child import Child, describe_end
from .listening import until_listening
from .plan import Process

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0

STEADY_SECONDS = 30.0
"""A run this long was a success: the next pause is the first again."""

Output = Callable[[str, list[str]], None]
"""Takes the name of a process and lines that it wrote."""


class Supervisor:
    """One process over all its runs. `verbose` takes each line, `explain` the last ones of a run that failed.

    `listening`: what it means for its row that it listens.
    """

    def __init__(
        self, process: Process, directory: Path, board: Board, listening: State, *, verbose: Output | None, explain: Output
    ) -> None:
        self._process = process
        self._directory = directory
        self._board = board
        self._listening = listening
        self._verbose = verbose
        self._explain = explain
        self._child: Child | None = None
        self._stopping = asyncio.Event()
        self._explained: list[str] = []

    async def run(self) -> None:
        """Until `stop`."""
        name, failures = self._process.name, 0
        clock = asyncio.get_running_loop().time
        while not self._stopping.is_set():
            started = clock()
            try:
                self._child = child = Child(self._process, self._directory, self._heard)
            except OSError as error:
                end = f"cannot be started: {error.strerror}"
            else:
                self._board.update(name, state=State.STARTING, reason="", pid=child.pid, tools=None)
                end = describe_end(await self._watch(child))
                if self._stopping.is_set():
                    break
                self._say_why(child)
                last = child.tail[-1] if child.tail else ""
                end = f"{end}: {last}" if last else end
            failures = 0 if clock() - started >= STEADY_SECONDS else failures
            pause = min(FIRST_PAUSE * 2.0 ** min(failures, 16), LONGEST_PAUSE)
            failures += 1
            ends = self._board[name].ends + 1
            reason = f"{end} (next start in {pause:g} s)"
            self._board.update(name, state=State.FAILING, reason=reason, pid=None, tools=None, ends=ends)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._stopping.wait()
        self._board.update(name, state=State.STOPPED, reason="", pid=None, tools=None)

    async def stop(self, grace: float) -> None:
        """End it for good: SIGTERM, and SIGKILL after `grace` seconds."""
        self._stopping.set()
        if self._child is not None:
            await self._child.stop(grace)

    def kill(self) -> None:
        """End it at once."""
        self._stopping.set()
        if self._child is not None:
            self._child.kill(signal.SIGKILL)

    async def _watch(self, child: Child) -> int:
        """The exit code, after all that happens until then."""
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(self._until_listening())
            code = await asyncio.shield(child.ended)
            waiting.cancel()
        return code

    async def _until_listening(self) -> None:
        await until_listening(self._process)
        self._board.update(self._process.name, state=self._listening)

    def _heard(self, line: str) -> None:
        if self._verbose is not None:
            self._verbose(self._process.name, [line])

    def _say_why(self, child: Child) -> None:
        """Its last words, once as long as they stay the same; with `verbose` they were shown already."""
        words = [line for line in child.tail if line]
        if self._verbose is None and words and words != self._explained:
            self._explain(self._process.name, words)
        self._explained = words
