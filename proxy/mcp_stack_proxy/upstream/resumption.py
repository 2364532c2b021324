"""A server's event stream that ends before its answer, taken up again after the last event that it brought.

Servers end streams on purpose, too, and have their clients come back (2025-11-25, basic/transports, Resumability and SEP-1699).
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from ..config import Limits
from ..errors import UNREACHED, Reason, UpstreamError
from ..wire.envelope import Message
from ..wire.sse import EventParser
from .http import HttpPool, Response
from .http_exchange import Header, decoded, is_stream

ATTEMPTS = 5
"""Times that a stream is asked for in vain, or comes without one new event, before its call is given up."""
PAUSE = 1.0
"""Seconds before it is asked for, where the server does not say how long."""
SHORTEST_PAUSE = 0.1
LONGEST_ID = 1024
"""Characters of an event's id that are sent back."""

Again = Callable[[bytes], Awaitable[Response]]
"""Asks for what came after the event of that id."""


@dataclass(slots=True)
class Place:
    """How far a stream has come."""

    id: str = ""
    """Of the last event that was whole; empty where nothing leads back to it."""
    retry: int | None = None
    """Milliseconds that the server wants to be left alone for."""
    attempts: int = 0
    """Since the last new event."""

    def ended(self, parser: EventParser) -> None:
        """One response with a part of the stream has ended, as `parser` saw it."""
        if parser.last_id and parser.last_id != self.id:
            self.id, self.attempts = parser.last_id, 0
        if parser.retry is not None:
            self.retry = parser.retry

    def pause(self) -> float | None:
        """Seconds until the stream may be asked for; None where it is not asked for (again)."""
        if not (self.id.isprintable() and 0 < len(self.id) <= LONGEST_ID) or self.attempts >= ATTEMPTS:
            return None
        wanted = PAUSE if self.retry is None else self.retry / 1000
        return max(wanted, SHORTEST_PAUSE) * max(1.0, 2.0 ** (self.attempts - 1))


async def lasting(response: Response, limits: Limits, again: Again, deadline: float) -> AsyncGenerator[Message, None]:
    """Messages of an event stream, over as many responses as it takes. It is read until the answer, and closed then.

    It ends, or breaks, as its last response does, where the server gives no event an id or does not go on with it.
    """
    place = Place()
    following: Response | None = response
    while following is not None:
        response, fault = following, None
        parser = EventParser(limits.max_message_bytes)
        try:
            async for chunk in response:
                for event in parser.feed(chunk):
                    if event.type == "message" and event.data:
                        yield decoded(event.data)
        except UpstreamError as error:
            if error.reason not in UNREACHED:
                raise
            fault = error
        finally:
            response.abort()
        place.ended(parser)
        following = await _following(place, again, deadline)
        if following is None and fault is not None:
            raise fault


async def _following(place: Place, again: Again, deadline: float) -> Response | None:
    """The response that goes on; None where there is none. UpstreamError TIMEOUT where it would come too late."""
    while (pause := place.pause()) is not None:
        if asyncio.get_running_loop().time() + pause >= deadline:
            raise UpstreamError(Reason.TIMEOUT, "did not answer in time")
        await asyncio.sleep(pause)
        place.attempts += 1
        try:
            response = await again(place.id.encode())
        except UpstreamError as error:
            if error.reason not in UNREACHED:
                raise
            continue
        if response.status == 200 and is_stream(response):
            return response
        response.abort()
        if response.status < 500:
            return None
    return None


def by_get(pool: HttpPool, headers: Sequence[Header], deadline: float, *, quiet: bool = False) -> Again:
    """Asks the server by GET. `headers` are those of the session that the stream belongs to, which may not be the last one."""

    async def again(id_: bytes) -> Response:
        asked = [(b"accept", b"text/event-stream"), *headers, (b"last-event-id", id_)]
        return await pool.send(b"GET", pool.origin.target, asked, b"", deadline=deadline, replay_safe=True, quiet=quiet)

    return again
