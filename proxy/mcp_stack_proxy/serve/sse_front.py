"""The first HTTP transport (2024-11-05, basic/transports): GET opens a stream, its first event says where messages are posted."""

import time
from contextlib import suppress
from urllib.parse import parse_qs

from ..catalog.offer import Offer
from ..config import Limits
from ..wire.envelope import decode_message
from ..wire.errors import RpcError, status_of
from ..wire.headers import SESSION
from ..wire.sse import frame
from ..wire.tickets import Ticket
from .funnel import funnel
from .http import JSON, Header, Refusal, Request
from .legacy import LegacyFront
from .replicas import Replicas
from .sessions import LIFE_SECONDS, Sessions
from .sse_client import SseClient, as_sent_with
from .streams import Streams


class SseFront:
    """Serves two paths: the stream's, and `messages`. What a message means is decided as on the newer transport."""

    def __init__(
        self,
        offer: Offer,
        limits: Limits,
        front: LegacyFront,
        streams: Streams,
        sessions: Sessions,
        replicas: Replicas,
        messages: str,
    ) -> None:
        self._offer = offer
        self._limits = limits
        self._front = front
        self._streams = streams
        self._sessions = sessions
        self._replicas = replicas
        self._tickets = replicas.tickets(f"stream {messages}")
        self._messages = messages
        self._clients: dict[str, SseClient] = {}

    def admit(self, request: Request) -> None:
        """See Served."""
        if request.path == self._messages:
            if request.method != "POST":
                raise Refusal(405, "messages are posted here", [(b"allow", b"POST")])
            self._ticket(request)
            if request.headers.get(b"content-type", b"").partition(b";")[0].strip().lower() != b"application/json":
                raise Refusal(415, "Content-Type must be application/json")
        elif request.method != "GET":
            raise Refusal(405, "GET opens a stream of revision 2024-11-05; the newer transport is at /mcp", [(b"allow", b"GET")])
        elif not _may_stream(request.headers.get(b"accept", b"*/*").lower()):
            raise Refusal(406, "Accept must list text/event-stream")

    async def handle(self, request: Request) -> None:
        """See Served."""
        if request.path == self._messages:
            ticket = self._ticket(request)
            if not self._tickets.is_here(ticket):
                await self._forward(request, ticket)
            elif (client := self._clients.get(ticket.park)) is None or client.gone:
                raise _ended()
            else:
                await self._post(request, client)
        else:
            await self._stream(request)

    async def _stream(self, request: Request) -> None:
        client = SseClient(self._limits.max_message_bytes, request.subject)
        self._clients[client.id] = client
        self._streams.open(client)
        stop = self._offer.watch(client.tell)
        try:
            ticket = self._tickets.issue(client.id, client.subject, b"", time.time() + LIFE_SECONDS)
            await client.write(request, f"{self._messages}?session_id={ticket}")
        finally:
            stop()
            self._streams.ended(client)
            del self._clients[client.id]
            self._close_session(client)

    def _ticket(self, request: Request) -> Ticket:
        """What leads to the replica that has the client's stream. Refusal where nothing leads anywhere, or not for this caller."""
        ticket = self._tickets.redeem(_session_id(request.query), request.subject, b"", time.time())
        if ticket is None:
            raise _ended()
        return ticket

    async def _forward(self, request: Request, ticket: Ticket) -> None:
        try:
            await self._replicas.forward(request, ticket.address, None)
        except RpcError as error:
            await request.respond(error.status or 500, error.body(None), [JSON])

    async def _post(self, request: Request, client: SseClient) -> None:
        try:
            message = decode_message(request.body)
        except RpcError as error:
            await request.respond(status_of(error.code), error.body(None), [JSON])
            return
        client.begin()
        try:
            await request.respond(202)
            alone = as_sent_with(request, client.session)
            await funnel(self._front, alone, message, _Answers(self, client, alone.extra))
        finally:
            client.done()

    def adopt(self, client: SseClient, headers: list[Header]) -> None:
        """The session that an `initialize` opened is the client's from now on, and ends with its stream."""
        id_ = dict(headers).get(SESSION)
        session = None if id_ is None else self._sessions.get(self._offer, id_.decode(), client.subject)
        if session is None or session is client.session:
            return
        self._close_session(client)
        client.session = session
        session.streams[client] = None
        if client.gone:
            self._close_session(client)

    def _close_session(self, client: SseClient) -> None:
        session, client.session = client.session, None
        if session is not None:
            session.streams.pop(client, None)
            self._sessions.close(session)


class _Answers:
    """See Sink: what is said to one message goes on the client's stream."""

    def __init__(self, front: SseFront, client: SseClient, extra: list[Header]) -> None:
        self._front = front
        self._client = client
        self._extra = extra

    async def answer(self, message: bytes) -> None:
        await self.events(frame(message))

    async def events(self, frames: bytes) -> None:
        self._front.adopt(self._client, self._extra)
        self._client.say(frames)


def _ended() -> Refusal:
    return Refusal(404, "no such session: a session ends with its stream, open another by GET")


def _session_id(query: bytes) -> str:
    with suppress(ValueError):  # more fields than anybody needs
        return parse_qs(query.decode("latin-1"), max_num_fields=16).get("session_id", [""])[-1]
    return ""


def _may_stream(accept: bytes) -> bool:
    return b"text/event-stream" in accept or b"*/*" in accept
