"""A backup is written, read back, named, and only then old ones go."""

import errno
import os
import sqlite3
from contextlib import closing

import pytest

from mcp_stack_proxy.backup import copying, taking
from mcp_stack_proxy.backup.copying import Changing
from mcp_stack_proxy.backup.directory import DirectoryDraft, DirectoryTarget
from mcp_stack_proxy.backup.errors import BackupError, BusyError, DamagedError, UsageError
from mcp_stack_proxy.backup.restoring import restore
from mcp_stack_proxy.backup.taking import Wanted, take
from tests.backup.trees import tree


def visible(target):
    return sorted(path.name for path in target.root.iterdir() if not path.name.startswith(".lock"))


@pytest.fixture
def three(data, target, said):
    """Three backups of earlier days."""
    return [take(Wanted(data, "data"), target, said, clock=lambda day=day: day * 86400.0).backup for day in (1, 2, 3)]


def test_a_backup_holds_everything_and_says_so(data, target, said):
    taken = take(Wanted(data, "data"), target, said, clock=lambda: 1_700_000_000.0)
    assert visible(target) == ["data-20231114T221320Z-0000.tar.gz"]
    manifest = taken.manifest
    assert (manifest.created, manifest.source, manifest.name, manifest.id) == (
        "2023-11-14T22:13:20Z",
        str(data),
        "data",
        taken.backup.id,
    )
    assert [entry.path for entry in manifest.entries] == [str(path.relative_to(data)) for path in sorted(data.rglob("*"))]
    assert [line["event"] for line in said.lines] == ["verified", "kept"]


