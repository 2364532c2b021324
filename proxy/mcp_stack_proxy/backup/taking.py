"""One backup from begin to end: copy, archive, read back, give it its name, and only then remove old ones."""

import errno
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .. import __version__
from .archive import Writer, scratch_in, unpack, written
from .contents import FORMAT, Entry, Manifest
from .copying import Changing, Vanished, copy_stable
from .databases import SIDES, copy_database, is_database
from .errors import BackupError, UsageError
from .naming import Stored, next_id, of_name
from .progress import Progress
from .target import Draft, Target
from .walking import Found, Walked, walk

ROUNDS = 5
"""Times that files which came while others were copied are copied, too."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for."""

    source: Path
    name: str
    keep: int | None = None
    """Backups of `name` that are left; None: all."""
    exclude: tuple[str, ...] = ()
    """Patterns of paths that are left out."""
    scratch: Path | None = None
    """Where copies are made; the system's directory for temporary files by default."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of it."""

    backup: Stored
    manifest: Manifest
    pruned: tuple[str, ...]
    kept: int


def take(wanted: Wanted, target: Target, progress: Progress, clock: Callable[[], float] = time.time) -> Taken:
    """Take a backup. When it fails, nothing is removed but what there is of it."""
    if not wanted.source.is_dir():
        raise UsageError(f"{wanted.source} is no directory; --from is the directory of the data")
    with target.locked(wanted.name) as lock, scratch_in(wanted.scratch) as scratch:
        for left in target.sweep(wanted.name):
            progress.say("removed", what=left, why="a killed process left it")
        before = of_name(target.stored(), wanted.name)
        now = clock()
        backup = Stored(wanted.name, next_id(now, (one.id for one in before)))
        draft = target.draft(backup, scratch)
        try:
            manifest = _write(wanted, backup, draft, scratch, progress, now)
            draft.stage()
            _read_back(draft, scratch, manifest)
            progress.say("verified", id=backup.id, files=len(manifest.entries))
            lock.confirm()
            size = draft.path.stat().st_size
            draft.commit()
        except BaseException:
            draft.discard()
            raise
        progress.say("kept", id=backup.id, archive_bytes=size)
        lock.confirm()
        pruned = _prune(before, target, wanted.keep, progress)
    return Taken(Stored(backup.name, backup.id, size), manifest, pruned, len(before) + 1 - len(pruned))


def _write(wanted: Wanted, backup: Stored, draft: Draft, scratch: Path, progress: Progress, now: float) -> Manifest:
    with room_for(draft.path.parent), written(draft.path) as writer:
        left_out = _add_all(wanted, writer, scratch, progress)
        created = datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        manifest = Manifest(
            format=FORMAT,
            name=backup.name,
            id=backup.id,
            created=created,
            source=str(wanted.source),
            tool=__version__,
            entries=list(writer.entries.values()),
            left_out=list(left_out),
        )
        writer.finish(manifest)
    return manifest


def _add_all(wanted: Wanted, writer: Writer, scratch: Path, progress: Progress) -> Sequence[str]:
    """Everything that is there, and what came meanwhile: a file that is replaced by renaming would be missed otherwise."""
    for _ in range(ROUNDS):
        walked = _walked(wanted)
        missing = [found for found in walked.found if found.path not in writer.entries]
        if not missing:
            for path in walked.left_out:
                progress.say("left out", path=path, why="it is a socket, a pipe or a device")
            return walked.left_out
        _add(missing, wanted.source, writer, scratch, progress)
    raise Changing(f"{wanted.source} got new files in each of {ROUNDS} rounds; --exclude the directory of temporary files")


def _walked(wanted: Wanted) -> Walked:
    """What there is, without what SQLite keeps beside its databases."""
    walked = walk(wanted.source, wanted.exclude)
    files = {found.path for found in walked.found if found.kind == "file"}
    sides = {
        f"{path}{side}"
        for path in files
        if any(f"{path}{side}" in files for side in SIDES) and is_database(wanted.source / path)
        for side in SIDES
    }
    return Walked(tuple(found for found in walked.found if found.path not in sides), walked.left_out)


def _add(missing: Sequence[Found], source: Path, writer: Writer, scratch: Path, progress: Progress) -> None:
    """Add what is `missing`, and say all at once what never held still."""
    fuzzy: list[str] = []
    for found in missing:
        entry = Entry(path=found.path, kind=found.kind, mode=found.mode, mtime=found.mtime, target=found.target)
        if found.kind != "file":
            writer.add(entry)
            continue
        try:
            _add_file(entry, source / found.path, writer, scratch)
        except Vanished:
            progress.say("gone", path=found.path)
        except Changing as error:
            fuzzy.append(found.path)
            progress.say("changing", path=found.path, why=str(error))
    if fuzzy:
        hint = "take the backup when they rest, or --exclude those that may be missing"
        raise Changing(f"{', '.join(fuzzy)}: written to during each try to copy {'it' if len(fuzzy) == 1 else 'them'}; {hint}")


def _add_file(entry: Entry, path: Path, writer: Writer, scratch: Path) -> None:
    with room_for(scratch), scratch_in(scratch) as room:
        if is_database(path):
            copy = room / "copy"
            copy_database(path, copy, room)
            entry = entry.model_copy(update={"kind": "database"})
        else:
            copy_stable([path], room)
            copy = room / path.name
        writer.add_file(entry, copy)


def _read_back(draft: Draft, scratch: Path, manifest: Manifest) -> None:
    with room_for(scratch), scratch_in(scratch) as room, draft.opened() as raw:
        found = unpack(raw, room, keep=False)
    if found != manifest:
        raise BackupError("what was read back is another backup than the one that was written; is somebody else writing there?")


def _prune(before: Sequence[Stored], target: Target, keep: int | None, progress: Progress) -> tuple[str, ...]:
    """Remove the oldest of `before` by their ids, so that with the new one `keep` are left."""
    surplus = [] if keep is None else list(before)[: max(0, len(before) + 1 - keep)]
    for old in surplus:
        target.delete(old)
        progress.say("pruned", id=old.id)
    return tuple(old.id for old in surplus)


@contextmanager
def room_for(place: Path) -> Generator[None, None, None]:
    """Errors of a disk in words: which one is full, or what may not be read."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise BackupError(f"no room is left in {place}; give it more, or --keep fewer") from error
        if isinstance(error, PermissionError):
            raise BackupError(f"{error.filename} may not be read or written; run as the user whose data they are") from error
        raise
