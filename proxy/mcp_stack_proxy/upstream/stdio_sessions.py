"""A stdio server that keeps state for its client: a process for each client session, and one for what belongs to no session."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import suppress

from ..errors import Reason, UpstreamError
from .peer import Call, Hello, Reply
from .stdio_peer import StdioPeer
from .tasks import Tasks
from .vitals import Counters, Vitals, together

LEAVE_SECONDS = 5.0
"""Time that the process of a session that is over gets to end by itself."""


class StdioSessions:
    """See Peer. At most `most` processes of sessions: the one unused for longest makes room, except where somebody waits for it.

    A session whose process made room gets a new one with its next call, which knows nothing of what was before.
    """

    def __init__(self, make: Callable[[Call | None, Counters], StdioPeer], most: int, tasks: Tasks) -> None:
        """`make` builds the peer of a session for its first call, which tells what the client is; of None for no session."""
        self._make = make
        self._most = most
        self._tasks = tasks
        self._counters = Counters()
        self._common = make(None, self._counters)
        self._sessions: OrderedDict[Hashable, StdioPeer] = OrderedDict()

    @property
    def connected(self) -> bool:
        """See Peer."""
        return self._common.connected or any(peer.connected for peer in self._sessions.values())

    @property
    def connects(self) -> int:
        """Times that the process for no session was negotiated with; those of sessions come and go."""
        return self._common.connects

    def vitals(self) -> Vitals:
        """All processes in numbers."""
        return together([self._common.vitals(), *(peer.vitals() for peer in self._sessions.values())], self._counters)

    async def hello(self, deadline: float) -> Hello:
        """See Peer."""
        return await self._common.hello(deadline)

    async def call(self, call: Call) -> Reply:
        """See Peer."""
        peer = self._common if call.session is None else self._of(call.session, call)
        return await peer.call(call)

    async def subscribe(
        self, uri: str, told: Callable[[str], None], deadline: float, within: Call | None = None
    ) -> Callable[[], None]:
        """See Peer."""
        peer = self._common if within is None or within.session is None else self._of(within.session, within)
        return await peer.subscribe(uri, told, deadline)

    def told(self, session: Hashable, notification: bytes) -> None:
        """See Peer."""
        if (peer := self._sessions.get(session)) is not None:
            peer.told(session, notification)

    def left(self, session: Hashable) -> None:
        """`session` is over, and its process with it."""
        if (peer := self._sessions.pop(session, None)) is not None:
            self._end(peer)

    async def aclose(self, grace: float) -> None:
        """See Peer."""
        peers = [self._common, *self._sessions.values()]
        self._sessions.clear()
        async with asyncio.TaskGroup() as group:
            for peer in peers:
                group.create_task(peer.aclose(grace))

    def _of(self, session: Hashable, call: Call) -> StdioPeer:
        if (peer := self._sessions.get(session)) is not None:
            self._sessions.move_to_end(session)
            return peer
        if len(self._sessions) >= self._most:
            self._make_room()
        peer = self._sessions[session] = self._make(call, self._counters)
        return peer

    def _make_room(self) -> None:
        oldest = next((session for session, peer in self._sessions.items() if not peer.busy), None)
        if oldest is None:
            what = f"runs {self._most} processes for as many sessions, each with a call in flight"
            hint = "ask again later, or raise `process.max_sessions`"
            raise UpstreamError(Reason.UNREACHABLE, what, retryable=True, hint=hint)
        self.left(oldest)

    def _end(self, peer: StdioPeer) -> None:
        with suppress(RuntimeError):  # the gateway is closing, and ends everything itself
            self._tasks.spawn(peer.aclose(LEAVE_SECONDS), f"end a session's process of {peer.name}")
