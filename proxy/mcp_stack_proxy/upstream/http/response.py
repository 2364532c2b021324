"""What a server answered: status and headers at once, the body as it comes or as a whole."""

import asyncio
from collections.abc import Sequence
from typing import Protocol, Self

from msgspec import Struct

from ...errors import Reason, UpstreamError

LOW_WATER = 64 * 1024
"""Bytes held for the reader below which the connection is read again."""


class Source(Protocol):
    """The connection that a response comes from, as far as the response needs it."""

    def resume(self) -> None:
        """Read on after a pause."""

    def close(self) -> None:
        """Close the connection; nothing more comes."""


class Response(Struct, eq=False):
    """One answer. Read it by `read()` or by iteration, once and by one task; whoever stops early calls `abort()`.

    Cancelling the task that waits in either closes the connection: an answer half read is worth nothing to another request.
    """

    _source: Source
    _loop: asyncio.AbstractEventLoop
    status: int = 0
    """HTTP status; 0 until the head has arrived."""
    headers: Sequence[tuple[bytes, bytes]] = ()
    """Names in lower case, in the order sent, hop-by-hop headers among them."""
    complete: bool = False
    """Whether the whole body has arrived."""
    buffered: int = 0
    """Bytes that have arrived and are not read yet."""
    fault: UpstreamError | None = None
    """Why the answer ended early."""
    _chunks: list[bytes] = []
    _waiter: asyncio.Future[None] | None = None

    def header(self, name: bytes) -> bytes | None:
        """Value of the first header `name` (lower case)."""
        for key, value in self.headers:
            if key == name:
                return value
        return None

    def at_once(self, limit: int) -> bytes | None:
        """The whole body, where it has arrived and has at most `limit` bytes: what `read` would give without waiting."""
        if self.complete and self.buffered <= limit and self.fault is None:
            return self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        return None

    async def read(self, limit: int) -> bytes:
        """The whole body; UpstreamError INVALID where it has more than `limit` bytes."""
        if (body := self.at_once(limit)) is not None:
            return body
        parts: list[bytes] = []
        size = 0
        while not self.complete or self._chunks:
            size += self.buffered
            if size > limit or self._announced() > limit:
                self.abort()
                raise UpstreamError(Reason.INVALID, f"the answer is larger than {limit} bytes")
            if self._chunks:
                parts.append(self._take())
            elif self.fault is not None:
                raise self.fault
            else:
                await self._more()
        whole = b"".join(parts)
        self._chunks, self.buffered = [whole], len(whole)
        return whole

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        """What has arrived since the last piece, at least one byte. Reading slowly slows the server down."""
        while not self._chunks:
            if self.fault is not None:
                raise self.fault
            if self.complete:
                raise StopAsyncIteration
            await self._more()
        return self._take()

    def abort(self) -> None:
        """Give the answer up: the connection is closed, unless the answer is complete already."""
        if not self.complete and self.fault is None:
            self.fault = UpstreamError(Reason.UNREACHABLE, "the answer was given up")
            self._source.close()
            self.wake()

    def start(self, status: int, headers: Sequence[tuple[bytes, bytes]]) -> None:
        """For the connection: the head has arrived."""
        self.status = status
        self.headers = headers

    def feed(self, chunk: bytes) -> int:
        """For the connection: a piece of the body. Returns how many bytes wait for the reader."""
        self._chunks.append(chunk)
        self.buffered += len(chunk)
        return self.buffered

    def fail(self, fault: UpstreamError) -> None:
        """For the connection: nothing more comes, and why."""
        if self.fault is None:
            self.fault = fault
        self.wake()

    def wake(self) -> None:
        """For the connection: something changed."""
        waiter = self._waiter
        if waiter is not None:
            self._waiter = None
            if not waiter.done():
                waiter.set_result(None)

    def change(self) -> asyncio.Future[None]:
        """Done at the next change."""
        self._waiter = waiter = self._loop.create_future()
        return waiter

    async def _more(self) -> None:
        try:
            await self.change()
        except asyncio.CancelledError:
            self.abort()
            raise

    def _take(self) -> bytes:
        chunks, self._chunks = self._chunks, []
        held, self.buffered = self.buffered, 0
        if held > LOW_WATER and not self.complete and self.fault is None:
            self._source.resume()
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def _announced(self) -> int:
        length = self.header(b"content-length")
        return int(length) if length is not None and self.status not in (204, 304) else 0
