"""Sessions of legacy clients with this process."""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from msgspec import Raw

from ..upstream.peer import Answer
from ..wire.envelope import Members
from .streams import Endless

PREFIX = f"mcp-stack.{secrets.token_hex(6)}."
"""Marks a session id as this process's; any other one belongs to a server behind a relay, which may be such a proxy itself."""
IDLE_SECONDS = 1800.0
MAX_SESSIONS = 10_000
LOOKS = 16
"""Sessions that are looked at for one that may be closed, before one that only listens has to go."""


class Listening(Endless, Protocol):
    """A client's open stream."""

    def tell(self, kind: str) -> None:
        """Something of `kind` changed."""
        ...


@dataclass(slots=True, eq=False)
class Session:
    """What a handshake agreed on."""

    id: str
    owner: object
    """The endpoint that it was opened at, and the only one that it is good for."""
    version: str
    client: Raw | None
    subject: str | None = None
    """Who opened it, and the only one who may use it; None where nobody is asked."""
    log_level: str = "info"
    """Least severe log message that the client sees; `info` until it says otherwise (2025-11-25, server/utilities/logging)."""
    used: float = 0.0
    calls: dict[bytes, Callable[[], None]] = field(default_factory=dict[bytes, Callable[[], None]])
    """Calls in flight: JSON-RPC id -> how to cancel."""
    streams: dict[Listening, None] = field(default_factory=dict[Listening, None])
    """Open ones, the newest last."""
    subscriptions: dict[str, Callable[[], None]] = field(default_factory=dict[str, Callable[[], None]])
    """Resources whose changes its client wants to hear of: URI -> how to end that."""
    over: bool = False
    capabilities: Members = field(default_factory=dict[str, Raw])
    """What its client has declared that it answers."""
    questions: dict[str, Callable[[Answer], None]] = field(default_factory=dict[str, Callable[[Answer], None]])
    """What it has been asked and has not answered yet: our id -> where the answer goes."""

    @property
    def busy(self) -> bool:
        """Whether somebody waits for it at this moment."""
        return bool(self.streams or self.calls)

    def tell(self, kind: str) -> None:
        """Something changed that this client alone has asked for. Without a stream there is nobody to tell."""
        stream = next(reversed(self.streams), None)
        if stream is not None:
            stream.tell(kind)

    def listens(self, stream: Endless) -> bool:
        """Whether `stream` is the one that notifications go to: each goes to one stream only (2025-11-25, basic/transports)."""
        return next(reversed(self.streams), None) is stream


class Sessions:
    """Bounded in number and idle time; the one unused for longest makes room, except where a call is in flight."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, ended: Callable[[str], None] | None = None) -> None:
        """`ended` is told the id of each session that is over."""
        self._clock = clock
        self._ended = ended
        self._sessions: OrderedDict[str, Session] = OrderedDict()

    def __len__(self) -> int:
        return len(self._sessions)

    def open(self, owner: object, version: str, client: Raw | None, subject: str | None = None) -> Session:
        """A new session of `subject` with the endpoint `owner`."""
        self._expire(MAX_SESSIONS - 1)
        session = Session(PREFIX + secrets.token_urlsafe(24), owner, version, client, subject, used=self._clock())
        self._sessions[session.id] = session
        return session

    def get(self, owner: object, id_: str, subject: str | None = None) -> Session | None:
        """The session of `subject` with `owner`, which counts as used now; None if there is none, not any more, or not for them."""
        self._expire(MAX_SESSIONS)
        session = self._sessions.get(id_)
        now = self._clock()
        if session is None or session.owner is not owner or session.subject != subject:
            return None
        if now - session.used >= IDLE_SECONDS and not session.busy:
            return None
        session.used = now
        self._sessions.move_to_end(id_)
        return session

    def close(self, session: Session) -> None:
        """End it, and what is open in it."""
        self._sessions.pop(session.id, None)
        for stream in tuple(session.streams):
            stream.end()
        for cancel in tuple(session.calls.values()):
            cancel()
        session.over = True
        for stop in session.subscriptions.values():
            stop()
        session.subscriptions.clear()
        if self._ended is not None:
            self._ended(session.id)

    def _expire(self, most: int) -> None:
        """Close what has been idle for too long, and what is more than `most`: in the order of use, at a constant cost."""
        now = self._clock()
        for _ in range(LOOKS):
            session = next(iter(self._sessions.values()), None)
            if session is None or (now - session.used < IDLE_SECONDS and len(self._sessions) <= most):
                return
            if session.busy:
                session.used = now
                self._sessions.move_to_end(session.id)
            else:
                self.close(session)
        if len(self._sessions) > most:
            session = next(iter(self._sessions.values()))
            if not session.calls:
                self.close(session)  # its client hears 404, and begins again
