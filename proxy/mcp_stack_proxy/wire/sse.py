"""Server-sent events (HTML standard, section 9.2): an incremental, bounded parser, and the frame that we write."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import Reason, UpstreamError

KEEP_ALIVE = b": keep-alive\n\n"
"""A comment: says that the stream lives, and is no event."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `retry` in milliseconds."""

    data: bytes
    type: str = "message"
    id: str | None = None
    retry: int | None = None


def frame(message: bytes) -> bytes:
    """`message`, which is JSON on one line, as an event."""
    return b"event: message\ndata: " + message + b"\n\n"


class EventParser:
    """Feed it bytes as they come, cut anywhere; it yields whole events.

    An event over `limit` bytes raises UpstreamError: a server cannot grow our memory. Line ends are LF, CR or CRLF. Events without
    data are dropped, as the standard says, except that their `id` and `retry` are kept for the next one.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._partial: list[bytes] = []  # pieces of the unfinished line, joined once, so that a long line costs linear time
        self._size = 0
        self._data: list[bytes] = []
        self._type = ""
        self._id: str | None = None
        self._retry: int | None = None
        self._skip_lf = False
        self._begun = False

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """Events that `chunk` completes."""
        if self._skip_lf and chunk:
            self._skip_lf = False
            chunk = chunk.removeprefix(b"\n")
        self._size += len(chunk)
        first, *rest = self._split(chunk)
        self._partial.append(first)
        for line in rest:
            whole = b"".join(self._partial)
            self._partial = [line]
            event = self._line(whole)
            if event is not None:
                yield event
        if rest:
            self._size = len(rest[-1]) + sum(map(len, self._data))
        if self._size > self._limit:
            raise UpstreamError(Reason.INVALID, f"sent an event of more than {self._limit} bytes")

    def close(self) -> None:
        """End of stream. An unfinished event is dropped, as the standard says."""
        self._partial.clear()
        self._data.clear()

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
        elif name == b"event":
            self._type = value.decode(errors="replace")
        elif name == b"id" and b"\0" not in value:
            self._id = value.decode(errors="replace")
        elif name == b"retry" and value.isdigit():
            self._retry = int(value)
        return None

    def _dispatch(self) -> Event | None:
        if not self._data:
            self._type = ""
            return None
        event = Event(b"\n".join(self._data), self._type or "message", self._id, self._retry)
        self._data = []
        self._type = ""
        return event
