"""The answer to one request: JSON if it comes at once, an event stream as soon as something comes before it or it takes long."""

import asyncio

from msgspec import Raw

from ..upstream.peer import Answer, Notification
from ..upstream.tasks import Tasks
from ..wire import envelope
from ..wire.errors import RpcError, status_of
from ..wire.revisions import Era
from ..wire.sse import KEEP_ALIVE, frame
from .http import JSON, Header, Request

STREAM: tuple[Header, ...] = (
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
)
BEAT = 15.0
"""Seconds of silence after which a comment shows that the stream lives."""


class Reply:
    """Writes to the client. On the modern wire a client that leaves cancels the work; on the legacy wire it does not."""

    def __init__(self, request: Request, id_: Raw, era: Era, tasks: Tasks) -> None:
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
        if era is Era.MODERN:
            request.client.watch(self.abandon)

    async def notify(self, notification: Notification) -> None:
        """A notification before the answer."""
        await self._stream(frame(envelope.notification(notification.method, notification.params)))

    async def answer(self, answer: Answer) -> None:
        """The end."""
        if answer.is_error:
            await self._end(envelope.error(self._id, answer.value), _status(self._era, answer.value))
        else:
            await self._end(envelope.result(self._id, answer.value), 200)

    async def error(self, error: RpcError) -> None:
        """The end, by an error of ours."""
        await self._end(error.body(self._id), status_of(error.code) if self._era is Era.MODERN else 200)

    async def silence(self) -> None:
        """The end of a cancelled request: no answer."""
        await self._stream(b"")
        self._done = True
        await self._request.out.end(b"")

    def slow(self, age: float) -> None:
        """See Watched: keeps a quiet connection alive."""
        if age - self._last >= BEAT and not self._done:
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
        if self._era is Era.MODERN:
            self._request.client.unwatch(self.abandon)

    async def _stream(self, data: bytes) -> None:
        if self._streaming:
            await self._request.out.part(data)
        else:
            self._streaming = True
            await self._request.begin(STREAM, data)

    async def _end(self, message: bytes, status: int) -> None:
        self._done = True
        if not self._streaming:
            await self._request.respond(status, message, [JSON])
            return
        await self._request.out.end(frame(message))

    async def _beat(self) -> None:
        if not self._done:
            await self._stream(KEEP_ALIVE)


def _status(era: Era, error: Raw) -> int:
    if era is Era.LEGACY:
        return 200
    code = envelope.members_of(error).get("code")
    text = bytes(code) if code is not None else b""
    return status_of(int(text)) if text.removeprefix(b"-").isdigit() and len(text) < 12 else 200
