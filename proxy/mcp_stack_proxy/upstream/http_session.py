"""A legacy server over Streamable HTTP, in a session that is one client's alone: told what the client can be asked, it may ask.

What the server asks in a call's own response belongs to that call. What it asks on the session's stream (GET) names no call: it
goes to the newest one in flight, which is of the same client as all others of the session.
"""

import asyncio
import math
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress

from ..config import Limits
from ..errors import Reason, UpstreamError
from ..wire import envelope
from ..wire.envelope import Message
from ..wire.headers import SESSION
from .bridging import change_in
from .conversation import Conversation
from .handshake import hello_of_initialize, initialize_params
from .http import HttpPool, Response
from .http_exchange import Header, SessionLost, besides, broke_off, is_stream, legacy_headers, messages, own, stream_of, whole
from .listening import listen
from .peer import Call, Caller, Changed, Hello, Reply
from .resumption import by_get, lasting
from .tasks import Tasks

STREAM_SECONDS = 1.0
"""How long the first call waits for the session's stream: some servers say nothing on it before there is something to say."""

_STREAM = [(b"accept", b"text/event-stream")]


class HttpSession:
    """See OwnSession. SessionLost from any call means that the server has forgotten it and did not act."""

    def __init__(
        self, name: str, pool: HttpPool, own: Sequence[Header], limits: Limits, tasks: Tasks, changed: Changed, caller: Caller
    ) -> None:
        self._name = name
        self._pool = pool
        self._own = own
        self._limits = limits
        self._tasks = tasks
        self._changed = changed
        self._caller = caller
        self._conversation = Conversation(name, self._send, limits, tasks, changed, caller, self._given_up)
        self._exchanges: dict[int, asyncio.Task[None]] = {}
        self._session: bytes | None = None
        self._version: str | None = None
        self._hello: Hello | None = None
        self._listener: asyncio.Task[None] | None = None
        self._listening = asyncio.Event()

    async def initialize(self, deadline: float) -> None:
        """The handshake, and the session's stream: a server that asks on it may do so in the first call."""
        try:
            answer = await self._conversation.ask("initialize", initialize_params(self._caller), deadline)
            hello = hello_of_initialize(answer)
            self._version = hello.version
            await self._send(envelope.notification("notifications/initialized"), deadline, replay_safe=True)
        except SessionLost as lost:
            raise lost.fault() from None
        self._listener = self._tasks.spawn(listen(self._stream, (), self._changed, self._meet), f"listen {self._name}")
        with suppress(TimeoutError):
            async with asyncio.timeout(STREAM_SECONDS):
                await self._listening.wait()
        self._hello = hello

    async def call(self, call: Call) -> Reply:
        """See OwnSession."""
        if self._hello is None:
            raise SessionLost(404)
        return await self._conversation.call(call, self._hello)

    def tell(self, notification: bytes) -> None:
        """See OwnSession."""
        self._conversation.tell(notification)

    async def end(self, deadline: float) -> None:
        """See OwnSession."""
        self._hello = None
        if self._listener is not None:
            self._listener.cancel()
        self._conversation.ended(UpstreamError(Reason.UNREACHABLE, "its session was closed before it answered"), changed=False)
        if self._session is not None:
            headers = legacy_headers(self._own, self._version, self._session)
            with suppress(UpstreamError):  # one that is gone needs to be told nothing
                response = await self._pool.send(b"DELETE", self._pool.origin.target, headers, b"", deadline=deadline)
                response.abort()

    # --- what the server says

    async def _exchange(self, id_: int, message: bytes, headers: Sequence[Header], *, replay_safe: bool) -> None:
        """One request, and all that is said in answer to it. Its time is measured by whoever waits for it."""
        try:
            response = await self._post(message, math.inf, headers, replay_safe=replay_safe, quiet=True)
            if self._version is None:
                self._session = response.header(SESSION)
            if not is_stream(response):
                greeting = self._version is None
                session = not greeting and self._session is not None
                said = await whole(response, id_, self._limits, greeting=greeting, session=session)
                self._conversation.take(said, 0, id_)
                return
            again = by_get(self._pool, legacy_headers(self._own, self._version, self._session)[2:], math.inf, quiet=True)
            async with aclosing(lasting(response, self._limits, again, math.inf)) as stream:
                async for said in stream:
                    size = _size(said)
                    await self._conversation.room(id_, size)
                    self._conversation.take(own(said, id_) if said.is_response else said, size, id_)
                    if said.is_response:
                        return
            raise broke_off()
        except (UpstreamError, SessionLost) as fault:
            self._conversation.fail(id_, fault)
        finally:
            self._exchanges.pop(id_, None)

    async def _stream(self) -> AsyncGenerator[str, None]:
        """Kinds of lists as they change, while the session's stream lasts; what else comes on it goes its own way."""
        headers = [*_STREAM, *legacy_headers(self._own, self._version, self._session)[2:]]
        try:
            response = await self._pool.send(
                b"GET", self._pool.origin.target, headers, b"", deadline=math.inf, replay_safe=True, quiet=True
            )
            stream = stream_of(response)
        finally:
            self._listening.set()
        return self._heard(stream)

    async def _heard(self, response: Response) -> AsyncGenerator[str, None]:
        async with aclosing(messages(response, self._limits)) as stream:
            async for message in stream:
                if (change := change_in(message)) is not None:
                    yield change
                else:
                    self._conversation.take(message, _size(message))

    async def _meet(self) -> None:
        """The server has no such stream any more: it has forgotten the session, which the next call finds out."""

    # --- what it is told

    async def _send(
        self,
        message: bytes,
        deadline: float,
        headers: Sequence[Header] = (),
        *,
        replay_safe: bool = False,
        id_: int | None = None,
    ) -> None:
        if id_ is not None:
            exchange = self._exchange(id_, message, headers, replay_safe=replay_safe)
            self._exchanges[id_] = self._tasks.spawn(exchange, f"call {self._name}")
            return
        response = await self._post(message, deadline, headers, replay_safe=replay_safe)
        await response.read(self._limits.max_message_bytes)
        if response.status >= 400:
            raise SessionLost(response.status)

    async def _post(
        self, message: bytes, deadline: float, extra: Sequence[Header], *, replay_safe: bool = False, quiet: bool = False
    ) -> Response:
        headers = [*legacy_headers(self._own, self._version, self._session), *besides(self._own, extra)]
        return await self._pool.send(
            b"POST", self._pool.origin.target, headers, message, deadline=deadline, replay_safe=replay_safe, quiet=quiet
        )

    def _given_up(self, id_: int) -> None:
        if (exchange := self._exchanges.get(id_)) is not None:
            exchange.cancel()


def _size(message: Message) -> int:
    """Bytes that a message takes while it waits, near enough."""
    return sum(memoryview(value).nbytes for value in message.members.values())
