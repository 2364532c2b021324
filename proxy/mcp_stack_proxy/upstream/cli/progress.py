"""Lines of a run as progress: what the caller sees while it waits."""

import asyncio
from collections import deque

from ..lines import STDERR_LINE_BYTES, Tail

WAITING = 50
"""Lines that wait for a slow reader; older ones are left out."""


class Progress:
    """Lines as they come. The number of a line grows even where lines were left out."""

    def __init__(self) -> None:
        self.more = asyncio.Event()
        """Set when there is something to see."""
        self._open = b""
        self._lines: deque[tuple[int, bytes]] = deque(maxlen=WAITING)
        self._count = 0

    def feed(self, data: bytes) -> None:
        """The next piece of output."""
        first, *others = data.split(b"\n")
        self._open = (self._open + first[:STDERR_LINE_BYTES])[:STDERR_LINE_BYTES]
        if not others:
            return
        for line in [self._open, *others[:-1]]:
            self._count += 1
            self._lines.append((self._count, line[:STDERR_LINE_BYTES]))
        self._open = others[-1][:STDERR_LINE_BYTES]
        self.more.set()

    def take(self) -> list[tuple[int, str]]:
        """Lines since the last time, each with its number; blank ones are left out."""
        self.more.clear()
        lines, self._lines = self._lines, deque(maxlen=WAITING)
        return [(number, text) for number, line in lines if (text := _readable(line))]


def _readable(line: bytes) -> str:
    tail = Tail(lines=1)
    tail.feed(line)
    return next(iter(tail.lines()), "")
