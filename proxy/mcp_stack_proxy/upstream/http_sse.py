"""A server of the first HTTP transport (2024-11-05, basic/transports): what is posted to one URI is answered on a stream."""

import asyncio
import logging
import math
from collections.abc import AsyncGenerator, Callable, Sequence
from urllib.parse import urljoin

from ..config import Limits
from ..errors import Reason, UpstreamError
from ..wire import envelope
from ..wire.envelope import Members, Message
from ..wire.sse import Event, EventParser
from .conversation import Conversation
from .handshake import hello_of_initialize, initialize_params
from .http import HttpPool, Origin, Response
from .http_exchange import Header, SessionLost, is_stream, legacy_headers
from .peer import Call, Caller, Changed, Hello, Reply
from .tasks import Tasks

log = logging.getLogger(__name__)

MAX_ENDPOINT = 8192
"""Bytes of the URI that messages are posted to."""
_STREAM = (b"accept", b"text/event-stream")


class HttpSse:
    """One session, which lasts as long as its stream. `lost` is called when the server ends that."""

    def __init__(
        self,
        name: str,
        pool: HttpPool,
        own: Sequence[Header],
        limits: Limits,
        tasks: Tasks,
        changed: Changed,
        lost: Callable[[], None],
        caller: Caller | None = None,
    ) -> None:
        """`caller`: whose session alone it is, if anyone's."""
        self._name = name
        self._pool = pool
        self._own = own
        self._limits = limits
        self._tasks = tasks
        self._lost = lost
        self._conversation = Conversation(name, self._post, limits, tasks, changed, caller)
        self._caller = caller
        self._target = b""
        self._version: str | None = None
        self._hello: Hello | None = None
        self._reading: asyncio.Task[None] | None = None

    @property
    def alive(self) -> bool:
        """Whether the stream is open."""
        return self._reading is not None

    async def initialize(self, deadline: float) -> Hello | None:
        """The stream, then the handshake; None where a GET does not open a stream at all."""
        silent = asyncio.get_running_loop().time() + self._limits.exchange_seconds
        try:
            async with asyncio.timeout_at(min(deadline, silent)):
                headers = [_STREAM, *self._own]
                response = await self._pool.send(
                    b"GET", self._pool.origin.target, headers, b"", deadline=math.inf, replay_safe=True, quiet=True
                )
                if response.status != 200 or not is_stream(response):
                    response.abort()
                    return None
                events = _events(response, self._limits.max_message_bytes)
                first = await anext(events, None)
        except TimeoutError:
            reason = Reason.SILENT if silent < deadline else Reason.TIMEOUT
            raise UpstreamError(reason, "opened no stream that begins with `endpoint`") from None
        try:
            self._target = _target(self._pool.origin, first)
        except UpstreamError:
            await events.aclose()
            raise
        self._reading = self._tasks.spawn(self._read(events), f"read {self._name}")
        try:
            params = initialize_params(self._caller)
            self._hello = hello = hello_of_initialize(await self._conversation.ask("initialize", params, deadline))
            self._version = hello.version
            await self._post(envelope.notification("notifications/initialized"), deadline, replay_safe=True)
        except SessionLost:
            self.close()
            raise UpstreamError(Reason.INVALID, "does not know the endpoint that it named itself", status=404) from None
        except BaseException:
            self.close()
            raise
        return hello

    async def call(self, call: Call) -> Reply:
        """See Peer; SessionLost means that the server has forgotten the session and did not act."""
        if self._hello is None:
            raise SessionLost(404)
        return await self._conversation.call(call, self._hello)

    async def ask(self, method: str, params: Members, deadline: float) -> Message:
        """The response to a request of ours; SessionLost as for any call."""
        return await self._conversation.ask(method, params, deadline)

    def close(self) -> None:
        """End the session: the transport has no other way to say so."""
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def tell(self, notification: bytes) -> None:
        """See OwnSession."""
        self._conversation.tell(notification)

    async def end(self, deadline: float) -> None:
        """See OwnSession."""
        self.close()

    async def _read(self, events: AsyncGenerator[Event, None]) -> None:
        fault = UpstreamError(Reason.UNREACHABLE, "closed its stream before it answered")
        try:
            async for event in events:
                if event.type == "message" and event.data:
                    self._conversation.hear(event.data)
        except UpstreamError as error:
            fault = error
        except asyncio.CancelledError:
            self._conversation.ended(UpstreamError(Reason.UNREACHABLE, "its session was closed before it answered"))
            raise
        log.info("server %s: the stream of its session ended: %s", self._name, fault.message)
        self._reading = None
        self._lost()
        self._conversation.ended(fault)

    async def _post(
        self,
        message: bytes,
        deadline: float,
        headers: Sequence[Header] = (),
        *,
        replay_safe: bool = False,
        id_: int | None = None,
    ) -> None:
        if self._reading is None:
            raise SessionLost(404)
        response = await self._pool.send(
            b"POST",
            self._target,
            [*legacy_headers(self._own, self._version, None), *headers],
            message,
            deadline=deadline,
            replay_safe=replay_safe,
        )
        await response.read(self._limits.max_message_bytes)
        status = response.status
        if status == 404:
            self.close()
            raise SessionLost(status)
        if status in (401, 403):
            raise UpstreamError(Reason.REFUSED, "refused the proxy's credentials", status=status)
        if not 200 <= status < 300:
            raise UpstreamError(Reason.INVALID, f"answered with HTTP status {status}", status=status)


def _target(origin: Origin, first: Event | None) -> bytes:
    """Where messages go, by the event that has to be the first. Never to another origin: the server does not choose whom we ask."""
    if first is None or first.type != "endpoint":
        raise UpstreamError(Reason.INVALID, "opened a stream that does not begin with `endpoint`")
    if len(first.data) > MAX_ENDPOINT:
        raise UpstreamError(Reason.INVALID, f"named an endpoint of more than {MAX_ENDPOINT} bytes")
    base = f"http{'s' if origin.tls else ''}://{origin.authority.decode()}{origin.target.decode()}"
    try:
        endpoint = Origin.parse(urljoin(base, first.data.decode()))
    except ValueError:
        raise UpstreamError(Reason.INVALID, "named an endpoint that is no URI") from None
    if (endpoint.tls, endpoint.host, endpoint.port) != (origin.tls, origin.host, origin.port):
        raise UpstreamError(Reason.INVALID, "named an endpoint on another host, which is not asked")
    return endpoint.target


async def _events(response: Response, limit: int) -> AsyncGenerator[Event, None]:
    parser = EventParser(limit)
    try:
        async for chunk in response:
            for event in parser.feed(chunk):
                yield event
    finally:
        response.abort()
