"""A server behind an HTTP endpoint, whichever era it speaks."""

import asyncio
import functools
from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable, Sequence
from contextlib import suppress

from ..config import Limits
from ..errors import UNREACHED, Reason, UpstreamError
from ..wire.envelope import raw
from ..wire.errors import RpcError
from ..wire.revisions import IS_MODERN, Era
from .bridging import UPDATED, error_in
from .http import HttpPool
from .http_exchange import Header, SessionLost
from .http_legacy import LegacyHttp
from .http_modern import ModernHttp
from .http_session import HttpSession
from .http_sse import HttpSse
from .listening import KINDS, announced, listen
from .own_sessions import MAX_SESSIONS, OwnSession, OwnSessions
from .peer import Attending, Call, Caller, Changed, Hello, Reply
from .single_flight import SingleFlight
from .subscriptions import MAX_SUBSCRIPTIONS, Stop, Subscriptions
from .tasks import Tasks
from .unheard_of import unless_unheard_of


def _nothing() -> None:
    """The end of a stream that the next call notices."""


PERHAPS_OLDER = (400, 404, 405)
"""Statuses for `initialize` of a server that knows no Streamable HTTP (2025-11-25, basic/transports, backwards compatibility)."""

SESSION_SECONDS = 2.0
"""Time that a server gets to take note that a session is over."""


