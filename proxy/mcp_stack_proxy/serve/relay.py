"""One HTTP server, passed through: bodies, statuses, headers, streams and sessions are the server's own.

The cheapest way and the most faithful one, taken whenever client and server speak the same era. A client that leaves ends the
exchange with the server, too: to a modern server that is the cancellation, to a legacy one it means what it means without a proxy.
"""

import asyncio
import logging
import math
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
_NOT_UP = _HOP_BY_HOP | {b"host", b"content-length", b"authorization", b"x-api-key", b"cookie", b"origin", b"expect"}
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

    @property
    def modern(self) -> bool:
        """Whether the server is known to be modern."""
        hello = self.peer.known
        return hello is not None and hello.era is Era.MODERN

    async def speaks(self, era: Era) -> bool:
        """Whether the server is to be asked in `era` itself."""
        if era is Era.LEGACY:
            return self._legacy is not False
        deadline = asyncio.get_running_loop().time() + self._limits.discovery_seconds
        return (await self.peer.hello(deadline)).era is Era.MODERN

    async def handshake(self, request: Request, message: Message, body: bytes) -> bool:
        """Pass an `initialize` on. False, with nothing sent to the client, where the server turns out to know no handshake."""
        return await self.forward(request, message, body, self._lacks_handshake)

    async def forward(
        self,
        request: Request,
        message: Message | None,
        body: bytes,
        refused: Callable[[Response], Awaitable[bool]] | None = None,
    ) -> bool:
        """Pass one request on, and what comes back. False, with nothing sent to the client, if `refused` says so."""
        method = None if message is None else message.method
        endless = request.method == "GET" or method == "subscriptions/listen"
        passing = _Passing(request, self._tasks)
        self._vigil.begin(passing)
        try:
            response = await self._pool.send(
                request.method.encode(),
                self._pool.origin.target,
                self._up(request.raw_headers),
                body,
                deadline=math.inf if endless else self._loop_time() + self._limits.request_seconds,
                replay_safe=request.method == "GET" or method in REPLAY_SAFE,
                quiet=endless,
            )
            if refused is not None and await refused(response):
                return False
            if response.status in (401, 403):
                response.abort()
                raise UpstreamError(Reason.REFUSED, "refused the proxy's credentials", status=response.status)
            headers = [header for header in response.headers if header[0] not in _NOT_DOWN]
            headers += request.extra
            if _is_whole(headers):
                answer = await response.read(self._limits.max_message_bytes)
                await request.send({"type": "http.response.start", "status": response.status, "headers": headers})
                await request.send({"type": "http.response.body", "body": answer})
            else:
                await self._stream(request, response, headers)
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

    async def _stream(self, request: Request, response: Response, headers: list[Header]) -> None:
        if response.header(_NO_BUFFERING[0]) is None:
            headers.append(_NO_BUFFERING)
        await request.send({"type": "http.response.start", "status": response.status, "headers": headers})
        await request.send({"type": "http.response.body", "body": b"", "more_body": True})  # the head does not wait for an event
        try:
            async for chunk in response:
                await request.send({"type": "http.response.body", "body": chunk, "more_body": True})
        except UpstreamError as error:
            log.info("server %s: a stream broke off: %s", self.peer.name, error.message)
            return  # without the end of the body the connection is cut, which is the only true thing left to say
        finally:
            response.abort()
        await request.send({"type": "http.response.body", "body": b""})

    async def _lacks_handshake(self, response: Response) -> bool:
        if response.status < 400 or response.status in (401, 403, 429) or response.status >= 500:
            self._legacy = True if response.status == 200 else self._legacy
            return False
        if await self.speaks(Era.MODERN):
            self._legacy = False
            response.abort()
            return True
        return False

    def _up(self, headers: list[Header]) -> list[Header]:
        replaced = self._replaced
        return self._own + [header for header in headers if header[0] not in _NOT_UP and header[0] not in replaced]

    @staticmethod
    def _loop_time() -> float:
        return asyncio.get_running_loop().time()


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


def _is_whole(headers: list[Header]) -> bool:
    """Whether a body of known length follows that is no stream: then it goes on in one piece, and its length is checked."""
    whole = False
    for name, value in headers:
        if name == b"content-type" and value.startswith(b"text/event-stream"):
            return False
        if name == b"content-length":
            whole = True
    return whole
