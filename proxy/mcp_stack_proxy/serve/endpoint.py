"""One MCP endpoint over Streamable HTTP, every revision on one path."""

import functools
import logging
from collections.abc import Awaitable

from ..catalog.offer import Offer
from ..config import Limits
from ..errors import Overloaded, ProxyError, Reason
from ..guard.gate import CALLS
from ..wire.batch import REVISION, decode_batch, encode_batch, is_batch
from ..wire.envelope import Members, Message, decode_message, encode
from ..wire.errors import RpcError, error_for, status_of
from ..wire.headers import SESSION, VERSION
from ..wire.revisions import IS_MODERN, Era, era_of
from .batches import answer_batch
from .http import JSON, Refusal, Request
from .legacy import LegacyFront
from .modern import ModernFront
from .relay import Relay

log = logging.getLogger(__name__)


class Endpoint:
    """Sorts requests by era, and relays those that the server behind can be asked directly."""

    def __init__(self, offer: Offer, limits: Limits, modern: ModernFront, legacy: LegacyFront, relay: Relay | None) -> None:
        self._offer = offer
        self._limits = limits
        self._modern = modern
        self._legacy = legacy
        self._relay = relay

    def admit(self, request: Request) -> None:
        """See Served."""
        if request.method == "POST":
            _check_type(request.headers.get(b"content-type", b""))
            if not _accepts(request.headers.get(b"accept", b"*/*")) and not _accepts(_all(request, b"accept")):
                raise Refusal(406, "Accept must list application/json and text/event-stream")
        elif _era(request.headers.get(VERSION)) is IS_MODERN or request.method not in ("GET", "DELETE"):
            raise Refusal(405, "this revision knows POST only", [(b"allow", b"POST")])

    def handle(self, request: Request) -> Awaitable[None]:
        """See Served."""
        return self._post(request) if request.method == "POST" else self._stream_or_end(request)

    async def _stream_or_end(self, request: Request) -> None:
        try:
            relay, session = await self._through(request)
            if relay is None:
                await self._legacy.stream_or_end(request)
            else:
                await relay.forward(request, None, b"", session)
        except ProxyError as fault:
            raise self._refusal(fault) from None
        except RpcError as error:
            await request.respond(error.status or 400, error.body(None), [JSON])

    async def _post(self, request: Request) -> None:
        era = _era(request.headers.get(VERSION))
        message: Message | None = None
        try:
            if era is IS_MODERN:
                message = decode_message(request.body)
                params, meta = self._modern.check(request, message)
                if self._relay is None or not await self._passed(self._relay, request, message, params):
                    await self._modern.handle(request, message, params, meta)
            elif is_batch(request.body):
                await self._batch(request)
            else:
                message = decode_message(request.body)
                await self._legacy_post(request, message)
        except RpcError as error:
            await self._answer(request, era, message, error)
        except ProxyError as fault:
            log.info("server %s: %s (%s)", self._offer.name, fault.message, fault.reason)
            if isinstance(fault, Overloaded):
                request.extra.append((b"retry-after", b"%d" % fault.retry_after))
            if message is None or message.id is None:
                raise self._refusal(fault) from None
            await self._answer(request, era, message, error_for(fault, self._offer.name))

    @staticmethod
    async def _answer(request: Request, era: Era, message: Message | None, error: RpcError) -> None:
        status = error.status or (status_of(error.code) if era is Era.MODERN or message is None else 200)
        id_ = message.id if message is not None and message.is_request else None  # the id of an answer is its question's
        await request.respond(status, error.body(id_), [JSON])

    @staticmethod
    async def _passed(relay: Relay, request: Request, message: Message, params: Members) -> bool:
        """Whether the server behind has been asked itself."""
        asked = relay.modern or await relay.speaks(IS_MODERN)
        return asked and await relay.ask(request, message, _encoded(message, params))

    async def _legacy_post(self, request: Request, message: Message) -> None:
        begins = message.method == "initialize"
        relay, session = await self._through(request, begins=begins)
        if relay is not None:
            body = encode(message.members)
            if await (relay.handshake(request, message, body) if begins else relay.forward(request, message, body, session)):
                return
        await self._legacy.handle(request, message, own=True)

    async def _through(self, request: Request, *, begins: bool = False) -> tuple[Relay | None, str | None]:
        """The relay, where the server behind is to be asked itself, and its id of the session. RpcError as LegacyFront.state."""
        if self._relay is None:
            return None, None
        state = None if begins else self._legacy.state(request)  # who begins has no session yet, whatever the header says
        ours = state is not None and state.upstream is None
        if ours or not await self._relay.speaks(Era.LEGACY):
            return None, None
        return self._relay, None if state is None else state.upstream

    async def _batch(self, request: Request) -> None:
        """An array of messages. A session of the server's own is judged by the server; a version that forbids arrays, here."""
        relay, session = await self._through(request)
        unsaid = REVISION.encode() if SESSION in request.headers else b""
        version = request.headers.get(VERSION, unsaid).decode("latin-1")
        if version != REVISION or (relay is None and self._legacy.version(request) != REVISION):
            decode_message(request.body)  # which says what is wrong with it
        messages = decode_batch(request.body)
        if relay is None:
            await answer_batch(self._legacy, request, messages)
        else:
            calls = any(isinstance(message, Message) and message.method in CALLS for message in messages)
            await relay.forward(request, None, encode_batch(messages), session, calls=calls)

    def _refusal(self, fault: ProxyError) -> Refusal:
        """A server's fault, where there is no request to answer."""
        status = 503 if fault.reason in (Reason.DRAINING, Reason.OVERLOADED) else 502
        return Refusal(status, f"server {self._offer.name!r}: {fault.message}")


def _encoded(message: Message, params: Members) -> bytes:
    members = message.members
    return encode({**members, "params": params} if "params" in members else members)


@functools.lru_cache(maxsize=256)
def _era(version: bytes | None) -> Era:
    return era_of(None if version is None else version.decode("latin-1"))


@functools.lru_cache(maxsize=256)  # clients of one kind send the same value with every request
def _check_type(content: bytes) -> None:
    if content.partition(b";")[0].strip().lower() != b"application/json":
        raise Refusal(415, "Content-Type must be application/json")


@functools.lru_cache(maxsize=256)
def _accepts(accept: bytes) -> bool:
    accept = accept.lower()
    return b"*/*" in accept or (b"application/json" in accept and b"text/event-stream" in accept)


def _all(request: Request, name: bytes) -> bytes:
    """The header's values as one: a list may come on several lines (RFC 9110, 5.3)."""
    return b", ".join(value for header, value in request.raw_headers if header == name)
