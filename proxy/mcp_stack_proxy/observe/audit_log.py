"""The audit's buffer: lines come from the event loop at once, and are written by a thread in batches.

What is promised: a record is in the file (or with the reader of stdout) at most `flush_seconds` after its call, so that kill -9
loses the calls of that time and no more. A full disk, or a reader that does not read, keeps the lines in memory up to
`buffer_bytes`, and they are tried again; what comes beyond is lost, counted (`mcp_proxy_audit_lost_total`) and logged once. Calls
never wait for the audit: a full disk stops the records, not the service.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Protocol

log = logging.getLogger(__name__)

EARLY = 256 * 1024
"""Bytes that are written without waiting for the time."""


class Writer(Protocol):
    """Takes batches of whole lines, in order, and says when each is written."""

    def put(self, batch: bytes) -> None:
        """Write `batch`, in a thread of its own."""
        ...

    @property
    def failures(self) -> int:
        """Attempts to write that have failed."""
        ...

    def close(self, seconds: float) -> int:
        """Write what was put, for at most `seconds`; the number of lines that could not be written."""
        ...


class Lines(Protocol):
    """Takes lines, one or more logs."""

    def write(self, line: bytes) -> None:
        """Take one record."""
        ...


class AuditLog:
    """Lines on their way to a Writer, which has at most one batch at a time. Belongs to one event loop."""

    def __init__(self, writer: Callable[[Callable[[], None]], Writer], flush_seconds: float, buffer_bytes: int) -> None:
        """`writer` makes the Writer, which calls what it is given after each batch, in the event loop."""
        self._writer = writer(self._done)
        self._flush_seconds = flush_seconds
        self._most = buffer_bytes
        self._lines: list[bytes] = []
        self._size = 0
        self._writing = 0  # bytes of the batch that the writer has
        self._timer: asyncio.TimerHandle | None = None
        self._losing = False
        self.written = 0
        """Records taken."""
        self.lost = 0
        """Records that there was no room for."""

    def write(self, line: bytes) -> None:
        """Take one record."""
        size = len(line)
        if self._size + self._writing + size > self._most:
            self._lose()
            return
        self._lines.append(line)
        self._size += size
        self.written += 1
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._flush_seconds, self._flush)
        elif self._size >= EARLY and not self._writing:
            self._timer.cancel()
            self._flush()

    @property
    def failures(self) -> int:
        """Attempts to write that have failed."""
        return self._writer.failures

    def close(self, seconds: float) -> None:
        """Write everything, for at most `seconds`; what cannot be written is counted as lost. Blocks."""
        if self._timer is not None:
            self._timer.cancel()
        if self._lines:
            self._writer.put(b"".join(self._lines))
            self._lines = []
        if left := self._writer.close(seconds):
            self.lost += left
            log.error("audit: %d records could not be written before the end", left)

    def _flush(self) -> None:
        if self._writing:  # it is slow; its next batch is then a larger one
            self._timer = asyncio.get_running_loop().call_later(self._flush_seconds, self._flush)
            return
        self._timer = None
        batch, self._writing = b"".join(self._lines), self._size
        self._lines, self._size = [], 0
        self._writer.put(batch)

    def _done(self) -> None:
        self._writing = 0
        if self._losing:
            log.warning("audit: records are written again; %d have been lost so far", self.lost)
            self._losing = False

    def _lose(self) -> None:
        self.lost += 1
        if not self._losing:
            self._losing = True
            log.error("audit: %d bytes wait to be written (audit.buffer_bytes), further records are lost", self._most)


class Both:
    """Lines for several logs, each of which goes on where another one cannot."""

    def __init__(self, logs: Mapping[str, AuditLog]) -> None:
        self._writes = tuple(log.write for log in logs.values())

    def write(self, line: bytes) -> None:
        """Take one record."""
        for write in self._writes:
            write(line)
