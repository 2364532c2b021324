"""Servers whose process starts with the proxy (`process.start: startup`): started, and tried again until they say who they are.

Until each has answered once, the proxy says that it is not ready: new pods replace old ones only when they can be called. After
that nothing makes it unready again, a lost process no more than a lost server elsewhere.
"""

import asyncio
import logging
from collections.abc import Iterable

from ..errors import Reason, UpstreamError
from ..upstream.stdio_peer import StdioPeer
from ..upstream.stdio_sessions import StdioSessions
from ..upstream.tasks import Tasks
from .place import Place

log = logging.getLogger(__name__)

LONGEST_PAUSE = 30.0
"""Seconds between two attempts with which the budget of starts has nothing to do: the process runs on and does not answer, or
there is no such program. They begin with one second, and double."""

_LATE = 0.01
"""Seconds that an attempt comes later than it may: clocks are coarse, and one that comes too early would be refused."""


class Starting:
    """The first starts. `place` is that of a worker among several, who are ready together: any may be asked for all."""

    def __init__(self, connections: Iterable[tuple[str, StdioPeer | StdioSessions, float]], place: Place | None) -> None:
        """`connections`: name, connection, and seconds that one attempt may take (`limits.discovery_seconds`)."""
        self._awaited = list(connections)
        self._place = place
        self._tasks = Tasks()

    def begin(self) -> None:
        """Start them all at once. They are tried until they answer, or until `aclose`."""
        for name, connection, seconds in self._awaited:
            self._tasks.spawn(self._start(name, connection, seconds), f"start {name}")
        self.done()

    def done(self) -> bool:
        """Whether each has answered once. True for ever after, for a worker that replaces another, too."""
        own = all(connection.connects for _, connection, _ in self._awaited)
        if self._place is None:
            return own
        if own:
            self._place.started[self._place.number] = 1
        return 0 not in bytes(self._place.started)

    async def aclose(self) -> None:
        """Try no more."""
        await self._tasks.aclose()

    async def _start(self, name: str, connection: StdioPeer | StdioSessions, seconds: float) -> None:
        loop, pause = asyncio.get_running_loop(), 1.0
        while True:
            try:
                hello = await connection.hello(loop.time() + seconds + 1)  # the attempt itself ends before
            except UpstreamError as fault:
                if wait := connection.vitals().retry_seconds:
                    pause = 1.0
                else:
                    wait, pause = pause, min(pause * 2, LONGEST_PAUSE)
                log.warning("server %s has not started: %s; next attempt in %.1f s", name, _said(fault, seconds), wait)
                await asyncio.sleep(wait + _LATE)
            else:
                log.info("server %s has started, it speaks %s", name, hello.version)
                self.done()
                return


def _said(fault: UpstreamError, seconds: float) -> str:
    """Why an attempt of `seconds` failed, with the key where it is its time that was too short."""
    too_short = fault.reason is Reason.DISCOVERY_TIMEOUT
    hint = fault.hint or (f"an attempt has {seconds:g} s, `limits.discovery_seconds`" if too_short else "")
    return f"{fault.message} ({hint})" if hint else fault.message
