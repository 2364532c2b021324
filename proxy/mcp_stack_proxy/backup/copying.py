"""Copies of files that others may be writing: the same before and after, or none."""

import hashlib
import os
import stat
import time
from collections.abc import Sequence
from io import BufferedReader
from pathlib import Path

from .errors import BackupError

TRIES = 6
FIRST_PAUSE_SECONDS = 0.05
"""Doubled with each further try."""
YOUNG_SECONDS = 2.0
"""A file that was written to within this time is read twice: two writes within a tick of the clock leave the same times behind."""
CHUNK = 1 << 20


class Changing(BackupError):
    """Files that were written to during each of the tries to read them."""


class Vanished(BackupError):
    """A file that is not there any more. Whoever removed it did not want it in a backup, either."""


Stamp = tuple[int, int, int, int]


def stamp(path: Path) -> Stamp | None:
    """What differs after a write to `path`, as far as the clock is fine enough; None where there is nothing."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def copy_stable(sources: Sequence[Path], into: Path) -> None:
    """Copy the `sources` that exist into the directory `into`, all as of one moment.

    Raises Changing when they never hold still, Vanished when the first of them is not there.
    """
    pause = FIRST_PAUSE_SECONDS
    for _ in range(TRIES):
        before = [stamp(path) for path in sources]
        if before[0] is None:
            raise Vanished(f"{sources[0]} is gone")
        if _copied(sources, before, into) and [stamp(path) for path in sources] == before:
            return
        time.sleep(pause)
        pause *= 2
    raise Changing(f"{sources[0]} was written to each of the {TRIES} times that it was read")


def _copied(sources: Sequence[Path], stamps: Sequence[Stamp | None], into: Path) -> bool:
    """Whether what was copied is what is still there."""
    for path, found in zip(sources, stamps, strict=True):
        copy = into / path.name
        if found is None:
            copy.unlink(missing_ok=True)
            continue
        try:
            digest = _copy(path, copy)
            if time.time_ns() - max(found[2], found[3]) < YOUNG_SECONDS * 1e9 and _digest(path) != digest:
                return False
        except FileNotFoundError:
            return False
    return True


def _copy(source: Path, copy: Path) -> str:
    digest = hashlib.sha256()
    with _opened(source) as reading, copy.open("wb") as writing:
        while chunk := reading.read(CHUNK):
            digest.update(chunk)
            writing.write(chunk)
    return digest.hexdigest()


def _digest(path: Path) -> str:
    with _opened(path) as reading:
        return hashlib.file_digest(reading, "sha256").hexdigest()


def _opened(path: Path) -> BufferedReader:
    """`path` to read, neither through a link nor waiting for the other end of a pipe: it may have become either by now."""
    opened = os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
    if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
        opened.close()
        raise FileNotFoundError(path)
    return opened
