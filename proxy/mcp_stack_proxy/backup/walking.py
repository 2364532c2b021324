"""What is in a directory of data: in a stable order, with a rule for everything that is no file."""

import os
import posixpath
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

from .errors import BackupError

RESTORING = ".mcp-stack-restore"
"""Directory inside the data where a restore works, if it can nowhere else."""
SYSTEM = frozenset({"lost+found"})
"""What a file system keeps at its top for itself."""

Kind = Literal["file", "directory", "link"]


@dataclass(frozen=True, slots=True)
class Found:
    """An entry below the directory. `path`: relative, with slashes."""

    path: str
    kind: Kind
    mode: int
    mtime: int
    target: str | None = None
    """Where a link leads, as it says it."""


@dataclass(frozen=True, slots=True)
class Walked:
    """Entries in the order of their paths; `left_out` are sockets, pipes and devices, which hold no data of their own."""

    found: tuple[Found, ...]
    left_out: tuple[str, ...]


def walk(root: Path, exclude: Sequence[str] = ()) -> Walked:
    """Everything below `root` but what a pattern of `exclude` matches, a directory's content with it.

    Links are kept as links, and followed nowhere. One that leads out of `root` is an error: its data would not be in the backup.
    """
    found: list[Found] = []
    left_out: list[str] = []
    escaping: list[str] = []
    for path, entry in _below(root, "", exclude):
        try:
            status = entry.stat(follow_symlinks=False)
            target = str(Path(entry.path).readlink()) if entry.is_symlink() else None
        except FileNotFoundError:  # removed since it was listed
            continue
        mode, mtime = stat.S_IMODE(status.st_mode), int(status.st_mtime)
        if target is not None:
            if not stays_inside(path, target):
                escaping.append(f"{path} -> {target}")
            found.append(Found(path, "link", mode, mtime, target))
        elif entry.is_dir(follow_symlinks=False):
            found.append(Found(path, "directory", mode, mtime))
        elif entry.is_file(follow_symlinks=False):
            found.append(Found(path, "file", mode, mtime))
        else:
            left_out.append(path)
    if escaping:
        raise BackupError(f"links lead out of {root}: {', '.join(sorted(escaping))}; have them lead inside, or --exclude them")
    return Walked(tuple(sorted(found, key=lambda one: one.path)), tuple(sorted(left_out)))


def stays_inside(path: str, target: str) -> bool:
    """Whether a link at `path` that says `target` leads to a place below the same root."""
    reached = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    return not target.startswith("/") and reached != ".." and not reached.startswith("../")


def _below(root: Path, prefix: str, exclude: Sequence[str]) -> Iterator[tuple[str, os.DirEntry[str]]]:
    try:
        with os.scandir(root / prefix) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
    except FileNotFoundError:
        if not prefix:
            raise
        return  # removed since it was listed
    for entry in listed:
        path = f"{prefix}{entry.name}"
        if not prefix and entry.name in SYSTEM:
            continue
        if path == RESTORING:
            raise BackupError(f"a restore into {root} was interrupted; run it again, which ends it, before backups are taken")
        if any(fnmatchcase(path, pattern) for pattern in exclude):
            continue
        if not _is_text(path):
            raise BackupError(f"{path!a} is no name that an archive can hold; rename it, or --exclude it")
        yield path, entry
        if entry.is_dir(follow_symlinks=False):
            yield from _below(root, f"{path}/", exclude)


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
