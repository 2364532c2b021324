"""One HTTP server, passed through: bodies, statuses, headers, streams and sessions are the server's own.

The cheapest way and the most faithful one, taken whenever client and server speak the same era. A client that leaves ends the
exchange with the server, too: to a modern server that is the cancellation, to a legacy one it means what it means without a proxy.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable

from ..config import Limits
from ..errors import Reason, UpstreamError
from ..upstream.http import HttpPool, Response
from ..upstream.http_peer import HttpPeer
from ..upstream.tasks import Tasks
from ..wire.envelope import Message
from ..wire.revisions import REPLAY_SAFE, Era
from .asgi import Header, Request
from .vigil import Vigil

log = logging.getLogger(__name__)

_HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
_NOT_UP = _HOP_BY_HOP | {b"host", b"content-length", b"authorization", b"cookie", b"origin", b"expect"}
"""The caller's credentials are for the proxy alone (2026-07-28, basic/authorization, token passthrough); Origin is judged here."""
_NOT_DOWN = _HOP_BY_HOP | {b"set-cookie"}
_NO_BUFFERING = (b"x-accel-buffering", b"no")


class Relay:
    """Passes requests of one path to one server."""

    def __init__(self, peer: HttpPeer, own: Iterable[Header], limits: Limits, tasks: Tasks, vigil: Vigil) -> None:
        self.peer = peer
        self._pool: HttpPool = peer.pool
        self._own = list(own)
        self._replaced = frozenset(name for name, _ in self._own)
        self._limits = limits
        self._tasks = tasks
        self._vigil = vigil
        self._legacy: bool | None = None  # whether the server knows the handshake; None before anyone tried

    async def speaks(self, era: Era) -> bool:
        """Whether the server is to be asked in `era` itself."""
        if era is Era.LEGACY:
            return self._legacy is not False
        deadline = asyncio.get_running_loop().time() + self._limits.discovery_seconds
        return (await self.peer.hello(deadline)).era is Era.MODERN

    async def forward(self, request: Request, message: Message | None, body: bytes) -> None:
        """Pass one request on, and what comes back."""
        await self._pass(request, message, body)

    async def handshake(self, request: Request, message: Message, body: bytes) -> bool:
        """Pass an `initialize` on. False, with nothing sent to the client, where the server turns out to know no handshake."""
        return await self._pass(request, message, body, self._lacks_handshake)

    async def _pass(
        self,
        request: Request,
        message: Message | None,
        body: bytes,
        refused: Callable[[Response], Awaitable[bool]] | None = None,
    ) -> bool:
        passing = _Passing(request, self._tasks)
        self._vigil.begin(passing)
        try:
            response = await self._send(request, message, body)
            if refused is not None and await refused(response):
                return False
            await self._answer(request, response)
        except asyncio.CancelledError:
            if not passing.gone:
                raise
            task = asyncio.current_task()
            if task is not None:
                task.uncancel()
        finally:
            self._vigil.end(passing)
            passing.close()
        return True

    async def _send(self, request: Request, message: Message | None, body: bytes) -> Response:
        skipped = self._replaced
        headers = [*self._own]
        headers += [(name, value) for name, value in request.raw_headers if name not in _NOT_UP and name not in skipped]
        stream = request.method == "GET"
        limit = float("inf") if stream or _listens(message) else self._limits.request_seconds
        return await self._pool.send(
            request.method.encode(),
            self._pool.origin.target,
            headers,
            body,
            deadline=asyncio.get_running_loop().time() + limit,
            replay_safe=stream or (message is not None and message.method in REPLAY_SAFE),
            quiet=limit == float("inf"),
        )

    async def _lacks_handshake(self, response: Response) -> bool:
        if response.status < 400 or response.status in (401, 403, 429) or response.status >= 500:
            self._legacy = True if response.status == 200 else self._legacy
            return False
        if await self.speaks(Era.MODERN):
            self._legacy = False
            response.abort()
            return True
        return False

    async def _answer(self, request: Request, response: Response) -> None:
        if response.status in (401, 403):
            response.abort()
            raise UpstreamError(Reason.REFUSED, "refused the proxy's credentials", status=response.status)
        headers = [header for header in response.headers if header[0] not in _NOT_DOWN]
        headers += request.extra
        content = response.header(b"content-type") or b""
        if not content.startswith(b"text/event-stream") and response.header(b"content-length") is not None:
            body = await response.read(self._limits.max_message_bytes)
            await request.send({"type": "http.response.start", "status": response.status, "headers": headers})
            await request.send({"type": "http.response.body", "body": body})
            return
        if response.header(_NO_BUFFERING[0]) is None:
            headers.append(_NO_BUFFERING)
        await request.send({"type": "http.response.start", "status": response.status, "headers": headers})
        try:
            async for chunk in response:
                await request.send({"type": "http.response.body", "body": chunk, "more_body": True})
        except UpstreamError as error:
            log.info("server %s: a stream broke off: %s", self.peer.name, error.message)
            return  # without the end of the body the connection is cut, which is the only true thing left to say
        finally:
            response.abort()
        await request.send({"type": "http.response.body", "body": b""})


class _Passing:
    """A request on its way; ends the exchange when its client leaves."""

    def __init__(self, request: Request, tasks: Tasks) -> None:
        self._request = request
        self._tasks = tasks
        self._watch: asyncio.Task[None] | None = None
        self._worker = asyncio.current_task()
        self.gone = False

    def slow(self, age: float) -> None:
        """See Watched."""
        if self._watch is None:
            self._watch = self._tasks.spawn(self._until_gone(), "client of a relayed call")

    def close(self) -> None:
        """Stop watching."""
        if self._watch is not None:
            self._watch.cancel()

    async def _until_gone(self) -> None:
        while (await self._request.receive())["type"] != "http.disconnect":
            pass
        self.gone = True
        if self._worker is not None:
            self._worker.cancel()


def _listens(message: Message | None) -> bool:
    return message is not None and message.method == "subscriptions/listen"
