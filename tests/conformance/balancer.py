"""A round-robin balancer without affinity, as a Kubernetes Service is one for clients that open a connection per request.

Every request goes to the next replica, whatever session or connection it belongs to: the head is sent on with `Connection: close`,
so that both sides open a new connection for the next one. What follows the head, both ways, is bytes.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import cycle

from tests.conformance.processes import endpoint

_KEEP_ALIVE = re.compile(rb"\r\nconnection:[^\r]*", re.IGNORECASE)
_MAX_HEAD = 1 << 20


@asynccontextmanager
async def balancing(replicas: Sequence[str]) -> AsyncIterator[str]:
    """Balances over `replicas` (`http://HOST:PORT`); the value is the address of the balancer."""
    turn = cycle(replicas)
    busy: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        busy.add(task)
        try:
            await _one_request(reader, writer, turn)
        finally:
            busy.discard(task)
            writer.transport.abort()

    server = await asyncio.start_server(accept, "127.0.0.1", 0, limit=_MAX_HEAD)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        left = tuple(busy)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


async def _one_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, turn: "cycle[str]") -> None:
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        head = await reader.readuntil(b"\r\n\r\n")
        above, below = await asyncio.open_connection(*endpoint(next(turn)))
        try:
            below.write(_KEEP_ALIVE.sub(b"", head[:-4]) + b"\r\nconnection: close\r\n\r\n")
            up = asyncio.create_task(_pipe(reader, below))
            down = asyncio.create_task(_pipe(above, writer))
            # The answer ends with the server's connection; a client that leaves before ends the server's.
            try:
                await asyncio.wait((up, down), return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (up, down):
                    task.cancel()
                await asyncio.gather(up, down, return_exceptions=True)
            with suppress(ConnectionError):
                await writer.drain()
                writer.close()
                await writer.wait_closed()
        finally:
            below.transport.abort()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
