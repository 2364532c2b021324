"""A request on its way through a relay: its client may leave, its stream may break off, the proxy may have to end before it."""

import asyncio
import logging

from ..errors import ClientError, ProxyError, Reason, UpstreamError
from ..upstream.http import Response
from ..upstream.tasks import Tasks
from ..wire import envelope
from ..wire.envelope import Message, raw
from ..wire.errors import error_for
from ..wire.revisions import META_SUBSCRIPTION
from ..wire.sse import frame
from .asgi import Header, Request

log = logging.getLogger(__name__)


class Passing:
    """Watches over one exchange, and writes its response where that is a stream."""

    def __init__(self, request: Request, message: Message | None, tasks: Tasks, server: str) -> None:
        self._request = request
        self._message = message
        self._tasks = tasks
        self._server = server
        self._watch: asyncio.Task[None] | None = None
        self._worker = asyncio.current_task()
        self._gone = False
        self._told_to_end = False
        self.started = False
        """Whether the client has been sent anything."""

    def slow(self, age: float) -> None:
        """See Watched."""
        self.watch()

    def watch(self) -> None:
        """From now on a client that leaves ends the exchange."""
        if self._watch is None:
            self._watch = self._tasks.spawn(self._until_gone(), "client of a relayed call")

    def end(self) -> None:
        """End a stream that would never end by itself, in a way that the client takes for an end and not for a fault."""
        self._told_to_end = True
        if self._worker is not None:
            self._worker.cancel()

    def close(self) -> None:
        """Stop watching."""
        if self._watch is not None:
            self._watch.cancel()

    def cancelled(self) -> None:
        """The work was cancelled outside of a stream: ClientError where the client is not the reason, and can still be told."""
        task = asyncio.current_task()
        if task is not None:
            task.uncancel()
        if not self._gone and not self.started:
            raise draining()

    async def stream(self, response: Response, headers: list[Header], *, events: bool) -> None:
        """Send a response as it comes. Where it breaks off, a stream of events ends with an error, anything else is cut."""
        self.started = True
        await self._request.send({"type": "http.response.start", "status": response.status, "headers": headers})
        await self._send(b"", more=True)  # the head does not wait for an event
        tail = b"\n\n"
        resumable = False
        try:
            async for chunk in response:
                if events:
                    tail = (tail + chunk)[-4:]
                    resumable = resumable or b"id:" in chunk
                await self._send(chunk, more=True)
            last: bytes | None = b""
        except UpstreamError as error:
            log.info("server %s: a stream broke off: %s", self._server, error.message)
            last = None if resumable else self._fault(error)
        except asyncio.CancelledError:
            if self._gone:
                raise
            last = self._last() if self._told_to_end else self._fault(draining())
        finally:
            response.abort()
        if last is None or (last and not (events and tail.endswith((b"\n\n", b"\r\n\r\n", b"\r\r")))):
            return  # without the end of the body the connection is cut, which is the only true thing left to say
        await self._send(last, more=False)

    async def _send(self, data: bytes, *, more: bool) -> None:
        await self._request.send({"type": "http.response.body", "body": data, "more_body": more})

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

    async def _until_gone(self) -> None:
        while (await self._request.receive())["type"] != "http.disconnect":
            pass
        self._gone = True
        if self._worker is not None:
            self._worker.cancel()


def draining() -> ClientError:
    """For a call that the end of the process cuts off."""
    return ClientError(Reason.DRAINING, "the proxy shut down before the answer; nobody knows whether the server acted")
