"""How long a connection may let us wait, by what it lets us wait for."""

from enum import Enum

LOOK = 5.0
"""Seconds between two looks at a connection."""


class Waiting(Enum):
    """What the next step depends on, and for how many looks it is waited for."""

    HEAD = "head"
    """The rest of a request's head. Bytes that come one by one count for nothing: a head is short."""
    BODY = "body"
    """The next piece of a request's body."""
    UNREAD = "unread"
    """The client, to read what was sent. It may read slowly, but not stop."""
    IDLE = "idle"
    """The next request."""
    NOT = "not"
    """Nothing of the client's: the response is in the making."""


SECONDS = {Waiting.HEAD: 30.0, Waiting.BODY: 30.0, Waiting.UNREAD: 30.0, Waiting.IDLE: 75.0}


class Patience:
    """Counts the looks at which a connection was found in the same state without progress."""

    def __init__(self) -> None:
        self._waiting = Waiting.NOT
        self._looks = 0
        self._unsent = 0

    def ends(self, waiting: Waiting, *, heard: bool, unsent: int) -> bool:
        """Whether it has been waited for long enough. `heard`: whether the client sent or read since the last look."""
        shrunk, self._unsent = unsent < self._unsent, unsent
        progress = shrunk or heard if waiting is Waiting.UNREAD else heard and waiting is not Waiting.HEAD
        self._looks = 0 if progress or waiting is not self._waiting else self._looks + 1
        self._waiting = waiting
        return self._looks * LOOK >= SECONDS.get(waiting, float("inf"))
