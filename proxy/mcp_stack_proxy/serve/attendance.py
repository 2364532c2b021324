"""Clients that listen, as the servers behind reach them: one at a time, by the session of its calls."""

from collections.abc import Hashable, Iterable

from ..catalog.kinds import TOOLS
from ..upstream.peer import Question
from .asking import Asking
from .sessions import Session, Sessions


class Attendance:
    """See Attending. Of sessions that this process has, and whose client listens here."""

    def __init__(self, sessions: Sessions, asking: Asking, tools_alone: Iterable[str]) -> None:
        """`tools_alone` are names of endpoints that offer nothing else."""
        self._sessions = sessions
        self._asking = asking
        self._tools_alone = frozenset(tools_alone)

    def tell(self, session: Hashable, kind: str) -> None:
        """See Attending."""
        known = self._here(session)
        if known is not None and (kind == TOOLS.capability or known.state.endpoint not in self._tools_alone):
            known.tell(kind)

    def ask(self, session: Hashable, question: Question) -> bool:
        """See Attending."""
        known = self._here(session)
        return known is not None and self._asking.outside(known, question)

    def _here(self, session: Hashable) -> Session | None:
        return self._sessions.here(session) if isinstance(session, str) else None
