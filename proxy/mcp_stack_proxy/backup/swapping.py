"""Putting restored data where the old was: at once, or so that an interruption is made good by the next run."""

import ctypes
import errno
import fcntl
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from .archive import sync_directory
from .errors import BusyError
from .walking import RESTORING, SYSTEM

RENAME_EXCHANGE = 2
"""renameat2(2)."""
_HERE = -100
"""AT_FDCWD: paths are those of this process."""


class Beside:
    """A directory next to the one that is restored, which takes its place in one step."""

    def __init__(self, to: Path) -> None:
        self._to = to
        self.box = to.with_name(f".{to.name}{RESTORING}")
        self.new = self.box / "new"
        self._old = self.box / "old"

    def recover(self) -> bool:
        """Put back what an interrupted swap had moved away; the rest of that restore is thrown away."""
        moved = self._old.exists() and not self._to.exists()
        if moved:
            self._old.rename(self._to)
        _clear(self.box)
        return moved

    def swap(self) -> None:
        """The new data in place of the old, which is gone afterwards."""
        if self._to.exists():
            shutil.copymode(self._to, self.new)
        if not self._to.exists() or not any(self._to.iterdir()):
            self.new.rename(self._to)  # over an empty directory, too
        elif not _exchanged(self.new, self._to):
            self._to.rename(self._old)
            self.new.rename(self._to)
        sync_directory(self._to.parent)
        shutil.rmtree(self.box)


class Inside:
    """A directory in the one that is restored: a volume's own, next to which there is only another file system.

    Nothing can replace a mounted directory, so that its entries are moved one by one. What was reached is written down first; if
    that ends half way, `recover` does the rest: the old data are complete until it is decided, and the new ones from then on.
    """

    def __init__(self, to: Path) -> None:
        self._to = to
        self.box = to / RESTORING
        self.new = self.box / "new"
        self._old = self.box / "old"
        self._decided, self._emptied = self.box / "decided", self.box / "emptied"

    def recover(self) -> bool:
        """Finish a swap that was decided; whatever else is left of a restore is thrown away. True: the new data are in place."""
        decided = self._decided.exists()
        if decided:
            self._move()
        _clear(self.box)
        return decided

    def swap(self) -> None:
        """The new data in place of the old, which is gone afterwards."""
        self._note(self._decided)
        self._move()
        shutil.rmtree(self.box)

    def _move(self) -> None:
        if not self._emptied.exists():
            self._old.mkdir(exist_ok=True)
            for path in content(self._to):
                path.rename(self._old / path.name)
            self._note(self._emptied)
        for path in list(self.new.iterdir()):
            path.rename(self._to / path.name)
        sync_directory(self._to)

    def _note(self, mark: Path) -> None:
        sync_directory(self.new)
        mark.touch()
        sync_directory(self._to)
        sync_directory(self.box)


def content(directory: Path) -> list[Path]:
    """What lies in `directory`, without what a file system or a restore keeps there."""
    return sorted(path for path in directory.iterdir() if path.name not in {*SYSTEM, RESTORING})


@contextmanager
def prepared(to: Path) -> Generator[Beside | Inside, None, None]:
    """A place for new data at `to`, a path without links. Its `box` is locked against another restore, and gone in the end."""
    swap = Inside(to) if _needs_inside(to) else Beside(to)
    swap.box.mkdir(exist_ok=True)
    fd = os.open(swap.box, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(f"another process restores to {to}; wait for its end") from None
        try:
            yield swap
        finally:
            _undo(swap)
    finally:
        os.close(fd)


def _needs_inside(to: Path) -> bool:
    return to.exists() and (to.is_mount() or not os.access(to.parent, os.W_OK))


def _undo(swap: Beside | Inside) -> None:
    """Leave nothing behind. What cannot be undone or finished now, the next restore does; after a swap there is nothing."""
    with suppress(OSError):
        swap.recover()
        swap.box.rmdir()


def _clear(box: Path) -> None:
    for path in box.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _exchanged(first: Path, second: Path) -> bool:
    """Swap two directories in one step; False where the file system cannot (NFS)."""
    libc = ctypes.CDLL(None, use_errno=True)
    done: int = libc.renameat2(_HERE, os.fsencode(first), _HERE, os.fsencode(second), RENAME_EXCHANGE)
    if done == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.EINVAL, errno.ENOSYS):
        return False
    raise OSError(code, os.strerror(code), str(second))
