"""uvicorn's HTTP/1.1 protocol, tuned for many small exchanges: one write per response, no timer per request, no checks done twice.

Parsing, flow control and pipelining stay uvicorn's. What is different, and why it is safe:

- The head waits for the first piece of the body, and both leave in one write. Whoever wants the head alone sends an empty piece.
- Header names and values are checked together: line breaks are counted over the whole head instead of searched in each value.
- One timer per connection looks every few seconds whether the client lets us wait (see `patience`), instead of one per request.
- A response that is sent before the request was read whole ends the connection, in the way that lets the client read it.
- An offer to upgrade is ignored, as RFC 9110, 7.8 allows: the request is served as it is.
"""

import asyncio
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any, cast

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from .patience import LOOK, Patience, Waiting

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application, HTTPScope

MAX_HEAD = 64 * 1024
"""Bytes of request line and headers, where they come in more than one piece; one piece is bounded by the loop's read buffer."""

LINGER = 2.0
"""Seconds that a client has to notice that its request is refused, while what it still sends is thrown away (RFC 9112, 9.6)."""

_BODILESS = (204, 304)


class Cycle(RequestResponseCycle):
    """One request and its response."""

    head: bytes | None = None
    """Written with the first piece of the body."""
    until_close = False
    """Whether the end of the connection is the end of the body: all that HTTP/1.0 has for a length that is not known."""

    async def send(  # pyright: ignore[reportIncompatibleMethodOverride] - any ASGI message, which is a mapping
        self, message: MutableMapping[str, Any]
    ) -> None:
        """ASGI's send."""
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        if message["type"] == "http.response.start":
            if self.response_started:
                raise RuntimeError("a response was started twice")
            self.head = self._head(message["status"], message.get("headers", ()))
            self.response_started = True
            self.waiting_for_100_continue = False
            return
        if not self.response_started or self.response_complete:
            raise RuntimeError("a body outside of a response")
        body: bytes = message.get("body", b"")
        more: bool = message.get("more_body", False)
        self._write(body, more=more)
        if not more:
            if self.expected_content_length:
                raise RuntimeError("a body shorter than its Content-Length")
            self.response_complete = True
            self.message_event.set()
            self.on_response()

    def _head(self, status: int, headers: list[tuple[bytes, bytes]]) -> bytes:
        framed = self.scope["method"] == "HEAD" or status in _BODILESS
        for name, value in headers:
            if name == b"content-length":
                self.expected_content_length = 0 if framed else int(value)
                self.chunked_encoding = False
                framed = True
            elif name == b"connection" and value.lower() == b"close":
                self.keep_alive = False
        lines = [b"%b: %b\r\n" % header for header in headers if header[0] != b"connection"]
        if not framed:
            if self.scope["http_version"] == "1.0":
                self.until_close = True
            else:
                self.chunked_encoding = True
                lines.append(b"transfer-encoding: chunked\r\n")
        if self.more_body:
            self.keep_alive = False  # what is still coming belongs to a request that has its answer
        if not self.keep_alive:
            lines.append(b"connection: close\r\n")
        head = b"".join(lines)
        if not head.count(b"\r") == head.count(b"\n") == len(lines):
            raise RuntimeError("a header with a line break")
        return STATUS_LINE[status] + head + b"\r\n"

    def _write(self, body: bytes, *, more: bool) -> None:
        head, self.head = self.head or b"", None
        if self.scope["method"] == "HEAD":
            body = b""
        elif self.chunked_encoding:
            end = b"" if more else b"0\r\n\r\n"
            body = b"%x\r\n%b\r\n%b" % (len(body), body, end) if body else end
        elif not self.until_close:
            self.expected_content_length -= len(body)
            if self.expected_content_length < 0:
                raise RuntimeError("a body longer than its Content-Length")
        if head or body:
            self.transport.write(head + body)


def _origin_form(target: bytes) -> bytes:
    """Path and query of an absolute-form target, which a server has to accept (RFC 9112, 3.2.2); `*` stays what it is."""
    _, scheme, rest = target.partition(b"://")
    return b"/" + rest.partition(b"/")[2] if scheme else target


