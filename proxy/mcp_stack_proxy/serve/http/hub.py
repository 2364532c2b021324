"""All connections of a process: accepted, looked at, and drained."""

import asyncio
import contextlib
from typing import Protocol

from .connection import Connection
from .exchange import Exchange
from .patience import LOOK
from .request import Request, Served

FAREWELL = 0.5
"""Seconds of a drain for which connections without a request stay open: a request that is on its way is answered, and its client
told that there will be no other on this connection."""

LAST_WORDS = 1.0
"""Seconds that answers get to be written after their requests had to be given up."""


class Application(Protocol):
    """What is served."""

    def admit(self, request: Request) -> Served:
        """What is to serve `request`; Refusal where nothing does. It has no body yet."""
        ...


class Hub:
    """See Site. Made while its loop runs."""

    def __init__(self, application: Application, max_body_bytes: int) -> None:
        self.loop = asyncio.get_running_loop()
        self.admit = application.admit
        self.max_body_bytes = max_body_bytes
        self.draining = False
        self.connections: set[Connection] = set()
        self.working: set[Exchange] = set()
        """Exchanges that somebody is at work on, those of clients that have left among them."""
        self._over = asyncio.Event()  # a drain has nothing more to wait for
        self._hurried = False
        self._timer: asyncio.TimerHandle | None = None

    def connect(self) -> Connection:
        """A protocol for `create_server`."""
        return Connection(self)

    def opened(self, connection: Connection) -> None:
        """See Site."""
        self.connections.add(connection)
        if self._timer is None:
            self._timer = self.loop.call_later(LOOK, self._look)

    def lost(self, connection: Connection) -> None:
        """See Site."""
        self.connections.discard(connection)
        self._notice()

    def begun(self, exchange: Exchange) -> None:
        """See Site."""
        self.working.add(exchange)

    def ended(self, exchange: Exchange) -> None:
        """See Site."""
        self.working.discard(exchange)
        if self.draining:
            self._notice()

    async def drain(self, grace: float) -> None:
        """Finish what is in flight, in at most `grace` seconds and not after `hurry`; the rest is given up, and told so."""
        self.draining = True
        farewell = self.loop.call_later(min(FAREWELL, grace / 2), self._part_from_idle)
        self._notice()
        await self._over_within(grace)
        farewell.cancel()
        self._part_from_idle()
        tasks = {exchange.task for exchange in self.working if exchange.task is not None}
        for task in tasks:
            task.cancel()
        if not self._hurried:
            await self._over_within(LAST_WORDS)
        for connection in tuple(self.connections):
            connection.transport.abort()
        if tasks:
            await asyncio.wait(tasks, timeout=LAST_WORDS)
        if self._timer is not None:
            self._timer.cancel()

    def hurry(self) -> None:
        """A drain has lasted long enough."""
        self._hurried = True
        self._over.set()

    async def _over_within(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._over.wait()

    def _part_from_idle(self) -> None:
        for connection in tuple(self.connections):
            if connection.idle:
                connection.transport.close()

    def _notice(self) -> None:
        if self.draining and not self.connections and not self.working:
            self._over.set()

    def _look(self) -> None:
        for connection in tuple(self.connections):
            connection.look()
        self._timer = self.loop.call_later(LOOK, self._look) if self.connections else None
