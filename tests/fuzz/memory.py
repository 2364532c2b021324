"""Connections without sockets: of a client to a hub, one request and all that comes back for it; of a pool to its server."""

import asyncio
import json
import re
import socket
from collections.abc import Callable, Sequence
from typing import TypeVar

import httptools

from mcp_stack_proxy.serve.http.hub import Hub


class Memory(asyncio.Transport):
    """The transport: what is written is read by the client's parser at once."""

    def __init__(self, protocol: asyncio.Protocol) -> None:
        super().__init__()
        self._protocol = protocol
        self._closing = False
        self._parser = httptools.HttpResponseParser(self)
        self.written = b""
        self.body = b""
        self.responses = 0
        """Those that were complete, without those that only say that the request may go on."""
        self.over = asyncio.Event()
        """Set by the first complete response, and by the end of the connection."""

    def write(self, data: bytes) -> None:
        if self._closing:
            return
        self.written += data
        self._parser.feed_data(data)

    def writelines(self, pieces: Sequence[bytes]) -> None:
        self.write(b"".join(pieces))

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        if self._parser.get_status_code() >= 200:
            self.responses += 1
            self.over.set()

    @property
    def status(self) -> int:
        return self._parser.get_status_code()

    def write_eof(self) -> None:
        self.over.set()

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self.over.set()
            asyncio.get_running_loop().call_soon(self._protocol.connection_lost, None)

    abort = close

    def is_closing(self) -> bool:
        return self._closing

    def get_write_buffer_size(self) -> int:
        return 0

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        assert isinstance(protocol, asyncio.Protocol)
        self._protocol = protocol

    def feed(self, data: bytes) -> None:
        """The client sends `data`."""
        if not self._closing:
            self._protocol.data_received(data)


async def ask(hub: Hub, data: bytes, seconds: float) -> Memory:
    """Send one request, and wait until its response is complete or the connection is closed; TimeoutError."""
    connection = hub.connect()
    memory = Memory(connection)
    connection.connection_made(memory)
    memory.feed(data)
    try:
        async with asyncio.timeout(seconds):
            await memory.over.wait()
    finally:
        memory.close()
    await asyncio.sleep(0)
    return memory


def requests(data: bytes) -> tuple[list[tuple[bytes, dict]], bytes]:
    """The requests in `data`, each as its head and the JSON of its body, and what is left of one that is not there yet."""
    found: list[tuple[bytes, dict]] = []
    while True:
        head, end, rest = data.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head.lower())
        size = int(length[1]) if length else 0
        if not end or len(rest) < size:
            return found, data
        found.append((head, json.loads(rest[:size] or b"{}")))
        data = rest[size:]


P = TypeVar("P", bound=asyncio.Protocol)


class Wires:
    """In place of a pool's dialer: each connection leads to a server of this process."""

    last_good = "127.0.0.1"

    def __init__(self, make: Callable[[], asyncio.Protocol]) -> None:
        self._make = make
        self._raw, self._other = socket.socketpair()  # never written to: what comes is here as soon as the server has said it

    async def connect(self, make: Callable[[], P], deadline: float) -> P:
        ours, theirs = make(), self._make()
        near, far = End(ours, self._raw), End(theirs, self._raw)
        near.other, far.other = far, near
        theirs.connection_made(far)
        ours.connection_made(near)
        return ours

    async def aclose(self) -> None:
        self._raw.close()
        self._other.close()


class End(asyncio.Transport):
    """One end. A request arrives with the next turn of the loop, as all that is said on the other side; an answer at once."""

    other: "End"

    def __init__(self, protocol: asyncio.Protocol, raw: socket.socket) -> None:
        super().__init__()
        self._protocol = protocol
        self._raw = raw
        self._closed = False
        self._waiting: list[bytes] | None = None
        """What came while nobody read."""

    def get_extra_info(self, name: str, default: object = None) -> object:
        return self._raw if name == "socket" else default

    def write(self, data: bytes) -> None:
        if not self._closed:
            self.other.heard(data)

    def writelines(self, pieces: Sequence[bytes]) -> None:
        self.write(b"".join(pieces))

    def heard(self, data: bytes) -> None:
        if self._closed:
            return
        if self._waiting is not None:
            self._waiting.append(data)
        elif isinstance(self.other._protocol, Speaker):
            self._protocol.data_received(data)
        else:
            asyncio.get_running_loop().call_soon(self._deliver, data)

    def _deliver(self, data: bytes) -> None:
        if not self._closed:
            self._protocol.data_received(data)

    def pause_reading(self) -> None:
        self._waiting = []

    def resume_reading(self) -> None:
        waiting, self._waiting = self._waiting or [], None
        for data in waiting:
            self.heard(data)

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        loop = asyncio.get_running_loop()
        loop.call_soon(self._protocol.connection_lost, None)
        loop.call_soon(self.other.ended)

    abort = close

    def ended(self) -> None:
        if not self._closed:
            self._protocol.eof_received()
            self.close()

    def is_closing(self) -> bool:
        return self._closed

    def get_write_buffer_size(self) -> int:
        return 0


class Speaker(asyncio.Protocol):
    """A server: what it says is heard at once."""
