"""Archives: one gzipped tar, written and read from front to back, with its manifest last."""

import gzip
import hashlib
import io
import os
import tarfile
import tempfile
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from .contents import DATA, FORMAT, FORMAT_KEY, MANIFEST, Entry, Manifest, check_format, parsed
from .copying import CHUNK
from .databases import HEADER, SIDES, beside, check_database
from .errors import DamagedError
from .walking import stays_inside

LEVEL = 4
"""Of compression: three quarters of what 9 saves, in a fifth of its time."""
MAX_MANIFEST = 256 << 20
"""Bytes of a manifest: a million files."""


class Writer:
    """Adds what is to be backed up to an archive, and keeps the entries of its manifest."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.entries: dict[str, Entry] = {}

    def add(self, entry: Entry) -> None:
        """A directory or a link."""
        info = _info(entry)
        info.type = tarfile.DIRTYPE if entry.kind == "directory" else tarfile.SYMTYPE
        info.linkname = entry.target or ""
        self._tar.addfile(info)
        self.entries[entry.path] = entry

    def add_file(self, entry: Entry, copy: Path) -> None:
        """A file or database, whose content is that of `copy`."""
        with copy.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
            known = entry.model_copy(update={"size": opened.tell(), "sha256": digest})
            opened.seek(0)
            self._tar.addfile(_info(known), opened)
        self.entries[entry.path] = known

    def finish(self, manifest: Manifest) -> None:
        """The last member."""
        data = manifest.model_dump_json(exclude_defaults=True).encode()
        info = tarfile.TarInfo(MANIFEST)
        info.size, info.mode = len(data), 0o644
        self._tar.addfile(info, io.BytesIO(data))


def _info(entry: Entry) -> tarfile.TarInfo:
    info = tarfile.TarInfo(f"{DATA}{entry.path}")
    info.mode, info.mtime, info.size = entry.mode, entry.mtime, entry.size
    return info


@contextmanager
def written(path: Path) -> Generator[Writer, None, None]:
    """A new archive at `path`, which the disk has at the end of the block."""
    with path.open("xb") as raw:
        with (
            gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=LEVEL, mtime=0) as packed,
            tarfile.open(
                fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT, pax_headers={FORMAT_KEY: str(FORMAT)}, encoding="utf-8"
            ) as tar,
        ):
            yield Writer(tar)
        raw.flush()
        os.fsync(raw.fileno())


def unpack(raw: BinaryIO, root: Path, *, keep: bool) -> Manifest:
    """Read a whole archive, checking every file by its digest and every database by SQLite, and restore it below the empty `root`.

    Without `keep` nothing is left there but the directories, so that no more room is needed than the largest file takes. Raises
    DamagedError for whatever differs from its manifest, and for names that lead out of `root`.
    """
    try:
        with gzip.GzipFile(fileobj=raw, mode="rb") as packed:
            manifest = _unpack(packed, root, keep=keep)
            while packed.read(CHUNK):  # to the end, where the checksum is
                pass
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, UnicodeError, OverflowError) as error:
        raise DamagedError(f"it is damaged: {error or type(error).__name__}") from error
    if keep:
        _settle(root, manifest)
    return manifest


def _unpack(packed: gzip.GzipFile, root: Path, *, keep: bool) -> Manifest:
    found: dict[str, tuple[str, int, str | None]] = {}
    manifest: Manifest | None = None
    with tarfile.open(fileobj=packed, mode="r|", encoding="utf-8") as tar:
        check_format(tar.pax_headers.get(FORMAT_KEY))
        for member in tar:
            if manifest is not None:
                raise DamagedError(f"it goes on after its manifest, with {member.name!r}")
            if member.name == MANIFEST and member.isreg():
                manifest = parsed(_whole(tar, member))
                continue
            path = _inside(member.name)
            if path in found:
                raise DamagedError(f"it holds {path!r} twice")
            try:
                found[path] = _one(tar, member, path, root, keep=keep)
            except (FileExistsError, NotADirectoryError) as error:
                raise DamagedError(f"it contradicts itself about {path!r}") from error
    if manifest is None:
        raise DamagedError("it breaks off: its manifest is missing")
    _compare(found, manifest)
    return manifest


def _one(tar: tarfile.TarFile, member: tarfile.TarInfo, path: str, root: Path, *, keep: bool) -> tuple[str, int, str | None]:
    """Restore one member; (kind, size, digest or target) of what it is."""
    place = root / path
    if member.issym():
        if not stays_inside(path, member.linkname):
            raise DamagedError(f"its link {path!r} leads out of the directory, to {member.linkname!r}")
        return "link", 0, member.linkname  # made last: nothing is ever written through one
    if member.isdir():
        place.mkdir(parents=True, exist_ok=True)
        return "directory", 0, None
    if member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE):
        raise DamagedError(f"{path!r} is neither a file nor a directory nor a link")
    place.parent.mkdir(parents=True, exist_ok=True)
    opened = tar.extractfile(member)
    if opened is None:
        raise DamagedError(f"{path!r} has no content")
    digest, size, head = hashlib.sha256(), 0, b""
    with opened, place.open("xb") as writing:
        while chunk := opened.read(CHUNK):
            head = head or chunk[: len(HEADER)]
            digest.update(chunk)
            writing.write(chunk)
            size += len(chunk)
        if keep:
            writing.flush()
            os.fsync(writing.fileno())
    if head == HEADER:
        check_database(place)
        for side in SIDES:
            beside(place, side).unlink(missing_ok=True)
    if not keep:
        place.unlink()
    return "file", size, digest.hexdigest()


def _whole(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    opened = tar.extractfile(member)
    if opened is None or member.size > MAX_MANIFEST:
        raise DamagedError(f"its manifest has {member.size} bytes, more than the {MAX_MANIFEST} that are read")
    return opened.read()


def _inside(name: str) -> str:
    path = name.removeprefix(DATA)
    if path == name or path.startswith("/") or "\0" in path or any(part in ("", ".", "..") for part in path.split("/")):
        raise DamagedError(f"its member {name!r} does not belong below the directory that is restored")
    return path


def _compare(found: dict[str, tuple[str, int, str | None]], manifest: Manifest) -> None:
    listed = {entry.path: entry for entry in manifest.entries}
    for path in sorted({*found, *listed}):
        if path not in found or path not in listed:
            raise DamagedError(f"{path!r} is {'not in it' if path in listed else 'not in its manifest'}")
        entry, (kind, size, mark) = listed[path], found[path]
        wanted = ("file" if entry.kind == "database" else entry.kind, entry.size, entry.target or entry.sha256)
        if wanted != (kind, size, mark):
            raise DamagedError(f"{path!r} differs from its manifest: {kind} of {size} bytes, {mark}, instead of {wanted}")


def _settle(root: Path, manifest: Manifest) -> None:
    """Links, modes and times, the innermost first: writing below a directory changes its time, and some cannot be written to."""
    for entry in manifest.of_kind("link"):
        (root / entry.path).symlink_to(entry.target or "")
    for entry in sorted(manifest.entries, key=lambda one: one.path, reverse=True):
        place = root / entry.path
        if entry.kind == "directory":
            sync_directory(place)
        if entry.kind != "link":
            place.chmod(entry.mode)
        os.utime(place, (entry.mtime, entry.mtime), follow_symlinks=False)
    sync_directory(root)


def sync_directory(path: Path) -> None:
    """Have the disk know which names `path` holds."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


@contextmanager
def scratch_in(directory: Path | None) -> Generator[Path, None, None]:
    """A directory for copies, gone at the end of the block."""
    with tempfile.TemporaryDirectory(prefix="mcp-stack-backup-", dir=directory, ignore_cleanup_errors=True) as place:
        yield Path(place)
