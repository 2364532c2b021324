"""Modern requests answered here: no handshake, no session, everything the request needs is in the request."""

import asyncio
from collections.abc import Awaitable

import msgspec
from msgspec import Raw

from ..catalog.offer import Offer, Unsubscribe
from ..config import Limits
from ..errors import ClientError, ProxyError
from ..upstream.bridging import UPDATED
from ..upstream.peer import Answer, Call
from ..wire import envelope, trace
from ..wire.envelope import Members, Message, members_of, raw
from ..wire.errors import INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND, RpcError, error_for
from ..wire.headers import PARAM_PREFIX, VERSION, check_modern, check_version, field, refuse_repeated
from ..wire.request_meta import RequestMeta
from ..wire.revisions import HANDSHAKE, IS_MODERN, META_SERVER, META_SUBSCRIPTION, MODERN
from ..wire.task_ids import for_modern
from .answering import Answering
from .changes import change
from .http import Header, Request
from .parking import Parked, Parking
from .replicas import Replicas
from .streams import Stream, Streams

MAX_SUBSCRIPTIONS = 1000
"""Resources that one client hears of."""

_ABSENT = frozenset(
    {
        *("initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe"),
        *("tasks/list", "tasks/result"),
    }
)
"""Methods of sessions, and of tasks, that this revision has no more. A legacy server behind would carry them out, in a session that
is not the caller's alone."""

_KINDS = {"toolsListChanged": "tools", "promptsListChanged": "prompts", "resourcesListChanged": "resources"}
"""Member of a subscription's filter -> kind of list."""


