"""Standard input and output as lines, whatever they are: pipes, files, a terminal.

An event loop can wait for pipes alone, and a thread pool would be waited for at the end, for ever where the other side neither
writes nor reads. So each direction has a thread of its own that ends with the process.
"""

import asyncio
import os
import queue
import threading
from collections.abc import AsyncIterator
from contextlib import suppress

BACKLOG = 16 * 1024 * 1024
"""Bytes that may wait to be read by the client, or one line of any size."""


class TooLong(Exception):
    """A line beyond the limit, which was skipped."""


class Lines:
    """Lines of `descriptor`, at most `room` of them at work at once: each has to be reported as `done`."""

    def __init__(self, descriptor: int, limit: int, room: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._limit = limit
        self._room = threading.Semaphore(room)
        self._lines: asyncio.Queue[bytes | None] = asyncio.Queue()
        threading.Thread(target=self._read, args=(descriptor,), name="standard input", daemon=True).start()

    def done(self) -> None:
        """A line needs no room any more."""
        self._room.release()

    async def __aiter__(self) -> AsyncIterator[bytes | TooLong]:
        """Lines without their end, blank ones left out, until the other side closes."""
        while (line := await self._lines.get()) is not None:
            yield line if len(line) <= self._limit else TooLong()

    def _read(self, descriptor: int) -> None:
        with open(descriptor, "rb") as source, suppress(OSError, RuntimeError):  # the loop is closed when the process ends
            while line := source.readline(self._limit + 2):
                whole = line.endswith(b"\n")
                while not whole and (rest := source.readline(65536)):
                    whole = rest.endswith(b"\n")
                if line.strip():
                    self._room.acquire()
                    self._loop.call_soon_threadsafe(self._lines.put_nowait, line.removesuffix(b"\n"))
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._lines.put_nowait, None)


class Printer:
    """Writes lines to `descriptor`, in order and whole."""

    def __init__(self, descriptor: int) -> None:
        self.gone = asyncio.Event()
        """Set when the other side does not read any more."""
        self._loop = asyncio.get_running_loop()
        self._waiting = 0
        self._settled = asyncio.Event()
        self._settled.set()
        self._queue: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        threading.Thread(target=self._write, args=(descriptor,), name="standard output", daemon=True).start()

    async def line(self, message: bytes) -> None:
        """Write `message`, which is JSON, as a line; wait while too much waits already."""
        while self._waiting > BACKLOG:
            self._settled.clear()
            await self._settled.wait()
        if b"\n" in message or b"\r" in message:
            message = message.replace(b"\n", b" ").replace(b"\r", b" ")
        self._waiting += len(message) + 1
        self._queue.put(message + b"\n")

    async def flush(self) -> None:
        """Wait until everything has been read, or never will be."""
        while self._waiting:
            self._settled.clear()
            await self._settled.wait()

    def _write(self, descriptor: int) -> None:
        while True:
            line = self._queue.get()
            gone = False
            try:
                rest = memoryview(line)
                while rest:
                    rest = rest[os.write(descriptor, rest) :]
            except OSError:
                gone = True
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._written, len(line), gone)

    def _written(self, size: int, gone: bool) -> None:
        self._waiting -= size
        self._settled.set()
        if gone:
            self.gone.set()
