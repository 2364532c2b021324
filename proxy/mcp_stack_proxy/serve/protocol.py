"""uvicorn's HTTP/1.1 protocol, tuned for many small exchanges: one write per response, no timer per request, no checks done twice.

Parsing, flow control, pipelining and the life of connections stay uvicorn's. What is different, and why it is safe:

- The head waits for the first piece of the body, and both leave in one write. Whoever wants the head alone sends an empty piece.
- Header names and values are checked together: line breaks are counted over the whole head instead of searched in each value.
- The keep-alive timer is armed once per connection and looks at the clock when it fires, instead of being replaced per request.
"""

import asyncio
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application

_BODILESS = (204, 304)


class Cycle(RequestResponseCycle):
    """One request and its response."""

    head: bytes | None = None
    """Written with the first piece of the body."""

    async def send(self, message: MutableMapping[str, Any]) -> None:
        """ASGI's send."""
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        if message["type"] == "http.response.start":
            if self.response_started:
                raise RuntimeError("a response was started twice")
            self.response_started = True
            self.head = self._head(message["status"], message.get("headers", ()))
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
            if not self.keep_alive:
                self.transport.close()
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
            self.chunked_encoding = True
            lines.append(b"transfer-encoding: chunked\r\n")
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
        else:
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

    _idle_since: float | None = None
    _idle_timer: asyncio.TimerHandle | None = None

    def on_headers_complete(self) -> None:
        """A request begins: HTTP only, no upgrade is offered."""
        version = self.parser.get_http_version()
        target = self.url if self.url.startswith(b"/") else _origin_form(self.url)
        path, _, query = target.partition(b"?")
        scope: MutableMapping[str, Any] = self.scope  # pyright: ignore[reportAssignmentType] - a TypedDict that is being filled
        scope["method"] = self.parser.get_method().decode("ascii")
        scope["http_version"] = version
        scope["path"] = path.decode("latin-1")
        scope["raw_path"] = path
        scope["query_string"] = query
        app = cast("ASGI3Application", self.app)
        before = self.cycle
        self._idle_since = None
        self.cycle = Cycle(
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=[],
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=version != "1.0" and self.parser.should_keep_alive(),
            on_response=self.on_response_complete,
        )
        if before is None or before.response_complete:
            self._start_asgi_task(self.cycle, app)
        else:  # pipelined: waits for the response before it
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, app))

    def on_response_complete(self) -> None:
        """Serve what was pipelined, or wait for the next request."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
            return
        self._idle_since = self.loop.time()
        if self._idle_timer is None:
            self._idle_timer = self.loop.call_later(self.timeout_keep_alive, self._close_if_idle)

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        super().connection_lost(exc)

    def _close_if_idle(self) -> None:
        self._idle_timer = None
        since = self._idle_since if self._idle_since is not None else self.loop.time()
        left = since + self.timeout_keep_alive - self.loop.time()
        if left <= 0:
            self.timeout_keep_alive_handler()
        else:
            self._idle_timer = self.loop.call_later(left, self._close_if_idle)
