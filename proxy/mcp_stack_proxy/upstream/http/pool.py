"""Connections to one origin: kept alive, bounded, handed out last in first out."""

import asyncio
import logging
import math
import ssl
from collections import deque
from collections.abc import Sequence

from ...config import Limits, default_connection_age
from ...errors import Reason, UpstreamError
from .connection import TICK, Connection
from .dial import Dialer
from .origin import Origin
from .redirect import MAX_MOVES, MOVED, moved
from .request import header_lines, request_head
from .response import Response

log = logging.getLogger(__name__)

MAX_CONNECTIONS = 512

_MOVED_BYTES = 64 * 1024
"""What a redirect may say beside where to."""

_TOLD = 8
"""Targets whose redirect is logged."""


class HttpPool:
    """Sends requests to one origin.

    Idle connections are a stack: the busiest stay warm, the rest run into their idle timeout, and even the busiest are given up at
    `limits.max_connection_age_seconds`. One coarse sweep, running only while
    connections are open, enforces every deadline. Callers beyond `max_connections` wait in the order they came.
    """

    def __init__(
        self, origin: Origin, *, limits: Limits, ssl_context: ssl.SSLContext | None = None, max_connections: int = MAX_CONNECTIONS
    ) -> None:
        self.origin = origin
        self._silence = limits.exchange_seconds
        self._max_age = limits.max_connection_age_seconds
        self._max = max_connections
        self._dialer = Dialer(origin, ssl_context, limits.connect_seconds)
        self._open: set[Connection] = set()
        self._idle: list[Connection] = []
        self._waiting: deque[_Waiter] = deque()
        self._slots = 0  # connections open or being opened
        self._sweeping: asyncio.TimerHandle | None = None
        self._swept_at = 0.0
        self._closed = False
        self._told: set[bytes] = set()
        self._empty: asyncio.Event = asyncio.Event()

    @property
    def connected(self) -> int:
        """Open connections, idle or busy."""
        return len(self._open)

    async def send(
        self,
        method: bytes,
        target: bytes,
        headers: Sequence[tuple[bytes, bytes]] | bytes,
        body: bytes,
        *,
        deadline: float,
        replay_safe: bool = False,
        quiet: bool = False,
    ) -> Response:
        """The server's answer to one request, as soon as its head has arrived. A redirect to another of its paths is followed,
        any other is an answer (see `redirect`).

        `headers` may be lines of `header_lines` or `parsed_lines`, made before.
        `deadline`: time of the loop's clock at which the whole exchange ends, the body included. Between two signs of life the
        server has `limits.exchange_seconds`, unless its answer is a stream that may be `quiet`. `replay_safe`: the request
        does no harm if it comes twice, so it is sent again on a fresh connection when a reused one turns out closed before one byte
        of an answer.

        UpstreamError has `retryable` only where surely nothing was sent. ValueError: a header that breaks out of its line.
        """
        lines = headers if isinstance(headers, bytes) else header_lines(headers)
        head = request_head(method, target, self.origin.authority, lines, len(body))
        silence = math.inf if quiet else self._silence
        without_body = method == b"HEAD"
        moves = 0
        connection = self._take_idle() or await self._acquire(deadline)
        while True:
            response = connection.begin(head, body, deadline, silence, without_body=without_body)
            try:
                await response.change()
            except asyncio.CancelledError:
                response.abort()  # complete by now, perhaps: then its connection is somebody else's already
                raise
            if response.status:
                if response.status not in MOVED or (there := self._moved(target, response, moves)) is None:
                    return response
                moves, target = moves + 1, there
                await response.read(_MOVED_BYTES)
                head = request_head(method, target, self.origin.authority, lines, len(body))
                connection = self._take_idle() or await self._acquire(deadline)
                continue
            fault = response.fault or UpstreamError(Reason.UNREACHABLE, "no answer")
            if not (replay_safe and connection.dropped):
                raise fault
            try:
                connection = await self._acquire(deadline, fresh=True)  # a new one is never `dropped`: one replay at most
            except UpstreamError:
                raise fault from None  # what the first connection took may have been acted upon: not as if nothing was sent

    def _moved(self, target: bytes, response: Response, moves: int) -> bytes | None:
        """Where a redirected request is to be sent instead; None where the redirect is the answer."""
        location = response.header(b"location")
        there = moved(self.origin, target, location) if location is not None and moves < MAX_MOVES else None
        if there is not None and target not in self._told:
            if len(self._told) < _TOLD:
                self._told.add(target)
            paths = [place.partition(b"?")[0].decode() for place in (target, there)]  # a query may be a credential
            log.info("%s has moved to %s: `url` as the server itself has it spares a round trip", *paths)
        return there

    async def aclose(self) -> None:
        """Close every connection; exchanges in flight and callers in the queue get an error."""
        self._closed = True
        while self._waiting:
            self._waiting.popleft().refuse(_closed())
        for connection in tuple(self._open):
            connection.fail(UpstreamError(Reason.UNREACHABLE, "the proxy closed the connection"))
        await self._dialer.aclose()
        if self._open:
            self._empty.clear()
            await self._empty.wait()
        if self._sweeping is not None:
            self._sweeping.cancel()
            self._sweeping = None

    # what connections tell

    def released(self, connection: Connection) -> None:
        """`connection` may carry another exchange: the first in the queue gets it."""
        while self._waiting:
            if self._waiting.popleft().give(connection):
                return
        self._idle.append(connection)

    def lost(self, connection: Connection) -> None:
        """`connection` is closed."""
        if connection not in self._open:
            return  # closed while it was being opened: its slot is with whoever opens it
        self._open.remove(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        if not self._open:
            self._empty.set()
        self._free_slot()

    # how a request gets its connection

    def _take_idle(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.ready():
                return connection
            connection.close()
        return None

    async def _acquire(self, deadline: float, *, fresh: bool = False) -> Connection:
        """A connection for one exchange: an idle or (`fresh` asks for it) a new one."""
        while True:
            if self._closed:
                raise _closed()
            if not fresh and (connection := self._take_idle()):
                return connection
            if self._slots < self._max:
                self._slots += 1
                return await self._connect(deadline)
            given = await self._wait(deadline)
            if given is None:
                return await self._connect(deadline)
            if not fresh and given.ready():
                return given
            given.close()

    async def _connect(self, deadline: float) -> Connection:
        """A new connection in the slot that the caller holds."""
        loop = asyncio.get_running_loop()
        self._start_sweep(loop)
        try:
            connection = await self._dialer.connect(lambda: Connection(self, loop), deadline)
        except BaseException:
            self._free_slot()
            raise
        if connection.closing:
            self._free_slot()
            raise UpstreamError(Reason.UNREACHABLE, "the connection was closed at once", retryable=True)
        age = self._max_age
        if age is None:
            age = default_connection_age(self.origin.host, self._dialer.last_good)
        connection.retires = loop.time() + age
        self._open.add(connection)
        if self._closed:
            connection.close()
            raise _closed()
        return connection

    async def _wait(self, deadline: float) -> Connection | None:
        """The queue's next gift: a connection, or None for a free slot, which the caller then holds."""
        loop = asyncio.get_running_loop()
        self._start_sweep(loop)
        waiter = _Waiter(loop, deadline)
        self._waiting.append(waiter)
        try:
            return await waiter.future
        except asyncio.CancelledError:
            self._return(waiter)
            raise

    def _return(self, waiter: "_Waiter") -> None:
        """Pass on what a cancelled caller was given and cannot use."""
        if waiter.future.cancelled() or waiter.future.exception() is not None:
            return
        connection = waiter.future.result()
        if connection is None:
            self._free_slot()
        else:
            self.released(connection)

    def _free_slot(self) -> None:
        while self._waiting:
            if self._waiting.popleft().give(None):
                return
        self._slots -= 1

    # time

    def _start_sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._sweeping is None:
            self._swept_at = loop.time()
            self._sweeping = loop.call_later(TICK, self._sweep, loop)

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        """End what is over its time. The next sweep is booked first, so that a callback that fails stops nothing."""
        now = loop.time()
        # A loop that stood still (a suspended machine) must not charge its own sleep to servers: their bytes may lie unread.
        elapsed = min(now - self._swept_at, 2 * TICK)
        self._swept_at = now
        self._sweeping = loop.call_later(TICK, self._sweep, loop) if self._slots or self._waiting else None
        for waiter in tuple(self._waiting):
            if now >= waiter.deadline:
                self._waiting.remove(waiter)
                waiter.refuse(UpstreamError(Reason.TIMEOUT, f"all {self._max} connections stayed busy", retryable=True))
        for connection in tuple(self._open):
            connection.tick(now, elapsed)


class _Waiter:
    """A caller in the queue."""

    __slots__ = ("deadline", "future")

    def __init__(self, loop: asyncio.AbstractEventLoop, deadline: float) -> None:
        self.deadline = deadline
        self.future: asyncio.Future[Connection | None] = loop.create_future()

    def give(self, connection: Connection | None) -> bool:
        """Whether the caller still wanted it."""
        if self.future.done():
            return False
        self.future.set_result(connection)
        return True

    def refuse(self, error: UpstreamError) -> None:
        if not self.future.done():
            self.future.set_exception(error)


def _closed() -> UpstreamError:
    return UpstreamError(Reason.UNREACHABLE, "the proxy no longer connects to this server", retryable=True)
