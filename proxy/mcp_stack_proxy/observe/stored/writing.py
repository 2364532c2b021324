"""Files of records as a place for them: begun, ended and removed while records are written. Belongs to the thread that writes."""

import contextlib
import errno
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

from ...config import AuditFiles
from .index import IndexWriter
from .keeping import prune, span
from .naming import index_of, lock, new_name

log = logging.getLogger(__name__)

OF_THE_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.ENODEV})
"""What may be wrong with a disk while the configuration is right. Whoever starts meanwhile serves, and tries again."""

REST_SECONDS = 3600.0
"""Between two looks at what has to go, where nothing is written."""


class OwnFiles:
    """A Place: a new file for each process, each `max_file_bytes`, and each eighth of `max_age`."""

    def __init__(self, files: AuditFiles, clock: Callable[[], float] = time.time) -> None:
        """OSError where records cannot be kept there, for another reason than the disk."""
        self._files = files
        self._clock = clock
        self._fd: int | None = None
        self._path = Path()
        self._begun = 0.0
        self._index: IndexWriter | None = None
        self.name = files.path
        self.patience = min(REST_SECONDS, span(files))
        try:
            self._begin()
        except OSError as error:
            if error.errno not in OF_THE_DISK:
                raise
            log.error("audit: %s cannot be written: %s; records wait in memory", files.path, error.strerror)  # noqa: TRY400

    @property
    def fd(self) -> int:
        """The file that is being written."""
        if self._fd is None:
            raise OSError(errno.EBADF, "no file has been begun")
        return self._fd

    def prepare(self, confirm: Callable[[], None]) -> int:
        """See Place."""
        now, size = self._clock(), self._size()
        if size is None or size >= self._files.max_file_bytes or not 0 <= now - self._begun < span(self._files):
            confirm()
            self._end()
            self._begin()
            size = 0
        self._note(now, size)
        return self._files.max_file_bytes - size

    def rest(self, confirm: Callable[[], None]) -> None:
        """See Place: an old file is ended, so that it can go when its time has come, and what has to go goes."""
        now = self._clock()
        if self._fd is not None and now - self._begun >= span(self._files):
            confirm()
            self._end()
        prune(self._files, 0, now)

    def close(self) -> None:
        """See Place."""
        self._end()

    def _size(self) -> int | None:
        """Bytes of the file; None where there is none, or somebody has removed it."""
        if self._fd is None:
            return None
        ours = os.fstat(self._fd)
        return ours.st_size if ours.st_nlink else None

    def _begin(self) -> None:
        now = self._clock()
        data, index = Path(self._files.path), Path(self._files.index_path)
        for directory in (data, index):
            directory.mkdir(0o700, parents=True, exist_ok=True)
        prune(self._files, self._files.max_file_bytes, now)
        path = data / new_name(now)
        self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        lock(self._fd)
        self._path, self._begun = path, now
        try:
            self._index = IndexWriter(index_of(path.name, index))
        except OSError as error:
            self._no_index(error)

    def _end(self) -> None:
        if self._index is not None:
            self._index.close()
            self._index = None
        if self._fd is not None:
            fd, self._fd = self._fd, None
            empty = os.fstat(fd).st_size == 0
            os.close(fd)
            if empty:
                with contextlib.suppress(OSError):
                    self._path.unlink()

    def _note(self, now: float, size: int) -> None:
        try:
            if self._index is not None:
                self._index.note(now, size)
        except OSError as error:
            self._no_index(error)

    def _no_index(self, error: OSError) -> None:
        """Records matter more."""
        if self._index is not None:
            self._index.close()
            self._index = None
        log.warning("audit: the index of %s cannot be written: %s; searches read all of it", self._path.name, error.strerror)
