"""Sessions of legacy clients with a server behind a relay, each bound to who opened it."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence

from ..config import Limits
from ..upstream.http_peer import HttpPeer
from ..wire.envelope import Message
from ..wire.headers import SESSION
from .http import Header, Refusal, Request, Responder
from .relay import Refused, Relay
from .sessions import IDLE_SECONDS, MAX_SESSIONS
from .streams import Streams


class Owners:
    """Which subject opened which session. Bounded like our own sessions; the one unused for longest makes room."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sessions: OrderedDict[bytes, tuple[str | None, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._sessions)

    def opened(self, session: bytes, subject: str | None) -> None:
        """`subject` has opened `session`. One that is somebody else's already stays so."""
        self._expire(MAX_SESSIONS - 1)
        self._sessions.setdefault(session, (subject, self._clock()))

    def owns(self, session: bytes, subject: str | None) -> bool:
        """Whether `session` is `subject`'s, which counts as use."""
        self._expire(MAX_SESSIONS)
        owner, _ = self._sessions.get(session, (None, 0.0))
        if owner is None or owner != subject:
            return False
        self._sessions[session] = (owner, self._clock())
        self._sessions.move_to_end(session)
        return True

    def _expire(self, most: int) -> None:
        oldest = self._clock() - IDLE_SECONDS
        while self._sessions:
            session, (_, used) = next(iter(self._sessions.items()))
            if used >= oldest and len(self._sessions) <= most:
                return
            del self._sessions[session]


class BoundRelay(Relay):
    """Passes a session's requests on only for the principal that opened it; to everyone else there is no such session.

    A session id is no credential (2025-11-25, basic/security_best_practices, session hijacking), and the server behind
    knows us alone, so that it cannot tell callers apart.
    """

    def __init__(self, peer: HttpPeer, own: Iterable[Header], limits: Limits, streams: Streams) -> None:
        super().__init__(peer, own, limits, streams)
        self._owners = Owners()

    async def _forward(self, request: Request, message: Message | None, body: bytes, refused: Refused | None) -> bool:
        """See Relay; Refusal 404 for a session of somebody else, or of a process before this one."""
        shown = [value for name, value in request.raw_headers if name == SESSION]
        if len(shown) > 1:
            raise Refusal(400, "send one Mcp-Session-Id")
        if shown and not self._owners.owns(shown[0], request.subject):
            raise Refusal(404, "Session not found: initialize again")
        if message is not None and message.method == "initialize":
            request.out = _Noting(request.out, lambda session: self._owners.opened(session, request.subject))
        return await super()._forward(request, message, body, refused)


class _Noting:
    """See Responder: learns which session the server opens."""

    def __init__(self, out: Responder, opened: Callable[[bytes], None]) -> None:
        self._out = out
        self._opened = opened
        self.part = out.part
        self.end = out.end

    async def whole(self, status: int, headers: Sequence[Header], body: bytes) -> None:
        self._note(status, headers)
        await self._out.whole(status, headers, body)

    async def begin(self, status: int, headers: Sequence[Header], first: bytes) -> None:
        self._note(status, headers)
        await self._out.begin(status, headers, first)

    def _note(self, status: int, headers: Sequence[Header]) -> None:
        if status < 300:
            for name, value in headers:
                if name == SESSION:
                    self._opened(value)
