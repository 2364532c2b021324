"""What has been said on the streams of calls, kept for clients that have lost theirs (2025-11-25, basic/transports, Resumability).

Nothing here waits or looks at a clock: `resuming` does.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Protocol

from ..wire.sse import frame

SESSION_BYTES = 4 * 1024 * 1024
"""Kept for one session. Over it what is oldest goes, but for the newest event of each call."""
ALL_BYTES = 32 * 1024 * 1024
"""Kept for all sessions together."""
KEEP_SECONDS = 60.0
"""Time for which a call's events are kept after its end; before it, they are kept for as long as it takes."""
OVERHEAD = 1024
"""Bytes that a stream counts without any event, so that their number is bounded, too."""


class Reader(Protocol):
    """A client that has come back for a stream."""

    def tell(self) -> None:
        """There is more of it, or nothing more will come."""
        ...


@dataclass(slots=True, eq=False)
class Track:
    """The events of one stream, numbered from 1 without a gap. Those kept are the newest."""

    session: str
    name: str
    """Stands before the number in the id of each event."""
    size: int = OVERHEAD
    over: bool = False
    """Nothing more will come."""
    dropped: bool = False
    """Not kept any more."""
    taken: bool = False
    """Its client has come back by another request: the first response gets nothing more."""
    reader: Reader | None = None
    _first: int = 1
    _events: deque[bytes] = field(default_factory=deque[bytes])

    def __len__(self) -> int:
        return len(self._events)

    @property
    def last(self) -> int:
        """Number of the newest event; 0 before the first."""
        return self._first + len(self._events) - 1

    def id(self, number: int) -> str:
        """Id of the event `number`; 0 stands for the beginning."""
        return f"{self.name}.{number}"

    def add(self, message: bytes) -> bytes:
        """`message` as the next event."""
        event = frame(message, self.id(self.last + 1))
        self._events.append(event)
        self.size += len(event)
        return event

    def after(self, number: int) -> list[bytes]:
        """Events after `number`, as far as they are kept."""
        skipped = max(0, number + 1 - self._first)
        return [event for index, event in enumerate(self._events) if index >= skipped]

    def drop(self) -> int:
        """Keep the oldest event no longer; its size."""
        self._first += 1
        size = len(self._events.popleft())
        self.size -= size
        return size

    def clear(self) -> None:
        """Keep none of them."""
        while self._events:
            self.drop()

    def tell(self) -> None:
        """Tell who reads it that it has changed."""
        if self.reader is not None:
            self.reader.tell()


class Shelf:
    """All tracks by session and by the number of their call: bounded in bytes, and in time after their end."""

    def __init__(self, session_bytes: int = SESSION_BYTES, all_bytes: int = ALL_BYTES, seconds: float = KEEP_SECONDS) -> None:
        self._session_bytes = session_bytes
        self._all_bytes = all_bytes
        self._seconds = seconds
        self._sessions: dict[str, dict[str, Track]] = {}
        self._sizes: dict[str, int] = {}
        self._ended: OrderedDict[tuple[str, str], float] = OrderedDict()
        self.size = 0
        """Bytes in all."""

    def __len__(self) -> int:
        return sum(map(len, self._sessions.values()))

    def put(self, key: str, track: Track) -> None:
        """Keep `track`, which has no event yet, as `key` of its session."""
        self._sessions.setdefault(track.session, {})[key] = track
        self._grow(track, track.size)
        self._trim(key, track)

    def get(self, session: str, key: str) -> Track | None:
        """The track `key` of `session`, as long as it is kept."""
        return self._sessions.get(session, {}).get(key)

    def add(self, key: str, track: Track, message: bytes) -> bytes:
        """`message` as the next event of `track`; kept, if the track is."""
        event = track.add(message)
        if track.dropped:
            track.drop()
        else:
            self._grow(track, len(event))
            self._trim(key, track)
        track.tell()
        return event

    def end(self, key: str, track: Track, now: float) -> None:
        """Nothing more will come on `track`."""
        track.over = True
        if not track.dropped:
            self._ended[track.session, key] = now
        track.tell()

    def expire(self, now: float) -> float | None:
        """Drop what has been kept for long enough; when to look again, None where nothing has ended."""
        while self._ended:
            (session, key), ended = next(iter(self._ended.items()))
            if now < ended + self._seconds:
                return ended + self._seconds
            self._drop(session, key)
        return None

    def forget(self, session: str) -> None:
        """The session is over."""
        for key in tuple(self._sessions.get(session, ())):
            self._drop(session, key)

    def _grow(self, track: Track, size: int) -> None:
        self._sizes[track.session] = self._sizes.get(track.session, 0) + size
        self.size += size

    def _trim(self, key: str, track: Track) -> None:
        """Make room for what `track` has got: other calls that are over go first, then its own oldest events."""
        session = track.session
        while self._sizes[session] > self._session_bytes:
            over = next((other for other, kept in self._sessions[session].items() if kept.over), None)
            if over is not None:
                self._drop(session, over)
            elif len(track) > 1:
                self._grow(track, -track.drop())
            else:
                break
        while self.size > self._all_bytes:
            if self._ended:
                self._drop(*next(iter(self._ended)))
            elif len(track):
                self._grow(track, -track.drop())
            else:
                self._drop(session, key)
                break

    def _drop(self, session: str, key: str) -> None:
        tracks = self._sessions[session]
        track = tracks.pop(key)
        self._ended.pop((session, key), None)
        self._grow(track, -track.size)
        if not tracks:
            del self._sessions[session], self._sizes[session]
        track.clear()
        track.dropped = True
        track.tell()
