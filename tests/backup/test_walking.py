"""What is in a directory, and what becomes of what is no file."""

import os
import socket

import pytest

from mcp_stack_proxy.backup.errors import BackupError
from mcp_stack_proxy.backup.walking import RESTORING, stays_inside, walk


def paths(walked):
    return [found.path for found in walked.found]


def test_everything_is_found_in_the_order_of_the_paths(data):
    walked = walk(data)
    assert paths(walked) == ["deep", "deep/big.bin", "deep/er", "deep/er/empty", "hollow", "link", "notes.txt"]
    assert {found.path: found.kind for found in walked.found if found.kind != "file"} == {
        "deep": "directory",
        "deep/er": "directory",
        "hollow": "directory",
        "link": "link",
    }


def test_sockets_and_pipes_are_left_out_by_name(data):
    os.mkfifo(data / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(data / "sock"))
        assert walk(data).left_out == ("pipe", "sock")


def test_what_the_file_system_keeps_for_itself_is_none_of_the_data(data):
    (data / "lost+found").mkdir()
    (data / "deep" / "lost+found").mkdir()
    assert "lost+found" not in paths(walk(data))
    assert "deep/lost+found" in paths(walk(data))


def test_what_is_excluded_is_left_out_with_all_that_is_in_it(data):
    assert paths(walk(data, ["deep", "*.txt"])) == ["hollow", "link"]
    assert "deep/er" in paths(walk(data, ["deep/*.bin"]))


@pytest.mark.parametrize("target", ["/etc/passwd", "../outside", "deep/../../outside"])
def test_a_link_that_leads_out_is_an_error_that_names_it(data, target):
    (data / "out").symlink_to(target)
    with pytest.raises(BackupError, match=f"out -> {target}; have them lead inside, or --exclude"):
        walk(data)
    assert "out" not in paths(walk(data, ["out"]))


@pytest.mark.parametrize(("path", "target"), [("a/b", "../c"), ("a", "b/../c"), ("a/b/c", "../../d")])
def test_a_link_may_lead_anywhere_inside(path, target):
    assert stays_inside(path, target)


def test_an_interrupted_restore_is_not_backed_up(data):
    (data / RESTORING).mkdir()
    with pytest.raises(BackupError, match="run it again"):
        walk(data)


def test_a_name_that_is_no_text_is_named_and_may_be_excluded(data):
    (data / os.fsdecode(b"caf\xe9")).write_text("")
    with pytest.raises(BackupError, match=r"caf\\udce9"):
        walk(data)
    assert "notes.txt" in paths(walk(data, ["caf*"]))


def test_a_name_may_be_any_text(data):
    (data / "zwei\nZeilen, mit Leerzeichen und ä").write_text("")
    assert "zwei\nZeilen, mit Leerzeichen und ä" in paths(walk(data))


def test_a_directory_that_is_missing_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        walk(tmp_path / "nothing")


def test_what_goes_away_meanwhile_is_passed_over(data, monkeypatch):
    listed = os.scandir

    def late(path):
        found = listed(path)
        if str(path).endswith("/data") or str(path).endswith("/data/"):
            (data / "deep" / "er" / "empty").unlink(missing_ok=True)
            if (data / "hollow").exists():
                (data / "hollow").rmdir()
            (data / "notes.txt").unlink(missing_ok=True)
        return found

    monkeypatch.setattr(os, "scandir", late)
    assert "deep/er/empty" not in paths(walk(data))
