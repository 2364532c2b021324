"""Audit lines reach a real file or pipe, whole, whatever happens to it meanwhile."""

import errno
import os
import queue
import threading

import pytest

from mcp_stack_proxy.observe import audit_places, audit_writer
from mcp_stack_proxy.observe.audit_places import OneFile, Stream
from mcp_stack_proxy.observe.audit_writer import AuditWriter, piece
from tests.deadlines import SOON

SECONDS = SOON


class Told:
    """Whom the thread tells."""

    def __init__(self):
        self._queue = queue.SimpleQueue()
        self.times = 0

    def __call__(self):
        self.times += 1
        self._queue.put(1)

    def wait(self):
        self._queue.get(timeout=SECONDS)


@pytest.fixture
def told():
    return Told()


def opened(path, told, *, sync=False):
    return AuditWriter(OneFile(str(path)), sync=sync, written=told)


def test_batches_are_appended_to_what_is_there(tmp_path, told):
    path = tmp_path / "audit.jsonl"
    path.write_bytes(b"before\n")
    file = opened(path, told)
    file.put(b"a\n")
    file.put(b"b\n")
    assert file.close(SECONDS) == 0
    assert path.read_bytes() == b"before\na\nb\n"


def test_a_new_file_is_its_owners_alone(tmp_path, told):
    path = tmp_path / "audit.jsonl"
    opened(path, told).close(SECONDS)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_rotated_file_is_followed(tmp_path, told):
    path = tmp_path / "audit.jsonl"
    file = opened(path, told)
    file.put(b"a\n")
    told.wait()
    path.rename(tmp_path / "audit.1")
    file.put(b"b\n")
    told.wait()
    path.rename(tmp_path / "audit.2")
    path.write_bytes(b"made by another\n")
    file.put(b"c\n")
    file.close(SECONDS)
    texts = [(tmp_path / name).read_bytes() for name in ("audit.1", "audit.2", "audit.jsonl")]
    assert texts == [b"a\n", b"b\n", b"made by another\nc\n"]


def test_a_file_that_is_cut_short_is_appended_to(tmp_path, told):
    path = tmp_path / "audit.jsonl"
    file = opened(path, told)
    file.put(b"a\n")
    told.wait()
    os.truncate(path, 0)
    file.put(b"b\n")
    file.close(SECONDS)
    assert path.read_bytes() == b"b\n"


@pytest.mark.parity("aggregate.audit-durable")
def test_a_full_disk_delays_records_and_tears_none(tmp_path, told, monkeypatch, caplog):
    """The disk takes part of a line, then nothing for a while; rotation meanwhile must not split the line over two files."""
    path = tmp_path / "audit.jsonl"
    real, full, refused = os.write, threading.Event(), threading.Event()
    room = [5]

    def write(fd, data):
        if not full.is_set():
            if room[0] == 0:
                refused.set()
                raise OSError(errno.ENOSPC, "No space left on device")
            size = real(fd, data[: room[0]])
            room[0] -= size
            return size
        return real(fd, data)

    monkeypatch.setattr(os, "write", write)
    monkeypatch.setattr(audit_writer, "RETRY_SECONDS", 0.01)
    file = opened(path, told)
    file.put(b"first line\nsecond\n")
    assert refused.wait(SECONDS)
    path.rename(tmp_path / "audit.1")
    full.set()
    told.wait()
    file.put(b"third\n")
    assert file.close(SECONDS) == 0
    assert (tmp_path / "audit.1").read_bytes() == b"first line\n"
    assert path.read_bytes() == b"second\nthird\n"
    lines = [record.message for record in caplog.records]
    assert lines == [
        f"audit: {path} cannot be written: No space left on device; records wait in memory",
        f"audit: {path} is written again",
    ]


def test_what_cannot_be_written_by_the_end_is_counted(tmp_path, told, monkeypatch):
    refused = threading.Event()

    def write(_fd, _data):
        refused.set()
        raise OSError(errno.ENOSPC, "No space left on device")

    file = opened(tmp_path / "audit.jsonl", told)
    monkeypatch.setattr(os, "write", write)
    file.put(b"a\nb\n")
    assert refused.wait(SECONDS)
    file.put(b"c\n")
    assert file.close(SECONDS) == 3


def test_a_place_that_cannot_be_written_is_refused_at_once(tmp_path, told):
    with pytest.raises(OSError, match="directory"):
        opened(tmp_path / "missing" / "audit.jsonl", told)


