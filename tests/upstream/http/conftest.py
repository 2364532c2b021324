"""Servers that say exactly what a test wants them to say, and pools that are closed with the test."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from mcp_stack_proxy.config import Limits
from mcp_stack_proxy.upstream.http import HttpPool, Origin, connection, pool
from tests.deadlines import SOON

Talk = Callable[["Peer"], Awaitable[None]]


@dataclass
class Peer:
    """The server's end of one connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    number: int
    """0 for the first connection of the test."""
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def request(self) -> tuple[bytes, dict[bytes, bytes], bytes]:
        """The next request: its first line, its headers, its body."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        first, *lines = head[:-4].split(b"\r\n")
        headers = dict(line.split(b": ", 1) for line in lines)
        return first, headers, await self.reader.readexactly(int(headers.get(b"content-length", 0)))

    async def say(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def until_closed(self) -> bytes:
        """What comes until the client closes the connection."""
        with suppress(ConnectionError):
            return await self.reader.read()
        return b""


@dataclass
class Server:
    """A server on loopback that plays `talk` on every connection; its end is awaited at the end of the test."""

    url: str
    peers: list[Peer]


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Awaitable[Server]]]:
    servers: list[asyncio.Server] = []
    talking: set[asyncio.Task[None]] = set()

    async def start(talk: Talk, tls: ssl.SSLContext | None = None) -> Server:
        peers: list[Peer] = []

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            talking.add(asyncio.current_task())
            peer = Peer(reader, writer, len(peers))
            peers.append(peer)
            try:
                with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                    await talk(peer)
            finally:
                peer.gone.set()
                writer.transport.abort()

        server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=tls)
        servers.append(server)
        host, port = server.sockets[0].getsockname()[:2]
        return Server(f"{'https' if tls else 'http'}://{'localhost' if tls else host}:{port}/mcp", peers)

    yield start
    for server in servers:
        server.close()
    for task in talking:
        task.cancel()
    if talking:
        await asyncio.wait(talking, timeout=SOON)


@pytest.fixture
async def connect() -> AsyncIterator[Callable[..., HttpPool]]:
    pools: list[HttpPool] = []
    mishaps: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: mishaps.append(context))

    def make(url: str, *, max_connections: int = 512, tls: ssl.SSLContext | None = None, **limits: float) -> HttpPool:
        pools.append(
            HttpPool(Origin.parse(url), limits=Limits.model_validate(limits), ssl_context=tls, max_connections=max_connections)
        )
        return pools[-1]

    yield make
    async with asyncio.timeout(SOON):
        for made in pools:
            await made.aclose()
            assert made.connected == 0
    assert mishaps == []


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> float:
    """Sweeps every 20 ms, so that a timeout does not take a test's whole second."""
    for module in (connection, pool):
        monkeypatch.setattr(module, "TICK", 0.02)
    return 0.02


@pytest.fixture
def soon() -> Callable[[float], float]:
    """A deadline `seconds` from now; by default one that no test lives to see, so that it cannot hide what hangs."""
    return lambda seconds=60.0: asyncio.get_running_loop().time() + seconds
