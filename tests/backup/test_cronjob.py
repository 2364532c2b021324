"""What the CronJobs of a stack run, run here: the container's command, arguments and variables, on directories as mounts."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import boto3
import pytest
from moto import mock_aws

from mcp_stack.manifests import manifests_for
from mcp_stack.spec import load_spec
from mcp_stack_proxy.cli import main
from tests.deadlines import SOON

STACK = {
    "proxy": {"image": {"repository": "ghcr.io/acme/proxy", "tag": "1.0.0"}},
    "gateway": {"trust_network": True},
    "servers": {
        "notes": {
            "image": {"repository": "ghcr.io/acme/notes", "tag": "1.0.0"},
            "storage": {"claims": {"data": {"path": "/var/lib/notes", "size": "1Gi"}}},
        }
    },
}


def containers(to, **backup):
    """The container of each CronJob by what it does."""
    servers = {"notes": {**STACK["servers"]["notes"], "backup": {"to": to, **backup}}}
    spec = load_spec({**STACK, "servers": servers}, "test")
    jobs = [one for one in manifests_for(spec) if one["kind"] == "CronJob"]
    found = [one["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"] for one in jobs]
    return {one["name"]: one for (one,) in found}


@pytest.fixture
def disk(tmp_path):
    """Directories in place of a container's mounts, by path."""
    places = {path: tmp_path / path.strip("/") for path in ("/data", "/backups", "/tmp", "/secrets")}
    for place in places.values():
        place.mkdir()
    return places


def here(text, disk):
    return next((str(place) + text.removeprefix(path) for path, place in disk.items() if text.startswith(path)), text)


def arguments(container, disk):
    mounted = {mount["mountPath"] for mount in container["volumeMounts"]}
    assert {one for one in container["args"] if one.startswith("/")} <= mounted
    return [here(one, disk) for one in container["args"]]


def variables(container, disk):
    return {one["name"]: here(one["value"], disk) for one in container["env"]}


def ran(container, disk):
    assert container["command"] == ["mcp-stack-proxy"]
    done = subprocess.run(
        [sys.executable, "-m", "mcp_stack_proxy.cli", *arguments(container, disk)],
        env={**os.environ, **variables(container, disk), "TMPDIR": str(disk["/tmp"])},
        capture_output=True,
        text=True,
        timeout=SOON,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def filled(path):
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE t (n)")
        database.execute("INSERT INTO t VALUES (7)")
        database.commit()


def test_the_jobs_of_a_stack_back_up_prove_and_keep_what_they_say(disk):
    filled(disk["/data"] / "notes.db")
    (disk["/data"] / "cache").mkdir()
    jobs = containers({"claim": {"size": "1Gi"}}, keep=2, exclude=["cache"])
    taken = [ran(jobs["backup"], disk) for _ in range(3)]
    assert [one["kept"] for one in taken] == [1, 2, 2]
    assert taken[0]["name"] == "test-notes-data-0"
    assert (taken[0]["files"], taken[0]["databases"]) == (1, 1)
    proven = ran(jobs["verify"], disk)
    assert (proven["command"], proven["id"]) == ("verify-backup", taken[-1]["id"])
    assert list(disk["/tmp"].iterdir()) == []


def test_the_jobs_of_a_stack_find_their_keys_in_files(disk, capsys, monkeypatch):
    """And nowhere else: the variables of the process hold none."""
    filled(disk["/data"] / "notes.db")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
        (disk["/secrets"] / name).write_text("nobody's\n")
    used = []
    make = boto3.client
    s3 = {"bucket": "acme-backups", "prefix": "test", "region": "eu-west-1", "credentials": {"existing_secret": "keys"}}
    jobs = containers({"s3": s3})
    with mock_aws(config={"core": {"mock_credentials": False}}):
        make("s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b").create_bucket(Bucket="acme-backups")
        monkeypatch.setattr(boto3, "client", lambda *words, **keys: used.append(keys) or make(*words, **keys))
        for job in ("backup", "verify"):
            for name, value in variables(jobs[job], disk).items():
                monkeypatch.setenv(name, value)
            assert main(arguments(jobs[job], disk)) == 0
    assert {(one["aws_access_key_id"], one["region_name"]) for one in used} == {("nobody's", "eu-west-1")}
    assert [json.loads(line)["command"] for line in capsys.readouterr().out.splitlines()] == ["backup", "verify-backup"]
