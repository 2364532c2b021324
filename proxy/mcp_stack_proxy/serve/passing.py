"""A request on its way through a relay: its client may leave, its stream may break off, the proxy may have to end before it."""

import asyncio
import logging

from ..errors import ClientError, ProxyError, Reason, UpstreamError
from ..upstream.http import Response
from ..wire import envelope
from ..wire.envelope import Message, raw
from ..wire.errors import error_for
from ..wire.revisions import META_SUBSCRIPTION
from ..wire.sse import frame
from .http import Header, Request

log = logging.getLogger(__name__)

TAIL = 8192
"""Bytes of a stream's end that are kept: its last event mostly, which tells how the call ended."""


class Passing:
    """Watches over one exchange, and writes its response where that is a stream."""

    def __init__(self, request: Request, message: Message | None, server: str | None, broken: ProxyError | None = None) -> None:
        """`server` is who answers; None for another replica. `broken` is what the client of a stream that breaks off is told; None
        for what broke it.
        """
        self._request = request
        self._message = message
        self._server = server
        self._broken = broken
        self._worker = asyncio.current_task()
        self._gone = False
        self._told_to_end = False
        self.tail = b""
        """The end of a stream."""
        self.sent = 0
        """Bytes of a stream."""
        self.started = False
        """Whether the client has been sent anything."""
        request.client.watch(self._leave)

    def end(self) -> None:
        """End a stream that would never end by itself, in a way that the client takes for an end and not for a fault."""
        self._told_to_end = True
        if self._worker is not None:
            self._worker.cancel()

    def close(self) -> None:
        """It is over."""
        self._request.client.unwatch(self._leave)

    def cancelled(self) -> None:
        """The work was cancelled outside of a stream: ClientError where the client is not the reason, and can still be told."""
        task = asyncio.current_task()
        if task is not None:
            task.uncancel()
        if not self._gone and not self.started:
            raise draining()

    async def stream(self, response: Response, headers: list[Header], *, events: bool) -> None:
        """Send a response as it comes. Where it breaks off, a stream of events ends with an error, anything else is cut.

        One that is here already goes on as a whole: a short stream is a head and an event, and would be three writes.
        """
        self.started = True
        out = self._request.out
        if response.complete and response.fault is None:
            body = await response.read(response.buffered)
            self.sent, self.tail = len(body), body[-TAIL:]
            await out.whole(response.status, headers, body)
            return
        await out.begin(response.status, headers, b"")  # the head does not wait for an event
        resumable = False
        try:
            async for chunk in response:
                self.sent += len(chunk)
                if events:
                    self.tail = (self.tail + chunk)[-TAIL:]
                    resumable = resumable or b"id:" in chunk
                await out.part(chunk)
            last: bytes | None = b""
        except UpstreamError as error:
            log.info("%s: a stream broke off: %s", self._server or "another replica", error.message)
            resumable = resumable and self._broken is None  # the replica that kept the stream is gone, and what it kept with it
            last = None if resumable else self._fault(self._broken or error)
        except asyncio.CancelledError:
            if self._gone:
                raise
            last = self._last() if self._told_to_end else self._fault(draining())
        finally:
            response.abort()
        between = not self.tail or self.tail.endswith((b"\n\n", b"\r\n\r\n", b"\r\r"))
        if last is None or (last and not (events and between)):
            return  # without the end of the body the connection is cut, which is the only true thing left to say
        await out.end(last)

    def _fault(self, fault: ProxyError) -> bytes | None:
        """The event that answers the request with `fault`; None where nobody waits for an answer."""
        id_ = self._message.id if self._message is not None else None
        return None if id_ is None else frame(error_for(fault, self._server).body(id_))

    def _last(self) -> bytes:
        """What a server says at the end of a subscription (2026-07-28, basic/patterns/subscriptions); nothing for other streams."""
        if self._message is None or self._message.id is None:
            return b""
        id_ = self._message.id
        return frame(envelope.result(id_, {"resultType": raw("complete"), "_meta": raw({META_SUBSCRIPTION: id_})}))

    def _leave(self) -> None:
        self._gone = True
        if self._worker is not None:
            self._worker.cancel()


def draining() -> ClientError:
    """For a call that the end of the process cuts off."""
    return ClientError(Reason.DRAINING, "the proxy shut down before the answer; nobody knows whether the server acted")
