"""A legacy server over HTTP: one session, opened by a handshake, that all callers share."""

import asyncio
import math
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from msgspec import Raw

from ..config import Limits
from ..errors import TIMEOUTS, UpstreamError
from ..wire import envelope
from ..wire.envelope import Members, Message, raw
from ..wire.headers import SESSION
from ..wire.questions import refusal
from ..wire.revisions import REPLAY_SAFE, Era
from ..wire.trace import in_headers
from .bridging import answer_for, change_in, more_verbose, notification_for, params_for, with_token
from .handshake import hello_of_initialize, initialize_params
from .http import HttpPool, Response
from .http_exchange import (
    Header,
    SessionLost,
    answer,
    besides,
    broke_off,
    is_stream,
    legacy_headers,
    messages,
    own,
    stream_of,
    whole,
)
from .peer import Call, Changed, Hello, Parts, Reply
from .resumption import by_get, lasting
from .tasks import Tasks

_STREAM = [(b"accept", b"text/event-stream")]


class LegacyHttp:
    """One session. SessionLost from any call means that the server has forgotten it and did not act."""

    def __init__(self, pool: HttpPool, own: Sequence[Header], limits: Limits, tasks: Tasks, changed: Changed) -> None:
        self._pool = pool
        self._own = own
        self._limits = limits
        self._tasks = tasks
        self._changed = changed
        self._session: bytes | None = None
        self._version: str | None = None
        self._can_log = False
        self._log_level: str | None = None
        self._last_id = 0

    async def initialize(self, deadline: float) -> Hello:
        """The handshake; the session counts from here."""
        self._session = self._version = self._log_level = None
        id_, body = self._request("initialize", initialize_params())
        response = await self._send(body, deadline, replay_safe=True)
        try:
            hello = hello_of_initialize(await answer(response, id_, self._limits))
        except SessionLost as lost:
            raise lost.fault() from None
        except UpstreamError as error:
            if response.status >= 400:
                error.status = response.status  # with an error in its body, too: an older server may not know what it is asked
            raise
        self._session = response.header(SESSION)
        self._version = hello.version
        self._can_log = "logging" in hello.capabilities
        await self._initialized(deadline)
        return hello

    async def call(self, call: Call) -> Reply:
        """See Peer."""
        await self._want_log_level(call)
        params, token = with_token(params_for(call, Era.LEGACY), self._last_id + 1)
        id_, body = self._request(call.method, params)
        headers = legacy_headers(self._own, self._version, self._session)[2:]
        session = self._session is not None
        try:
            response = await self._send(
                body, call.deadline, extra=in_headers(call.headers, call.params), replay_safe=call.method in REPLAY_SAFE
            )
            if is_stream(response):
                again = by_get(self._pool, headers, call.deadline)
                return self._parts(call, lasting(response, self._limits, again, call.deadline), token, id_)
            return answer_for(call, Era.LEGACY, await whole(response, id_, self._limits, session=session))
        except (asyncio.CancelledError, UpstreamError) as error:
            self._given_up(id_, error)
            raise

    async def _parts(self, call: Call, said: AsyncGenerator[Message, None], token: Raw | None, id_: int) -> Parts:
        try:
            async with aclosing(said) as stream:
                async for message in stream:
                    if message.is_response:
                        yield answer_for(call, Era.LEGACY, own(message, id_))
                        return
                    if message.is_request:
                        self.decline(message)
                    elif (change := change_in(message)) is not None:
                        self._changed(change)
                    elif (notification := notification_for(call, message, token)) is not None:
                        yield notification
        except (asyncio.CancelledError, GeneratorExit, UpstreamError) as error:
            self._given_up(id_, error)
            raise
        raise broke_off()

    async def ask(self, method: str, params: Members, deadline: float) -> Message:
        """The response to a request of ours; SessionLost as for any call."""
        id_, body = self._request(method, params)
        session = self._session is not None
        return await answer(await self._send(body, deadline, replay_safe=True), id_, self._limits, session=session)

    async def changes(self) -> AsyncGenerator[str, None]:
        """Kinds of lists as they change, while the session's stream lasts; UpstreamError UNSUPPORTED where there is none."""
        headers = [*_STREAM, *legacy_headers(self._own, self._version, self._session)[2:]]
        response = await self._pool.send(
            b"GET", self._pool.origin.target, headers, b"", deadline=math.inf, replay_safe=True, quiet=True
        )
        return self._heard(stream_of(response))

    async def _heard(self, response: Response) -> AsyncGenerator[str, None]:
        async with aclosing(messages(response, self._limits)) as stream:
            async for message in stream:
                if message.is_request:
                    self.decline(message)
                elif (change := change_in(message)) is not None:
                    yield change

    async def end(self, deadline: float) -> None:
        """Tell the server that the session is over."""
        if self._session is not None:
            headers = legacy_headers(self._own, self._version, self._session)
            response = await self._pool.send(b"DELETE", self._pool.origin.target, headers, b"", deadline=deadline)
            response.abort()
            self._session = None

    def decline(self, message: Message) -> None:
        """Answer a request of the server: `ping` is granted, for everything else there is nobody to ask."""
        if message.id is None:
            return
        if message.method == "ping":
            body = envelope.result(message.id, {})
        else:
            refused = refusal(message.method or "", {}, {})
            body = refused.body(message.id) if refused is not None else b""
        self._tasks.spawn(self._post_quietly(body), "answer a server")

    async def _want_log_level(self, call: Call) -> None:
        """Have the server log what this caller wants to see; what others do not want is filtered on the way to them."""
        wanted = call.log_level
        if wanted is None or not self._can_log or not more_verbose(wanted, self._log_level):
            return
        self._log_level = wanted
        await self.ask("logging/setLevel", {"level": raw(wanted)}, call.deadline)

    def _given_up(self, id_: int, error: BaseException) -> None:
        """Nobody waits any more; closing the connection alone says nothing here (2025-11-25, basic/utilities/cancellation)."""
        if isinstance(error, UpstreamError) and error.reason not in TIMEOUTS:
            return  # it is the server that ended the exchange
        body = envelope.notification("notifications/cancelled", {"requestId": id_})
        self._tasks.spawn(self._post_quietly(body), "cancel a call")

    async def _initialized(self, deadline: float) -> None:
        """The end of the handshake, which may come twice: on a connection that is just being closed it came to nobody."""
        response = await self._send(envelope.notification("notifications/initialized"), deadline, replay_safe=True)
        response.abort()

    async def _post_quietly(self, body: bytes) -> None:
        """Post what gets no answer; a server that is gone needs none."""
        try:
            deadline = asyncio.get_running_loop().time() + self._limits.connect_seconds
            response = await self._send(body, deadline)
            await response.read(self._limits.max_message_bytes)
        except UpstreamError:
            pass

    def _request(self, method: str, params: Members) -> tuple[int, bytes]:
        self._last_id += 1
        return self._last_id, envelope.request(self._last_id, method, params)

    async def _send(self, body: bytes, deadline: float, *, extra: Sequence[Header] = (), replay_safe: bool = False) -> Response:
        headers = [*legacy_headers(self._own, self._version, self._session), *besides(self._own, extra)]
        return await self._pool.send(b"POST", self._pool.origin.target, headers, body, deadline=deadline, replay_safe=replay_safe)
