"""Files of records and what their names say. One process writes to a file, and it keeps a lock on it as long as it does."""

import contextlib
import fcntl
import os
import re
import secrets
import socket
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

ENDING, INDEX_ENDING = ".jsonl", ".index"

_NAME = re.compile(r"audit-(\d{8}T\d{6}\.\d{3}Z)-[A-Za-z0-9.-]+\.jsonl")
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9.-]+")


@dataclass(frozen=True, slots=True)
class Stored:
    """One file of records, as it was when it was looked at."""

    path: Path
    size: int
    written: float
    """When it was last written to, in seconds since the epoch."""

    @property
    def name(self) -> str:
        """Sorts by when the file was begun."""
        return self.path.name


def new_name(now: float) -> str:
    """Name of a file that is begun at `now`: when, on which host (in a cluster the pod), and nobody else's."""
    milliseconds = int(now * 1000)
    stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime(milliseconds // 1000))
    host = _NOT_IN_NAMES.sub("-", socket.gethostname())[:63] or "host"
    return f"audit-{stamp}.{milliseconds % 1000:03d}Z-{host}-{secrets.token_hex(4)}{ENDING}"


def index_of(name: str, directory: Path) -> Path:
    """The index of the file `name`."""
    return directory / (name.removesuffix(ENDING) + INDEX_ENDING)


def stored(directory: Path) -> list[Stored]:
    """The files of records in `directory`, in the order in which they were begun. OSError where it cannot be read."""
    found: list[Stored] = []
    with os.scandir(directory) as entries:
        for entry in entries:
            if _NAME.fullmatch(entry.name):
                with contextlib.suppress(FileNotFoundError):  # somebody has removed it meanwhile
                    seen = entry.stat()
                    found.append(Stored(directory / entry.name, seen.st_size, seen.st_mtime))
    return sorted(found, key=lambda one: one.name)


def lock(fd: int) -> None:
    """Say that this process writes to the file `fd`. The system forgets it with the process, however that ends."""
    with contextlib.suppress(OSError):  # a file system without locks: then all files count as being written
        fcntl.flock(fd, fcntl.LOCK_EX)  # whoever asks `in_use` has it for a moment


def in_use(path: Path) -> bool:
    """Whether a process writes to it, or nobody can tell."""
    try:
        with _opened(path) as fd:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    return False


@contextlib.contextmanager
def _opened(path: Path) -> Generator[int]:
    fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        yield fd
    finally:
        os.close(fd)
