"""Audit lines on their way out of the process. A thread writes: a disk, or whoever reads the output, may block."""

import asyncio
import errno
import logging
import os
import threading
from collections import deque
from collections.abc import Callable

from .audit_places import Place

log = logging.getLogger(__name__)

RETRY_SECONDS = 0.5
"""Between two attempts to write what could not be written."""

_LINE_END = ord("\n")


class AuditWriter:
    """A Writer. `written` is called, in the thread, after each batch."""

    def __init__(self, place: Place, *, sync: bool, written: Callable[[], None]) -> None:
        self._place = place
        self._sync = sync
        self._written = written
        self._batches: deque[bytes] = deque()
        self._wake = threading.Condition()
        self._closing = False
        self._trouble = ""
        self._batch = b""
        self._offset = 0  # of what is not written yet
        self._unconfirmed = False  # written, as far as the system's memory goes
        self.failures = 0
        """See Writer."""
        self._thread = threading.Thread(target=self._run, name="audit", daemon=True)
        self._thread.start()

    def put(self, batch: bytes) -> None:
        """See Writer."""
        with self._wake:
            self._batches.append(batch)
            self._wake.notify()

    def close(self, seconds: float) -> int:
        """See Writer."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join(seconds)
        left = b"".join([self._batch[0 if self._unconfirmed else self._offset :], *self._batches])
        if not self._thread.is_alive():
            self._place.close()
        return left.count(b"\n")

    def _run(self) -> None:
        while True:
            with self._wake:
                called = self._wake.wait_for(lambda: bool(self._batches) or self._closing, self._place.patience)
                if called and not self._batches:
                    return
                if called:
                    self._batch, self._offset = self._batches.popleft(), 0
            if not called:
                self._rest()
            elif self._write_all():
                self._written()
            else:
                return

    def _rest(self) -> None:
        try:
            self._place.rest(self._confirm)
        except OSError as error:
            self._report(error)

    def _write_all(self) -> bool:
        """Write what is left of the batch, however long it takes; False when it is given up because the end is near."""
        while self._offset < len(self._batch) or self._unconfirmed:
            try:
                self._write()
                self._confirm()
            except OSError as error:
                self._report(error)
                with self._wake:
                    if self._wake.wait_for(lambda: self._closing, RETRY_SECONDS):
                        return False
        self._recovered()
        return True

    def _write(self) -> None:
        view = memoryview(self._batch)
        while self._offset < len(self._batch):
            if not self._offset or self._batch[self._offset - 1] == _LINE_END:
                end = piece(self._batch, self._offset, self._place.prepare(self._confirm))
            else:  # of a line that the disk has taken a part of
                end = piece(self._batch, self._offset, 1)
            self._unconfirmed = self._sync
            while self._offset < end:
                self._offset += os.write(self._place.fd, view[self._offset : end])

    def _confirm(self) -> None:
        """Have the disk say that it has what was written. It is asked until it does, and nothing counts as written before.

        Some systems forget what they could not write, and confirm the next time (fsync(2), errors): the log has the failure.
        """
        if self._unconfirmed:
            try:
                os.fsync(self._place.fd)
            except OSError as error:
                if error.errno not in (errno.EINVAL, errno.EROFS):  # no pipe and no terminal can be synchronised
                    raise
            self._unconfirmed = False

    def _report(self, error: OSError) -> None:
        self.failures += 1
        trouble = error.strerror or str(error)
        if trouble != self._trouble:
            self._trouble = trouble
            log.error("audit: %s cannot be written: %s; records wait in memory", self._place.name, trouble)

    def _recovered(self) -> None:
        if self._trouble:
            self._trouble = ""
            log.warning("audit: %s is written again", self._place.name)


def in_loop(call: Callable[[], None]) -> Callable[[], None]:
    """`call` from another thread; nothing once the event loop has ended."""
    loop = asyncio.get_running_loop()

    def later() -> None:
        try:
            loop.call_soon_threadsafe(call)
        except RuntimeError:
            log.debug("audit: the event loop has ended")

    return later


def piece(lines: bytes, start: int, size: int | None) -> int:
    """End of the whole lines of at most `size` bytes that begin at `start`; of a longer one its own. None: all lines."""
    if size is None:
        return len(lines)
    end = lines.rfind(b"\n", start, start + size) + 1
    return end if end > start else lines.find(b"\n", start) + 1 or len(lines)