class ModernFront:
    """One endpoint's modern face."""

    def __init__(
        self, offer: Offer, limits: Limits, answering: Answering, streams: Streams, parking: Parking, replicas: Replicas
    ) -> None:
        self._offer = offer
        self._replicas = replicas
        self._parking = parking
        self._limits = limits
        self._answering = answering
        self._streams = streams

    def check(self, request: Request, message: Message) -> tuple[Members, RequestMeta]:
        """Params and metadata of a request whose headers repeat its body; RpcError otherwise."""
        if message.method is None:
            raise RpcError(INVALID_REQUEST, "the body must be a request or notification")
        params = message.params()
        if len(request.headers) != len(request.raw_headers):
            refuse_repeated(request.raw_headers)
        if message.id is None:
            version = field(request.headers, VERSION)
            check_version(version)
            return params, RequestMeta(version)
        return params, check_modern(message, request.headers, params)

    def handle(self, request: Request, message: Message, params: Members, meta: RequestMeta) -> Awaitable[None]:
        """Answer a checked request; a notification is taken and dropped, there is none that means anything on this wire."""
        if message.id is None or message.method is None:
            return request.respond(202)
        deadline = asyncio.get_running_loop().time() + self._limits.request_seconds
        subject = request.subject
        if message.method in _ABSENT:
            raise RpcError(METHOD_NOT_FOUND, f"Method not found: {message.method}")
        if message.method == "subscriptions/listen":
            return self._listen(request, message.id, params)
        if message.method == "server/discover":
            return self._answering.value(request, message.id, IS_MODERN, self._discover(deadline), self._offer.name)
        if "requestState" in params:
            if (other := self._parking.elsewhere(message.method, params, subject)) is not None:
                return self._replicas.forward(request, other, message, replay_safe=True)
            if (parked := self._parked(message.method, params, subject)) is not None:
                return self._answering.resume(request, message.id, parked, params, self._offer.name)
        call = Call(
            message.method,
            params,
            IS_MODERN,
            deadline,
            meta.client,
            meta.log_level,
            passed_on(request),
            meta.capabilities,
            subject=subject,
            bare=meta.bare,
            mirrors=bool(request.path),
        )
        return self._answering.call(request, message.id, self._offer, call)

    def _parked(self, method: str, params: Members, subject: str | None) -> Parked | None:
        try:
            return self._parking.take(method, params, subject)
        except ClientError as fault:
            raise error_for(fault, self._offer.name) from None

    async def _discover(self, deadline: float) -> Answer:
        introduction = await self._offer.introduce(deadline)
        result: dict[str, Raw | object] = {
            "supportedVersions": [*MODERN, *HANDSHAKE],
            "capabilities": for_modern(introduction.capabilities),
            "resultType": "complete",
            "ttlMs": 0,
            "cacheScope": "private",
            "_meta": {META_SERVER: introduction.server},
        }
        if introduction.instructions is not None:
            result["instructions"] = introduction.instructions
        return Answer(raw(result))

    async def _listen(self, request: Request, id_: Raw, params: Members) -> None:
        flags, uris = _filter(params)
        meta = {META_SUBSCRIPTION: id_}
        agreed: dict[str, object] = {member: True for member in flags if member in _KINDS}
        kinds = {_KINDS[member] for member in agreed}
        stream, stops = Stream(), dict[str, Unsubscribe]()
        try:
            if uris:
                stops = await self._subscribe(uris, stream)
            if stops:
                agreed["resourceSubscriptions"] = list(stops)
            await self._serve(request, id_, kinds, agreed, meta, stream)
        finally:
            for stop in stops.values():
                stop()

    async def _subscribe(self, uris: list[str], stream: Stream) -> dict[str, Unsubscribe]:
        """Those of `uris` whose changes can be announced, which is all that a client is told of the others."""
        deadline = asyncio.get_running_loop().time() + self._limits.discovery_seconds

        def told(uri: str) -> None:
            stream.tell(UPDATED + uri)

        begun = await asyncio.gather(*(self._offer.subscribe(uri, told, deadline) for uri in uris), return_exceptions=True)
        stops: dict[str, Unsubscribe] = {}
        for uri, stop in zip(uris, begun, strict=True):
            if not isinstance(stop, BaseException):
                stops[uri] = stop
            elif not isinstance(stop, RpcError | ProxyError):
                raise stop
        return stops

    async def _serve(
        self, request: Request, id_: Raw, kinds: set[str], agreed: dict[str, object], meta: dict[str, Raw], stream: Stream
    ) -> None:
        await self._streams.serve(
            request,
            self._offer,
            kinds.__contains__,
            lambda kind: change(kind, raw(meta)),
            stream=stream,
            first=envelope.notification("notifications/subscriptions/acknowledged", {"notifications": agreed, "_meta": meta}),
            last=envelope.result(id_, {"resultType": raw("complete"), "_meta": raw(meta)}),
        )


def passed_on(request: Request) -> list[Header]:
    """Headers of a client's request that its server gets, too: sound trace context and mirrored parameters."""
    if trace.NAMES.isdisjoint(request.headers) and b" ".join(request.headers).find(PARAM_PREFIX) < 0:
        return []  # as nearly always
    found = [header for header in request.raw_headers if header[0] in trace.NAMES or header[0].startswith(PARAM_PREFIX)]
    return trace.sound(found) + [header for header in found if header[0] not in trace.NAMES]


def _filter(params: Members) -> tuple[list[str], list[str]]:
    """Members that are true, and the resources that are to be followed, each once."""
    try:
        members = members_of(params.get("notifications", Raw(b"null")))
    except msgspec.DecodeError:
        raise RpcError(INVALID_PARAMS, "params.notifications must be an object") from None
    try:
        uris = msgspec.json.decode(members.get("resourceSubscriptions", b"[]"), type=list[str])
    except msgspec.DecodeError:
        raise RpcError(INVALID_PARAMS, "params.notifications.resourceSubscriptions must be a list of strings") from None
    if len(uris) > MAX_SUBSCRIPTIONS:
        raise RpcError(INVALID_PARAMS, f"a subscription has at most {MAX_SUBSCRIPTIONS} resources")
    return [name for name, value in members.items() if bytes(value) == b"true"], list(dict.fromkeys(uris))
