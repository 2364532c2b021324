"""Sessions with a legacy server for clients that it may ask something: one for each, opened on first need."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from msgspec.structs import replace

from ..errors import Reason, UpstreamError
from ..wire.envelope import encode, raw
from ..wire.errors import RpcError
from ..wire.questions import MAY_ASK, legacy_capabilities
from .bridging import error_of
from .http_exchange import SessionLost
from .peer import Answer, Attending, Call, Caller, Parts, Reply, answer_of
from .single_flight import SingleFlight
from .subscriptions import RENEWAL, Stop, Subscriptions, Told
from .tasks import Tasks
from .unheard_of import unless_unheard_of

_OFFERED = MAY_ASK | {"tools/list", "prompts/list", "resources/list", "resources/templates/list", "completion/complete"}
"""What a server may make depend on what its client can be asked."""

MAX_SESSIONS = 1000
"""Open at once with one server. The one unused for longest makes room; where all are in use, a new client is refused."""
IDLE_SECONDS = 600.0
"""Without a call, after which a session is closed. The client's next call opens another."""
SWEEP = 30.0
"""Seconds between two looks for idle ones."""
FAREWELL = 2.0
"""Seconds that a server gets to take note that a session is over."""


class OwnSession(Protocol):
    """A session that is one client's alone."""

    async def call(self, call: Call) -> Reply:
        """See Peer; SessionLost means that the server has forgotten the session and did not act."""
        ...

    def tell(self, notification: bytes) -> None:
        """Pass on what the client says."""
        ...

    async def end(self, deadline: float) -> None:
        """Close it, and tell the server where there is a way."""
        ...


