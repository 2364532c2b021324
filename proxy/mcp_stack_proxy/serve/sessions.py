"""Sessions of legacy clients. What a session has to know is sealed in its id; a process keeps only what is going on in it."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from msgspec import Raw

from ..upstream.peer import Answer
from ..wire.envelope import Members
from ..wire.questions import declared
from ..wire.sealing import Keyring
from ..wire.session_ids import MAX_UPSTREAM, SessionState, bounded_capabilities, bounded_client, session_ids
from .streams import Endless

LIFE_SECONDS = 7 * 86400.0
"""Age at which a session is over, wherever it is used: a key has to be kept for as long."""
IDLE_SECONDS = 1800.0
MAX_SESSIONS = 10_000
MAX_OPENED = 10_000
"""Ids that need not be opened again."""
MAX_ENDED = 20_000
LOOKS = 16
"""Sessions that are looked at for one that may be forgotten, before one that only listens has to go."""


class Owner(Protocol):
    """An endpoint's offer."""

    @property
    def name(self) -> str | None:
        """Server's name; None where there are many."""
        ...


class Listening(Endless, Protocol):
    """A client's open stream."""

    def say(self, frames: bytes) -> None:
        """Write `frames` as soon as the client reads."""
        ...

    def tell(self, kind: str) -> None:
        """Something of `kind` changed."""
        ...


@dataclass(slots=True, eq=False)
class Session:
    """What goes on in one session, in this process."""

    id: str
    state: SessionState
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
    questions: dict[str, Callable[[Answer], None]] = field(default_factory=dict[str, Callable[[Answer], None]])
    """What it has been asked and has not answered yet: our id -> where the answer goes."""
    elsewhere: dict[str, None] = field(default_factory=dict[str, None])
    """Addresses of replicas that serve it, too. Known to the one that opened it."""
    announced: bool = False
    """Whether the replica that opened it has been asked about it."""

    @property
    def version(self) -> str:
        """Revision that was agreed on."""
        return self.state.version

    @property
    def subject(self) -> str | None:
        """Who opened it, and the only one who may use it; None where nobody is asked."""
        return self.state.subject

    @property
    def client(self) -> Raw | None:
        """The client's `clientInfo`, as far as the id carries it."""
        return Raw(self.state.client) if self.state.client else None

    @property
    def capabilities(self) -> Members:
        """What its client has declared that it answers, as far as the id carries it."""
        return declared(self.state.capabilities)

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
    """Bounded in number and idle time. One that is forgotten here is not over: its id brings it back."""

    def __init__(
        self,
        keys: Keyring,
        home: str = "",
        clock: Callable[[], float] = time.time,
        ended: Callable[[str], None] | None = None,
    ) -> None:
        """`ended` is told the id of each session that is over, or forgotten here."""
        self._keys = keys
        self._seal = session_ids(keys)
        self._home = home
        self._clock = clock
        self._tell = ended
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._opened: OrderedDict[str, SessionState] = OrderedDict()
        self._opened_by = keys.generation
        self._ended: OrderedDict[bytes, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._sessions)

    def open(
        self, owner: Owner, version: str, client: Raw | None, subject: str | None = None, capabilities: Raw | None = None
    ) -> Session:
        """A new session of `subject` with the endpoint of `owner`."""
        told = bounded_client(client), bounded_capabilities(capabilities)
        state = SessionState(owner.name or "", version, subject, self._clock(), self._home, *told)
        return self._begin(self._seal.seal(state), state)

    def wrap(self, owner: Owner, upstream: str, subject: str | None = None) -> str | None:
        """Id for a session that the server behind `owner` has opened as `upstream`; None where that is too long to be carried."""
        if len(upstream) > MAX_UPSTREAM:
            return None
        state = SessionState(owner.name or "", "", subject, self._clock(), self._home, upstream=upstream)
        return self._remember(self._seal.seal(state), state)

    def state(self, owner: Owner, id_: str, subject: str | None = None) -> SessionState | None:
        """What `id_` stands for; None if it is forged, over, somebody else's or another endpoint's: all of them look the same."""
        if self._opened_by != self._keys.generation:
            self._opened.clear()
            self._opened_by = self._keys.generation
        state = self._opened.get(id_)
        if state is None:
            state = self._seal.open(id_)
            if state is None or _digest(id_) in self._ended:
                return None
            self._remember(id_, state)
        if state.subject != subject or state.endpoint != (owner.name or "") or self._clock() - state.issued >= LIFE_SECONDS:
            return None
        return state

    def get(self, owner: Owner, id_: str, subject: str | None = None) -> Session | None:
        """The session that `id_` stands for, which counts as used now; None as `state`, and for one with the server behind."""
        state = self.state(owner, id_, subject)
        if state is None or state.upstream is not None:
            return None
        session = self._sessions.get(id_)
        if session is None:
            return self._begin(id_, state)
        session.used = self._clock()
        self._sessions.move_to_end(id_)
        self._forget(MAX_SESSIONS)
        return session

    def here(self, id_: str) -> Session | None:
        """What goes on in session `id_` in this process; None where nothing does. It does not count as used."""
        return self._sessions.get(id_)

    def end(self, id_: str) -> None:
        """No session goes by `id_` any more, in this process."""
        self._opened.pop(id_, None)
        self._ended[_digest(id_)] = now = self._clock()
        while len(self._ended) > MAX_ENDED or now - next(iter(self._ended.values())) >= LIFE_SECONDS:
            self._ended.popitem(last=False)

    def close(self, session: Session) -> None:
        """End it, and what is open in it."""
        self.end(session.id)
        self._drop(session)

    def _begin(self, id_: str, state: SessionState) -> Session:
        self._forget(MAX_SESSIONS - 1)
        session = self._sessions[id_] = Session(self._remember(id_, state), state, used=self._clock())
        return session

    def _remember(self, id_: str, state: SessionState) -> str:
        self._opened[id_] = state
        if len(self._opened) > MAX_OPENED:
            self._opened.popitem(last=False)
        return id_

    def _drop(self, session: Session) -> None:
        self._sessions.pop(session.id, None)
        for stream in tuple(session.streams):
            stream.end()
        for cancel in tuple(session.calls.values()):
            cancel()
        session.over = True
        for stop in session.subscriptions.values():
            stop()
        session.subscriptions.clear()
        if self._tell is not None:
            self._tell(session.id)

    def _forget(self, most: int) -> None:
        """Drop what has been idle for too long, and what is more than `most`: in the order of use, at a constant cost."""
        now = self._clock()
        for _ in range(LOOKS):
            session = next(iter(self._sessions.values()), None)
            if session is None or (now - session.used < IDLE_SECONDS and len(self._sessions) <= most):
                return
            if session.busy:
                session.used = now
                self._sessions.move_to_end(session.id)
            else:
                self._drop(session)
        if len(self._sessions) > most:
            session = next(iter(self._sessions.values()))
            if not session.calls:
                self._drop(session)  # its client's stream ends, and can be opened again


def _digest(id_: str) -> bytes:
    return hashlib.blake2b(id_.encode(), digest_size=16).digest()
