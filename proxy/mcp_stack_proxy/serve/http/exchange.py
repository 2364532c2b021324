"""One request and its response on a connection."""

import asyncio
import http
import logging
from collections.abc import Callable, Sequence
from typing import Protocol, cast

from msgspec import Struct

from .request import JSON, Header, Refusal, Request, Served

log = logging.getLogger(__name__)

_PHRASES = {status.value: status.phrase.encode() for status in http.HTTPStatus}
STATUS_LINE = {status: b"HTTP/1.1 %d %b\r\n" % (status, _PHRASES.get(status, b"")) for status in range(100, 600)}

_BODILESS = (204, 304)
_CLOSE = b"connection: close\r\n"
_CHUNKED = b"transfer-encoding: chunked\r\n"
_LAST = b"0\r\n\r\n"

_SMALL = 64 * 1024
"""Body size up to which copying it behind the head is cheaper than a second buffer."""


_NONE = cast("Request", None)
"""Stands for the request of an exchange that has none yet, or no longer."""


class Line(Protocol):
    """The connection, as far as an exchange needs it."""

    transport: asyncio.Transport
    unread: bool
    """Whether the client has to read before more is written to it."""

    @property
    def draining(self) -> bool:
        """Whether there should be no other request after this one."""
        ...

    async def read(self) -> None:
        """Wait until the client has read, or is gone."""

    def answered(self, exchange: "Exchange") -> None:
        """The response is complete."""

    def ended(self, exchange: "Exchange") -> None:
        """Nobody is at work on it any more."""


class Exchange(Struct, eq=False):
    """See Responder and Client. One `write` per response, or per piece of a stream."""

    _line: Line
    keep: bool
    """Whether the connection may carry another request afterwards."""
    old: bool
    """HTTP/1.0, which knows no chunks: the end of the connection is the end of a stream."""
    request: Request = _NONE
    """Refers to its exchange, and is set right after it is made."""
    served: Served | None = None
    refusal: Refusal | None = None
    """Why it is not served. It need not have arrived whole, then."""
    whole_body: bool = False
    """Whether the request has arrived whole."""
    started: bool = False
    answered: bool = False
    task: asyncio.Task[None] | None = None
    _gone: bool = False
    _watching: dict[Callable[[], None], None] | None = None

    async def run(self) -> None:
        """Answer the request. However that ends, the client is told: by a response, or by the end of the connection."""
        try:
            if self.served is None or self.refusal is not None:
                await self.request.refuse(self.refusal or Refusal(500, "internal error"))
            else:
                await self.served.handle(self.request)
        except Refusal as refusal:
            await self.request.refuse(refusal)
        except Exception:
            log.exception("a request failed unexpectedly")
            if not self.started:
                await self.request.refuse(Refusal(500, "internal error"))
        finally:
            if not self.answered:
                self._line.transport.close()  # in the middle of a response, which is the only true thing left to say
            self._line.ended(self)
            self.request = _NONE  # it refers to us: one collection less for the garbage collector

    def left(self) -> None:
        """The client is gone."""
        self._gone = self.answered = True
        if self._watching is not None:
            for left in tuple(self._watching):
                left()

    def watch(self, left: Callable[[], None]) -> None:
        """See Client."""
        if self._gone:
            asyncio.get_running_loop().call_soon(left)
        elif self._watching is None:
            self._watching = {left: None}
        else:
            self._watching[left] = None

    def unwatch(self, left: Callable[[], None]) -> None:
        """See Client."""
        if self._watching is not None:
            self._watching.pop(left, None)

    async def whole(self, status: int, headers: Sequence[Header], body: bytes) -> None:
        """See Responder."""
        if self._line.unread:
            await self._line.read()
        if self._gone:
            return
        framing = b"" if status in _BODILESS else b"content-length: %d\r\n" % len(body)
        head = self._head(status, headers, framing)
        if self.request.method == "HEAD":
            self._line.transport.write(head)
        elif len(body) <= _SMALL:
            self._line.transport.write(head + body)
        else:
            self._line.transport.writelines((head, body))
        self._done()

    async def begin(self, status: int, headers: Sequence[Header], first: bytes) -> None:
        """See Responder."""
        if self._line.unread:
            await self._line.read()
        if self._gone:
            return
        if self.old:
            self.keep = False
        head = self._head(status, headers, b"" if self.old else _CHUNKED)
        self._line.transport.write(head + self._framed(first))

    async def part(self, data: bytes) -> None:
        """See Responder."""
        if self._line.unread:
            await self._line.read()
        if self._open() and data:
            self._line.transport.write(self._framed(data))

    async def end(self, last: bytes) -> None:
        """See Responder."""
        if self._line.unread:
            await self._line.read()
        if self._open():
            self._line.transport.write(self._framed(last) + (b"" if self.old else _LAST))
            self._done()

    def _head(self, status: int, headers: Sequence[Header], framing: bytes) -> bytes:
        """Status line, `headers`, and the line that says where the body ends. RuntimeError where the response has begun before."""
        if self.started:
            raise RuntimeError("a response was started twice")
        if not self.whole_body or self._line.draining:
            self.keep = False  # what is still coming belongs to a request that has its answer
        lines = _JSON_ALONE if len(headers) == 1 and headers[0] is JSON else _lines(headers)
        self.started = True
        return b"%b%b%b%b\r\n" % (STATUS_LINE[status], lines, framing, b"" if self.keep else _CLOSE)

    def _framed(self, data: bytes) -> bytes:
        return b"%x\r\n%b\r\n" % (len(data), data) if data and not self.old else data

    def _open(self) -> bool:
        if self._gone:
            return False
        if not self.started or self.answered:
            raise RuntimeError("a piece outside of a response")
        return True

    def _done(self) -> None:
        self.answered = True
        self._line.answered(self)


def _lines(headers: Sequence[Header]) -> bytes:
    """`headers` as they are sent. RuntimeError where one would break out of its line (response splitting)."""
    lines = b"".join([b"%b: %b\r\n" % header for header in headers])
    if not lines.count(b"\r") == lines.count(b"\n") == len(headers):
        raise RuntimeError("a header with a line break")
    return lines


_JSON_ALONE = _lines([JSON])
"""The headers of nearly every answer."""
