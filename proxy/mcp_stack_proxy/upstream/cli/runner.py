"""Runs of one program: with its environment, so many at a time, and ended with their owner."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ...errors import Reason, UpstreamError
from ..program import Program
from .run import Outcome, Run

PLAIN = {"TERM": "dumb", "NO_COLOR": "1", "PAGER": "cat", "MANPAGER": "cat"}
"""Says that nobody watches: no colours, and nothing that waits for a key. The server's own `env` goes before."""


class Runner:
    """Starts processes of `program`, at most `concurrency` at a time."""

    def __init__(self, program: Program, concurrency: int) -> None:
        self._program = replace(program, env={**PLAIN, **program.env})
        self._concurrency = concurrency
        self._slots = asyncio.Semaphore(concurrency)
        self._runs: set[Run] = set()
        self._closed = False

    async def run(
        self,
        args: Sequence[str],
        *,
        deadline: float,
        seconds: float,
        max_output_bytes: int,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        heard: Callable[[bytes], None] | None = None,
    ) -> Outcome:
        """One run with `args` behind the program's own: ended after `seconds`, or at `deadline`, where that comes first.

        UpstreamError where it cannot be started, or is not before `deadline`, because others are still running.
        """
        program = replace(self._program, args=[*self._program.args, *args], env={**(env or {}), **self._program.env})
        try:
            async with asyncio.timeout_at(deadline):
                await self._slots.acquire()
        except TimeoutError:
            hint = "raise `cli.concurrency`, or lower `cli.timeout_seconds`"
            text = f"has {self._concurrency} runs going on, and none ended in time (cli.concurrency)"
            raise UpstreamError(Reason.TIMEOUT, text, retryable=True, hint=hint) from None
        try:
            if self._closed:
                raise UpstreamError(Reason.UNREACHABLE, "is being stopped", retryable=True)
            program.check()
            run = Run(program, max_output_bytes, heard)
            self._runs.add(run)
            try:
                return await run.run(stdin, min(deadline, asyncio.get_running_loop().time() + seconds))
            finally:
                self._runs.discard(run)
        finally:
            self._slots.release()

    async def aclose(self, grace: float) -> None:
        """End what runs, within about `grace` seconds, and start nothing any more."""
        self._closed = True
        await asyncio.gather(*(run.end(grace) for run in tuple(self._runs)))
