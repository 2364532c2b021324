"""Other replicas of this proxy: what only one of them can go on with is passed on to it.

Which one that is stands in what a client brings: a ticket, or the id of its session. Both are sealed, so that no address is ever
called that this proxy has not written itself.
"""

import asyncio
import hashlib
import time
from dataclasses import replace

from msgspec import Raw, structs

from ..config import Limits
from ..errors import ProxyError, Reason, UpstreamError
from ..upstream.http import HttpPool, Origin, Response
from ..upstream.http.request import FRAMING
from ..upstream.http_exchange import SessionLost, answer
from ..upstream.tasks import Tasks
from ..wire import envelope
from ..wire.envelope import Members, Message, string_of
from ..wire.errors import RpcError, error_for
from ..wire.revisions import LOG_LEVELS
from ..wire.tickets import Tickets
from .http import JSON, Header, Request
from .passing import Passing
from .sessions import Session
from .sharing import Sharing

HOP = b"mcp-stack-hop"
"""Header of a request that a replica has passed on: how often that has happened."""

SERVING = "notifications/mcp-stack/serving"
"""Tells the replica that opened a session that another one serves it, too."""

MAX_REPLICAS = 64
"""Replicas that connections are kept to, and that one session is known to be served by."""

MARGIN_SECONDS = 5.0
"""What a replica may take longer than the hard end of its own request."""

SOON_SECONDS = 0.5
"""Time that another replica has to say something about a session."""

LOST_SECONDS = 30.0
"""Time for which a replica that did not is not asked."""

QUICK_SECONDS = 0.1
"""A refusal that took no longer costs little, and may come from a replica that is just starting: it is asked again as soon."""

LOG_LEVEL = b"mcp-stack-log-level"
"""Header that tells a replica which level a session's client has asked for."""

_NOTE_SECONDS = 60.0
_NOTE_BYTES = 64 * 1024
_NOT_UP = FRAMING | {b"origin", HOP}
_NOT_DOWN = FRAMING | {b"proxy-connection"}