def test_a_database_is_copied_by_sqlite_and_what_lies_beside_it_is_left_out(data, target, said, tmp_path):
    with closing(sqlite3.connect(data / "deep" / "a.db", isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode=wal")
        writer.execute("CREATE TABLE t (n)")
        writer.execute("INSERT INTO t VALUES (1)")
        assert (data / "deep" / "a.db-wal").stat().st_size > 0
        taken = take(Wanted(data, "data"), target, said)
        paths = [entry.path for entry in taken.manifest.entries]
        assert [path for path in paths if "a.db" in path] == ["deep/a.db"]
        assert [entry.path for entry in taken.manifest.of_kind("database")] == ["deep/a.db"]
        restore(target, taken.backup, tmp_path / "restored", said)
    with closing(sqlite3.connect(tmp_path / "restored" / "deep" / "a.db")) as restored:
        assert restored.execute("SELECT n FROM t").fetchall() == [(1,)]


def test_a_file_named_as_if_it_lay_beside_a_database_is_a_file(data, target, said):
    (data / "notes.txt-wal").write_text("not SQLite's")
    assert "notes.txt-wal" in [entry.path for entry in take(Wanted(data, "data"), target, said).manifest.entries]


@pytest.mark.parametrize(("keep", "left"), [(None, 4), (1, 1), (2, 2), (4, 4), (9, 4)])
def test_the_newest_are_kept(data, target, said, three, keep, left):
    taken = take(Wanted(data, "data", keep), target, said)
    assert visible(target) == sorted(one.file for one in [*three, taken.backup])[-left:]
    assert (taken.kept, len(taken.pruned)) == (left, 4 - left)
    assert [line["id"] for line in said.events("pruned")] == list(taken.pruned)


def test_backups_of_others_are_left_alone(data, target, said, three):
    take(Wanted(data, "other"), target, said)
    take(Wanted(data, "data", 1), target, said)
    assert [name.split("-")[0] for name in visible(target)] == ["data", "other"]


def test_a_clock_that_went_back_prunes_the_oldest_all_the_same(data, target, said, three):
    taken = take(Wanted(data, "data", 2), target, said, clock=lambda: 0.0)
    assert visible(target) == [three[2].file, taken.backup.file]
    assert taken.manifest.created == "1970-01-01T00:00:00Z"


def test_a_clock_that_ran_ahead_once_does_no_harm(data, target, said):
    ahead = take(Wanted(data, "data", 2), target, said, clock=lambda: 4e9).backup
    later = [take(Wanted(data, "data", 2), target, said, clock=lambda n=n: float(n)).backup for n in range(3)]
    assert visible(target) == [later[1].file, later[2].file]
    assert later[0].id > ahead.id


FAILURES = {
    "writing": (taking, "written", OSError(errno.ENOSPC, "No space left on device")),
    "copying": (taking, "copy_stable", Changing("moves")),
    "reading back": (taking, "unpack", DamagedError("it is damaged")),
    "naming": (DirectoryDraft, "commit", OSError(errno.EIO, "I/O error")),
}


@pytest.mark.parametrize("where", FAILURES)
def test_nothing_is_pruned_and_nothing_left_when_the_new_one_fails(data, target, said, three, monkeypatch, where):
    owner, name, error = FAILURES[where]

    def fail(*_, **__):
        raise error

    monkeypatch.setattr(owner, name, fail)
    with pytest.raises((BackupError, OSError)):
        take(Wanted(data, "data", 1), target, said)
    assert visible(target) == [one.file for one in three]


def test_what_the_disk_gives_back_is_what_counts(data, target, said, monkeypatch):
    """Between writing and reading back a byte falls over: the backup is none."""
    stage = DirectoryDraft.stage

    def rot(draft):
        content = bytearray(draft.path.read_bytes())
        content[len(content) // 2] ^= 1
        draft.path.write_bytes(bytes(content))
        stage(draft)

    monkeypatch.setattr(DirectoryDraft, "stage", rot)
    with pytest.raises(DamagedError):
        take(Wanted(data, "data"), target, said)
    assert visible(target) == []


def test_another_backup_in_the_place_of_the_one_that_was_written_is_noticed(data, target, said, three, monkeypatch):
    monkeypatch.setattr(DirectoryDraft, "opened", lambda _: target.opened(three[0]))
    with pytest.raises(BackupError, match="is somebody else writing there"):
        take(Wanted(data, "data"), target, said)


def test_a_damaged_database_makes_no_backup(data, target, said, three):
    with closing(sqlite3.connect(data / "a.db")) as database:
        database.execute("CREATE TABLE t (n)")
        database.executemany("INSERT INTO t VALUES (?)", [("x" * 1000,)] * 100)
        database.commit()
    with (data / "a.db").open("r+b") as opened:
        opened.seek(8192)
        opened.write(b"\xff" * 4096)
    with pytest.raises(DamagedError, match=r"a\.db|copy"):
        take(Wanted(data, "data", 1), target, said)
    assert visible(target) == [one.file for one in three]


def test_files_that_never_hold_still_are_named_all_at_once(data, target, said, monkeypatch):
    monkeypatch.setattr(copying, "FIRST_PAUSE_SECONDS", 0.0001)
    copy = copying._copy

    def moving(source, to):
        digest = copy(source, to)
        if source.suffix in (".txt", ".bin"):
            source.write_bytes(source.read_bytes() + b".")
        return digest

    monkeypatch.setattr(copying, "_copy", moving)
    with pytest.raises(Changing, match=r"deep/big\.bin, notes\.txt: written to .*--exclude those"):
        take(Wanted(data, "data"), target, said)
    assert len(said.events("changing")) == 2
    assert take(Wanted(data, "data", exclude=("*.txt", "*.bin")), target, said)


def arriving(monkeypatch, act):
    add = taking._add

    def added(missing, source, *rest):
        add(missing, source, *rest)
        act(source)

    monkeypatch.setattr(taking, "_add", added)


def test_a_file_that_comes_meanwhile_is_in_the_backup(data, target, said, monkeypatch):
    arriving(monkeypatch, lambda source: (source / "notes.txt").exists() and (source / "notes.txt").rename(source / "new.txt"))
    paths = [entry.path for entry in take(Wanted(data, "data"), target, said).manifest.entries]
    assert "new.txt" in paths


def test_a_directory_that_never_stops_to_fill_is_an_error(data, target, said, monkeypatch):
    arriving(monkeypatch, lambda source: (source / f"{len(list(source.iterdir()))}.tmp").touch())
    with pytest.raises(Changing, match="got new files in each of 5 rounds"):
        take(Wanted(data, "data"), target, said)


def test_a_file_that_goes_meanwhile_is_said_and_missing(data, target, said, monkeypatch):
    copy = taking.copy_stable

    def late(sources, into):
        (data / "notes.txt").unlink(missing_ok=True)
        copy(sources, into)

    monkeypatch.setattr(taking, "copy_stable", late)
    paths = [entry.path for entry in take(Wanted(data, "data"), target, said).manifest.entries]
    assert "notes.txt" not in paths
    assert [line["path"] for line in said.events("gone")] == ["notes.txt"]


def test_what_is_left_out_is_said(data, target, said):
    os.mkfifo(data / "pipe")
    assert take(Wanted(data, "data"), target, said).manifest.left_out == ["pipe"]
    assert [line["path"] for line in said.events("left out")] == ["pipe"]


def test_what_a_killed_process_left_is_removed_by_the_next(data, target, said):
    left = target.root / ".partial-data-20231114T221320Z-0000.tar.gz"
    others = target.root / ".partial-data-b-20231114T221320Z-0000.tar.gz"
    left.touch(), others.touch()
    take(Wanted(data, "data"), target, said)
    assert (left.exists(), others.exists()) == (False, True)
    assert [line["what"] for line in said.events("removed")] == [left.name]


def test_only_one_takes_backups_of_a_name_at_a_time(data, target, said):
    with target.locked("data"):
        with pytest.raises(BusyError, match=r"process \d+ on .* is taking a backup of 'data'"):
            take(Wanted(data, "data"), target, said)
        take(Wanted(data, "other"), target, said)
    take(Wanted(data, "data"), target, said)


def test_a_lock_that_was_lost_ends_a_backup_before_it_changes_anything(data, target, said, three, monkeypatch):
    class Lost:
        def confirm(self):
            raise BusyError("another process took over")

    monkeypatch.setattr("mcp_stack_proxy.backup.directory.Held", Lost)
    with pytest.raises(BusyError):
        take(Wanted(data, "data", 1), target, said)
    assert visible(target) == [one.file for one in three]


def test_a_source_that_is_missing_is_said(tmp_path, target, said):
    with pytest.raises(UsageError, match="--from is the directory of the data"):
        take(Wanted(tmp_path / "nothing", "data"), target, said)


def test_a_target_that_is_missing_is_said(tmp_path):
    with pytest.raises(UsageError, match="mount the volume"):
        DirectoryTarget(str(tmp_path / "nothing"))


def test_a_file_that_may_not_be_read_is_named(data, target, said, monkeypatch):
    def refused(sources, _):
        raise PermissionError(errno.EACCES, "Permission denied", str(sources[0]))

    monkeypatch.setattr(taking, "copy_stable", refused)
    with pytest.raises(BackupError, match=r"big\.bin may not be read or written; run as the user"):
        take(Wanted(data, "data"), target, said)


def test_the_scratch_directory_is_left_as_it_was(data, target, said, tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    take(Wanted(data, "data", scratch=scratch), target, said)
    assert list(scratch.iterdir()) == []


def test_data_may_be_named_like_what_a_backup_works_with(tmp_path, target, said):
    data = tmp_path / "data"
    (data / "copy").mkdir(parents=True)
    for name in ("resting", "copy.sqlite", "manifest.json", "restored"):
        (data / name).write_text(name)
    taken = take(Wanted(data, "data"), target, said)
    restore(target, taken.backup, tmp_path / "restored", said)
    assert tree(tmp_path / "restored") == tree(data)
