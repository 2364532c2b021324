"""Legacy requests answered here: a session that begins with `initialize` (2025-11-25, basic/lifecycle and basic/transports)."""

import asyncio

from msgspec import Raw

from ..catalog.offer import Offer
from ..config import Limits
from ..upstream.listening import KINDS
from ..upstream.peer import Answer, Call
from ..wire import envelope
from ..wire.envelope import Members, Message, raw, string_of
from ..wire.errors import INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND, RpcError
from ..wire.headers import SESSION
from ..wire.revisions import HANDSHAKE, LATEST_HANDSHAKE, LOG_LEVELS, Era
from .answering import Answering
from .http import JSON, Refusal, Request
from .modern import passed_on
from .sessions import Session, Sessions
from .streams import Stream, Streams

_EMPTY = Answer(Raw(b"{}"))
_ABSENT = ("server/discover", "subscriptions/listen", "resources/subscribe", "resources/unsubscribe", "tasks/")
"""Methods, and beginnings of methods, of the other era or of a session between client and server alone."""


class LegacyFront:
    """One endpoint's legacy face."""

    def __init__(self, offer: Offer, limits: Limits, answering: Answering, streams: Streams, sessions: Sessions) -> None:
        self._offer = offer
        self._limits = limits
        self._answering = answering
        self._streams = streams
        self._sessions = sessions

    async def handle(self, request: Request, message: Message) -> None:
        """Answer one message."""
        if message.method == "initialize" and message.id is not None:
            await self._initialize(request, message.id, message.params())
            return
        session = self._session(request)
        if message.method is None:
            await request.respond(202)  # an answer to a question that was never asked
        elif message.id is None:
            if message.method == "notifications/cancelled":
                self._cancel(session, message.params())
            await request.respond(202)
        else:
            await self._request(request, session, message.method, message.id, message.params())

    def version(self, request: Request) -> str:
        """Revision of the session that `request` belongs to; RpcError where it belongs to none."""
        return self._session(request).version

    async def stream_or_end(self, request: Request) -> None:
        """GET opens the session's stream of notifications, DELETE ends the session."""
        session = self._session(request)
        if request.method == "DELETE":
            self._sessions.close(session)
            await request.respond(200)
            return
        if b"text/event-stream" not in request.headers.get(b"accept", b"").lower():
            raise Refusal(406, "Accept must list text/event-stream")
        stream = Stream()
        session.streams[stream] = None
        try:
            await self._streams.serve(
                request,
                self._offer,
                lambda kind: kind in KINDS and session.listens(stream),
                lambda kind: envelope.notification(f"notifications/{kind}/list_changed"),
                stream=stream,
            )
        finally:
            del session.streams[stream]

    async def _initialize(self, request: Request, id_: Raw, params: Members) -> None:
        asked = string_of(params.get("protocolVersion"))
        if asked is None:
            raise RpcError(INVALID_PARAMS, "params.protocolVersion must be a string")
        version = asked if asked in HANDSHAKE else LATEST_HANDSHAKE
        session = self._sessions.open(self._offer, version, params.get("clientInfo"), request.subject)
        request.extra.append((SESSION, session.id.encode()))
        deadline = asyncio.get_running_loop().time() + self._limits.request_seconds
        await self._answering.value(request, id_, Era.LEGACY, self._introduce(session, deadline), self._offer.name)

    async def _introduce(self, session: Session, deadline: float) -> Answer:
        try:
            introduction = await self._offer.introduce(deadline)
        except BaseException:
            self._sessions.close(session)  # nothing has begun: a client that tries again and again must not crowd out others
            raise
        result: dict[str, object] = {
            "protocolVersion": session.version,
            "capabilities": introduction.capabilities,
            "serverInfo": introduction.server,
        }
        if introduction.instructions is not None:
            result["instructions"] = introduction.instructions
        return Answer(raw(result))

    async def _request(self, request: Request, session: Session, method: str, id_: Raw, params: Members) -> None:
        if method == "ping":
            await request.respond(200, envelope.result(id_, _EMPTY.value), [JSON])
        elif method == "logging/setLevel":
            level = string_of(params.get("level"))
            if level not in LOG_LEVELS:
                raise RpcError(INVALID_PARAMS, f"params.level must be one of {', '.join(LOG_LEVELS)}")
            session.log_level = level
            await request.respond(200, envelope.result(id_, _EMPTY.value), [JSON])
        elif method.startswith(_ABSENT):
            raise RpcError(METHOD_NOT_FOUND, f"Method not found: {method}")
        else:
            call = Call(
                method,
                params,
                Era.LEGACY,
                asyncio.get_running_loop().time() + self._limits.request_seconds,
                client=session.client,
                log_level=session.log_level,
                headers=passed_on(request.headers),
            )
            await self._answering.call(request, id_, self._offer, call, session)

    def _session(self, request: Request) -> Session:
        header = request.headers.get(SESSION)
        if header is None:
            raise RpcError(INVALID_REQUEST, "Missing session ID: begin with initialize", status=400)
        session = self._sessions.get(self._offer, header.decode("latin-1"), request.subject)
        if session is None:
            raise RpcError(INVALID_REQUEST, "Session not found: initialize again", status=404)
        return session

    @staticmethod
    def _cancel(session: Session, params: Members) -> None:
        cancel = session.calls.get(bytes(params.get("requestId", b"")))
        if cancel is not None:
            cancel()
