"""Files of records that the proxy begins, ends and removes by itself."""

import errno
import json
import os
import queue
import threading
import time
from pathlib import Path

import pytest

from mcp_stack_proxy.config import AuditFiles
from mcp_stack_proxy.observe import audit_writer
from mcp_stack_proxy.observe.audit_writer import AuditWriter
from mcp_stack_proxy.observe.stored import keeping
from mcp_stack_proxy.observe.stored.index import ENTRY, EVERY
from mcp_stack_proxy.observe.stored.naming import Stored, in_use, index_of, new_name, stored
from mcp_stack_proxy.observe.stored.writing import OwnFiles
from tests.deadlines import SOON

SIZE = 64 * 1024
NOW = float(int(time.time()))
LINE = b"%s\n" % json.dumps({"timestamp": "2027-01-15T08:00:00.000Z", "text": "x" * 950}).encode()


class Clock:
    now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def kept(path, **more):
    return AuditFiles(path=str(path / "data"), index_path=str(path / "index"), max_file_bytes=SIZE, **more)


class Written:
    """A writer to files of its own, and what it says after each batch."""

    def __init__(self, files, clock, **more):
        self._told = queue.SimpleQueue()
        self.writer = AuditWriter(OwnFiles(files, clock), sync=more.pop("sync", False), written=lambda: self._told.put(1))

    def put(self, batch):
        self.writer.put(batch)
        self._told.get(timeout=SOON)

    def close(self):
        return self.writer.close(SOON)


def contents(path):
    return [one.path.read_bytes() for one in stored(path / "data")]


@pytest.mark.parity("aggregate.audit-volume")
def test_a_full_file_is_followed_by_the_next_one_and_no_line_is_torn(tmp_path, clock):
    writer = Written(kept(tmp_path), clock)
    for number in range(3):
        clock.now += 1
        writer.put(LINE * 50 + b'{"n":%d}\n' % number)
    assert writer.close() == 0
    found = contents(tmp_path)
    assert len(found) > 2
    assert all(len(one) < SIZE + len(LINE) and one.endswith(b"\n") for one in found)
    assert b"".join(found).count(b"\n") == 153
    assert {Path(one.path).stat().st_mode & 0o777 for one in stored(tmp_path / "data")} == {0o600}


def test_a_file_is_ended_after_its_part_of_the_age(tmp_path, clock):
    files = kept(tmp_path, max_age="8h")
    writer = Written(files, clock)
    writer.put(b"a\n")
    clock.now += 3599
    writer.put(b"b\n")
    clock.now += 1
    writer.put(b"c\n")
    clock.now -= 7200  # a clock that is set back begins a new one, too, whose name tells the time that it has
    writer.put(b"d\n")
    writer.close()
    assert contents(tmp_path) == [b"d\n", b"a\nb\n", b"c\n"]


def test_a_file_that_was_removed_is_missed_before_the_next_batch(tmp_path, clock):
    writer = Written(kept(tmp_path), clock)
    writer.put(b"a\n")
    for one in stored(tmp_path / "data"):
        one.path.unlink()
    clock.now += 1
    writer.put(b"b\n")
    writer.close()
    assert contents(tmp_path) == [b"b\n"]


def test_nobody_writes_into_a_file_of_before_a_restart(tmp_path, clock):
    first = Written(kept(tmp_path), clock)
    first.put(b"whole\ntorn")
    first.close()
    second = Written(kept(tmp_path), clock)
    second.put(b"next\n")
    second.close()
    assert sorted(contents(tmp_path)) == [b"next\n", b"whole\ntorn"]


def test_an_empty_file_is_not_left_behind(tmp_path, clock):
    Written(kept(tmp_path), clock).close()
    assert contents(tmp_path) == []


