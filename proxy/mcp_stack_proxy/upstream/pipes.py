"""Our ends of a child's pipes, as the event loop drives them."""

import asyncio
from collections.abc import Callable
from typing import cast


class Input(asyncio.BaseProtocol):
    """stdin of the child."""

    def __init__(self, closed: Callable[[], None]) -> None:
        self.closed = False
        self.writable = asyncio.Event()
        """Set while little waits to be read by the child, and for good once it is closed."""
        self.writable.set()
        self._closed = closed
        self._transport: asyncio.WriteTransport | None = None

    def waiting(self) -> int:
        """Bytes not taken by the child yet."""
        return 0 if self._transport is None else self._transport.get_write_buffer_size()

    def write(self, data: bytes) -> None:
        """Send `data`, or nothing at all once the pipe is closed."""
        if self._transport is not None and not self.closed:
            self._transport.write(data)

    def close(self) -> None:
        """Close after what is waiting has been taken."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Close at once. A second close of a pipe that is closing already would run into a bug of asyncio's transport."""
        if self._transport is not None and (self.waiting() or not self._transport.is_closing()):
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The pipe is ready."""
        self._transport = cast("asyncio.WriteTransport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """The child closed it, or we did."""
        self._transport = None
        self.closed = True
        self.writable.set()
        self._closed()

    def pause_writing(self) -> None:
        """The child reads slower than we write."""
        self.writable.clear()

    def resume_writing(self) -> None:
        """It has caught up."""
        self.writable.set()


class Output(asyncio.Protocol):
    """stdout or stderr of the child."""

    def __init__(self, hear: Callable[[bytes], None], closed: Callable[[], None]) -> None:
        self.closed = False
        self._hear = hear
        self._closed = closed
        self._transport: asyncio.BaseTransport | None = None

    def abort(self) -> None:
        """Close at once."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The pipe is ready."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """The child said something."""
        self._hear(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever could write to it is gone, or we closed it."""
        self._transport = None
        self.closed = True
        self._closed()
