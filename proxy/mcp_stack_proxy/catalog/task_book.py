"""Who has made which task, as far as it went through this process.

A server takes us for one client: its own list would show the tasks of all our callers. So the list that a caller gets is made of
what is noted here (2025-11-25, basic/utilities/tasks, task isolation and access control).
"""

from collections import OrderedDict
from collections.abc import Collection, Hashable
from typing import NamedTuple, TypeAlias

from ..upstream.peer import Call

MAX_TASKS = 10_000
"""Tasks that are noted. Over that the oldest are forgotten; whoever has the id of one can still ask for it."""
MAX_OWN = 1000
"""Tasks of one caller that are noted."""

Owner: TypeAlias = tuple[str, Hashable]


class Made(NamedTuple):
    """One task."""

    server: str
    tool: str
    """The server's own name of what was called."""
    public: str
    """The id that its caller was given."""
    created: str
    """When, in the server's words; empty where it did not say."""


class TaskBook:
    """Bounded: the oldest tasks go, first those of whoever has not been heard of for longest."""

    def __init__(self) -> None:
        self._owners: OrderedDict[Owner, OrderedDict[str, Made]] = OrderedDict()
        self._count = 0

    def note(self, owner: Owner, made: Made) -> None:
        """`owner` has made a task."""
        own = self._owners.setdefault(owner, OrderedDict())
        self._owners.move_to_end(owner)
        if made.public not in own:
            self._count += 1
        own[made.public] = made
        while len(own) > MAX_OWN:
            own.popitem(last=False)
            self._count -= 1
        while self._count > MAX_TASKS:
            eldest = next(iter(self._owners))
            self.forget(eldest, next(iter(self._owners[eldest])))

    def of(self, owner: Owner) -> Collection[Made]:
        """The tasks of `owner`."""
        own = self._owners.get(owner)
        return () if own is None else tuple(own.values())

    def forget(self, owner: Owner, public: str) -> None:
        """The task is no more."""
        own = self._owners.get(owner)
        if own is not None and own.pop(public, None) is not None:
            self._count -= 1
            if not own:
                del self._owners[owner]


def owner_of(call: Call) -> Owner:
    """Whose a task is that `call` makes: whoever has said who it is, in all its sessions; of others, the session."""
    return ("session", call.session) if call.subject is None else ("subject", call.subject)
