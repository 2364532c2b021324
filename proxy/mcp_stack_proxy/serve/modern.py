"""Modern requests answered here: no handshake, no session, everything the request needs is in the request."""

import asyncio
from collections.abc import Mapping

import msgspec
from msgspec import Raw

from ..catalog.offer import Offer
from ..config import Limits
from ..upstream.peer import Answer, Call
from ..wire import envelope
from ..wire.bridge import log_level_of
from ..wire.envelope import Members, Message, members_of, raw
from ..wire.errors import INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND, RpcError
from ..wire.headers import VERSION, check_modern, check_version, field, refuse_repeated
from ..wire.revisions import HANDSHAKE, META_SERVER, META_SUBSCRIPTION, MODERN, Era
from .answering import Answering
from .http import Request
from .streams import Streams

_ABSENT = ("initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe")
"""Methods of sessions. A legacy server behind would carry them out, in a session that is not the caller's alone."""

_KINDS = {"toolsListChanged": "tools", "promptsListChanged": "prompts", "resourcesListChanged": "resources"}
"""Member of a subscription's filter -> kind of list."""


class ModernFront:
    """One endpoint's modern face."""

    def __init__(self, offer: Offer, limits: Limits, answering: Answering, streams: Streams) -> None:
        self._offer = offer
        self._limits = limits
        self._answering = answering
        self._streams = streams

    def check(self, request: Request, message: Message) -> tuple[Members, Members]:
        """Params and metadata of a request whose headers repeat its body; RpcError otherwise."""
        if message.is_response:
            raise RpcError(INVALID_REQUEST, "the body must be a request or notification")
        params = message.params()
        if len(request.headers) != len(request.raw_headers):
            refuse_repeated(request.raw_headers)
        if message.id is None:
            check_version(field(request.headers, VERSION))
            return params, {}
        return params, check_modern(message, request.headers, params)

    async def handle(self, request: Request, message: Message, params: Members, meta: Members) -> None:
        """Answer a checked request; a notification is taken and dropped, there is none that means anything on this wire."""
        if message.id is None or message.method is None:
            await request.respond(202)
            return
        deadline = asyncio.get_running_loop().time() + self._limits.request_seconds
        if message.method == "subscriptions/listen":
            await self._listen(request, message.id, params)
        elif message.method == "server/discover":
            await self._answering.value(request, message.id, Era.MODERN, self._discover(deadline), self._offer.name)
        elif message.method in _ABSENT:
            raise RpcError(METHOD_NOT_FOUND, f"Method not found: {message.method}")
        else:
            call = Call(
                message.method,
                params,
                Era.MODERN,
                deadline,
                log_level=log_level_of(meta),
                headers=passed_on(request.headers),
            )
            await self._answering.call(request, message.id, self._offer, call)

    async def _discover(self, deadline: float) -> Answer:
        introduction = await self._offer.introduce(deadline)
        result: dict[str, Raw | object] = {
            "supportedVersions": [*MODERN, *HANDSHAKE],
            "capabilities": introduction.capabilities,
            "resultType": "complete",
            "ttlMs": 0,
            "cacheScope": "private",
            "_meta": {META_SERVER: introduction.server},
        }
        if introduction.instructions is not None:
            result["instructions"] = introduction.instructions
        return Answer(raw(result))

    async def _listen(self, request: Request, id_: Raw, params: Members) -> None:
        wanted = _filter(params)
        meta = {META_SUBSCRIPTION: id_}
        agreed = {member: True for member in wanted if member in _KINDS}
        await self._streams.serve(
            request,
            self._offer,
            {_KINDS[member] for member in agreed}.__contains__,
            lambda kind: envelope.notification(f"notifications/{kind}/list_changed", {"_meta": meta}),
            first=envelope.notification("notifications/subscriptions/acknowledged", {"notifications": agreed, "_meta": meta}),
            last=envelope.result(id_, {"resultType": raw("complete"), "_meta": raw(meta)}),
        )


def passed_on(headers: Mapping[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    """Headers of a client's request that its server gets, too: trace context and mirrored parameters."""
    return [
        (name, value)
        for name, value in headers.items()
        if name in (b"traceparent", b"tracestate", b"baggage") or name.startswith(b"mcp-param-")
    ]


def _filter(params: Members) -> list[str]:
    try:
        members = members_of(params.get("notifications", Raw(b"null")))
    except msgspec.DecodeError:
        raise RpcError(INVALID_PARAMS, "params.notifications must be an object") from None
    return [name for name, value in members.items() if bytes(value) == b"true"]
