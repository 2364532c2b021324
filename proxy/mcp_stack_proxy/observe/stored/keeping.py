"""Which files of records go: those that are too old, and the oldest ones where all together are too large."""

import contextlib
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from ...config import AuditFiles, seconds_of
from .naming import ENDING, INDEX_ENDING, Stored, in_use, index_of, stored

log = logging.getLogger(__name__)

PARTS = 8
"""A file is ended after this part of the age that records may have, so that they go little later than at that age."""


def span(files: AuditFiles) -> float:
    """Seconds for which one file is written to."""
    return seconds_of(files.max_age) / PARTS


def doomed(found: Sequence[Stored], files: AuditFiles, reserve: int, now: float, used: Callable[[Path], bool]) -> list[Stored]:
    """Those of `found` that have to go, so that there is room for `reserve` bytes. Whatever is `used` stays."""
    ended = [one for one in found if not used(one.path)]
    oldest = now - seconds_of(files.max_age)
    gone = [one for one in ended if one.written < oldest]
    kept = [one for one in ended if one.written >= oldest]
    total = reserve + sum(one.size for one in kept) + (len(found) - len(ended)) * files.max_file_bytes
    for one in kept:
        if total <= files.max_bytes:
            break
        gone.append(one)
        total -= one.size
    return gone


def prune(files: AuditFiles, reserve: int, now: float) -> None:
    """Remove what has to go, and every index without records. OSError where the directory cannot be read or changed."""
    data, index = Path(files.path), Path(files.index_path)
    found = stored(data)
    for one in doomed(found, files, reserve, now, in_use):
        with contextlib.suppress(FileNotFoundError):  # another process was first
            one.path.unlink()
            log.info("audit: %s has gone, by audit.files.max_age or max_bytes", one.name)
        with contextlib.suppress(FileNotFoundError):
            index_of(one.name, index).unlink()
    for left in index.glob(f"audit-*{INDEX_ENDING}"):
        if not (data / (left.name.removesuffix(INDEX_ENDING) + ENDING)).exists():
            left.unlink(missing_ok=True)
