"""A client's connection to a hub without a socket: one request, and all that comes back for it."""

import asyncio
from collections.abc import Sequence

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