@pytest.mark.parametrize("number", [errno.EINVAL, None])
def test_the_disk_confirms_where_that_is_asked_for(tmp_path, told, monkeypatch, number):
    synced = []

    def fsync(fd):
        synced.append(fd)
        if number is not None:
            raise OSError(number, "no file")

    monkeypatch.setattr(os, "fsync", fsync)
    file = opened(tmp_path / "audit.jsonl", told, sync=True)
    file.put(b"a\n")
    told.wait()
    assert file.close(SECONDS) == 0
    assert len(synced) == 1


class Disk:
    """Confirms nothing until it is `well`."""

    def __init__(self, monkeypatch):
        self.asked, self.well = queue.SimpleQueue(), threading.Event()
        monkeypatch.setattr(os, "fsync", self.fsync)
        monkeypatch.setattr(audit_writer, "RETRY_SECONDS", 0.01)

    def fsync(self, fd):
        self.asked.put(os.fstat(fd).st_ino)
        if not self.well.is_set():
            raise OSError(errno.EIO, "Input/output error")


def test_a_disk_that_fails_to_confirm_is_asked_until_it_does(tmp_path, told, monkeypatch, caplog):
    """What it has not confirmed counts as not written, and is not written twice."""
    disk, path = Disk(monkeypatch), tmp_path / "audit.jsonl"
    file = opened(path, told, sync=True)
    file.put(b"a\n")
    file.put(b"b\n")
    for _ in range(3):
        disk.asked.get(timeout=SECONDS)
    assert told.times == 0
    assert path.read_bytes() == b"a\n"
    disk.well.set()
    told.wait()
    told.wait()
    assert file.close(SECONDS) == 0
    assert path.read_bytes() == b"a\nb\n"
    assert [record.message for record in caplog.records] == [
        f"audit: {path} cannot be written: Input/output error; records wait in memory",
        f"audit: {path} is written again",
    ]


def test_what_is_not_confirmed_by_the_end_is_counted_as_lost(tmp_path, told, monkeypatch):
    disk = Disk(monkeypatch)
    file = opened(tmp_path / "audit.jsonl", told, sync=True)
    file.put(b"a\nb\n")
    disk.asked.get(timeout=SECONDS)
    file.put(b"c\n")
    assert file.close(SECONDS) == 3


def test_a_file_is_left_for_the_next_one_when_it_has_confirmed(tmp_path, told, monkeypatch):
    """The disk takes one line, is full, and the file rotates: the line is confirmed in the old one, the rest goes to the new."""
    path, real, full, refused = tmp_path / "audit.jsonl", os.write, threading.Event(), threading.Event()
    disk = Disk(monkeypatch)

    def write(fd, data):
        if bytes(data).startswith(b"b") and not full.is_set():
            refused.set()
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(fd, data[:2])

    monkeypatch.setattr(os, "write", write)
    file = opened(path, told, sync=True)
    old = path.stat().st_ino
    file.put(b"a\nb\n")
    assert refused.wait(SECONDS)
    path.rename(tmp_path / "audit.1")
    full.set()
    assert disk.asked.get(timeout=SECONDS) == old
    disk.well.set()
    told.wait()
    assert file.close(SECONDS) == 0
    assert ((tmp_path / "audit.1").read_bytes(), path.read_bytes()) == (b"a\n", b"b\n")


@pytest.mark.parametrize("size", [4, 8, 100])
def test_pieces_are_whole_lines(size):
    lines = b"one\ntwo\nthree-is-long\nfour\nrest"
    cuts = []
    while not cuts or cuts[-1] < len(lines):
        cuts.append(piece(lines, cuts[-1] if cuts else 0, size))
    parts = [lines[a:b] for a, b in zip([0, *cuts], cuts, strict=False)]
    assert b"".join(parts) == lines
    assert all(part.endswith(b"\n") for part in parts[:-1])
    assert all(len(part) <= size or part.count(b"\n") <= 1 for part in parts)


def test_a_pipe_gets_pieces_that_nobody_elses_lines_come_between(monkeypatch, told):
    reader, writer = os.pipe()
    real, sizes = os.write, []

    def write(fd, data):
        sizes.append(len(data))
        return real(fd, data)

    monkeypatch.setitem(audit_places.STREAMS, "stdout", writer)
    monkeypatch.setattr(os, "write", write)
    file = AuditWriter(Stream("stdout"), sync=True, written=told)
    text = b"".join(b"%d\n" % number for number in range(3000))
    file.put(text)
    told.wait()
    file.close(SECONDS)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        assert stream.read() == text
    assert max(sizes) <= audit_places.PIPE_BYTES
    assert len(sizes) > 1
