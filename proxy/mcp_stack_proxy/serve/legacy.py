"""Legacy requests answered here: a session that begins with `initialize` (2025-11-25, basic/lifecycle and basic/transports)."""

import asyncio

from msgspec import Raw

from ..catalog.offer import Offer
from ..config import Limits
from ..errors import Reason
from ..upstream.bridging import UPDATED
from ..upstream.listening import KINDS
from ..upstream.peer import Answer, Call
from ..wire import envelope
from ..wire.envelope import Members, Message, encode, raw, string_of
from ..wire.errors import INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND, PROXY_ERROR, RpcError
from ..wire.headers import SESSION
from ..wire.revisions import HANDSHAKE, LATEST_HANDSHAKE, LOG_LEVELS, REPLAY_SAFE, Era
from ..wire.session_ids import SessionState
from ..wire.task_ids import LIST, for_legacy
from .answering import Answering
from .asking import Asking
from .changes import change
from .http import JSON, Refusal, Request
from .listed_tasks import ListedTasks
from .modern import MAX_SUBSCRIPTIONS, passed_on
from .replicas import LOG_LEVEL, SERVING, Replicas
from .reply import Keeping
from .resuming import LAST_EVENT_ID, Resuming
from .sessions import Session, Sessions
from .streams import Stream, Streams

_EMPTY = Answer(Raw(b"{}"))
_PASSED_ON = ("notifications/roots/list_changed",)
"""Notifications that mean something to servers that may ask the client."""

_ABSENT = ("server/discover", "subscriptions/listen", "tasks/update")
"""Methods of the other era."""


