"""Backups in a directory: a volume, or a disk of this machine."""

import fcntl
import os
import socket
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from .archive import sync_directory
from .errors import BusyError, UsageError
from .naming import Stored, stored

PARTIAL = ".partial-"
LOCK = ".lock-"


class Held:
    """A lock that the kernel keeps for as long as this process lives."""

    def confirm(self) -> None:
        """It cannot be lost."""


class DirectoryDraft:
    """An archive in the target's own directory, so that it only has to be renamed."""

    def __init__(self, final: Path) -> None:
        self._final = final
        self._path = final.with_name(f"{PARTIAL}{final.name}")

    @property
    def path(self) -> Path:
        """Where it is written."""
        return self._path

    def stage(self) -> None:
        """It is there already."""

    @contextmanager
    def opened(self) -> Generator[BinaryIO, None, None]:
        """What was written, read back from the disk as far as the kernel lets it."""
        with self._path.open("rb") as raw:
            os.posix_fadvise(raw.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            yield raw

    def commit(self) -> None:
        """Rename it."""
        self._path.rename(self._final)
        sync_directory(self._final.parent)

    def discard(self) -> None:
        """Remove it."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)


class DirectoryTarget:
    """A directory that exists: one that is missing is more often a volume that is not mounted."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.root = Path(place)
        if not self.root.is_dir():
            raise UsageError(f"{place} is no directory; make it, or mount the volume that it should be")

    def stored(self) -> list[Stored]:
        """All backups."""
        return list(self._stored())

    def _stored(self) -> Iterator[Stored]:
        with os.scandir(self.root) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):  # pruned since it was listed
                    found = stored(entry.name, entry.stat().st_size) if entry.is_file(follow_symlinks=False) else None
                    if found is not None:
                        yield found

    @contextmanager
    def locked(self, name: str) -> Generator[Held, None, None]:
        """A lock of the kernel, which ends with its process however that ends."""
        with (self.root / f"{LOCK}{name}").open("a+") as opened:
            try:
                fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                opened.seek(0)
                who = opened.read().strip() or "another process"
                raise BusyError(f"{who} is taking a backup of {name!r} to {self.place}; wait for its end") from None
            opened.truncate(0)
            opened.write(f"process {os.getpid()} on {socket.gethostname()}\n")
            opened.flush()
            yield Held()

    def sweep(self, name: str) -> list[str]:
        """Remove drafts of `name`: whoever holds the lock knows that nobody is writing one."""
        found = [path for path in self.root.glob(f"{PARTIAL}*") if _is_of(path.name, name)]
        for path in found:
            path.unlink(missing_ok=True)
        return sorted(path.name for path in found)

    def draft(self, backup: Stored, scratch: Path) -> DirectoryDraft:
        """A draft beside the backups; `scratch` is not needed."""
        del scratch
        return DirectoryDraft(self.root / backup.file)

    @contextmanager
    def opened(self, backup: Stored) -> Generator[BinaryIO, None, None]:
        """The archive of `backup`."""
        with (self.root / backup.file).open("rb") as raw:
            yield raw

    def delete(self, backup: Stored) -> None:
        """Remove it."""
        (self.root / backup.file).unlink(missing_ok=True)
        sync_directory(self.root)


def _is_of(file: str, name: str) -> bool:
    found = stored(file.removeprefix(PARTIAL), 0)
    return found is not None and found.name == name
