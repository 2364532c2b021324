"""One connection: writes a request, parses its answer, knows when it may be used again. One exchange at a time."""

import asyncio
import math
import re
import select
import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol, cast

import httptools

from ...errors import Reason, UpstreamError
from .response import Response

TICK = 0.25
"""Seconds between two sweeps over all connections: how exact a timeout is."""

MAX_HEAD = 64 * 1024
"""Bytes of status line and headers, and of anything else that brings the body no further (interim answers, trailers)."""

MAX_HEADERS = 200

HIGH_WATER = 256 * 1024
"""Bytes held for a slow reader above which the connection is not read any more."""

IDLE_SECONDS = 4.0
"""How long an unused connection is kept where the server does not say: below the 5 s after which uvicorn closes it."""

MAX_IDLE_SECONDS = 60.0

_SMALL = 64 * 1024
"""Body size up to which copying it behind the head is cheaper than a second buffer."""

_TIMEOUT = re.compile(rb"(?i)(?:^|[\s,;])timeout\s*=\s*\"?(\d{1,9})")


class Owner(Protocol):
    """The pool, as far as a connection needs it."""

    def released(self, connection: "Connection") -> None:
        """The exchange is over and the connection may carry another."""

    def lost(self, connection: "Connection") -> None:
        """The connection is closed."""


class Connection(asyncio.Protocol):
    """Client side of one HTTP/1.1 connection. Deadlines are fields that the pool's sweep looks at: no timer per request."""

    __slots__ = (
        "_age",
        "_barren",
        "_coding",
        "_deadline",
        "_headers",
        "_idle_seconds",
        "_keep",
        "_loop",
        "_owner",
        "_parser",
        "_paused",
        "_poll",
        "_quiet",
        "_response",
        "_silence",
        "_transport",
        "_without_body",
        "closing",
        "dropped",
        "retires",
        "used",
    )

    def __init__(self, owner: Owner, loop: asyncio.AbstractEventLoop) -> None:
        self.closing = False
        self.retires = math.inf
        """Time of the loop's clock from which on it carries no further exchange."""
        self.used = False
        """Whether it has carried an exchange before."""
        self.dropped = False
        """Whether the server closed it, though used before, without one byte of an answer: the mark of an idle timeout."""
        self._owner = owner
        self._loop = loop
        self._parser = httptools.HttpResponseParser(self)
        self._poll = select.poll()
        self._response: Response | None = None
        self._headers: list[tuple[bytes, bytes]] = []
        self._coding = b""
        self._barren = 0
        self._keep = False
        self._without_body = False
        self._paused = False
        self._idle_seconds = IDLE_SECONDS
        self._deadline = self._silence = self._quiet = self._age = 0.0

    # what the pool does with it

    def ready(self) -> bool:
        """Whether an idle connection may carry a request now.

        The socket is asked, too: a close or stray bytes that the loop has not delivered yet must not meet a new request.
        """
        return not self.closing and self._loop.time() < self.retires and not self._poll.poll(0)

    def begin(self, head: bytes, body: bytes, deadline: float, silence: float, *, without_body: bool) -> Response:
        """Send a request; the response has its status when its next change is done."""
        self._response = response = Response(self, self._loop)
        self._deadline = deadline
        self._silence = silence
        self._quiet = self._age = -TICK  # the first sweep may come at once
        self._barren = 0
        self._without_body = without_body
        if not body:
            self._transport.write(head)
        elif len(body) <= _SMALL:
            self._transport.write(head + body)
        else:
            self._transport.writelines((head, body))
        return response

    def tick(self, now: float, elapsed: float) -> None:
        """One sweep: `elapsed` seconds more have passed; end what took too long."""
        self._quiet += elapsed
        if self._response is None:
            if now >= self.retires or self._quiet >= self._idle_seconds:
                self.close()
            return
        if self._paused:
            self._quiet = 0.0  # it is our reader who is slow, not the server
        self._age += elapsed
        if now >= self._deadline:
            self.fail(UpstreamError(Reason.TIMEOUT, f"no complete answer after {max(self._age, 0):.1f} s"))
        elif self._quiet >= self._silence:
            self.fail(UpstreamError(Reason.SILENT, f"no answer within {self._silence:g} s"))

    def fail(self, fault: UpstreamError) -> None:
        """End the exchange in flight with `fault`, and close."""
        response, self._response = self._response, None
        self.close()
        if response is not None:
            response.fail(fault)

    def close(self) -> None:
        """Close at once. An answer in flight is given up, and whoever waits for it is told."""
        self.closing = True
        response, self._response = self._response, None
        self._transport.abort()
        if response is not None:
            response.fail(UpstreamError(Reason.UNREACHABLE, "the answer was given up"))

    def resume(self) -> None:
        """Read on after a pause."""
        if self._paused and not self.closing:
            self._paused = False
            self._transport.resume_reading()

    # what the loop tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep-alive probes are on: a peer that vanished behind a silent stream is noticed."""
        self._transport = cast("asyncio.Transport", transport)
        raw = cast("socket.socket", transport.get_extra_info("socket"))
        self._poll.register(raw.fileno(), select.POLLIN)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, seconds in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10)):
            with suppress(AttributeError, OSError):  # not everywhere, and a refinement only
                raw.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), seconds)

    def data_received(self, data: bytes) -> None:
        """Parse; what nobody asked for closes the connection, so that it can never answer the next request."""
        response = self._response
        if response is None:
            self.close()
            return
        self._quiet = -TICK
        self._barren += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if not response.complete:
                self.fail(_invalid(error))
                return
            self._keep = False
        if response.complete:
            self._finish()
        elif self._barren > MAX_HEAD:
            self.fail(UpstreamError(Reason.INVALID, f"more than {MAX_HEAD} bytes of headers"))
        if response.status:
            response.wake()

    def eof_received(self) -> None:
        """The server closed its side. That ends a body that has no other end (RFC 9112, 6.3), and breaks any other."""
        self._ended(clean=True)

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is gone."""
        self._ended(clean=exc is None)
        self._owner.lost(self)

    # what the parser finds

    def on_message_begin(self) -> None:
        """A second answer to one request is a lie that must not reach the next request."""
        if self._response is None or self._response.complete:
            raise _RefusedError("bytes after the end of the answer")

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer, which is dropped."""
        name = name.lower()
        self._headers.append((name, value))
        if name == b"transfer-encoding":
            self._coding += value

    def on_headers_complete(self) -> None:
        """The head is whole: check what the parser lets through."""
        response = self._response
        if response is None or response.complete:
            raise _RefusedError("bytes after the end of the answer")
        status = self._parser.get_status_code()
        headers, self._headers = self._headers, []
        if self._coding:
            coding, self._coding = self._coding, b""
            if status >= 200 and coding.strip().lower() != b"chunked":
                raise _RefusedError("a transfer coding that was not asked for")
        if not 200 <= status <= 599:
            _check_interim(status)
            return
        if self._barren > MAX_HEAD or len(headers) > MAX_HEADERS:
            _check_size(headers)
        self._keep = self._parser.should_keep_alive()
        if not self.used:
            self._idle_seconds = idle_seconds(headers)
        self._barren = 0
        response.start(status, headers)
        if self._without_body:
            response.complete = True

    def on_body(self, chunk: bytes) -> None:
        """A piece of the body."""
        response = self._response
        if response is None or response.complete:
            raise _RefusedError("a body where none may be")
        self._barren = 0
        if response.feed(chunk) > HIGH_WATER and not self._paused:
            self._paused = True
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        """The end of the answer, or of an interim one (1xx)."""
        if self._response is not None and self._response.status:
            self._response.complete = True
            if self._headers:  # trailers: dropped here, but the parser has believed them
                self._keep = self._keep and self._parser.should_keep_alive()

    # what follows

    def _finish(self) -> None:
        """The answer is complete: back to the pool, or closed where it cannot be used again."""
        self._response = None
        self.used = True
        self._quiet = 0.0
        if self._headers:
            self._headers, self._coding = [], b""
        over = self._idle_seconds <= 0 or self._loop.time() >= self.retires
        if self._without_body or not self._keep or over or self._transport.get_write_buffer_size():
            self.close()
            return
        if self._paused:
            self.resume()
        self._owner.released(self)

    def _ended(self, *, clean: bool) -> None:
        self.closing = True
        response = self._response
        if response is None:
            return
        if clean and response.status and not self._keep and not _framed(response.headers):
            response.complete = True
            self._response = None
            response.wake()
            return
        self.dropped = self.used and not response.status and not self._barren
        where = "in the middle of" if response.status or self._barren else "before"
        self.fail(UpstreamError(Reason.UNREACHABLE, f"the connection was closed {where} the answer"))


