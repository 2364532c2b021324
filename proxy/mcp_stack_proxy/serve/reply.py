"""The answer to one request: JSON if it comes at once, an event stream as soon as something comes before it or it takes long."""

import asyncio
from typing import Protocol

from msgspec import Raw

from ..observe.outcomes import CANCELLED
from ..observe.recorder import Observed
from ..upstream.peer import Answer, Notification
from ..upstream.tasks import Tasks
from ..wire import envelope
from ..wire.errors import RpcError, status_of
from ..wire.revisions import IS_MODERN, Era
from ..wire.sse import KEEP_ALIVE, frame
from .http import JSON, Header, Request

STREAM: tuple[Header, ...] = (
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
)
BEAT = 15.0
"""Seconds of silence after which a comment shows that the stream lives."""
PRIME = 1.0
"""Seconds after which a client is told how to come back for an answer that it may lose; before, it had better ask again."""


class Keeping(Protocol):
    """Keeps what is said on a stream, for a client that loses it."""

    primes: bool
    """Whether the beginning says where to go on, before there is anything to say."""

    @property
    def taken(self) -> bool:
        """Whether the client has come back by another request, so that this response gets nothing more."""
        ...

    def begin(self) -> bytes:
        """The beginning of the stream. Called once, and first."""
        ...

    def add(self, message: bytes) -> bytes:
        """`message` as the next event."""
        ...

    def end(self) -> None:
        """Nothing more will come."""
        ...

    async def room(self) -> None:
        """Wait for a client that has come back, and reads slowly."""
        ...


class Reply:
    """Writes to the client. On the modern wire a client that leaves cancels the work; on the legacy wire it does not."""

    def __init__(
        self, request: Request, id_: Raw, era: Era, tasks: Tasks, seen: Observed | None = None, kept: Keeping | None = None
    ) -> None:
        """`seen` is told how it ends; None where nobody wants to know. `kept` lets the client lose its stream."""
        self._seen = seen
        self._kept = kept
        self._request = request
        self._id = id_
        self._era = era
        self._tasks = tasks
        self._streaming = False
        self._done = False
        self._last = 0.0
        self._worker = asyncio.current_task()
        self.abandoned = False
        """The client left, or cancelled: nobody waits for an answer."""
        if era is IS_MODERN:
            request.client.watch(self.abandon)

    async def notify(self, notification: Notification) -> None:
        """A notification before the answer."""
        await self._event(envelope.notification(notification.method, notification.params))

    async def ask(self, message: bytes) -> None:
        """A request to the client, before the answer."""
        await self._event(message)

    async def answer(self, answer: Answer) -> None:
        """The end."""
        if answer.is_error:
            await self._end(envelope.error(self._id, answer.value), _status(self._era, answer.value))
        else:
            await self._end(envelope.result(self._id, answer.value), 200)
        seen, self._seen = self._seen, None
        if seen is not None:
            seen.answered(answer.value, is_error=answer.is_error)

    async def error(self, error: RpcError) -> None:
        """The end, by an error of ours."""
        if self._seen is not None:
            self._seen.refused(error)
        await self._end(error.body(self._id), status_of(error.code) if self._era is IS_MODERN else 200)

    async def silence(self) -> None:
        """The end of a cancelled request: no answer, and nothing to come back for."""
        self._done = True
        if not self._streaming:
            self._streaming = True
            await self._request.begin(STREAM)
        if self._kept is not None:
            self._kept.end()
        await self._request.out.end(b"")

    def slow(self, age: float) -> None:
        """See Watched: keeps a quiet connection alive, and tells a client in time how to come back."""
        prime = self._kept is not None and self._kept.primes and not self._streaming and age >= PRIME
        if (prime or age - self._last >= BEAT) and not self._done:
            self._last = age
            self._tasks.spawn(self._beat(), "heartbeat")

    def abandon(self) -> None:
        """Stop the work: its result has no reader."""
        self.abandoned = True
        if self._worker is not None and not self._done:
            self._worker.cancel()

    def close(self) -> None:
        """Nothing is written any more."""
        self._done = True
        if self._kept is not None:
            self._kept.end()
        if self._seen is not None:
            self._seen.end(CANCELLED)  # nothing, where it was refused before
        if self._era is IS_MODERN:
            self._request.client.unwatch(self.abandon)

    async def _event(self, message: bytes) -> None:
        kept = self._kept
        if kept is None:
            await self._stream(frame(message))
            return
        first = self._begin()
        event = kept.add(message)
        await (self._stream(event) if first is None else self._request.begin(STREAM, first + event))
        await kept.room()

    async def _stream(self, data: bytes) -> None:
        if (first := self._begin()) is not None:
            await self._request.begin(STREAM, first + data)
        elif self._kept is None or not self._kept.taken:
            await self._request.out.part(data)

    def _begin(self) -> bytes | None:
        """What the stream begins with; None where it has begun."""
        if self._streaming:
            return None
        self._streaming = True
        return b"" if self._kept is None else self._kept.begin()

    async def _end(self, message: bytes, status: int) -> None:
        self._done = True
        if not self._streaming:
            await self._request.out.whole(status, [JSON, *self._request.extra], message)
            return
        if self._kept is None:
            await self._request.out.end(frame(message))
            return
        last = self._kept.add(message)
        self._kept.end()
        await self._request.out.end(b"" if self._kept.taken else last)

    async def _beat(self) -> None:
        if not self._done:
            await self._stream(KEEP_ALIVE)


def _status(era: Era, error: Raw) -> int:
    if era is Era.LEGACY:
        return 200
    code = envelope.members_of(error).get("code")
    text = bytes(code) if code is not None else b""
    return status_of(int(text)) if text.removeprefix(b"-").isdigit() and len(text) < 12 else 200
