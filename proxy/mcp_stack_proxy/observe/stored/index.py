"""The index of a file of records: at times, how far it had been written. So a search from a time on begins near its place.

An entry is two numbers of eight bytes: a time, and an offset at which a line begins. Every record before the offset was written by
that time, so none of them came later. Times never fall, even where the clock is set back.
"""

import contextlib
import os
import struct
from pathlib import Path

ENTRY = struct.Struct("<dQ")

EVERY = 64 * 1024
"""Bytes of records between two entries, at least."""


class IndexWriter:
    """Adds entries to one index. An index that cannot be written ends here, and a search reads more."""

    def __init__(self, path: Path) -> None:
        """OSError where it cannot be made."""
        self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._time = 0.0
        self._offset = 0

    def note(self, now: float, offset: int) -> None:
        """At `now`, what lies before `offset` has been written. OSError where that cannot be noted."""
        if offset - self._offset >= EVERY:
            self._time = max(now, self._time)
            os.write(self._fd, ENTRY.pack(self._time, offset))
            self._offset = offset

    def close(self) -> None:
        """No more entries."""
        os.close(self._fd)


def begin(path: Path, since: float, data: int, size: int) -> int:
    """Offset from which on the file `data` of `size` bytes is to be read for records that came at `since` or later.

    Nothing in the index is trusted: an offset at which no line begins, as the loss of power may leave one, means the beginning.
    """
    offset = 0
    with contextlib.suppress(OSError):
        content = path.read_bytes()
        for when, at in ENTRY.iter_unpack(content[: len(content) - len(content) % ENTRY.size]):
            if when >= since:
                break
            offset = at
    starts_a_line = 0 < offset <= size and os.pread(data, 1, offset - 1) == b"\n"
    return offset if starts_a_line else 0
