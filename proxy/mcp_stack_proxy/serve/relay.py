"""One HTTP server, passed through: bodies, statuses, headers and streams are the server's own.

Its sessions travel inside of ours, whose ids are bound to who opened them: the server knows us alone, and cannot tell callers apart
(2025-11-25, basic/security_best_practices, session hijacking).

The cheapest way and the most faithful one, taken whenever client and server speak the same era. A client that leaves ends the
exchange with the server, too: to a modern server that is the cancellation, to a legacy one it means what it means without a proxy.
"""

import asyncio
import contextlib
import math
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from enum import Enum
from typing import Any, NoReturn, TypeAlias

from ..config import Limits
from ..errors import UNREACHED, ProxyError, Reason, UpstreamError, of_discovery
from ..guard.gate import CALLS, Gate
from ..observe.outcomes import CANCELLED
from ..observe.recorder import Observed, Recorder
from ..upstream.http import HttpPool, Response, header_lines, parsed_lines
from ..upstream.http_exchange import NOTHING_LIKE_IT, no_answer
from ..upstream.http_peer import HttpPeer
from ..upstream.peer import Hello
from ..wire import trace
from ..wire.envelope import Members, Message, decode_message
from ..wire.errors import RpcError
from ..wire.headers import PARAM_PREFIX, SESSION
from ..wire.revisions import REPLAY_SAFE, Era
from ..wire.session_ids import MAX_UPSTREAM
from .http import Header, Request
from .passing import Passing
from .sessions import Sessions
from .streams import Streams

Refused: TypeAlias = Callable[[Response, Message | None, Hello | None], Awaitable[bool]]
"""Whether a response of 300 or above, of the server that was met as it says, means that the request is to be served otherwise."""

_UP = frozenset(
    {
        b"accept",
        b"accept-language",
        b"baggage",
        b"content-type",
        b"last-event-id",
        b"mcp-method",
        b"mcp-name",
        b"mcp-protocol-version",
        b"traceparent",
        b"tracestate",
        b"user-agent",
    }
)
"""What a server gets of a caller's headers, beside `Mcp-Param-*`. Anything else may be a credential that is meant for the proxy, or
for one in front of it (2026-07-28, basic/authorization, token passthrough): not only Authorization and Cookie are."""

_NOT_DOWN = frozenset(
    {
        b"connection",
        b"content-length",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"access-control-allow-credentials",
        b"access-control-allow-headers",
        b"access-control-allow-methods",
        b"access-control-allow-origin",
        b"access-control-expose-headers",
        b"access-control-max-age",
        b"alt-svc",
        b"clear-site-data",
        b"location",
        b"mcp-session-id",
        b"refresh",
        b"set-cookie",
        b"strict-transport-security",
        b"www-authenticate",
    }
)
"""What concerns one connection alone (lengths are said anew), or an origin or a session that is ours, not the server's."""

_NO_BUFFERING = (b"x-accel-buffering", b"no")


