"""A restore: the whole archive is unpacked and checked elsewhere first, and takes the place of the old data at the end."""

from pathlib import Path

from .archive import scratch_in, unpack
from .contents import Manifest
from .errors import DamagedError, UsageError
from .naming import Stored
from .progress import Progress
from .swapping import content, prepared
from .taking import room_for
from .target import Target


def restore(target: Target, backup: Stored, to: Path, progress: Progress, *, force: bool = False) -> Manifest:
    """Restore `backup` to the directory `to`. Without `force` it has to be empty, or not be there.

    Whatever happens on the way, `to` is as it was or as it was backed up. On a volume of its own it may be in between if the very
    last step is interrupted; the next restore finishes that one first.
    """
    to = to.resolve()
    if to.exists() and not to.is_dir():
        raise UsageError(f"{to} is no directory; --to is the directory of the data")
    if not to.parent.is_dir():
        raise UsageError(f"{to.parent} does not exist; make it, or mount the volume that it should be")
    with room_for(to), prepared(to) as swap:
        if swap.recover():
            progress.say("recovered", directory=str(to), why="an earlier restore was interrupted")
        old = content(to) if to.exists() else []
        if old and not force:
            raise UsageError(f"{to} is not empty, it holds {old[0].name!r}; --force replaces what is there, once all is restored")
        swap.new.mkdir()
        manifest = _unpacked(target, backup, swap.new)
        progress.say("unpacked", id=backup.id, files=len(manifest.entries), bytes=manifest.size)
        swap.swap()
    return manifest


def prove(target: Target, backup: Stored, scratch: Path | None, progress: Progress) -> Manifest:
    """Restore `backup` into a directory that is removed again: what a restore would do in earnest works."""
    with scratch_in(scratch) as room:
        return restore(target, backup, room / "restored", progress)


def _unpacked(target: Target, backup: Stored, root: Path) -> Manifest:
    try:
        with target.opened(backup) as raw:
            manifest = unpack(raw, root, keep=True)
    except DamagedError as error:
        hint = f"`mcp-stack-proxy backups {target.place}` lists the others"
        raise DamagedError(f"the backup {backup.id} of {backup.name!r} cannot be restored: {error}. {hint}") from error
    if (manifest.name, manifest.id) != (backup.name, backup.id):
        was = f"{manifest.id} of {manifest.name!r}"
        raise DamagedError(f"{backup.file} is the backup {was}, renamed; give it its own name back")
    return manifest
