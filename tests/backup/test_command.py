"""`mcp-stack-proxy backup`, `restore`, `backups` and `verify-backup`: words, numbers and exit codes. In this process."""

import json
import os
import signal
import sys

import boto3
import pytest
from moto import mock_aws

from mcp_stack_proxy.backup import command
from mcp_stack_proxy.cli import main
from tests.backup.trees import tree


@pytest.fixture
def place(tmp_path):
    made = tmp_path / "backups"
    made.mkdir()
    return made


def ran(capsys, *arguments):
    """(exit code, last line of stdout, lines of stderr)."""
    code = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    out = [json.loads(line) for line in captured.out.splitlines()]
    return code, out, [json.loads(line) for line in captured.err.splitlines()]


def test_a_backup_is_taken_listed_verified_and_restored(capsys, data, place, tmp_path):
    code, [done], said = ran(
        capsys, "backup", "--from", data, "--to", place, "--keep", "2", "--name", "notes", "--scratch", tmp_path
    )
    assert code == 0
    assert done.pop("timestamp")
    assert done.pop("seconds") >= 0
    assert done.pop("archive_bytes") == (place / f"notes-{done['id']}.tar.gz").stat().st_size
    size = sum(path.stat().st_size for path in data.rglob("*") if path.is_file() and not path.is_symlink())
    backup_id = done["id"]
    assert done == {
        "source": "backup",
        "event": "done",
        "command": "backup",
        "name": "notes",
        "id": backup_id,
        "files": 3,
        "databases": 0,
        "bytes": size,
        "kept": 1,
        "pruned": 0,
    }
    assert [line["event"] for line in said] == ["verified", "kept"]

    code, [listed], _ = ran(capsys, "backups", place)
    assert (code, listed["name"], listed["id"]) == (0, "notes", backup_id)
    assert ran(capsys, "backups", place, "--name", "other")[:2] == (0, [])

    code, [proven], _ = ran(capsys, "verify-backup", "--from", place, "--name", "notes", "--scratch", tmp_path)
    assert (code, proven["id"], proven["files"]) == (0, backup_id, 3)
    assert 0 <= proven["age_seconds"] < 600

    code, [restored], _ = ran(capsys, "restore", "--from", f"{place}@{backup_id}", "--to", tmp_path / "new")
    assert (code, restored["command"], restored["bytes"]) == (0, "restore", size)
    assert tree(tmp_path / "new") == tree(data)


def test_backups_are_called_data_unless_said(capsys, data, place):
    assert ran(capsys, "backup", "--from", data, "--to", place, "--exclude", "deep")[1][0]["name"] == "data"
    assert ran(capsys, "backups", place)[1][0]["name"] == "data"


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (["backup", "--from", "DATA", "--to", "/nowhere/at/all"], 2, "is no directory; make it, or mount"),
        (["backup", "--from", "DATA", "--to", "DATA/deep"], 2, "backups would hold each other"),
        (["backup", "--from", "DATA", "--to", "PLACE", "--name", "A"], 2, "no name for backups"),
        (["backup", "--from", "DATA", "--to", "PLACE", "--scratch", "/nowhere/at/all"], 2, "--scratch is where copies"),
        (["backup", "--from", "DATA", "--to", "PLACE", "--region", "eu-west-1"], 2, "--region is for s3:// alone"),
        (["backups", "PLACE", "--endpoint", "http://x"], 2, "--endpoint is for s3:// alone"),
        (["restore", "--from", "PLACE", "--to", "DATA"], 2, "it has none at all"),
        (["verify-backup", "--from", "s3:///x"], 2, "give s3://BUCKET/PREFIX"),
    ],
)
def test_what_cannot_be_done_is_said_and_exits_2(capsys, data, place, arguments, code, why):
    given = [argument.replace("DATA", str(data)).replace("PLACE", str(place)) for argument in arguments]
    found, out, [*_, failed] = ran(capsys, *given)
    assert (found, out) == (code, [])
    assert (failed["event"], failed["command"], failed["exit_code"]) == ("failed", given[0], code)
    assert why in failed["error"]


@pytest.mark.parametrize("keep", ["0", "-1", "x", "10001", "٣x"])
def test_a_number_of_backups_that_is_none_is_refused(capsys, data, place, keep):
    with pytest.raises(SystemExit) as raised:
        main(["backup", "--from", str(data), "--to", str(place), f"--keep={keep}"])
    assert raised.value.code == 2
    assert "is no number from 1 to 10000" in capsys.readouterr().err


def test_another_process_at_work_exits_3(capsys, data, place):
    with command.DirectoryTarget(str(place)).locked("data"):
        code, _, [failed] = ran(capsys, "backup", "--from", data, "--to", place)
    assert (code, failed["exit_code"]) == (3, 3)


def test_a_damaged_backup_exits_4(capsys, data, place, tmp_path):
    ran(capsys, "backup", "--from", data, "--to", place)
    (archive,) = place.glob("*.tar.gz")
    archive.write_bytes(archive.read_bytes()[:-9])
    for arguments in (["verify-backup", "--from", place], ["restore", "--from", place, "--to", tmp_path / "new"]):
        code, _, [*_, failed] = ran(capsys, *arguments)
        assert (code, failed["exit_code"]) == (4, 4)
    assert not (tmp_path / "new").exists()


def test_an_error_of_the_system_exits_1(capsys, data, place, monkeypatch):
    def fail(*_, **__):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(command, "take", fail)
    assert ran(capsys, "backup", "--from", data, "--to", place)[0] == 1


def test_a_sigterm_ends_it_in_order(capsys, data, place, monkeypatch):
    """Locks are given back, and nothing half done is left."""

    def killed(*_, **__):
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr("mcp_stack_proxy.backup.taking.unpack", killed)
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as raised:
        main(["backup", "--from", str(data), "--to", str(place)])
    assert raised.value.code == 143
    assert [path.name for path in place.iterdir()] == [".lock-data"]
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_bucket_is_a_target_like_any_other(capsys, data, tmp_path, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "nobody's")
    with mock_aws():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="bucket")
        place = ["s3://bucket/notes"]
        region = ["--region", "us-east-1"]
        assert ran(capsys, "backup", "--from", data, "--to", *place, *region)[0] == 0
        assert ran(capsys, "verify-backup", "--from", *place, *region)[0] == 0
        assert ran(capsys, "restore", "--from", *place, *region, "--to", tmp_path / "new")[0] == 0
    assert tree(tmp_path / "new") == tree(data)


def test_without_the_client_it_is_said_what_to_install(capsys, data, monkeypatch):
    monkeypatch.setitem(sys.modules, "mcp_stack_proxy.backup.objects", None)
    code, _, [failed] = ran(capsys, "backup", "--from", data, "--to", "s3://bucket")
    assert code == 2
    assert "install mcp-stack-proxy[s3]" in failed["error"]
