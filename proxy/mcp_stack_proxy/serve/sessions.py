"""Sessions of legacy clients with this process."""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from msgspec import Raw

from .streams import Stream

PREFIX = f"mcp-stack.{secrets.token_hex(6)}."
"""Marks a session id as this process's; any other one belongs to a server behind a relay, which may be such a proxy itself."""
IDLE_SECONDS = 1800.0
MAX_SESSIONS = 10_000


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
    streams: set[Stream] = field(default_factory=set[Stream])


class Sessions:
    """Bounded in number and idle time; the one unused for longest makes room."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sessions: OrderedDict[str, Session] = OrderedDict()

    def __len__(self) -> int:
        return len(self._sessions)

    def open(self, owner: object, version: str, client: Raw | None, subject: str | None = None) -> Session:
        """A new session of `subject` with the endpoint `owner`."""
        self._expire()
        session = Session(PREFIX + secrets.token_urlsafe(24), owner, version, client, subject, used=self._clock())
        self._sessions[session.id] = session
        return session

    def get(self, owner: object, id_: str, subject: str | None = None) -> Session | None:
        """The session of `subject` with `owner`, which counts as used now; None if there is none, not any more, or not for them."""
        self._expire()
        session = self._sessions.get(id_)
        if session is None or session.owner is not owner or session.subject != subject:
            return None
        session.used = self._clock()
        self._sessions.move_to_end(id_)
        return session

    def close(self, session: Session) -> None:
        """End it, and what is open in it."""
        self._sessions.pop(session.id, None)
        for stream in session.streams:
            stream.close()
        for cancel in tuple(session.calls.values()):
            cancel()

    def _expire(self) -> None:
        oldest = self._clock() - IDLE_SECONDS
        while self._sessions:
            session = next(iter(self._sessions.values()))
            if session.streams or session.calls:
                session.used = self._clock()
                self._sessions.move_to_end(session.id)
                if all(other.streams or other.calls for other in self._sessions.values()):
                    return
            elif session.used < oldest or len(self._sessions) >= MAX_SESSIONS:
                self.close(session)
            else:
                return
