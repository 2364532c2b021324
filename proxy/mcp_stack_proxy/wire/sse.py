"""Server-sent events (HTML standard, section 9.2): an incremental, bounded parser, and the frame that we write."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import Reason, UpstreamError

KEEP_ALIVE = b": keep-alive\n\n"
"""A comment: says that the stream lives, and is no event."""
_RETRY_DIGITS = 15
"""More is no time that anyone would wait, and int() refuses very many."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `retry` in milliseconds."""

    data: bytes
    type: str = "message"
    id: str | None = None
    retry: int | None = None


def frame(message: bytes, id_: str | None = None) -> bytes:
    """`message`, which is JSON on one line, as an event; with `id_`, which is ASCII, it can be asked for again."""
    named = b"" if id_ is None else b"id: " + id_.encode() + b"\n"
    return b"event: message\n" + named + b"data: " + message + b"\n\n"


def priming(id_: str, retry: int) -> bytes:
    """An event without data: where to go on, and after how many milliseconds (2025-11-25, basic/transports)."""
    return b"id: %b\nretry: %d\ndata: \n\n" % (id_.encode(), retry)


class EventParser:
    """Feed it bytes as they come, cut anywhere; it yields whole events.

    An event over `limit` bytes raises UpstreamError: a server cannot grow our memory. What counts is its lines of data and the line
    that comes after them, so that where the pieces were cut makes no difference. Line ends are LF, CR or CRLF. Events without data
    are dropped, as the standard says, except that their `id` and `retry` are kept for the next one.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._partial = bytearray()  # the unfinished line
        self._data: list[bytes] = []
        self._data_size = 0
        self._type = ""
        self._id: str | None = None
        self._retry: int | None = None
        self._skip_lf = False
        self._begun = False
        self.last_id = ""
        """Id of the last event that was whole, with data or without; empty where it had none."""

    @property
    def retry(self) -> int | None:
        """Milliseconds to wait before the stream is opened again, if the server has said so."""
        return self._retry

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """Events that `chunk` completes."""
        if self._skip_lf and chunk:
            self._skip_lf = False
            chunk = chunk.removeprefix(b"\n")
        *ends, rest = self._split(chunk)
        for end in ends:
            self._check(end)
            line = bytes(self._partial + end) if self._partial else end
            self._partial.clear()
            event = self._line(line)
            if event is not None:
                yield event
        self._check(rest)
        self._partial += rest

    def close(self) -> None:
        """End of stream. An unfinished event is dropped, as the standard says."""
        self._partial.clear()
        self._data.clear()
        self._data_size = 0

    def _check(self, piece: bytes) -> None:
        if self._data_size + len(self._partial) + len(piece) > self._limit:
            raise UpstreamError(Reason.INVALID, f"sent an event of more than {self._limit} bytes")

    def _split(self, data: bytes) -> list[bytes]:
        if b"\r" not in data:
            return data.split(b"\n")
        self._skip_lf = data.endswith(b"\r")
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")

    def _line(self, line: bytes) -> Event | None:
        if not self._begun:
            self._begun = True
            line = line.removeprefix(b"\xef\xbb\xbf")
        if not line:
            return self._dispatch()
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._data.append(value)
            self._data_size += len(line) + 1
        elif name == b"event":
            self._type = value.decode(errors="replace")
        elif name == b"id" and b"\0" not in value:
            self._id = value.decode(errors="replace")
        elif name == b"retry" and value.isdigit() and len(value) <= _RETRY_DIGITS:
            self._retry = int(value)
        return None

    def _dispatch(self) -> Event | None:
        self.last_id = self._id or ""
        if not self._data:
            self._type = ""
            return None
        event = Event(b"\n".join(self._data), self._type or "message", self._id, self._retry)
        self._data = []
        self._data_size = 0
        self._type = ""
        return event