class _RefusedError(Exception):
    """What the parser accepts and we do not; the message completes `the server sent …`."""


def idle_seconds(headers: list[tuple[bytes, bytes]]) -> float:
    """How long the connection may stay unused: a second less than the server promises, at most MAX_IDLE_SECONDS."""
    for name, value in headers:
        if name == b"keep-alive" and (match := _TIMEOUT.search(value)):
            return min(float(match[1]) - 1, MAX_IDLE_SECONDS)
    return IDLE_SECONDS


def _framed(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    return any(name in (b"content-length", b"transfer-encoding") for name, _ in headers)


def _check_interim(status: int) -> None:
    """A status that is no answer's: it may come before one, and then it is passed over."""
    if status > 599:
        raise _RefusedError(f"status {status}, which HTTP does not know")
    if status < 100 or status == 101:
        raise _RefusedError(f"status {status}, which was not asked for")


def _check_size(headers: list[tuple[bytes, bytes]]) -> None:
    if len(headers) > MAX_HEADERS:
        raise _RefusedError(f"more than {MAX_HEADERS} headers")
    if sum(len(name) + len(value) + 4 for name, value in headers) > MAX_HEAD:
        raise _RefusedError(f"more than {MAX_HEAD} bytes of headers")


def _invalid(error: Exception) -> UpstreamError:
    """The fault as an error; httptools hides what a callback raised in `__context__`."""
    inner = error.__context__
    if isinstance(inner, _RefusedError):
        return UpstreamError(Reason.INVALID, f"the server sent {inner}")
    if isinstance(error, httptools.HttpParserUpgrade):
        return UpstreamError(Reason.INVALID, "the server switched protocols, which was not asked for")
    return UpstreamError(Reason.INVALID, f"the server sent no valid HTTP: {error}")
