"""Databases are copied by SQLite, whatever state their writer left them in."""

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing

import pytest

from mcp_stack_proxy.backup import databases
from mcp_stack_proxy.backup.databases import HEADER, check_database, copy_database, is_database
from mcp_stack_proxy.backup.errors import BackupError, DamagedError
from tests.deadlines import SOON

MODES = ["wal", "delete", "truncate", "persist"]


def made(path, mode, rows=100):
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    database.execute(f"PRAGMA journal_mode={mode}")
    database.execute("PRAGMA synchronous=OFF")
    database.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, text TEXT)")
    insert(database, range(rows))
    return database


def insert(database, numbers):
    database.executemany("INSERT INTO t VALUES (?, ?)", ((n, "x" * 500) for n in numbers))


def rows(path):
    with closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT count(*) FROM t").fetchone()[0]


@pytest.fixture
def room(tmp_path):
    made = tmp_path / "room"
    made.mkdir()
    return made


@pytest.mark.parametrize("mode", MODES)
def test_a_copy_has_what_was_committed_and_nothing_else(tmp_path, room, mode):
    path = tmp_path / "a ? b#c%.db"
    with closing(made(path, mode)) as writer:
        writer.execute("BEGIN")
        insert(writer, range(100, 150))
        copy_database(path, room / "copy", room)
        writer.execute("ROLLBACK")
    assert rows(room / "copy") == 100
    check_database(room / "copy")


@pytest.mark.parametrize("mode", MODES)
def test_a_copy_of_a_database_at_rest_leaves_nothing_beside_it(tmp_path, room, mode):
    path = tmp_path / "a.db"
    made(path, mode).close()
    before = sorted(found.name for found in tmp_path.iterdir())
    copy_database(path, room / "copy", room)
    assert rows(room / "copy") == 100
    assert sorted(found.name for found in tmp_path.iterdir()) == before


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_a_copy_is_made_of_what_a_killed_writer_left(tmp_path, room, mode):
    """With a transaction half written: into the log, or into the database with its journal beside."""
    path = tmp_path / "a.db"
    made(path, mode).close()
    code = (
        "import os, sqlite3, sys\n"
        "d = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "d.execute('PRAGMA cache_size=2'); d.execute('PRAGMA synchronous=OFF')\n"
        "d.execute('BEGIN')\n"
        "d.executemany('INSERT INTO t VALUES (?, ?)', ((n, 'y' * 900) for n in range(1000, 3000)))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    assert subprocess.run([sys.executable, "-c", code, path], timeout=SOON).returncode == -9
    assert (tmp_path / f"a.db-{'wal' if mode == 'wal' else 'journal'}").stat().st_size > 10_000
    copy_database(path, room / "copy", room)
    assert rows(room / "copy") == 100
    check_database(room / "copy")


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_a_copy_is_one_moment_while_somebody_writes(tmp_path, room, mode):
    """Each transaction adds a row to both tables: a copy in which they differ would be of two moments."""
    path = tmp_path / "a.db"
    made(path, mode, rows=4000).close()
    stop, began = threading.Event(), threading.Event()

    def write():
        with closing(sqlite3.connect(path, isolation_level=None, timeout=SOON)) as writer:
            writer.execute("CREATE TABLE u (n INTEGER PRIMARY KEY)")
            n = 0
            while not stop.is_set():
                writer.executescript(f"BEGIN; INSERT INTO t VALUES ({10_000 + n}, 'z'); INSERT INTO u VALUES ({n}); COMMIT")
                n += 1
                began.set()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        assert began.wait(SOON)
        copy_database(path, room / "copy", room)
    finally:
        stop.set()
        thread.join()
    with closing(sqlite3.connect(room / "copy")) as copy:
        counted = copy.execute("SELECT (SELECT count(*) FROM t) - 4000, (SELECT count(*) FROM u)").fetchone()
    assert counted[0] == counted[1] > 0
    check_database(room / "copy")


def test_writers_that_come_between_too_often_wait_in_the_end(tmp_path, room, monkeypatch):
    path = tmp_path / "a.db"
    with closing(made(path, "delete", rows=400)) as writer:
        monkeypatch.setattr(databases, "PAGES", 4)
        count, seen = databases._Restarts.__call__, []

        def write_between(self, status, remaining, total):
            seen.append(remaining)
            insert(writer, [10_000 + len(seen)])
            count(self, status, remaining, total)

        monkeypatch.setattr(databases._Restarts, "__call__", write_between)
        copy_database(path, room / "copy", room)
    assert rows(room / "copy") == 400 + len(seen)


def test_a_database_that_stays_locked_is_an_error_with_the_time(tmp_path, room, monkeypatch):
    monkeypatch.setattr(databases, "BUSY_SECONDS", 0.05)
    path = tmp_path / "a.db"
    with closing(made(path, "delete")) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        with pytest.raises(BackupError, match=r"stayed locked for 0\.05 s"):
            copy_database(path, room / "copy", room)


@pytest.mark.parametrize("where", [16, 4096])
def test_a_damaged_database_is_named(tmp_path, room, where):
    path = tmp_path / "a.db"
    made(path, "delete", rows=500).close()
    with path.open("r+b") as opened:
        opened.seek(where)
        opened.write(b"\xff" * 2000)
    with pytest.raises(DamagedError, match="is damaged"):
        (copy_database(path, room / "copy", room), check_database(room / "copy"))


def test_an_index_that_contradicts_its_table_is_damage(tmp_path):
    path = tmp_path / "a.db"
    with closing(made(path, "delete")) as database:
        database.execute("CREATE INDEX i ON t (text)")
        database.execute("PRAGMA writable_schema=ON")
        database.execute("UPDATE sqlite_master SET sql = 'CREATE INDEX i ON t (n)' WHERE name = 'i'")
    with pytest.raises(DamagedError):
        check_database(path)


def test_what_a_database_is_shows_in_its_first_bytes(tmp_path):
    path = tmp_path / "a"
    for content, expected in [(HEADER + b"rest", True), (HEADER[:-1], False), (b"", False)]:
        path.write_bytes(content)
        assert is_database(path) is expected
    (tmp_path / "a-journal").write_bytes(b"")
    assert is_database(path)
    path.unlink()
    assert not is_database(path)


def test_a_database_that_goes_away_meanwhile_is_said_to_be_gone(tmp_path, room, monkeypatch):
    path = tmp_path / "a.db"
    made(path, "delete").close()
    path.unlink()
    monkeypatch.setattr(databases, "_rests", lambda _: False)
    with pytest.raises(databases.Vanished):
        copy_database(path, room / "copy", room)


def test_a_database_that_somebody_opens_while_it_is_copied_is_copied_live(tmp_path, room, monkeypatch):
    path = tmp_path / "a.db"
    made(path, "wal").close()
    opened = []

    def opening(*_):
        opened.append(sqlite3.connect(path, isolation_level=None))
        insert(opened[0], [1000])
        raise databases.Changing("written to")

    monkeypatch.setattr(databases, "_copy_resting", opening)
    copy_database(path, room / "copy", room)
    opened[0].close()
    assert rows(room / "copy") == 101