class Protocol(HttpToolsProtocol):
    """For `uvicorn.Config(http=...)`."""

    running: Cycle | None = None
    """The exchange whose response is due; those that were pipelined wait for it."""
    heard = True
    """Whether the client has sent or read anything since the last look."""
    _head_size = 0
    _timer: asyncio.TimerHandle | None = None

    # what the loop tells

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - as uvicorn's
        """See asyncio.Protocol."""
        super().connection_made(transport)
        self.scope = cast("HTTPScope", {"method": ""})  # no request has begun
        self._patience = Patience()
        self._timer = self.loop.call_later(LOOK, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol. Everyone who waits for the client is told, the exchange that pipelined ones wait for, too."""
        if self._timer is not None:
            self._timer.cancel()
        if self.running is not None:
            self.running.disconnected = True
            self.running.message_event.set()
        super().connection_lost(exc)

    def resume_writing(self) -> None:
        """See asyncio.BaseProtocol."""
        self.heard = True
        super().resume_writing()

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        self.heard = True
        try:
            self.parser.feed_data(data)  # pyright: ignore[reportOptionalMemberAccess] - it is there while the connection is
        except httptools.HttpParserError:
            self._garbled()
            return
        except httptools.HttpParserUpgrade as offer:
            self._decline(data[offer.args[0] :])
        if "method" not in self.scope:
            self._head_size += len(data)
            if self._head_size > MAX_HEAD:
                self._refuse(431, f"the head of a request may have {MAX_HEAD} bytes")

    # what the parser finds

    def on_headers_complete(self) -> None:
        """A request begins: HTTP only, no upgrade is offered."""
        parser: Any = self.parser
        version: str = parser.get_http_version()
        target = self.url if self.url.startswith(b"/") else _origin_form(self.url)
        path, _, query = target.partition(b"?")
        scope: MutableMapping[str, Any] = self.scope  # pyright: ignore[reportAssignmentType] - a TypedDict that is being filled
        scope["method"] = parser.get_method().decode("ascii")
        scope["http_version"] = version
        scope["path"] = path.decode("latin-1")
        scope["raw_path"] = path
        scope["query_string"] = query
        app = cast("ASGI3Application", self.app)  # pyright: ignore[reportUnknownMemberType] - uvicorn's has types of any kind
        self._head_size = 0
        self.cycle = cycle = Cycle(
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=[],
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=version != "1.0" and parser.should_keep_alive(),
            on_response=self.on_response_complete,
        )
        if self.running is None:
            self.running = cycle
            self._start_asgi_task(cycle, app)
        else:  # pipelined: waits for the response before it
            self.flow.pause_reading()
            self.pipeline.appendleft((cycle, app))

    def on_response_complete(self) -> None:
        """Serve what was pipelined, or wait for the next request."""
        self.server_state.total_requests += 1
        done, self.running = self.running, None
        if self.transport.is_closing() or done is None:
            return
        if not done.keep_alive:
            self._close(linger=done.more_body)
            return
        self.flow.resume_reading()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self.running = cast("Cycle", cycle)
            self._start_asgi_task(cycle, app)

    # how a connection ends

    def _close(self, *, linger: bool) -> None:
        """Close. A client that is still sending would have its answer thrown away by the reset, so it is heard out for a moment."""
        if not linger:
            self.transport.close()
            return
        self.flow.resume_reading()
        self.transport.set_protocol(_Deaf(self))
        self.transport.write_eof()
        self.loop.call_later(LINGER, self.transport.abort)

    def _garbled(self) -> None:
        """What came is no HTTP. An exchange before it still gets its response, one whose body it should have been gets none."""
        running = self.running
        self.pipeline.clear()
        if running is not None and not running.more_body:
            running.keep_alive = False
            self.transport.set_protocol(_Deaf(self))
            return
        if running is not None:
            running.disconnected = True
            running.message_event.set()
        self._refuse(400, "this is no HTTP request")

    def _refuse(self, status: int, text: str) -> None:
        """Answer a request of which no head has been understood."""
        body = text.encode() + b"\n"
        head = b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body)
        if not self.transport.is_closing():
            self.transport.write(STATUS_LINE[status] + head + body)
            self._close(linger=True)

    def _decline(self, rest: bytes) -> None:
        """Serve a request that offers an upgrade: the parser takes what follows its head for the other protocol, we for its body.

        Clients that would like HTTP/2 send such an offer with each request, Java's among them.
        """
        cycle = self.cycle
        cycle.keep_alive = False
        cycle.more_body = True
        cycle.message_event.clear()
        framing = [b"%b: %b\r\n" % header for header in self.headers if header[0] in (b"content-length", b"transfer-encoding")]
        self.parser = parser = httptools.HttpRequestParser(_BodyOnly(self))
        try:
            parser.feed_data(b"POST / HTTP/1.1\r\n" + b"".join(framing) + b"\r\n" + rest)
        except httptools.HttpParserError:
            self._garbled()

    def _look(self) -> None:
        self._timer = self.loop.call_later(LOOK, self._look)
        unsent = self.transport.get_write_buffer_size()
        if self.flow.write_paused or (unsent and self.running is None):
            waiting = Waiting.UNREAD
        elif self.running is not None:
            receiving = self.cycle.more_body and not self.flow.read_paused
            waiting = Waiting.BODY if receiving else Waiting.NOT
        else:
            waiting = Waiting.IDLE if "method" in self.scope else Waiting.HEAD
        heard, self.heard = self.heard, False
        if self._patience.ends(waiting, heard=heard, unsent=unsent):
            self.transport.abort() if unsent else self.transport.close()


class _Deaf(asyncio.Protocol):
    """Takes the place of a protocol that has heard enough: what comes is thrown away, all else goes on."""

    def __init__(self, protocol: Protocol) -> None:
        self.pause_writing = protocol.pause_writing
        self.resume_writing = protocol.resume_writing
        self.connection_lost = protocol.connection_lost


class _BodyOnly:
    """Passes the body on, and its end."""

    def __init__(self, protocol: Protocol) -> None:
        self.on_body = protocol.on_body
        self.on_message_complete = protocol.on_message_complete
