"""Streams of bytes as lines, bounded: what a child says on stdout, and the end of what it says on stderr."""

import re
from collections import deque
from collections.abc import Callable

STDERR_LINES = 50
"""Lines of stderr that are kept (seed 001)."""

STDERR_LINE_BYTES = 2048

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0a-\x1f\x7f-\x9f]")
"""Terminal sequences and control characters except the tab: they would act on whoever reads the log."""


class TooLongError(Exception):
    """A line beyond the limit."""


class LineSplitter:
    """Bytes in, whole lines out, without their end. Blank lines are dropped. At most `limit` bytes are ever held."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._held = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Lines that `data` completes; TooLongError beyond the limit."""
        first, *others = data.split(b"\n")
        self._hold(first)
        if not others:
            return []
        lines = [b"".join(self._parts), *others[:-1]]
        self._parts, self._held = [], 0
        self._hold(others[-1])
        if max(map(len, lines)) > self._limit:
            raise TooLongError
        return [line for line in lines if line and not line.isspace()]

    def _hold(self, part: bytes) -> None:
        self._held += len(part)
        if self._held > self._limit:
            raise TooLongError
        if part:
            self._parts.append(part)


class Tail:
    """The last lines of a stream that may be a flood: what is going to be dropped is not even decoded."""

    def __init__(
        self, lines: int = STDERR_LINES, line_bytes: int = STDERR_LINE_BYTES, *, redacted: Callable[[str], str] = str
    ) -> None:
        """`redacted` takes out of a line what nobody may see. It sees the line as it was kept: what is cut in two may escape it."""
        self._redacted = redacted
        self._lines: deque[bytes] = deque(maxlen=lines)
        self._line_bytes = line_bytes
        self._open = b""

    def feed(self, data: bytes) -> None:
        """The next piece of the stream."""
        first, *others = data.split(b"\n")
        self._open = (self._open + first[: self._line_bytes])[: self._line_bytes]
        if others:
            keep = [self._open, *others[:-1]][-(self._lines.maxlen or 0) :]
            self._lines.extend(line[: self._line_bytes] for line in keep)
            self._open = others[-1][: self._line_bytes]

    def lines(self) -> list[str]:
        """What is kept, readable; blank lines are left out."""
        kept = [*self._lines, self._open][-(self._lines.maxlen or 0) :] if self._open else self._lines
        texts = (_CONTROL.sub("", line.decode("utf-8", "replace")).rstrip() for line in kept)
        return [self._redacted(text) for text in texts if text]
