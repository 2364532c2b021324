"""SQLite databases: copied by SQLite itself while others write, and checked by it."""

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from .copying import Changing, Vanished, copy_stable
from .errors import BackupError, DamagedError

HEADER = b"SQLite format 3\x00"
"""First bytes of every database ("Database File Format", 1.2.1)."""
LOGGED_AT, LOGGED = 18, b"\x02"
"""Byte that tells a database with a write-ahead log ("Database File Format", 1.3.3)."""
SIDES = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database while it is in use. A copy by SQLite has their content."""

BUSY_SECONDS = 60.0
"""Time that a database may be locked by somebody else's write."""
PAGES = 2048
"""Copied at a time of a database without a write-ahead log, which nobody can write to meanwhile."""
PAUSE_SECONDS = 0.02
"""Left to writers between two of them."""
RESTARTS = 3
"""Times that writers may make such a copy begin anew, before it is made in one go while they wait."""

_READ_ONLY = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN})
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class _Restarted(Exception):
    """A writer came between too often."""


def is_database(path: Path) -> bool:
    """Whether SQLite reads `path`: by its header, or, where nothing was ever committed, by what lies beside it."""
    try:
        with path.open("rb") as opened:
            head = opened.read(len(HEADER))
    except FileNotFoundError:
        return False
    return head == HEADER or (head == b"" and any(beside(path, side).exists() for side in SIDES))


def beside(path: Path, side: str) -> Path:
    """The file that SQLite keeps next to the database `path`."""
    return path.with_name(f"{path.name}{side}")


def copy_database(source: Path, copy: Path, scratch: Path) -> None:
    """Copy `source` to `copy` as of one moment, with every transaction that was committed by then. It is only ever read.

    SQLite would have to write beside it where nobody has it open, and to it where its last writer was killed. Then it and what lies
    beside it are copied to `scratch`, and opened there.
    """
    if _rests(source):
        try:
            _copy_resting(source, copy, scratch)
        except Changing:  # somebody opened it just now
            copy.unlink(missing_ok=True)
        else:
            return
    try:
        _backup(f"file:{quote(str(source.absolute()))}?mode=ro", copy)
    except sqlite3.Error as error:
        if _primary(error) not in _READ_ONLY:
            raise _explained(source, error) from error
        if not source.exists():
            raise Vanished(f"{source} is gone") from error
        copy.unlink(missing_ok=True)
        _copy_resting(source, copy, scratch)


def _rests(source: Path) -> bool:
    """Whether it has a write-ahead log that nobody has open ("Write-Ahead Logging", 6: read-only databases)."""
    with source.open("rb") as opened:
        head = opened.read(LOGGED_AT + 1)
    return head[LOGGED_AT:] == LOGGED and not beside(source, "-wal").exists()


def _copy_resting(source: Path, copy: Path, scratch: Path) -> None:
    with TemporaryDirectory(dir=scratch) as room:
        copy_stable([source, beside(source, "-wal"), beside(source, "-journal")], Path(room))
        try:
            _backup(f"file:{quote(str(Path(room, source.name)))}", copy)
        except sqlite3.Error as error:
            raise _explained(source, error) from error


def check_database(path: Path) -> None:
    """Raise DamagedError unless SQLite finds nothing wrong with `path`."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}", uri=True)) as database:
            found = [row[0] for row in database.execute("PRAGMA integrity_check(3)")]
    except sqlite3.Error as error:
        raise _explained(path, error) from error
    if found != ["ok"]:
        raise DamagedError(f"the database {path.name} is damaged: {'; '.join(found)}")


def _backup(uri: str, copy: Path) -> None:
    with closing(sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS)) as live, closing(sqlite3.connect(copy)) as target:
        (mode,) = live.execute("PRAGMA journal_mode").fetchone()
        if mode == "wal":  # a reader there keeps nobody waiting
            live.backup(target)
            return
        try:
            live.backup(target, pages=PAGES, progress=_Restarts(), sleep=PAUSE_SECONDS)
        except _Restarted:
            live.backup(target)


class _Restarts:
    """Counts how often a copy began anew, and ends it after the last time."""

    def __init__(self) -> None:
        self._left = RESTARTS
        self._remaining: int | None = None

    def __call__(self, status: int, remaining: int, total: int) -> None:
        if self._remaining is not None and remaining >= self._remaining and status == sqlite3.SQLITE_OK:
            self._left -= 1
            if self._left == 0:
                raise _Restarted
        self._remaining = remaining


def _primary(error: sqlite3.Error) -> int:
    """SQLite's code without its details ("Result and Error Codes")."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _explained(path: Path, error: sqlite3.Error) -> BackupError:
    code = _primary(error)
    if code in _DAMAGED:
        return DamagedError(f"the database {path} is damaged: {error}")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Changing(f"the database {path} stayed locked for {BUSY_SECONDS:g} s; its writer should end its transactions sooner")
    if code == sqlite3.SQLITE_FULL:
        return BackupError(f"no room is left for a copy of the database {path}; give the scratch directory more")
    return BackupError(f"the database {path} cannot be copied: {error}")
