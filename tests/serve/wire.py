"""Servers that say exactly the bytes of a test, and clients that do: HTTP without HTTP's manners."""

import asyncio
from contextlib import asynccontextmanager, suppress

from tests.serve.running import SOON


class Peer:
    """The server's end of one connection."""

    def __init__(self, reader, writer):
        self.reader = reader
        self.writer = writer

    async def request(self):
        """Reads one request; its body."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        _, _, length = head.partition(b"content-length: ")
        return await self.reader.readexactly(int(length.split(b"\r\n")[0] or 0))

    async def say(self, data):
        self.writer.write(data)
        await self.writer.drain()

    async def respond(self, status, body, content=b"application/json", length=None):
        head = b"HTTP/1.1 %d X\r\ncontent-type: %b\r\ncontent-length: %d\r\n\r\n"
        await self.say(head % (status, content, len(body) if length is None else length) + body)


@asynccontextmanager
async def speaking(talk):
    """A server that plays `talk(peer)` on every connection; its URL."""
    talking = set()

    async def accept(reader, writer):
        talking.add(asyncio.current_task())
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await talk(Peer(reader, writer))
        writer.transport.abort()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/mcp"
    finally:
        server.close()
        for task in talking:
            task.cancel()
        if talking:
            await asyncio.wait(talking, timeout=SOON)


class Line:
    """A client's end of one connection."""

    def __init__(self, reader, writer):
        self.reader = reader
        self.writer = writer

    async def send(self, data):
        self.writer.write(data)
        await self.writer.drain()

    async def until_closed(self):
        """All that comes until the other side closes."""
        async with asyncio.timeout(SOON):
            return await self.reader.read()

    async def response(self):
        """Status, headers and body of the next response."""
        async with asyncio.timeout(SOON):
            first, *lines = (await self.reader.readuntil(b"\r\n\r\n"))[:-4].split(b"\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(b": ") for line in lines)}
            body = await self._body(headers)
        return int(first.split()[1]), headers, body

    async def _body(self, headers):
        if b"content-length" in headers:
            return await self.reader.readexactly(int(headers[b"content-length"]))
        if headers.get(b"transfer-encoding") != b"chunked":
            return b""
        body = b""
        while size := int(await self.reader.readuntil(b"\n"), 16):  # IncompleteReadError where it breaks off
            body += await self.reader.readexactly(size)
            await self.reader.readline()
        await self.reader.readline()
        return body


@asynccontextmanager
async def line(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**26)
    try:
        yield Line(reader, writer)
    finally:
        writer.transport.abort()


def request(body=b"", *, method=b"POST", path=b"/mcp", **headers):
    """Bytes of a request, with the headers of a legacy client unless `headers` say otherwise."""
    given = {name.replace("_", "-").encode(): value for name, value in headers.items()}
    fields = {b"host": b"127.0.0.1", b"content-type": b"application/json", b"accept": b"*/*", b"content-length": b"%d" % len(body)}
    lines = [b"%b: %b\r\n" % field for field in {**fields, **given}.items() if field[1] is not None]
    return b"%b %b HTTP/1.1\r\n" % (method, path) + b"".join(lines) + b"\r\n" + body