class OwnSessions:
    """Those with one server.

    A client with a session of its own here has one there, too. Of a client without (a modern one) each call has a session to itself
    while it lasts, so that no question ever has two calls to choose from; afterwards it serves the next call of the same caller.
    """

    def __init__(
        self,
        name: str,
        open_: Callable[[Caller, Told], Awaitable[OwnSession]],
        tasks: Tasks,
        attending: Attending | None = None,
    ) -> None:
        """`open_` opens one, which tells the URI of each resource that changes in it; `attending` asks clients outside of calls."""
        self._attending = attending
        self._name = name
        self._open = open_
        self._tasks = tasks
        self._all: dict[_Held, None] = {}
        """The one used last is the last."""
        self._by_session: dict[Hashable, _Held] = {}
        self._resting: dict[Hashable, list[_Held]] = {}
        self._sweeping: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._all)

    @staticmethod
    def serve(call: Call) -> bool:
        """Whether `call` needs a session of its own: its caller can be asked something, and the server may act on that."""
        return bool(call.capabilities) and (call.session is not None or call.method in _OFFERED)

    async def call(self, call: Call) -> Reply:
        """See Peer."""
        held = self._held(call)
        held.calls += 1
        try:
            reply = await self._call(held, call)
        except BaseException:
            self._release(held)
            raise
        if isinstance(reply, Answer):
            self._release(held)
            return reply
        return self._parts(held, reply)

    async def subscribe(self, within: Call, uri: str, told: Told, deadline: float) -> Stop:
        """See Peer, in the session of `within`."""
        return await self._held(within).subscriptions.add(uri, told, deadline)

    def told(self, session: Hashable, notification: bytes) -> None:
        """The client says something that concerns no call."""
        held = self._by_session.get(session)
        if held is not None and held.flight.value is not None:
            held.flight.value.tell(notification)

    def left(self, session: Hashable) -> None:
        """The client has ended its session."""
        if (held := self._by_session.get(session)) is not None:
            self._close(held)

    def clear(self) -> None:
        """Close all: the server is another than before. Those in use serve the calls that they have, and no other.

        A client that follows resources keeps its place: what is opened next there is asked to announce them again.
        """
        for held in tuple(self._all):
            if len(held.subscriptions):
                if not held.calls and held.flight.value is not None:
                    self._forget(held, held.flight.value)
                held.subscriptions.again()
            elif not held.calls:
                self._close(held)
            elif held.flight.value is not None:  # one that is just being opened is perhaps the new server's
                self._leave_out(held)

    async def aclose(self, deadline: float) -> None:
        """Close all, and wait until the server has been told."""
        if self._sweeping is not None:
            self._sweeping.cancel()
        for held in self._all:
            held.over = True
        open_ = [held.flight.value for held in self._all if held.flight.value is not None]
        self._all.clear()
        await asyncio.gather(*(session.end(deadline) for session in open_))

    async def _call(self, held: "_Held", call: Call) -> Reply:
        session = await held.flight.get(call.deadline)
        try:
            return await session.call(call)
        except SessionLost:
            await unless_unheard_of(call, session.call)
            self._forget(held, session)
        try:
            return await (await held.flight.get(call.deadline)).call(call)
        except SessionLost as lost:
            raise lost.fault() from None

    async def _parts(self, held: "_Held", reply: Parts) -> Parts:
        try:
            async with aclosing(reply) as parts:
                async for part in parts:
                    yield part
        finally:
            self._release(held)

    def _held(self, call: Call) -> "_Held":
        if call.session is not None:
            held = self._by_session.get(call.session)
            key: Hashable = call.session
        else:
            key = (call.subject, encode(call.capabilities), bytes(call.client or b""))
            resting = self._resting.get(key)
            held = resting.pop() if resting else None
            if not resting:
                self._resting.pop(key, None)
        if held is None:
            self._make_room()
            ask = None if call.session is None or self._attending is None else partial(self._attending.ask, call.session)
            caller = Caller(legacy_capabilities(call.capabilities), call.client, ask)

            held = new = _Held(key, call.session is None)
            new.subscriptions = Subscriptions(self._name, partial(self._begin, new, call), self._tasks)

            async def open_() -> OwnSession:
                session = await self._open(caller, new.subscriptions.updated)
                if new.over:
                    await session.end(asyncio.get_running_loop().time() + FAREWELL)
                    raise UpstreamError(Reason.UNREACHABLE, "was left by the client", retryable=True)
                if new.opened:
                    new.subscriptions.again()
                new.opened = True
                return session

            held.flight = SingleFlight(f"open a session with {self._name}", self._tasks, open_)
            if not held.alone:
                self._by_session[key] = held
        self._all.pop(held, None)
        self._all[held] = None
        return held

    async def _begin(self, held: "_Held", within: Call, uri: str) -> Stop | RpcError:
        """Have the server announce changes of `uri` in the session of `within`."""
        answer = await answer_of(await self.call(_about(within, "resources/subscribe", uri)))
        if answer.is_error:
            return error_of(answer.value)

        async def stop() -> None:
            if held in self._all:
                with suppress(UpstreamError, RpcError):  # what the server has forgotten needs no end
                    await answer_of(await self.call(_about(within, "resources/unsubscribe", uri)))

        def begin_to_stop() -> None:
            with suppress(RuntimeError):  # the gateway is closing, and the session ends with it
                self._tasks.spawn(stop(), f"unsubscribe at {self._name}")

        return begin_to_stop

    def _release(self, held: "_Held") -> None:
        held.calls -= 1
        held.used = asyncio.get_running_loop().time()
        if held not in self._all:
            if not held.calls and held.flight.value is not None:
                self._forget(held, held.flight.value)
            return
        if held.flight.value is None:
            if not held.calls:
                self._close(held)  # nothing was opened: there is nothing to keep
            return
        if held.alone:
            self._resting.setdefault(held.key, []).append(held)
        if self._sweeping is None:
            self._sweeping = asyncio.get_running_loop().call_later(SWEEP, self._sweep)

    def _make_room(self) -> None:
        if len(self._all) < MAX_SESSIONS:
            return
        unused = [held for held in self._all if not held.calls]
        idle = next((held for held in unused if not len(held.subscriptions)), None) or next(iter(unused), None)
        if idle is None:
            hint = "ask again when some of their calls are done"
            text = f"has {MAX_SESSIONS} sessions of clients that it may ask, and all are in use"
            raise UpstreamError(Reason.UNREACHABLE, text, retryable=True, hint=hint)
        self._close(idle)

    def _sweep(self) -> None:
        now = asyncio.get_running_loop().time()
        for held in tuple(self._all):
            if not held.calls and not len(held.subscriptions) and now - held.used >= IDLE_SECONDS:
                self._close(held)
        self._sweeping = asyncio.get_running_loop().call_later(SWEEP, self._sweep) if self._all else None

    def _close(self, held: "_Held") -> None:
        held.over = True
        self._leave_out(held)
        if held.flight.value is not None:
            self._forget(held, held.flight.value)

    def _leave_out(self, held: "_Held") -> None:
        self._all.pop(held, None)
        if self._by_session.get(held.key) is held:
            del self._by_session[held.key]
        if (resting := self._resting.get(held.key)) and held in resting:
            resting.remove(held)
            if not resting:
                del self._resting[held.key]

    def _forget(self, held: "_Held", session: OwnSession) -> None:
        if held.flight.value is session:
            held.flight.forget()
            self._tasks.spawn(session.end(asyncio.get_running_loop().time() + FAREWELL), f"end a session with {self._name}")


def _about(within: Call, method: str, uri: str) -> Call:
    """A request of ours about resource `uri`, for the client of `within`."""
    deadline = asyncio.get_running_loop().time() + RENEWAL
    return replace(within, method=method, params={"uri": raw(uri)}, deadline=deadline)


@dataclass(slots=True, eq=False)
class _Held:
    """A session, open or being opened."""

    key: Hashable
    alone: bool
    """Whether it serves one call at a time."""
    flight: SingleFlight[OwnSession] = field(init=False)
    subscriptions: Subscriptions = field(init=False)
    opened: bool = False
    """Whether it was open before: what the server has been asked to announce, it has to be asked again."""
    calls: int = 0
    used: float = 0.0
    over: bool = False
    """Whether nobody is to use it any more."""
