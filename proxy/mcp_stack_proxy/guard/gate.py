"""How many calls a server gets at a time: a place for each, and a queue for those who come when all are taken."""

import asyncio
import math
from collections import OrderedDict
from collections.abc import Awaitable

from ..config import ServerLimits
from ..errors import Overloaded

CALLS = frozenset({"tools/call", "prompts/get", "resources/read", "completion/complete"})
"""Methods that make a server work and take a place. Everything else is let through: what a call in its place may need to come to
its end (an answer to the server's question, a cancellation) must not wait behind it."""


class Gate:
    """Places of one server, given out in the order in which they were asked for.

    Whoever has entered leaves once, however the call ends. The way in is synchronous where a place is free::

        if (turn := gate.enter(deadline)) is not None:
            await turn
        try:
            ...
        finally:
            gate.leave()
    """

    def __init__(self, places: int, room: int, patience: float) -> None:
        """`places`: calls at a time. `room`: calls that wait, each for `patience` seconds at most."""
        self._places = places
        self._room = room
        self._patience = patience
        self._inside = 0
        self._queue: OrderedDict[asyncio.Future[None], None] = OrderedDict()

    @property
    def inside(self) -> int:
        """Places that are taken."""
        return self._inside

    @property
    def waiting(self) -> int:
        """Calls in the queue."""
        return len(self._queue)

    def enter(self, deadline: float) -> Awaitable[None] | None:
        """Take a place. None: it is taken. Otherwise await what is given, at once: then it is.

        Overloaded where there is no room, or (awaited) no place before the patience or the `deadline`, in the loop's time, ends.
        A wait that fails or is cancelled holds no place.
        """
        if self._inside < self._places:
            self._inside += 1
            return None
        if len(self._queue) >= self._room:
            waiting = f" and {self._room} wait (limits.max_queue)" if self._room else ""
            raise self._overloaded(f"has {self._places} calls at a time (limits.max_concurrent){waiting}")
        return self._turn(deadline)

    def leave(self) -> None:
        """Give the place back: to the first in the queue that still wants it."""
        while self._queue:
            turn, _ = self._queue.popitem(last=False)
            if not turn.done():
                turn.set_result(None)
                return
        self._inside -= 1

    async def _turn(self, deadline: float) -> None:
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        self._queue[turn] = None
        timer = loop.call_at(min(deadline, loop.time() + self._patience), self._late, turn)
        try:
            await turn
        except BaseException:
            self._queue.pop(turn, None)
            if not turn.cancel() and not turn.cancelled() and turn.exception() is None:
                self.leave()  # given in the same moment
            raise
        finally:
            timer.cancel()

    def _late(self, turn: asyncio.Future[None]) -> None:
        if not turn.done():
            del self._queue[turn]
            text = f"had {self._places} calls at a time (limits.max_concurrent) all the while that this one waited"
            turn.set_exception(self._overloaded(f"{text} (limits.queue_seconds)"))

    def _overloaded(self, message: str) -> Overloaded:
        return Overloaded(message, math.ceil(self._patience) if self._room else 1)


def gate_of(limits: ServerLimits | None) -> Gate | None:
    """The gate that `limits` ask for; None where they bound no calls."""
    if limits is None or limits.max_concurrent is None:
        return None
    return Gate(limits.max_concurrent, limits.max_queue, limits.queue_seconds)
