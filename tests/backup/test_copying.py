"""Copies of files that somebody may be writing."""

import os

import pytest

from mcp_stack_proxy.backup import copying
from mcp_stack_proxy.backup.copying import Changing, Vanished, copy_stable


@pytest.fixture(autouse=True)
def brief(monkeypatch):
    monkeypatch.setattr(copying, "FIRST_PAUSE_SECONDS", 0.0001)


@pytest.fixture
def room(tmp_path):
    made = tmp_path / "room"
    made.mkdir()
    return made


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"first")
    return path


def during(monkeypatch, act):
    """Have `act` happen after each time that the file was read."""
    copy = copying._copy

    def copied(source, to):
        digest = copy(source, to)
        act()
        return digest

    monkeypatch.setattr(copying, "_copy", copied)


def test_a_file_at_rest_is_copied(source, room):
    copy_stable([source], room)
    assert (room / "file").read_bytes() == b"first"


def test_a_file_that_is_written_to_once_is_read_again(source, room, monkeypatch):
    writes = iter([b"second"])
    during(monkeypatch, lambda: [source.write_bytes(content) for content in [next(writes, None)] if content])
    copy_stable([source], room)
    assert (room / "file").read_bytes() == b"second"


def test_a_write_that_leaves_size_and_times_alone_is_seen_by_the_content(source, room, monkeypatch):
    contents = iter([b"SECON"])
    before = source.stat()

    def overwrite():
        if content := next(contents, None):
            with source.open("r+b") as opened:
                opened.write(content)
            os.utime(source, ns=(before.st_atime_ns, before.st_mtime_ns))

    during(monkeypatch, overwrite)
    monkeypatch.setattr(copying, "stamp", lambda path: (1, 5, before.st_mtime_ns, before.st_ctime_ns) if path.exists() else None)
    copy_stable([source], room)
    assert (room / "file").read_bytes() == b"SECON"


def test_a_file_that_never_holds_still_is_an_error_after_so_many_tries(source, room, monkeypatch):
    count = []
    during(monkeypatch, lambda: (count.append(1), source.write_bytes(b"x" * len(count))))
    with pytest.raises(Changing, match=f"each of the {copying.TRIES} times"):
        copy_stable([source], room)
    assert len(count) == copying.TRIES


def test_a_file_that_is_gone_is_no_error_of_the_copy(source, room):
    source.unlink()
    with pytest.raises(Vanished):
        copy_stable([source], room)


@pytest.mark.parametrize("what", ["link", "pipe"])
def test_nothing_is_read_through_a_link_nor_from_a_pipe_that_took_its_place(source, room, what):
    other = source.with_name("other")
    other.write_bytes(b"not ours")
    source.unlink()
    source.symlink_to(other) if what == "link" else os.mkfifo(source)
    with pytest.raises((Changing, OSError)):
        copy_stable([source], room)
    assert not (room / "file").exists() or (room / "file").read_bytes() != b"not ours"


def test_files_that_belong_together_are_copied_as_of_one_moment(source, room, monkeypatch):
    beside = source.with_name("file-wal")
    steps = iter([lambda: beside.write_bytes(b"log"), lambda: None, beside.unlink])

    def step():
        next(steps, lambda: None)()

    during(monkeypatch, step)
    copy_stable([source, beside], room)
    assert sorted(path.name for path in room.iterdir()) == ["file"]