@pytest.mark.parity("aggregate.audit-volume")
def test_two_processes_have_a_file_each_and_neither_removes_the_others(tmp_path, clock):
    files = kept(tmp_path, max_bytes=2 * SIZE)
    writers = [Written(files, clock) for _ in range(2)]
    for _ in range(3):
        for number, writer in enumerate(writers):
            clock.now += 1
            writer.put((b"%d" % number + LINE) * 60)
    used = [one for one in stored(tmp_path / "data") if in_use(one.path)]
    assert len(used) == 2
    for writer in writers:
        writer.close()
    assert not any(in_use(one.path) for one in stored(tmp_path / "data"))
    for text in contents(tmp_path):
        assert len({line[:1] for line in text.splitlines()}) == 1


@pytest.mark.parity("aggregate.audit-volume")
def test_all_files_together_stay_below_their_bound_and_the_oldest_go_with_their_index(tmp_path, clock):
    files = kept(tmp_path, max_bytes=4 * SIZE)
    writer = Written(files, clock)
    for number in range(20):
        clock.now += 1
        writer.put(b'{"n":%d}\n' % number + LINE * 60)
        assert sum(one.size for one in stored(tmp_path / "data")) < 4 * (SIZE + len(LINE))
    writer.close()
    text = b"".join(contents(tmp_path))
    assert [number for number in range(20) if b'{"n":%d}' % number in text] == [18, 19]
    names = {index_of(one.name, tmp_path / "index").name for one in stored(tmp_path / "data")}
    assert {path.name for path in (tmp_path / "index").iterdir()} <= names


def test_what_has_to_go():
    files = AuditFiles(max_file_bytes=SIZE, max_bytes=4 * SIZE, max_age="1h")
    old, older, new = (Stored(Path(name), SIZE, NOW - age) for name, age in (("b", 1800), ("a", 4000), ("c", 10)))

    def gone(*found, reserve=0, used=()):
        return [one.name for one in keeping.doomed(found, files, reserve, NOW, lambda path: path.name in used)]

    assert gone(older, old, new) == ["a"]
    assert gone(older, old, new, used="a") == []
    assert gone(old, new, reserve=3 * SIZE) == ["b"]
    assert gone(old, new, reserve=3 * SIZE, used="b") == ["c"]
    assert gone(old, new, reserve=9 * SIZE, used="bc") == []


def test_an_idle_file_is_ended_and_goes_when_its_time_has_come(tmp_path, clock):
    place = OwnFiles(kept(tmp_path, max_age="8h"), clock)
    place.prepare(lambda: None)
    os.write(place.fd, b"a\n")
    assert place.patience == 3600
    place.rest(lambda: None)
    (one,) = stored(tmp_path / "data")
    assert in_use(one.path)
    clock.now += 3600
    place.rest(lambda: None)
    assert not in_use(one.path)
    with pytest.raises(OSError, match="no file has been begun"):
        _ = place.fd
    os.utime(one.path, (NOW, NOW))
    clock.now = NOW + 8 * 3600 + 1
    place.rest(lambda: None)
    assert contents(tmp_path) == []
    assert place.prepare(lambda: None) == SIZE
    place.close()


def test_an_idle_thread_looks_after_its_files(tmp_path, clock, monkeypatch, caplog):
    rested = threading.Event()

    class Impatient(OwnFiles):
        def rest(self, confirm):
            super().rest(confirm)
            rested.set()

    place = Impatient(kept(tmp_path), clock)
    place.patience = 0.01
    writer = AuditWriter(place, sync=False, written=lambda: None)
    assert rested.wait(SOON)
    failed = threading.Event()
    monkeypatch.setattr(
        keeping, "stored", lambda _: (failed.set(), (_ for _ in ()).throw(OSError(errno.EIO, "Input/output error")))
    )
    assert failed.wait(SOON)
    writer.close(SOON)
    assert writer.failures
    assert "Input/output error" in caplog.text


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
@pytest.mark.parity("aggregate.audit-volume")
def test_a_disk_that_takes_nothing_stops_nobody_and_loses_nothing(tmp_path, clock, monkeypatch, caplog, number):
    """Full, or read-only, from the start on: records wait, and are written when it is well."""
    real, refused = os.open, threading.Event()

    def refuse(path, flags, *more):
        if flags & os.O_CREAT and not well.is_set():
            refused.set()
            raise OSError(number, os.strerror(number))
        return real(path, flags, *more)

    well = threading.Event()
    monkeypatch.setattr(os, "open", refuse)
    monkeypatch.setattr(audit_writer, "RETRY_SECONDS", 0.01)
    writer = Written(kept(tmp_path), clock)
    assert refused.wait(SOON)
    refused.clear()
    writer.writer.put(b"a\n")
    assert refused.wait(SOON)
    well.set()
    writer.put(b"b\n")
    assert writer.close() == 0
    assert contents(tmp_path) == [b"a\nb\n"]
    assert writer.writer.failures >= 1
    assert f"cannot be written: {os.strerror(number)}; records wait in memory" in caplog.text
    assert "is written again" in caplog.text


