"""Where audit lines end up: a file that may be rotated under us, or a stream of the process. A thread writes: it may block."""

import asyncio
import errno
import logging
import os
import stat
import threading
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

log = logging.getLogger(__name__)

STREAMS = {"stdout": 1, "stderr": 2}

RETRY_SECONDS = 0.5
"""Between two attempts to write what could not be written."""

_LINE_END = ord("\n")

PIPE_BYTES = 4096
"""What a pipe takes in one piece (PIPE_BUF): several processes may write their lines into the same one."""


class AuditFile:
    """A Writer. `written` is called, in the thread, after each batch.

    Before each batch the file is opened anew if its path leads to another one by now (logrotate's `create`, an operator's `mv`); a
    file that has been cut short (`copytruncate`) is appended to.
    """

    def __init__(self, target: str, *, sync: bool, written: Callable[[], None]) -> None:
        """`target`: `stdout`, `stderr` or a path. OSError where it cannot be opened."""
        self._path = None if target in STREAMS else target
        self._target = target
        self._sync = sync
        self._written = written
        self._fd = STREAMS[target] if self._path is None else _open(target)
        self._batches: deque[bytes] = deque()
        self._wake = threading.Condition()
        self._closing = False
        self._trouble = ""
        self._batch = b""
        self._offset = 0  # of what is not written yet
        self._unconfirmed = False  # written, as far as the system's memory goes
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
        if not self._thread.is_alive() and self._path is not None:
            os.close(self._fd)
        return left.count(b"\n")

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._batches and not self._closing:
                    self._wake.wait()
                if not self._batches:
                    return
                self._batch, self._offset = self._batches.popleft(), 0
            if not self._write_all():
                return
            self._written()

    def _write_all(self) -> bool:
        """Write what is left of the batch, however long it takes; False when it is given up because the end is near."""
        while self._offset < len(self._batch) or self._unconfirmed:
            try:
                if self._offset < len(self._batch):
                    if self._path is not None and (not self._offset or self._batch[self._offset - 1] == _LINE_END):
                        self._follow(self._path)
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
        pipe = stat.S_ISFIFO(os.fstat(self._fd).st_mode)
        view = memoryview(self._batch)
        self._unconfirmed = self._sync
        for end in ends(self._batch, self._offset, PIPE_BYTES if pipe else len(self._batch)):
            while self._offset < end:
                self._offset += os.write(self._fd, view[self._offset : end])

    def _confirm(self) -> None:
        """Have the disk say that it has what was written. It is asked until it does, and nothing counts as written before.

        Some systems forget what they could not write, and confirm the next time (fsync(2), errors): the log has the failure.
        """
        if self._unconfirmed:
            try:
                os.fsync(self._fd)
            except OSError as error:
                if error.errno not in (errno.EINVAL, errno.EROFS):  # no pipe and no terminal can be synchronised
                    raise
            self._unconfirmed = False

    def _follow(self, path: str) -> None:
        ours = os.fstat(self._fd)
        try:
            theirs = Path(path).stat()
        except FileNotFoundError:
            theirs = None
        if theirs is None or (theirs.st_dev, theirs.st_ino) != (ours.st_dev, ours.st_ino):
            new = _open(path)
            try:
                self._confirm()
            except OSError:
                os.close(new)
                raise
            os.close(self._fd)
            self._fd = new

    def _report(self, error: OSError) -> None:
        trouble = error.strerror or str(error)
        if trouble != self._trouble:
            self._trouble = trouble
            log.error("audit: %s cannot be written: %s; records wait in memory", self._target, trouble)

    def _recovered(self) -> None:
        if self._trouble:
            self._trouble = ""
            log.warning("audit: %s is written again", self._target)


def in_loop(call: Callable[[], None]) -> Callable[[], None]:
    """`call` from another thread; nothing once the event loop has ended."""
    loop = asyncio.get_running_loop()

    def later() -> None:
        try:
            loop.call_soon_threadsafe(call)
        except RuntimeError:
            log.debug("audit: the event loop has ended")

    return later


def ends(lines: bytes, start: int, size: int) -> Iterator[int]:
    """Where to cut `lines`, from `start` on, into whole lines of at most `size` bytes together; a longer one stays whole."""
    while start < len(lines):
        end = lines.rfind(b"\n", start, start + size) + 1
        start = end if end > start else lines.find(b"\n", start) + 1 or len(lines)
        yield start


def _open(path: str) -> int:
    """Readable by ourselves alone; appended to, whoever else writes."""
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
