"""What processes occupy, of a /proc written by hand and of the real one."""

import os
import subprocess
import sys

import pytest

from mcp_stack_proxy.upstream.procfs import members, resident_by_session, shown

PAGE = os.sysconf("SC_PAGE_SIZE")


def process(proc, pid, session, pages, name="sh"):
    fields = ["S", "1", str(session), str(session), *["0"] * 17, str(pages), "0"]
    (proc / str(pid)).mkdir(parents=True)
    (proc / str(pid) / "stat").write_text(f"{pid} ({name}) {' '.join(fields)}\n")


def test_the_processes_of_a_session_are_added_up(tmp_path):
    process(tmp_path, "self", 1, 0)
    process(tmp_path, 10, 10, 5)
    process(tmp_path, 11, 10, 7, name="a b) S 9 9 9")
    process(tmp_path, 20, 20, 1)
    (tmp_path / "30").mkdir()  # ended between the listing and the look
    assert resident_by_session(tmp_path) == {10: 12 * PAGE, 20: PAGE}


def test_the_processes_of_a_session_are_found(tmp_path):
    process(tmp_path, 10, 10, 5)
    process(tmp_path, 11, 10, 7)
    process(tmp_path, 20, 20, 1)
    assert sorted(members(10, tmp_path)) == [10, 11]
    assert members(30, tmp_path) == []


def test_a_system_that_does_not_tell_is_no_empty_one(tmp_path):
    assert resident_by_session(tmp_path / "none") is None
    assert members(10, tmp_path / "none") == []


@pytest.mark.skipif(sys.platform != "linux", reason="proc(5)")
def test_grandchildren_count():
    eats = "import sys; x = b'x' * 40_000_000; print(1, flush=True); sys.stdin.read()"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {eats!r}])"
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
    with child:
        child.stdout.readline()
        assert 40_000_000 < resident_by_session()[child.pid] < 200_000_000
        child.stdin.close()


def test_sizes_are_shown_for_people():
    assert shown(512 * 1024 * 1024 + 60_000) == "512.1 MiB"
