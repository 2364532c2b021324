"""A legacy client that has lost the stream of a call takes it up again: by GET, with the id of the last event that it has seen.

Ids are `{ticket}.{number}`: a ticket leads to the replica that keeps the stream, and is good for one session alone.
"""

import asyncio
import time
from contextlib import suppress

from ..wire.errors import INVALID_REQUEST, RpcError
from ..wire.sse import KEEP_ALIVE, priming
from ..wire.tickets import Tickets
from .asking import question_digest
from .http import Request
from .http.hub import LAST_WORDS
from .replay import Shelf, Track
from .replicas import Replicas
from .reply import BEAT, STREAM
from .sessions import LIFE_SECONDS, Session

LAST_EVENT_ID = b"last-event-id"
RETRY_MILLISECONDS = 1000
"""How long a client is asked to wait before it comes back."""
RESUMABLE = "2025-03-26"
"""First revision whose streams are taken up again."""
PRIMED = "2025-11-25"
"""First revision whose streams begin with an event without data. Clients of older ones may take it for a message."""


class Resuming:
    """Keeps what is said on the streams of calls, and says it again."""

    def __init__(self, tickets: Tickets, replicas: Replicas, shelf: Shelf | None = None) -> None:
        self._tickets = tickets
        self._replicas = replicas
        self._shelf = shelf or Shelf()
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._shelf)

    def keep(self, session: Session) -> "Kept | None":
        """Where a call of `session` puts what it says; None where its revision resumes nothing."""
        return Kept(self, session) if session.version >= RESUMABLE else None

    def begin(self, session: Session) -> tuple[Shelf, str, Track]:
        """A stream of `session` that has just begun, and its place."""
        self._count += 1
        key = str(self._count)
        expires = time.time() + LIFE_SECONDS  # what ends it before is that the shelf keeps it no longer
        track = Track(session.id, self._tickets.issue(key, session.subject, question_digest(session.id), expires))
        self._shelf.put(key, track)
        return self._shelf, key, track

    def look(self) -> None:
        """Look at what has ended, now and again when its time is over."""
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if (next_ := self._shelf.expire(loop.time())) is not None:
            self._timer = loop.call_at(next_, self.look)

    def watch(self) -> None:
        """Something has ended: somebody has to look at it in time."""
        if self._timer is None:
            self.look()

    def forget(self, session: str) -> None:
        """The session is over."""
        self._shelf.forget(session)

    def close(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()

    async def resume(self, request: Request, session: Session) -> None:
        """Say what came after the event that `request` names, and go on until the answer. RpcError 400 where nothing is kept."""
        name, _, digits = request.headers[LAST_EVENT_ID].decode("latin-1").rpartition(".")
        ticket = self._tickets.redeem(name, session.subject, question_digest(session.id), time.time())
        if ticket is None or not digits.isdecimal() or len(digits) > 15:
            raise _unknown()
        if (elsewhere := self._tickets.elsewhere(ticket)) is not None:
            await self._replicas.forward(request, elsewhere, None, b"")
            return
        track = self._shelf.get(session.id, ticket.park) if self._tickets.is_here(ticket) else None
        if track is None or int(digits) > track.last:
            raise _unknown()
        await _Return(track, int(digits)).serve(request)


class Kept:
    """The stream of one call, from its first event on. An answer that comes at once is on no stream."""

    def __init__(self, resuming: Resuming, session: Session) -> None:
        self._resuming = resuming
        self._session = session
        self._place: tuple[Shelf, str, Track] | None = None
        self.primes = session.version >= PRIMED
        """Whether the stream begins with an event that it can be taken up after, before there is anything to say."""

    @property
    def taken(self) -> bool:
        """Whether the client has come back by another request, so that this response gets nothing more."""
        return self._place is not None and self._place[2].taken

    def begin(self) -> bytes:
        """The beginning of the stream."""
        _, _, track = self._opened()
        return priming(track.id(0), RETRY_MILLISECONDS) if self.primes else b""

    def add(self, message: bytes) -> bytes:
        """`message` as the next event."""
        shelf, key, track = self._opened()
        return shelf.add(key, track, message)

    def end(self) -> None:
        """Nothing more will come."""
        if self._place is not None and not self._place[2].over:
            shelf, key, track = self._place
            shelf.end(key, track, asyncio.get_running_loop().time())
            self._resuming.watch()

    async def room(self) -> None:
        """Wait for a client that has come back, and reads slowly: what it has not got must not be pushed out."""
        reader = None if self._place is None else self._place[2].reader
        if isinstance(reader, _Return):
            await reader.caught_up()

    def _opened(self) -> tuple[Shelf, str, Track]:
        if self._place is None:
            self._place = self._resuming.begin(self._session)
        return self._place


class _Return:
    """A client that has come back."""

    def __init__(self, track: Track, number: int) -> None:
        self._track = track
        self._number = number
        self._news = asyncio.Event()
        self._idle = asyncio.Event()
        self._gone = False

    def tell(self) -> None:
        """See Reader."""
        self._idle.clear()
        self._news.set()

    def leave(self) -> None:
        """The client has gone, or come back by yet another request."""
        self._gone = True
        self._idle.set()
        self._news.set()

    async def caught_up(self) -> None:
        """Wait until everything has been picked up, or nobody will do that."""
        await self._idle.wait()

    async def serve(self, request: Request) -> None:
        """Write until the end."""
        track = self._track
        if isinstance(track.reader, _Return):
            track.reader.leave()
        track.reader, track.taken = self, True
        request.client.watch(self.leave)
        try:
            await request.begin(STREAM, self._next() or KEEP_ALIVE)
            try:
                await self._follow(request)
            except asyncio.CancelledError:  # the process ends, and the call in the same moment, with a last word
                task = asyncio.current_task()
                if task is not None:
                    task.uncancel()
                with suppress(TimeoutError):
                    async with asyncio.timeout(LAST_WORDS):
                        await self._follow(request)
        finally:
            if track.reader is self:
                track.reader = None
            self.leave()
            request.client.unwatch(self.leave)

    async def _follow(self, request: Request) -> None:
        track = self._track
        while not (self._gone or (self._number >= track.last and (track.over or track.dropped))):
            await request.out.part(await self._more())
        await request.out.end(b"")

    def _next(self) -> bytes:
        events = b"".join(self._track.after(self._number))
        self._number = self._track.last
        self._news.clear()
        if not self._gone:
            self._idle.set()
        return events

    async def _more(self) -> bytes:
        """What is new; a comment where nothing is for BEAT seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(BEAT):
                await self._news.wait()
        return b"" if self._gone else self._next() or (b"" if self._track.over else KEEP_ALIVE)


def _unknown() -> RpcError:
    hint = "it is unknown here, of another session, or has been over for too long; make the call anew"
    return RpcError(INVALID_REQUEST, f"Nothing follows this Last-Event-ID: {hint}", status=400)
