"""The management port: GET of a few pages, for probes and scrapers. Nothing here takes part in serving calls.

On loopback it answers to loopback's names only, so that no page in a browser reads it by a name of its own (DNS rebinding).
It goes on while the main port drains and waits: that is when somebody wants to know. One request a connection, bounded in size,
time and number.
"""

import asyncio
import ipaddress
import logging
import socket
from collections.abc import Mapping
from contextlib import suppress

from ..config import LOOPBACK
from .pages import Ask, Page

log = logging.getLogger(__name__)

HEAD_BYTES = 8192
SECONDS = 10.0
"""For a whole exchange: a scrape's answer may be megabytes."""
CONNECTIONS = 64
"""At once; further ones are closed unanswered."""

_TEXT = b"text/plain; charset=utf-8"
_PHRASES = {
    200: b"OK",
    400: b"Bad Request",
    404: b"Not Found",
    405: b"Method Not Allowed",
    421: b"Misdirected Request",
    503: b"Service Unavailable",
}


class ManagementPort:
    """Serves `pages` on `listener`."""

    def __init__(self, pages: Mapping[str, Ask]) -> None:
        self._pages = pages
        self._server: asyncio.Server | None = None
        self._loopback = False
        self._open: set[asyncio.Task[None]] = set()

    async def open(self, listener: socket.socket) -> None:
        """Serve from now on."""
        self._server = await asyncio.start_server(self._connected, sock=listener, limit=HEAD_BYTES)
        host, port = listener.getsockname()[:2]
        self._loopback = ipaddress.ip_address(host).is_loopback
        log.info("health and metrics on http://%s:%d", f"[{host}]" if ":" in host else host, port)

    async def aclose(self) -> None:
        """Serve no more."""
        if self._server is not None:
            self._server.close()
        for task in self._open:
            task.cancel()
        if self._open:
            await asyncio.wait(self._open)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._open) >= CONNECTIONS:
            writer.close()
            return
        self._open.add(task)
        try:
            async with asyncio.timeout(SECONDS):
                await self._exchange(reader, writer)
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            log.debug("an exchange on the management port was cut short")
        finally:
            self._open.discard(task)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            head = b""
        method, page = await self._answer(head)
        body = b"" if method == b"HEAD" else page.body
        fields = [
            b"HTTP/1.1 %d %b" % (page.status, _PHRASES[page.status]),
            b"content-type: " + page.content_type,
            b"content-length: %d" % len(page.body),
            b"cache-control: no-store",
            b"x-content-type-options: nosniff",
            *([b"allow: GET, HEAD"] if page.status == 405 else []),
            b"connection: close",
        ]
        writer.write(b"\r\n".join([*fields, b"", body]))
        await writer.drain()
        with suppress(OSError):
            writer.write_eof()

    async def _answer(self, head: bytes) -> tuple[bytes, Page]:
        words = head.partition(b"\r\n")[0].split(b" ")
        if len(words) != 3 or not words[2].startswith(b"HTTP/1."):
            return b"", Page(400, b"no HTTP request\n", _TEXT)
        method, target, _ = words
        if self._loopback and _host(head) not in LOOPBACK:
            return method, Page(421, b"ask for it by a name of loopback\n", _TEXT)
        if method not in (b"GET", b"HEAD"):
            return method, Page(405, b"pages are read by GET\n", _TEXT)
        ask = self._pages.get(target.partition(b"?")[0].decode("latin-1"))
        if ask is None:
            return method, Page(404, b"no such page; there are " + ", ".join(sorted(self._pages)).encode() + b"\n", _TEXT)
        return method, await ask()


def _host(head: bytes) -> str:
    """Host that a request is for, without its port."""
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"host":
            host = value.strip().decode("latin-1").lower()
            return host if host.endswith("]") or ":" not in host else host.rpartition(":")[0]
    return ""