def test_a_place_that_can_never_be_one_is_refused(tmp_path, clock):
    (tmp_path / "data").write_text("a file")
    with pytest.raises(OSError, match="File exists"):
        OwnFiles(kept(tmp_path), clock)


def test_an_index_that_cannot_be_written_stops_no_record(tmp_path, clock, monkeypatch, caplog):
    real = os.open

    def refuse(path, flags, *more):
        if str(path).endswith(".index"):
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(path, flags, *more)

    monkeypatch.setattr(os, "open", refuse)
    writer = Written(kept(tmp_path), clock)
    writer.put(b"a\n")
    assert writer.close() == 0
    assert contents(tmp_path) == [b"a\n"]
    assert "searches read all of it" in caplog.text


def test_an_index_that_fails_later_is_given_up(tmp_path, clock, monkeypatch, caplog):
    writer = Written(AuditFiles(path=str(tmp_path / "data"), index_path=str(tmp_path / "index")), clock)
    writer.put(LINE * 70)
    real = os.write

    def write(fd, data):
        if len(data) == ENTRY.size:
            raise OSError(errno.EIO, "Input/output error")
        return real(fd, data)

    monkeypatch.setattr(os, "write", write)
    writer.put(b"a\n")
    writer.put(b"b\n")
    assert writer.close() == 0
    assert caplog.text.count("searches read all of it") == 1
    assert contents(tmp_path)[0].endswith(b"a\nb\n")


def test_the_index_says_how_far_the_file_had_been_written(tmp_path, clock):
    writer = Written(AuditFiles(path=str(tmp_path / "data"), index_path=str(tmp_path / "index")), clock)
    lines = -(-EVERY // len(LINE))
    for step in (1, 10, -5):
        clock.now += step
        writer.put(LINE * lines)
    writer.put(b"a\n")
    writer.close()
    (path,) = (tmp_path / "index").iterdir()
    size = lines * len(LINE)
    assert list(ENTRY.iter_unpack(path.read_bytes())) == [(NOW + 11, size), (NOW + 11, 2 * size), (NOW + 11, 3 * size)]


def test_names_sort_by_time_and_say_where(monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "gate way/1")
    assert new_name(1_800_000_000.0).startswith("audit-20270115T080000.000Z-gate-way-1-")
    assert new_name(NOW) < new_name(NOW + 0.001)
    assert new_name(NOW) != new_name(NOW)


def test_what_else_is_in_the_directory_is_left_alone(tmp_path, clock):
    files = kept(tmp_path)
    writer = Written(files, clock)
    other = tmp_path / "data" / "notes.jsonl"
    other.write_text("mine")
    os.utime(other, (0, 0))
    orphan = tmp_path / "index" / "audit-x.index"
    orphan.write_bytes(b"")
    keeping.prune(files, 0, NOW)
    assert (other.exists(), orphan.exists()) == (True, False)
    writer.close()


@pytest.mark.parametrize("sync", [False, True])
def test_the_disk_confirms_a_file_before_the_next_one(tmp_path, clock, monkeypatch, sync):
    synced = []
    monkeypatch.setattr(os, "fsync", lambda fd: synced.append(os.fstat(fd).st_ino))
    writer = Written(kept(tmp_path), clock, sync=sync)
    writer.put(LINE * 150)
    writer.close()
    inodes = {one.path.stat().st_ino for one in stored(tmp_path / "data")}
    assert set(synced) == (inodes if sync else set())