class HttpPeer:
    """See Peer. The era is found out once, on first need, and again after the server was lost."""

    def __init__(
        self,
        name: str,
        pool: HttpPool,
        headers: Sequence[Header],
        limits: Limits,
        tasks: Tasks,
        changed: Changed,
        attending: Attending | None = None,
    ) -> None:
        self.name = name
        self.pool = pool
        self._limits = limits
        self._tasks = tasks
        self._announce = changed
        self._subscriptions = Subscriptions(name, self._subscribe, tasks)
        self._headers = headers
        self._modern = ModernHttp(pool, headers, limits)
        self._legacy = LegacyHttp(pool, headers, limits, tasks, self._changed)
        self._hello: SingleFlight[Hello] = SingleFlight(f"connect {name}", tasks, self._negotiate)
        self._listener: asyncio.Task[None] | None = None
        self._met = False  # whether it has been negotiated with before
        self._pair: HttpSse | None = None  # in place of the other two
        self._own = OwnSessions(name, self._open_own, tasks, attending)
        self._streams: HttpPool | None = None
        self._following: set[asyncio.Task[None]] = set()
        self._is_dual = True
        """Whether a modern server may speak the legacy revisions, too: there it asks a legacy client in the client's own way."""

    @property
    def connected(self) -> bool:
        """See Peer."""
        return self._hello.value is not None

    @property
    def known(self) -> Hello | None:
        """What the server said, if it was asked and not lost since."""
        return self._hello.value

    @property
    def is_pair(self) -> bool:
        """Whether the server is known to speak the older HTTP+SSE pair, which cannot be passed through."""
        return self._pair is not None

    @property
    def connects(self) -> int:
        """See Peer."""
        return self._hello.made

    async def hello(self, deadline: float) -> Hello:
        """See Peer."""
        return await self._hello.get(deadline)

    async def call(self, call: Call) -> Reply:
        """See Peer. What the server refuses unread is sent once more after a new negotiation: it had no effect."""
        hello = self._hello.value or await self._hello.get(call.deadline)
        try:
            return await self._call(call, hello)
        except SessionLost:
            if hello.era is Era.LEGACY:
                await unless_unheard_of(call, lambda ping: self._common_call(ping, hello))
            self.lost(hello)
        except UpstreamError as error:
            if error.reason in UNREACHED and not (self._pair is not None and self._pair.alive):
                self.lost(hello)
            raise
        try:
            return await self._call(call, await self._hello.get(call.deadline))
        except SessionLost as lost:
            raise lost.fault() from None

    def lost(self, met: Hello | None = None) -> None:
        """The server is gone, or another one than before: negotiate again before the next call.

        `met` is what it said before: whoever finds out late that this holds no more says nothing of the server that came after.
        """
        if met is None or met is self._hello.value:
            self._hello.forget()

    async def subscribe(
        self, uri: str, told: Callable[[str], None], deadline: float, within: Call | None = None
    ) -> Callable[[], None]:
        """See Peer."""
        own = within is not None and within.session is not None and self._own.serve(within)
        if own and within is not None and (await self._hello.get(deadline)).era is Era.LEGACY:
            return await self._own.subscribe(within, uri, told, deadline)
        return await self._subscriptions.add(uri, told, deadline)

    def told(self, session: Hashable, notification: bytes) -> None:
        """See Peer."""
        self._own.told(session, notification)

    def left(self, session: Hashable) -> None:
        """See Peer."""
        self._own.left(session)

    async def aclose(self, grace: float) -> None:
        """See Peer."""
        deadline = asyncio.get_running_loop().time() + min(SESSION_SECONDS, grace)
        await self._own.aclose(deadline)
        if self._streams is not None:
            await self._streams.aclose()
        if self._listener is not None:
            self._listener.cancel()
        if self._pair is not None:
            self._pair.close()
        with suppress(UpstreamError):  # one that is gone will time the session out itself
            await self._legacy.end(deadline)
        await self.pool.aclose()

    def _call(self, call: Call, hello: Hello) -> Awaitable[Reply]:
        if call.capabilities and self._own.serve(call) and (hello.era is Era.LEGACY or (call.era is Era.LEGACY and self._is_dual)):
            return self._own_call(call, hello)
        return self._modern.call(call) if hello.era is IS_MODERN else self._common_call(call, hello)

    def _common_call(self, call: Call, hello: Hello) -> Awaitable[Reply]:
        """In the session that all share, or in none."""
        return self._modern.call(call) if hello.era is IS_MODERN else (self._pair or self._legacy).call(call)

    async def _own_call(self, call: Call, hello: Hello) -> Reply:
        try:
            return await self._own.call(call)
        except UpstreamError:
            if hello.era is Era.LEGACY or self._is_dual:
                raise
        return await self._common_call(call, hello)

    async def _open_own(self, caller: Caller, updated: Callable[[str], None]) -> OwnSession:
        """A session for `caller` alone; `updated` is told the URI of each resource that changes in it."""

        def changed(kind: str) -> None:
            if kind.startswith(UPDATED):
                updated(kind.removeprefix(UPDATED))
            else:
                self._changed(kind)

        deadline = asyncio.get_running_loop().time() + self._limits.discovery_seconds
        common = (self.name, self._pool_of_streams(), self._headers, self._limits, self._tasks, changed)
        try:
            if self._pair is None:
                session = HttpSession(*common, caller)
                await session.initialize(deadline)
                return session
            pair = HttpSse(*common, _nothing, caller)
            opened = await pair.initialize(deadline)
        except UpstreamError as error:
            hello = self._hello.value
            if hello is not None and hello.era is Era.MODERN and error.reason in (Reason.INVALID, Reason.UNSUPPORTED):
                self._is_dual = False
            else:
                self.lost()  # perhaps it is another server by now
            raise
        if opened is None:
            self.lost()
            raise UpstreamError(Reason.INVALID, "opens no stream any more")
        return pair

    async def _negotiate(self) -> Hello:
        """Modern if the server says so when asked; otherwise the handshake (2026-07-28, basic/versioning)."""
        deadline = asyncio.get_running_loop().time() + self._limits.discovery_seconds
        if self._pair is not None:
            self._pair.close()
            self._pair = None
        hello = await self._modern.discover(deadline) or await self._handshake(deadline)
        self._own.clear()
        self._is_dual = True
        if self._listener is not None:
            self._listener.cancel()
            self._listener = None
        if self._met:
            for kind in KINDS:  # perhaps another server than before, and at least some time has gone by unheard
                self._changed(kind)
            for following in self._following:
                following.cancel()
            self._following.clear()
            self._subscriptions.again()
        self._met = True
        if self._pair is not None:
            pass  # changes come on the stream that its answers come on
        elif hello.era is Era.LEGACY:  # many announce changes without having said so; those who do not refuse the stream
            self._listen(self._legacy.changes, KINDS)
        elif kinds := announced(hello):
            self._listen(functools.partial(self._modern.changes, kinds), kinds)
        return hello

    def _changed(self, kind: str) -> None:
        if kind.startswith(UPDATED):
            self._subscriptions.updated(kind.removeprefix(UPDATED))
        else:
            self._announce(kind)

    async def _subscribe(self, uri: str) -> Stop | RpcError:
        """Have the server announce changes of `uri`: in the session that all share, or on a stream of its own."""
        deadline = asyncio.get_running_loop().time() + self._limits.discovery_seconds
        hello = await self._hello.get(deadline)
        if hello.era is Era.MODERN:
            return await self._follow(uri, deadline)
        try:
            answer = await (self._pair or self._legacy).ask("resources/subscribe", {"uri": raw(uri)}, deadline)
        except SessionLost as lost:
            self.lost()
            raise lost.fault() from None
        return error_in(answer) or functools.partial(self._unsubscribe, uri)

    async def _follow(self, uri: str, deadline: float) -> Stop | RpcError:
        first = await self._modern.updates(uri, self._pool_of_streams(), deadline)
        if isinstance(first, RpcError):
            return first
        streams = [first]

        async def open_() -> AsyncGenerator[str, None]:
            if streams:
                return streams.pop()
            deadline = asyncio.get_running_loop().time() + self._limits.discovery_seconds
            stream = await self._modern.updates(uri, self._pool_of_streams(), deadline)
            if isinstance(stream, RpcError):
                raise UpstreamError(Reason.UNSUPPORTED, stream.message)
            return stream

        following = self._tasks.spawn(listen(open_, (UPDATED + uri,), self._changed, self._meet), f"follow at {self.name}")

        self._following.add(following)

        def stop() -> None:
            self._following.discard(following)
            following.cancel()

        return stop

    def _unsubscribe(self, uri: str) -> None:
        async def tell() -> None:
            deadline = asyncio.get_running_loop().time() + self._limits.connect_seconds
            with suppress(UpstreamError, SessionLost):  # what the server has forgotten needs no end
                await (self._pair or self._legacy).ask("resources/unsubscribe", {"uri": raw(uri)}, deadline)

        with suppress(RuntimeError):  # the gateway is closing, and the session ends with it
            self._tasks.spawn(tell(), f"unsubscribe at {self.name}")

    def _pool_of_streams(self) -> HttpPool:
        """For what lasts long, and must not take the connections of everyone's calls."""
        if self._streams is None:
            self._streams = HttpPool(self.pool.origin, limits=self._limits, max_connections=4 * MAX_SESSIONS + MAX_SUBSCRIPTIONS)
        return self._streams

    def _listen(self, changes: Callable[[], Awaitable[AsyncGenerator[str, None]]], kinds: Sequence[str]) -> None:
        self._listener = self._tasks.spawn(listen(changes, kinds, self._changed, self._meet), f"listen {self.name}")

    async def _meet(self) -> None:
        self.lost()
        await self.hello(asyncio.get_running_loop().time() + self._limits.discovery_seconds)

    async def _handshake(self, deadline: float) -> Hello:
        try:
            return await self._legacy.initialize(deadline)
        except UpstreamError as error:
            if error.status not in PERHAPS_OLDER:
                raise
            pair = HttpSse(self.name, self.pool, self._headers, self._limits, self._tasks, self._changed, self.lost)
            hello = await pair.initialize(deadline)
            if hello is None:
                raise
            self._pair = pair
            return hello