class Relay:
    """Passes requests of one path to one server."""

    def __init__(
        self,
        peer: HttpPeer,
        own: Iterable[Header],
        limits: Limits,
        streams: Streams,
        sessions: Sessions,
        gate: Gate | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        """`gate` bounds calls, `recorder` is told of each; None where nothing does, or nobody wants to know."""
        self._gate = gate
        self.peer = peer
        self._sessions = sessions
        self._pool: HttpPool = peer.pool
        own = list(own)
        self._own = header_lines(own)
        self._replaced = frozenset(name for name, _ in own)
        self._up_names = _UP - self._replaced
        self._limits = limits
        self._streams = streams
        self._recorder = recorder
        self.in_flight = 0
        """Requests that are being passed on, apart from streams without end."""
        self._without_handshake: Hello | None = None  # what the server said that turned out to know none

    @property
    def modern(self) -> bool:
        """Whether the server is known to be modern."""
        hello = self.peer.known
        return hello is not None and hello.era is Era.MODERN

    async def speaks(self, era: Era) -> bool:
        """Whether the server is to be asked in `era` itself."""
        if era is Era.LEGACY:
            known = self.peer.known
            return (known is None or known is not self._without_handshake) and not self.peer.is_pair
        deadline = asyncio.get_running_loop().time() + self._limits.discovery_seconds
        try:
            return (await self.peer.hello(deadline)).era is Era.MODERN
        except UpstreamError as fault:
            raise of_discovery(fault) from None

    def handshake(self, request: Request, message: Message, body: bytes) -> Awaitable[bool]:
        """Pass an `initialize` on. False, with nothing sent to the client, where the server turns out to know no handshake."""
        return self._forward(request, message, body, self._lacks_handshake, None)

    def ask(self, request: Request, message: Message, body: bytes) -> Awaitable[bool]:
        """Pass a modern request on. False, with nothing sent to the client, where the server turns out to be modern no more."""
        return self._forward(request, message, body, self._is_another, None, era=Era.MODERN)

    def forward(
        self, request: Request, message: Message | None, body: bytes, session: str | None, *, calls: bool = False
    ) -> Awaitable[bool]:
        """Pass one request on, and what comes back. False, with nothing sent to the client, where it cannot be passed on.

        `session`: the server's own id of the client's session. `calls`: it is a batch with calls in it, which has one place for all
        of them.
        """
        return self._forward(request, message, body, self._takes_no_post, session, calls=calls)

    def _forward(
        self,
        request: Request,
        message: Message | None,
        body: bytes,
        refused: Refused | None,
        session: str | None,
        *,
        era: Era = Era.LEGACY,
        calls: bool = False,
    ) -> Awaitable[bool]:
        method = None if message is None else message.method
        seen = None
        if self._recorder is not None and message is not None and message.is_request and method != "subscriptions/listen":
            seen = self._recorder.begin(method or "", _params(message), request.headers, len(request.body), request.caller)
        passed = self._pass(request, message, body, refused, session, era, seen)
        if self._gate is not None and (calls or method in CALLS):
            passed = self._in_turn(self._gate, request, message, passed)
        return passed if seen is None else self._observed(seen, passed)

    async def _observed(self, seen: Observed, passed: Awaitable[bool]) -> bool:
        try:
            if await passed:
                return True
            seen.drop()
        except ProxyError as fault:
            seen.failed(fault)
            raise
        finally:
            seen.end(CANCELLED)  # nothing, where it has ended before
        return False

    async def _in_turn(self, gate: Gate, request: Request, message: Message | None, passed: Coroutine[Any, Any, bool]) -> bool:
        """Pass a call on once it has its turn."""
        with contextlib.closing(passed):  # where it never gets it
            if (turn := gate.enter(asyncio.get_running_loop().time() + self._limits.request_seconds)) is not None:
                waiting = Passing(request, message, self.peer.name)
                try:
                    await turn
                except asyncio.CancelledError:
                    waiting.cancelled()
                    return True
                finally:
                    waiting.close()
            try:
                return await passed
            finally:
                gate.leave()

    async def _pass(
        self,
        request: Request,
        message: Message | None,
        body: bytes,
        refused: Refused | None,
        session: str | None,
        era: Era,
        seen: Observed | None,
    ) -> bool:
        method = None if message is None else message.method
        endless = request.method == "GET" or method == "subscriptions/listen"
        passing = Passing(request, message, self.peer.name)
        met = self.peer.known
        if endless:
            self._streams.open(passing)
        else:
            self.in_flight += 1
        try:
            response = await self._pool.send(
                request.method.encode(),
                self._pool.origin.target,
                self._up(request.raw_headers, session),
                body,
                deadline=math.inf if endless else asyncio.get_running_loop().time() + self._limits.request_seconds,
                replay_safe=request.method == "GET" or method in REPLAY_SAFE,
                quiet=endless,
            )
            headers = [header for header in response.headers if header[0] not in _NOT_DOWN]
            headers += request.extra
            if (theirs := response.header(SESSION)) is not None and era is Era.LEGACY:
                headers.append((SESSION, self._wrapped(request, session, theirs.decode("latin-1"))))
            content, whole = _content(response.headers)
            if response.status >= 300:
                if refused is not None and await refused(response, message, met):
                    return False
                await self._check(response)
            elif content is Content.OTHER and message is not None and message.id is not None:
                _no_message(response)
            whole = whole and content is not Content.EVENTS
            await self._answer(request, passing, response, headers, None if whole else content, seen)
        except asyncio.CancelledError:
            passing.cancelled()
        except UpstreamError as error:
            if error.reason in UNREACHED:
                self.peer.lost(met)
            raise
        finally:
            passing.close()
            if endless:
                self._streams.ended(passing)
            else:
                self.in_flight -= 1
        return True

    async def _answer(
        self,
        request: Request,
        passing: Passing,
        response: Response,
        headers: list[Header],
        stream: "Content | None",
        seen: Observed | None,
    ) -> None:
        """What comes back goes on, in one piece or, as a `stream` of something, as it comes."""
        if stream is None:
            answer = await response.read(self._limits.max_message_bytes)
            passing.started = True
            await request.out.whole(response.status, headers, answer)
            if seen is not None:
                seen.relayed(answer, response.status)
            return
        if response.header(_NO_BUFFERING[0]) is None:
            headers.append(_NO_BUFFERING)
        await passing.stream(response, headers, events=stream is Content.EVENTS)
        if seen is not None:
            seen.streamed(passing.tail, passing.sent, response.status)

    async def _check(self, response: Response) -> None:
        """UpstreamError for what is no answer to the client, but something between the proxy and the server."""
        status = response.status
        if status in (401, 403):
            response.abort()
            raise UpstreamError(Reason.REFUSED, "refused the proxy's credentials", status=status)
        if status < 400:
            response.abort()
            raise no_answer(status)
        if status >= 500 and await _message_in(response, self._limits) is None:
            raise no_answer(status)

    async def _lacks_handshake(self, response: Response, message: Message | None, met: Hello | None) -> bool:
        if response.status < 400 or response.status in (401, 403, 429) or response.status >= 500:
            return False
        if not await self.speaks(Era.MODERN) and not self.peer.is_pair:
            return False
        self._without_handshake = self.peer.known
        response.abort()
        return True

    async def _takes_no_post(self, response: Response, message: Message | None, met: Hello | None) -> bool:
        """Whether the server turns out to speak the older pair, to a client that brings a session from before."""
        return response.status == 405 and message is not None and await self._lacks_handshake(response, message, met)

    async def _is_another(self, response: Response, message: Message | None, met: Hello | None) -> bool:
        """Whether a server that was modern has been replaced by one that is not: it refuses, and names no request of ours."""
        if response.status not in NOTHING_LIKE_IT:
            return False
        answer = await _message_in(response, self._limits)
        if answer is not None and (message is None or answer.id == message.id):
            return False
        self.peer.lost(met)
        return not await self.speaks(Era.MODERN)

    def _wrapped(self, request: Request, session: str | None, theirs: str) -> bytes:
        """The client's id for the server's session `theirs`: the one that it has, or a new one. UpstreamError for one too long."""
        if theirs == session:
            return request.headers[SESSION]
        id_ = self._sessions.wrap(self.peer, theirs, request.subject)
        if id_ is None:
            raise UpstreamError(Reason.INVALID, f"opened a session whose id has {len(theirs)} characters, more than {MAX_UPSTREAM}")
        return id_.encode()

    def _up(self, headers: list[Header], session: str | None) -> bytes:
        names = self._up_names
        passed = [header for header in headers if header[0] in names or header[0].startswith(PARAM_PREFIX)]
        if any(header[0] in trace.NAMES for header in passed):
            passed = [header for header in passed if header[0] not in trace.NAMES] + trace.sound(passed)
        if session is not None:
            passed.append((SESSION, session.encode("latin-1")))
        if self._replaced:
            passed = [header for header in passed if header[0] not in self._replaced]
        return self._own + parsed_lines(passed)


class Content(Enum):
    """What a body is."""

    JSON = "json"
    EVENTS = "events"
    OTHER = "other"


def _content(headers: Sequence[Header]) -> tuple[Content, bool]:
    """What follows, and whether its length is known: then it goes on in one piece, and its length is checked."""
    content, whole = Content.OTHER, False
    for name, value in headers:
        if name == b"content-length":
            whole = True
        elif name == b"content-type":
            if value.startswith(b"application/json"):
                content = Content.JSON
            elif value.startswith(b"text/event-stream"):
                content = Content.EVENTS
            elif value != value.lower():
                return _content([(key, value.lower()) for key, value in headers])
    return content, whole


def _no_message(response: Response) -> NoReturn:
    """Give up a response to a request that is neither JSON nor a stream."""
    response.abort()
    raise UpstreamError(Reason.INVALID, "answered with something that is no MCP message")


def _params(message: Message) -> Members:
    """What the call is about, as far as it can be told: it is the server's to refuse."""
    try:
        return message.params()
    except RpcError:
        return {}


async def _message_in(response: Response, limits: Limits) -> Message | None:
    """The body as a message, None where it is none. It can still be passed on."""
    try:
        return decode_message(await response.read(limits.max_message_bytes))
    except RpcError:
        return None
