"""One client of the HTTP+SSE pair: its stream, its session, its calls in flight."""

import asyncio
import logging
import secrets

from msgspec.structs import replace

from ..wire.sse import KEEP_ALIVE, frame
from .changes import change, is_change
from .http import Header, Refusal, Request
from .outbox import Outbox
from .reply import STREAM
from .sessions import Session

log = logging.getLogger(__name__)

MAX_CALLS = 1000
"""Calls in flight of one client: each is acknowledged at once, so that nothing else would stop it from sending more."""


class SseClient:
    """Lives as long as its stream. Its id is what lets a message in: nobody else can know it."""

    def __init__(self, limit: int, subject: str | None) -> None:
        self.id = secrets.token_urlsafe(24)
        self.subject = subject
        """Who opened it, and alone may post to it; None where nobody is asked to say who they are."""
        self.session: Session | None = None
        self._limit = limit
        self._outbox = Outbox(limit)
        self._calls = 0
        self._draining = False
        self._overrun = False
        self._writer = asyncio.current_task()

    @property
    def gone(self) -> bool:
        """Whether nothing can be said to it any more."""
        return self._outbox.closed

    async def write(self, request: Request, endpoint: str) -> None:
        """The stream, until the client leaves, does not read, or `end`."""
        request.client.watch(self.leave)
        try:
            await request.begin(STREAM, b"event: endpoint\ndata: %b\n\n" % endpoint.encode())
            while (piece := await self._outbox.next()) is not None:
                await request.out.part(piece)
            await request.out.end(b"")
        except asyncio.CancelledError:
            if not self._overrun:
                raise
            if self._writer is not None:
                self._writer.uncancel()  # without the end of the body the connection is cut
        finally:
            self.leave()

    def begin(self) -> None:
        """A call is at work; Refusal where there is no room for it."""
        if self._draining:
            raise Refusal(503, "the proxy is shutting down: open another stream")
        if self._calls >= MAX_CALLS:
            raise Refusal(429, f"{MAX_CALLS} calls are in flight: wait for their answers")
        self._calls += 1

    def done(self) -> None:
        """A call is not at work any more."""
        self._calls -= 1
        if self._draining and not self._calls:
            self._outbox.close()

    def say(self, frames: bytes, key: str | None = None) -> None:
        """Add to the stream. A client that does not read is cut off: memory is not for what nobody fetches."""
        if frames == KEEP_ALIVE or self._outbox.put(frames, key):
            return
        log.warning("a client does not read: over %d bytes wait for it (limits.max_message_bytes), its stream ends", self._limit)
        self._overrun = True
        self._outbox.close()
        if self._writer is not None:
            self._writer.cancel()

    def tell(self, kind: str) -> None:
        """The list of `kind` changed. However often it does, the client is told once when it reads."""
        if self.session is not None and is_change(kind):
            self.say(frame(change(kind)), kind)

    def end(self) -> None:
        """See Endless: the stream ends when the calls in flight are answered."""
        self._draining = True
        if not self._calls:
            self._outbox.close()

    def leave(self) -> None:
        """The client is gone."""
        self._outbox.close()


def as_sent_with(request: Request, session: Session | None) -> Request:
    """`request` as a client of Streamable HTTP would have sent it in `session`; its response has headers of its own."""
    headers = {name: value for name, value in request.headers.items() if name != b"mcp-session-id"}
    if session is not None:
        headers[b"mcp-session-id"] = session.id.encode()
    extra: list[Header] = []
    return replace(request, headers=headers, extra=extra)
