"""The server's side of one connection: requests in, one after the other, and how it ends.

Requests are served when they have arrived whole; one that may not be served is refused before its body. Those that were pipelined
wait for the response before them, and the connection is not read meanwhile. Defences, each with its test: heads and bodies are
bounded; whoever lets us wait for too long is cut off (see `patience`); a client that is still sending when it is refused is heard
out for a moment; an offer to upgrade is ignored (RFC 9110, 7.8); what the parser does not understand ends the connection.
"""

import asyncio
from collections import deque
from typing import Protocol, cast

import httptools

from .exchange import STATUS_LINE, Exchange
from .patience import Patience, Waiting
from .request import Header, Refusal, Request, Served

MAX_HEAD = 64 * 1024
"""Bytes of request line and headers, where they come in more than one piece; one piece is bounded by the loop's read buffer."""

LINGER = 2.0
"""Seconds that a client has to notice that its request is refused, while what it still sends is thrown away (RFC 9112, 9.6)."""

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Site(Protocol):
    """What is served, and by whom."""

    loop: asyncio.AbstractEventLoop
    draining: bool
    max_body_bytes: int

    def admit(self, request: Request) -> Served:
        """What is to serve `request`; Refusal where nothing does. It has no body yet."""
        ...

    def opened(self, connection: "Connection") -> None:
        """`connection` is there."""

    def lost(self, connection: "Connection") -> None:
        """`connection` is gone."""

    def begun(self, exchange: Exchange) -> None:
        """Somebody is at work on `exchange`."""

    def ended(self, exchange: Exchange) -> None:
        """Nobody is any more."""


