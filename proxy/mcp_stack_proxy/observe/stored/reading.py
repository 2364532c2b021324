"""Records out of files, in the order of their times, from a time on; and those that come while somebody waits for them."""

import contextlib
import heapq
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .index import begin
from .naming import Stored, in_use, index_of, stored

PIECE = 256 * 1024
"""Bytes that are read at once."""

_TIMESTAMP = re.compile(rb'\{"timestamp":"([^"]{1,40})"')


@dataclass(slots=True)
class Skipped:
    """What could not be read as records."""

    torn: int = 0
    """Ends of files without a line break, whose process was killed while it wrote."""
    broken: int = 0
    """Other lines that are no records."""

    def told(self) -> str | None:
        """As a sentence; None where all was well."""
        parts = [
            *([f"{self.torn} torn at the end of a file, whose process ended while it wrote"] if self.torn else []),
            *([f"{self.broken} that are no records"] if self.broken else []),
        ]
        return f"lines left out: {', and '.join(parts)}" if parts else None


class Tail:
    """One file, read from a place on; more of it as it comes."""

    def __init__(self, path: Path, offset: int = 0) -> None:
        """OSError where it cannot be opened."""
        self.path = path
        self.read = 0
        """Bytes read so far."""
        self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._offset = offset
        self._rest = b""

    @classmethod
    def since(cls, one: Stored, index: Path, since: float | None) -> "Tail":
        """From where records of `since` or later may begin."""
        tail = cls(one.path)
        if since is not None:
            tail._offset = begin(index_of(one.name, index), since, tail._fd, os.fstat(tail._fd).st_size)
        return tail

    @property
    def torn(self) -> bool:
        """Whether the last line read is not whole."""
        return bool(self._rest)

    def lines(self) -> Iterator[bytes]:
        """Whole lines that are there by now."""
        while chunk := os.pread(self._fd, PIECE, self._offset):
            self._offset += len(chunk)
            self.read += len(chunk)
            *whole, self._rest = (self._rest + chunk).split(b"\n")
            yield from whole

    def close(self) -> None:
        """No more of it."""
        os.close(self._fd)


def past(data: Path, index: Path, since: float | None, skipped: Skipped) -> Iterator[bytes]:
    """Lines of all files that may hold records of `since` or later, in the order of their times. OSError: no such directory."""
    wanted = [one for one in stored(data) if since is None or one.written >= since]
    return (line for _, line in heapq.merge(*(_stamped(_file(one, index, since, skipped)) for one in wanted)))


def _file(one: Stored, index: Path, since: float | None, skipped: Skipped) -> Iterator[bytes]:
    with contextlib.suppress(FileNotFoundError):  # its time has come meanwhile
        tail = Tail.since(one, index, since)
        try:
            yield from tail.lines()
            skipped.torn += tail.torn and not in_use(one.path)
        finally:
            tail.close()


def _stamped(lines: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Lines with their times; one without has that of the line before it, so that it stays where it is."""
    stamp = b""
    for line in lines:
        found = _TIMESTAMP.match(line)
        stamp = found[1] if found else stamp
        yield stamp, line


class Following:
    """All files of a directory, those to come included."""

    def __init__(self, data: Path, index: Path, since: float | None) -> None:
        """From `since` on, or from now on."""
        self._data = data
        self._index = index
        self._since = since
        self._tails: dict[str, Tail] = {}
        self._known: set[str] = set()
        for one in stored(data):
            self._known.add(one.name)
            if since is None:
                self._open(one, one.size)
            elif one.written >= since:
                self._open(one, None)

    def lines(self) -> Iterator[bytes]:
        """Those that have come since the last time. To be read to their end."""
        found = stored(self._data)
        for one in found:
            if one.name not in self._known:
                self._known.add(one.name)
                self._open(one, 0)
        yield from (line for _, line in heapq.merge(*(_stamped(tail.lines()) for tail in self._tails.values())))
        there = {one.name for one in found}
        for name in [name for name in self._tails if name not in there]:  # read to its end, which stays as long as it is open
            self._tails.pop(name).close()
        self._known &= there

    def close(self) -> None:
        """Nobody waits any more."""
        for tail in self._tails.values():
            tail.close()
        self._tails.clear()

    def _open(self, one: Stored, offset: int | None) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._tails[one.name] = Tail.since(one, self._index, self._since) if offset is None else Tail(one.path, offset)