class Replicas:
    """Passes requests on, the caller's credentials included: whoever gets one asks who calls, as if it had come straight to it."""

    def __init__(self, sharing: Sharing, limits: Limits, tasks: Tasks) -> None:
        self._sharing = sharing
        self._address = sharing.address
        self._notes = sharing.tickets("serving")
        self._limits = limits
        self._tasks = tasks
        self._pools: dict[str, HttpPool] = {}
        self._lost: dict[str, float] = {}
        self.in_flight = 0
        """Requests that are being passed on."""

    def tickets(self, purpose: str) -> Tickets:
        """Tickets that lead back to this process, for one purpose."""
        return self._sharing.tickets(purpose)

    def has_another(self, request: Request, session: Session) -> bool:
        """Whether another replica opened `session`, and has not passed `request` on itself."""
        return session.state.home not in ("", self._address) and HOP not in request.headers

    async def forward(
        self, request: Request, address: str, message: Message | None, body: bytes | None = None, *, replay_safe: bool = False
    ) -> None:
        """Answer `request` with what the replica at `address` answers.

        `message` is what it brings, where that is known; `body` is what is sent, where that is not all of it. `replay_safe`: it
        does no harm if it comes twice.

        RpcError where there is no answer: REPLICA_GONE, with status 503 and to try again, where the other surely has not seen it.
        """
        if HOP in request.headers or address in ("", self._address):
            raise _gone(request)
        waits = message is not None and message.is_request
        passing = Passing(request, message if waits else None, None, _broke_off(Reason.UNREACHABLE))
        self.in_flight += 1
        try:
            sent = request.body if body is None else body
            seconds = self._limits.request_seconds + MARGIN_SECONDS
            response = await self._send(request, address, sent, 1, seconds, replay_safe=replay_safe)
            headers = [header for header in response.headers if header[0] not in _NOT_DOWN] + request.extra
            if response.header(b"content-length") is not None:
                body = await response.read(self._limits.max_message_bytes)
                passing.started = True
                await request.out.whole(response.status, headers, body)
            else:
                kind = response.header(b"content-type") or b""
                await passing.stream(response, headers, events=kind.startswith(b"text/event-stream"))
        except asyncio.CancelledError:
            try:
                passing.cancelled()
            except ProxyError as fault:
                raise error_for(fault, None) from None
        except UpstreamError as fault:
            if fault.retryable:
                raise _gone(request) from None
            error = error_for(_broke_off(fault.reason), None)
            error.status = None if waits else 502
            raise error from None
        finally:
            passing.close()
            self.in_flight -= 1

    async def join(self, request: Request, session: Session) -> bool:
        """Before a session is first used here: tell the replica that opened it, and hear from it. False where it has been ended.

        A replica that cannot be reached says nothing, and is not asked again for a while: sessions outlive who opened them.
        """
        home, now = session.state.home, asyncio.get_running_loop().time()
        if HOP in request.headers or self._lost.get(home, 0.0) > now:
            return True
        session.announced = True
        if home in ("", self._address) or not self._address:
            return True
        note = self._notes.issue("", session.subject, _digest(session), time.time() + _NOTE_SECONDS)
        try:
            response = await self._say(_as_post(request), home, envelope.notification(SERVING, {"replica": note}), 1)
        except UpstreamError:
            session.announced = False
            if len(self._lost) >= MAX_REPLICAS:
                self._lost.clear()
            ended = asyncio.get_running_loop().time()
            self._lost[home] = ended + (LOST_SECONDS if ended - now > QUICK_SECONDS else QUICK_SECONDS)
            return True
        level = (response.header(LOG_LEVEL) or b"").decode("latin-1")
        if level in LOG_LEVELS:
            session.log_level = level
        return response.status != 404

    def joined(self, request: Request, session: Session, params: Members) -> None:
        """Another replica says that it serves `session`. What was not sealed by one says nothing."""
        text = string_of(params.get("replica"))
        ticket = None if text is None else self._notes.redeem(text, request.subject, _digest(session), time.time())
        if ticket is not None and ticket.address != self._address and len(session.elsewhere) < MAX_REPLICAS:
            session.elsewhere[ticket.address] = None

    async def tell(self, request: Request, session: Session, body: bytes) -> None:
        """Pass `body` on to whoever serves `session`, too, as far as they are reached soon: to the replica that opened it, which
        knows the rest.
        """
        hops = int(hop) if (hop := request.headers.get(HOP, b"0")).isdigit() and len(hop) == 1 else 2
        if session.state.home == self._address and hops < 2:
            others, hops = tuple(session.elsewhere), 2
        elif session.state.home and hops < 1:
            others, hops = (session.state.home,), 1
        else:
            return
        if told := [self._tasks.spawn(self._say(request, address, body, hops), "note to a replica") for address in others]:
            await asyncio.wait(told)

    def tell_soon(self, request: Request, session: Session, message: Message) -> None:
        """As `tell`, of a notification that nobody waits for. It may come too late, as any notification may."""
        self._tasks.spawn(self.tell(request, session, envelope.encode(message.members)), "note to replicas")

    async def ask(self, request: Request, session: Session, method: str, params: Members) -> list[Raw | ProxyError]:
        """What those answer to `method` that serve `session`, too, or why they do not. Only the replica that opened it asks: where
        a client's request has not come to that one, it is gone, and nobody else knows who they are.
        """
        if session.state.home != self._address:
            return (
                [_missing("the replica that knows which others there are cannot be reached")] if HOP not in request.headers else []
            )
        if request.headers.get(HOP, b"1") != b"1":
            return []
        body = envelope.request(1, method, params)
        return await asyncio.gather(*(self._asked(_as_post(request), address, body) for address in tuple(session.elsewhere)))

    async def _asked(self, request: Request, address: str, body: bytes) -> Raw | ProxyError:
        try:
            message = await answer(await self._send(request, address, body, 2, self._limits.discovery_seconds), 1, self._limits)
        except UpstreamError as fault:
            return _missing(f"a replica {fault.message}")
        except SessionLost:
            return _missing("a replica does not know the session")
        return message.result if message.error is None else _missing("a replica refused to say what it has")

    async def aclose(self) -> None:
        """Close every connection."""
        for pool in tuple(self._pools.values()):
            await pool.aclose()

    async def _say(self, request: Request, address: str, body: bytes, hops: int) -> Response:
        """A message of ours, or of the caller's, in the session of `request`."""
        response = await self._send(request, address, body, hops, SOON_SECONDS)
        await response.read(_NOTE_BYTES)
        return response

    async def _send(
        self, request: Request, address: str, body: bytes, hops: int, seconds: float, *, replay_safe: bool = False
    ) -> Response:
        target = request.path.encode("latin-1") + (b"?" + request.query if request.query else b"")
        headers: list[Header] = [header for header in request.raw_headers if header[0] not in _NOT_UP]
        headers.append((HOP, b"%d" % hops))
        deadline = asyncio.get_running_loop().time() + seconds
        return await self._pool(address).send(
            request.method.encode(), target, headers, body, deadline=deadline, replay_safe=replay_safe, quiet=True
        )

    def _pool(self, address: str) -> HttpPool:
        pool = self._pools.get(address)
        if pool is None:
            if len(self._pools) >= MAX_REPLICAS:
                self._pools = {at: pool for at, pool in self._pools.items() if pool.connected}
            # A name of its own would be no name of the gateway's; this one is anybody's who is let in at all.
            origin = replace(Origin.parse(f"http://{address}/"), authority=b"localhost")
            pool = self._pools[address] = HttpPool(origin, limits=self._limits)
        return pool


def _as_post(request: Request) -> Request:
    """`request`, which may ask for a stream, as one that brings a message."""
    kept = [header for header in request.raw_headers if header[0] not in (b"accept", b"content-type")]
    return structs.replace(request, method="POST", raw_headers=[*kept, JSON, (b"accept", b"application/json, text/event-stream")])


def _digest(session: Session) -> bytes:
    return hashlib.sha256(session.id.encode()).digest()


def _gone(request: Request) -> RpcError:
    request.extra.append((b"retry-after", b"1"))
    hint = "send the request again; if that goes on, make the call that it belongs to anew"
    fault = UpstreamError(Reason.REPLICA_GONE, "the replica that keeps this cannot be reached", retryable=True, hint=hint)
    error = error_for(fault, None)
    error.status = 503
    return error


def _missing(why: str) -> UpstreamError:
    return UpstreamError(Reason.REPLICA_GONE, f"{why}; what it has is missing", retryable=True)


def _broke_off(reason: Reason) -> UpstreamError:
    return UpstreamError(reason, "the replica that keeps this gave no answer: nobody knows whether the server acted")