class LegacyFront:
    """One endpoint's legacy face."""

    def __init__(
        self,
        offer: Offer,
        limits: Limits,
        answering: Answering,
        streams: Streams,
        sessions: Sessions,
        asking: Asking,
        replicas: Replicas,
        resuming: Resuming,
        *,
        bound: bool = False,
    ) -> None:
        """`bound`: a session is kept by the replica that opened it, with the process that it has there."""
        self._bound = bound
        self._offer = offer
        self._limits = limits
        self._answering = answering
        self._streams = streams
        self._sessions = sessions
        self._asking = asking
        self._replicas = replicas
        self._resuming = resuming

    async def handle(self, request: Request, message: Message, *, own: bool = False) -> None:
        """Answer one message. `own`: by a response of its own, which its client may come back for."""
        if message.method == "initialize" and message.id is not None:
            await self._initialize(request, message.id, message.params())
            return
        session = await self._joined(request)
        if message.method is None:
            await self._answered(request, session, message)
        elif message.id is None:
            if message.method == "notifications/cancelled":
                self._cancel(request, session, message)
            elif message.method == SERVING:
                self._replicas.joined(request, session, message.params())
                request.extra.append((LOG_LEVEL, session.log_level.encode()))
            elif message.method in _PASSED_ON and session.capabilities:
                self._offer.told(session.id, encode(message.members))
            await request.respond(202)
        else:
            elsewhere = (self._bound or message.method == LIST) and self._replicas.has_another(request, session)
            if elsewhere and await self._at_home(request, session, message):
                return
            if message.method == "logging/setLevel":
                await self._set_level(request, session, message)
            kept = self._resuming.keep(session) if own else None
            await self._request(request, session, message.method, message.id, message.params(), kept)

    async def _answered(self, request: Request, session: Session, message: Message) -> None:
        """The client answers a question. It may have come from another replica, which then gets the answer."""
        elsewhere = self._asking.elsewhere(session, message)
        if elsewhere is not None:
            await self._replicas.forward(request, elsewhere, message, encode(message.members), replay_safe=True)
            return
        self._asking.answered(session, message)
        await request.respond(202)

    def version(self, request: Request) -> str:
        """Revision of the session that `request` belongs to; RpcError where it belongs to none."""
        return self._session(request).version

    async def stream_or_end(self, request: Request) -> None:
        """GET opens the session's stream of notifications, or takes up a call's that was lost; DELETE ends the session."""
        session = self._session(request)
        if request.method == "DELETE":
            self._sessions.close(session)
            await self._replicas.tell(request, session, b"")
            await request.respond(200)
            return
        await self._joined(request)
        if b"text/event-stream" not in request.headers.get(b"accept", b"").lower():
            raise Refusal(406, "Accept must list text/event-stream")
        if LAST_EVENT_ID in request.headers:
            await self._resuming.resume(request, session)
            return
        stream = Stream()
        session.streams[stream] = None
        try:
            await self._streams.serve(
                request,
                self._offer,
                lambda kind: kind in KINDS and session.listens(stream),
                change,
                stream=stream,
            )
        finally:
            del session.streams[stream]

    async def _initialize(self, request: Request, id_: Raw, params: Members) -> None:
        asked = string_of(params.get("protocolVersion"))
        if asked is None:
            raise RpcError(INVALID_PARAMS, "params.protocolVersion must be a string")
        version = asked if asked in HANDSHAKE else LATEST_HANDSHAKE
        info, capabilities = params.get("clientInfo"), params.get("capabilities")
        session = self._sessions.open(self._offer, version, info, request.subject, capabilities)
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
            "capabilities": for_legacy(introduction.capabilities),
            "serverInfo": introduction.server,
        }
        if introduction.instructions is not None:
            result["instructions"] = introduction.instructions
        return Answer(raw(result))

    async def _request(
        self, request: Request, session: Session, method: str, id_: Raw, params: Members, kept: Keeping | None
    ) -> None:
        if method in ("ping", "logging/setLevel"):
            await request.respond(200, envelope.result(id_, _EMPTY.value), [JSON])
        elif method in ("resources/subscribe", "resources/unsubscribe"):
            if (uri := string_of(params.get("uri"))) is None:
                raise RpcError(INVALID_PARAMS, "params.uri must be a string")
            change_of = self._subscribe if method == "resources/subscribe" else self._unsubscribe
            await self._answering.value(request, id_, Era.LEGACY, change_of(session, uri), self._offer.name)
        elif method in _ABSENT:
            raise RpcError(METHOD_NOT_FOUND, f"Method not found: {method}")
        else:
            call = Call(
                method,
                params,
                Era.LEGACY,
                asyncio.get_running_loop().time() + self._limits.request_seconds,
                client=session.client,
                log_level=session.log_level,
                headers=passed_on(request),
                capabilities=session.capabilities,
                session=session.id,
                subject=session.subject,
            )
            offer = ListedTasks(self._offer, self._replicas, request, session) if method == LIST else self._offer
            await self._answering.call(request, id_, offer, call, session, kept)

    async def _subscribe(self, session: Session, uri: str) -> Answer:
        if uri in session.subscriptions:
            return _EMPTY
        if len(session.subscriptions) >= MAX_SUBSCRIPTIONS:
            raise RpcError(INVALID_PARAMS, f"a session subscribes to at most {MAX_SUBSCRIPTIONS} resources")
        deadline = asyncio.get_running_loop().time() + self._limits.request_seconds
        within = Call(
            "resources/subscribe",
            {},
            Era.LEGACY,
            deadline,
            client=session.client,
            capabilities=session.capabilities,
            session=session.id,
            subject=session.subject,
        )
        stop = await self._offer.subscribe(uri, lambda changed: session.tell(UPDATED + changed), deadline, within)
        if session.over or uri in session.subscriptions:
            stop()
        else:
            session.subscriptions[uri] = stop
        return _EMPTY

    @staticmethod
    async def _unsubscribe(session: Session, uri: str) -> Answer:
        if (stop := session.subscriptions.pop(uri, None)) is not None:
            stop()
        return _EMPTY

    def state(self, request: Request) -> SessionState | None:
        """What the session of `request` is; None where it names none. RpcError where there is none of that name."""
        header = request.headers.get(SESSION)
        if header is None:
            return None
        state = self._sessions.state(self._offer, header.decode("latin-1"), request.subject)
        if state is None:
            raise _not_found()
        return state

    def _session(self, request: Request) -> Session:
        header = request.headers.get(SESSION)
        if header is None:
            raise RpcError(INVALID_REQUEST, "Missing session ID: begin with initialize", status=400)
        session = self._sessions.get(self._offer, header.decode("latin-1"), request.subject)
        if session is None:
            raise _not_found()
        return session

    async def _joined(self, request: Request) -> Session:
        """As `_session`; what another replica knows of it is known here from now on."""
        session = self._session(request)
        if not session.announced and not await self._replicas.join(request, session):
            self._sessions.close(session)
            raise _not_found()
        return session

    async def _at_home(self, request: Request, session: Session, message: Message) -> bool:
        """Answered by the replica that opened the session. Where that is gone, so is a session with a process; False for others."""
        safe = message.method in REPLAY_SAFE
        try:
            await self._replicas.forward(request, session.state.home, message, encode(message.members), replay_safe=safe)
        except RpcError as error:
            if error.code != PROXY_ERROR[Reason.REPLICA_GONE]:
                raise
            if not self._bound:
                return False
            self._sessions.close(session)
            raise _not_found() from None
        return True

    async def _set_level(self, request: Request, session: Session, message: Message) -> None:
        level = string_of(message.params().get("level"))
        if level not in LOG_LEVELS:
            raise RpcError(INVALID_PARAMS, f"params.level must be one of {', '.join(LOG_LEVELS)}")
        session.log_level = level
        await self._replicas.tell(request, session, envelope.encode(message.members))

    def _cancel(self, request: Request, session: Session, message: Message) -> None:
        cancel = session.calls.get(bytes(message.params().get("requestId", b"")))
        if cancel is not None:
            cancel()
        else:
            self._replicas.tell_soon(request, session, message)


def _not_found() -> RpcError:
    return RpcError(INVALID_REQUEST, "Session not found: initialize again", status=404)