class Connection(asyncio.Protocol):
    """See asyncio.Protocol, and Line."""

    transport: asyncio.Transport

    def __init__(self, site: Site) -> None:
        self.unread = False
        self.running: Exchange | None = None
        """The exchange whose response is due."""
        self._site = site
        self._parser = _parser(self)
        self._patience = Patience()
        self._readable = asyncio.Event()
        self._queue: deque[Exchange] = deque()  # what follows; only the last may still be arriving
        self._incoming: Exchange | None = None  # its head is there, its body is not
        self._told: Exchange | None = None  # the last one whose client was told to go on
        self._in_head = self._fresh = False  # whether a head is arriving, and whether it began in this piece
        self._head_size = self._body_size = 0
        self._url = b""
        self._headers: list[Header] = []
        self._body: list[bytes] = []
        self._heard = True
        self._reading = True

    @property
    def draining(self) -> bool:
        """See Line."""
        return self._site.draining

    @property
    def idle(self) -> bool:
        """Whether no request is there, nor a part of one."""
        return self.running is None and not self._queue and not self._in_head

    # what the loop tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol."""
        self.transport = cast("asyncio.Transport", transport)
        self._site.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol. Whoever waits for the client is told."""
        self._site.lost(self)
        self._parser = None
        self._queue.clear()
        running, self.running = self.running, None
        if running is not None:
            running.left()
        self._readable.set()

    def pause_writing(self) -> None:
        """See asyncio.BaseProtocol."""
        self.unread = True
        self._readable.clear()

    def resume_writing(self) -> None:
        """See asyncio.BaseProtocol."""
        self.unread = False
        self._heard = True
        self._readable.set()

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        if self._parser is None:
            return
        self._heard = True
        self._fresh = False
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._garbled()
            return
        except httptools.HttpParserUpgrade as offer:
            if not self._decline(data[offer.args[0] :]):
                return
        if self._in_head and not self._fresh:
            self._head_size += len(data)
            if self._head_size > MAX_HEAD:
                self._refuse(431, f"the head of a request may have {MAX_HEAD} bytes")
                return
        if self._queue:
            self._advance()

    # what the parser finds

    def on_message_begin(self) -> None:
        """A request begins."""
        self._in_head = self._fresh = True
        self._head_size = 0
        self._url = b""
        self._headers = []

    def on_url(self, url: bytes) -> None:
        """A piece of the target."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer, which is dropped. Outer blanks are no part of a value (RFC 9110, 5.5); the parser leaves some."""
        if self._in_head:
            self._headers.append((name.lower(), value.rstrip(b" \t")))

    def on_headers_complete(self) -> None:
        """The head is whole: who asks for what is known, and whether it will be served."""
        self._in_head = False
        parser = cast("httptools.HttpRequestParser", self._parser)
        target = self._url if self._url[:1] == b"/" else _origin_form(self._url)
        path, _, query = target.partition(b"?")
        raw = self._headers
        headers = dict(raw)
        keep = parser.should_keep_alive()
        old = (not keep or b"connection" in headers) and parser.get_http_version() == "1.0"
        self._incoming = exchange = Exchange(self, keep and not old, old)
        method = parser.get_method().decode("ascii")
        request = Request(method, path.decode("latin-1"), query, raw, headers, exchange, [], exchange)
        exchange.request = request
        self._body = []
        self._body_size = 0
        self._queue.append(exchange)
        try:
            exchange.served = self._site.admit(request)
            announced = headers.get(b"content-length")
            if announced is not None and int(announced) > self._site.max_body_bytes:
                raise _too_large(self._site.max_body_bytes)
        except Refusal as refusal:
            exchange.refusal = refusal

    def on_body(self, body: bytes) -> None:
        """A piece of the body, which nobody reads where the request is refused."""
        exchange = self._incoming
        if exchange is None or exchange.refusal is not None:
            return
        self._body.append(body)
        self._body_size += len(body)
        if self._body_size > self._site.max_body_bytes:
            self._body = []
            exchange.refusal = _too_large(self._site.max_body_bytes)

    def on_message_complete(self) -> None:
        """The request is whole."""
        exchange, self._incoming = self._incoming, None
        if exchange is not None:
            exchange.whole_body = True
            exchange.request.body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
            self._body = []

    # what exchanges tell

    async def read(self) -> None:
        """See Line."""
        await self._readable.wait()

    def answered(self, exchange: Exchange) -> None:
        """See Line."""
        self.running = None
        if self.transport.is_closing():
            return
        if not exchange.keep:
            self._close(linger=not exchange.whole_body)
            return
        if self._queue:
            self._advance()
        if not self._reading and (self.running is None or not self._queue):
            self._reading = True
            self.transport.resume_reading()

    def ended(self, exchange: Exchange) -> None:
        """See Line."""
        self._site.ended(exchange)

    def look(self) -> None:
        """One look at whether the client lets us wait for too long."""
        unsent = self.transport.get_write_buffer_size()
        if self.unread or (unsent and self.running is None):
            waiting = Waiting.UNREAD
        elif self.running is not None:
            waiting = Waiting.NOT
        elif self._incoming is not None:
            waiting = Waiting.BODY
        else:
            waiting = Waiting.HEAD if self._in_head else Waiting.IDLE
        heard, self._heard = self._heard, False
        if self._patience.ends(waiting, heard=heard, unsent=unsent):
            self.transport.abort() if unsent else self.transport.close()

    def _advance(self) -> None:
        """Serve the first in the queue, if it is there and its turn has come."""
        if self.running is not None:
            if self._reading:
                self._reading = False
                self.transport.pause_reading()
            return
        exchange = self._queue[0]
        if exchange.whole_body or exchange.refusal is not None:
            self.running = self._queue.popleft()
            self._site.begun(exchange)
            exchange.task = self._site.loop.create_task(exchange.run())
        elif self._told is not exchange and exchange.request.headers.get(b"expect", b"").lower() == b"100-continue":
            self._told = exchange
            self.transport.write(_CONTINUE)

    # how a connection ends

    def _close(self, *, linger: bool) -> None:
        """Close. A client that is still sending would have its answer thrown away by the reset, so it is heard out for a moment."""
        if not linger:
            self.transport.close()
            return
        self.transport.resume_reading()
        self.transport.set_protocol(_Deaf(self))
        self.transport.write_eof()
        self._site.loop.call_later(LINGER, self.transport.abort)

    def _garbled(self) -> None:
        """What came is no HTTP. An exchange before it still gets its response, one whose body it should have been gets none."""
        self._queue.clear()
        if self.running is not None:
            self.running.keep = False
            self.transport.set_protocol(_Deaf(self))
        else:
            self._refuse(400, "this is no HTTP request")

    def _refuse(self, status: int, text: str) -> None:
        """Answer a request of which no head has been understood."""
        body = text.encode() + b"\n"
        head = b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body)
        if not self.transport.is_closing():
            self.transport.write(STATUS_LINE[status] + head + body)
            self._close(linger=True)

    def _decline(self, rest: bytes) -> bool:
        """Serve a request that offers an upgrade: the parser takes what follows its head for the other protocol, we for its body.

        Clients that would like HTTP/2 send such an offer with each request, Java's among them. False where it is no body.
        """
        exchange = self._queue[-1]
        exchange.keep = exchange.whole_body = False
        self._incoming = exchange
        framing = [b"%b: %b\r\n" % header for header in self._headers if header[0] in (b"content-length", b"transfer-encoding")]
        self._parser = httptools.HttpRequestParser(_BodyOnly(self))
        try:
            self._parser.feed_data(b"POST / HTTP/1.1\r\n" + b"".join(framing) + b"\r\n" + rest)
        except httptools.HttpParserError:
            self._garbled()
            return False
        return True


class _Deaf(asyncio.Protocol):
    """Takes the place of a connection that has heard enough: what comes is thrown away, all else goes on."""

    def __init__(self, connection: Connection) -> None:
        self.pause_writing = connection.pause_writing
        self.resume_writing = connection.resume_writing
        self.connection_lost = connection.connection_lost


class _BodyOnly:
    """Passes the body on, and its end."""

    def __init__(self, connection: Connection) -> None:
        self.on_body = connection.on_body
        self.on_message_complete = connection.on_message_complete


def _parser(connection: Connection) -> httptools.HttpRequestParser | None:
    parser = httptools.HttpRequestParser(connection)
    parser.set_dangerous_leniencies(lenient_data_after_close=True)  # pipelined behind `connection: close`: never looked at
    return parser


def _origin_form(target: bytes) -> bytes:
    """Path and query of an absolute-form target, which a server has to accept (RFC 9112, 3.2.2); `*` stays what it is."""
    _, scheme, rest = target.partition(b"://")
    return b"/" + rest.partition(b"/")[2] if scheme else target


def _too_large(limit: int) -> Refusal:
    return Refusal(413, f"the body exceeds {limit} bytes (limits.max_body_bytes)")
