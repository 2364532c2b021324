"""The commands as processes: killed, at the same time, on a full disk, on a disk that cannot be written to."""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from tests.backup.trees import tree
from tests.deadlines import SOON

PROXY = [sys.executable, "-m", "mcp_stack_proxy.cli"]

WRITER = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
database.execute("PRAGMA journal_mode=" + sys.argv[2])
database.execute("PRAGMA synchronous=OFF")
database.execute("CREATE TABLE IF NOT EXISTS t (n INTEGER PRIMARY KEY, text TEXT)")
for n in range(10**9):
    database.execute("INSERT INTO t VALUES (?, ?)", (n, "x" * 200))
    print(n, flush=True)
"""


def ran(*arguments, **options):
    done = subprocess.run([*PROXY, *map(str, arguments)], capture_output=True, text=True, timeout=SOON, **options)
    return done.returncode, [json.loads(line) for line in (done.stdout + done.stderr).splitlines() if line.startswith("{")]


class Writer:
    """A process that commits row after row, and says each once it is committed."""

    def __init__(self, path, mode):
        self.process = subprocess.Popen([sys.executable, "-c", WRITER, path, mode], stdout=subprocess.PIPE, text=True)
        self.acknowledged = -1

    def until(self, n):
        while self.acknowledged < n:
            line = self.process.stdout.readline()
            assert line, "the writer ended"
            self.acknowledged = int(line)

    def kill(self):
        """Everything that it has said by then."""
        self.process.kill()
        for line in self.process.stdout.read().splitlines():
            self.acknowledged = int(line)
        self.process.wait(SOON)
        self.process.stdout.close()


@pytest.fixture
def writers():
    made = []

    def start(path, mode):
        made.append(Writer(path, mode))
        return made[-1]

    yield start
    for writer in made:
        if writer.process.returncode is None:
            writer.kill()


@pytest.fixture
def place(tmp_path):
    made = tmp_path / "backups"
    made.mkdir()
    return made


def rows(path):
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return [n for (n,) in database.execute("SELECT n FROM t ORDER BY n")]


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_every_row_that_was_acknowledged_before_a_backup_is_in_it(tmp_path, place, writers, mode):
    """Taken while a process commits; another one after that was killed. Restored, each has all that was acknowledged."""
    data = tmp_path / "data"
    data.mkdir()
    writer = writers(data / "notes.db", mode)
    writer.until(200)
    code, lines = ran("backup", "--from", data, "--to", place)
    assert (code, lines[0]["databases"]) == (0, 1)
    live = lines[0]["id"]
    writer.until(writer.acknowledged + 100)
    writer.kill()
    code, lines = ran("backup", "--from", data, "--to", place)
    assert code == 0

    assert ran("restore", "--from", f"{place}@{live}", "--to", tmp_path / "live")[0] == 0
    found = rows(tmp_path / "live" / "notes.db")
    assert found == list(range(len(found)))
    assert len(found) > 200

    assert ran("restore", "--from", place, "--to", tmp_path / "killed")[0] == 0
    found = rows(tmp_path / "killed" / "notes.db")
    assert found == list(range(len(found)))
    assert len(found) > writer.acknowledged


@pytest.mark.parametrize("seed", range(6))
def test_a_backup_that_is_killed_anywhere_leaves_the_old_ones_and_the_next_one_works(tmp_path, place, data, seed):
    for n in range(40):
        (data / f"file{n}").write_bytes(os.urandom(100_000))
    assert ran("backup", "--from", data, "--to", place, "--keep", "1")[0] == 0
    (before,) = place.glob("data-*.tar.gz")
    process = subprocess.Popen([*PROXY, "backup", "--from", data, "--to", place, "--keep", "1"], stderr=subprocess.PIPE)
    try:
        process.wait(random.Random(seed).uniform(0.2, 1.2))
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    process.communicate(timeout=SOON)
    kept = list(place.glob("data-*.tar.gz"))
    assert before in kept or len(kept) == 1
    for archive in kept:
        assert ran("verify-backup", "--from", f"{place}@{archive.name[5:-7]}", "--scratch", tmp_path)[0] == 0
    assert ran("backup", "--from", data, "--to", place, "--keep", "1")[0] == 0
    assert [path.name for path in place.iterdir() if path.name.startswith(".partial")] == []
    assert len(list(place.glob("data-*.tar.gz"))) == 1


def test_of_two_backups_at_once_one_works_and_one_says_why_not(tmp_path, place, data):
    """The first is stopped in the middle, as a slow one would be; the kernel frees the lock when it is killed."""
    first = subprocess.Popen(
        [
            *(sys.executable, "-c"),
            "import sys, time\n"
            "from mcp_stack_proxy.backup import taking\n"
            "from mcp_stack_proxy.cli import main\n"
            "taking._read_back = lambda *_: (print('reading', flush=True), time.sleep(600))\n"
            "main(sys.argv[1:])",
            *("backup", "--from", data, "--to", place),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert first.stdout.readline() == "reading\n"
        code, [failed] = ran("backup", "--from", data, "--to", place)
        assert code == 3
        assert f"process {first.pid} on " in failed["error"]
    finally:
        first.kill()
        first.communicate(timeout=SOON)
    assert ran("backup", "--from", data, "--to", place)[0] == 0


def mounted(*script):
    """Run `script` in a mount namespace of its own, where file systems can be mounted without rights."""
    return ["unshare", "--user", "--map-root-user", "--mount", "sh", "-euc", "\n".join(script)]


def can_mount():
    if shutil.which("unshare") is None:
        return False
    return subprocess.run(mounted("mount -t tmpfs none /mnt"), capture_output=True).returncode == 0


namespaced = pytest.mark.skipif(not can_mount(), reason="user and mount namespaces are not allowed here")
COMMAND = f"{sys.executable} -m mcp_stack_proxy.cli"


@namespaced
@pytest.mark.parametrize("full", ["target", "scratch", "restored"])
def test_a_full_disk_is_said_and_takes_nothing_away(tmp_path, data, full):
    (data / "noise").write_bytes(os.urandom(3 << 20))
    for name in ("target", "scratch", "restored", "seen"):
        (tmp_path / name).mkdir()
    place, scratch, restored = (tmp_path / name for name in ("target", "scratch", "restored"))
    fill = f"dd if=/dev/zero of={tmp_path / full}/ballast bs=1M count=8 2>/dev/null || true"
    steps = [
        f"mount -t tmpfs -o size=8m none {tmp_path / full}",
        f"{COMMAND} backup --from {data} --to {place} --scratch {scratch} --keep 1",
        f"echo old > {restored}/old",
        fill,
        f"{COMMAND} backup --from {data} --to {place} --scratch {scratch} --keep 1 2>&1 && echo worked || echo exit $?"
        if full != "restored"
        else f"{COMMAND} restore --from {place} --to {restored} --force 2>&1 && echo worked || echo exit $?",
        f"ls -A {tmp_path / full}",
        f"cat {restored}/old",
        f"cp -a {tmp_path / full}/. {tmp_path}/seen",
    ]
    done = subprocess.run(mounted(*steps), capture_output=True, text=True, timeout=SOON)
    assert done.returncode == 0, done.stderr
    assert "exit 1" in done.stdout
    assert "no room is left in" in done.stdout
    assert "old\n" in done.stdout
    seen = sorted(path.name for path in (tmp_path / "seen").iterdir() if not path.name.startswith(".lock"))
    if full == "target":
        assert len([name for name in seen if name.startswith("data-")]) == 1
        assert not any(name.startswith(".partial") for name in seen)
    else:
        assert seen == (["ballast"] if full == "scratch" else ["ballast", "old"])


@namespaced
@pytest.mark.parametrize("mode", ["wal", "delete"])
@pytest.mark.parametrize("state", ["written to", "killed", "closed"])
def test_a_database_is_copied_from_a_volume_that_is_mounted_read_only(tmp_path, place, writers, mode, state):
    """As the CronJob does: the writer's pod has the volume to write, the backup's pod to read."""
    data, seen = tmp_path / "data", tmp_path / "seen"
    data.mkdir()
    seen.mkdir()
    writer = writers(data / "notes.db", mode)
    writer.until(300)
    if state != "written to":
        writer.kill()
    if state == "closed":
        with closing(sqlite3.connect(data / "notes.db")) as database:
            database.execute("PRAGMA user_version = 1")  # who writes next takes away what the dead one left
        assert [path.name for path in data.iterdir()] == ["notes.db"]
    steps = [
        f"mount --bind {data} {seen}",
        f"mount -o remount,bind,ro {seen}",
        f"if touch {seen}/x 2>/dev/null; then exit 9; fi",
        f"{COMMAND} backup --from {seen} --to {place}",
    ]
    done = subprocess.run(mounted(*steps), capture_output=True, text=True, timeout=SOON)
    assert done.returncode == 0, done.stderr
    assert ran("restore", "--from", place, "--to", tmp_path / "restored")[0] == 0
    found = rows(tmp_path / "restored" / "notes.db")
    assert found == list(range(len(found)))
    assert len(found) > 300


@namespaced
def test_a_volume_is_restored_to_although_nothing_can_take_its_place(tmp_path, place, data):
    assert ran("backup", "--from", data, "--to", place)[0] == 0
    volume = tmp_path / "volume"
    volume.mkdir()
    steps = [
        f"mount -t tmpfs none {volume}",
        f"echo old > {volume}/old",
        f"{COMMAND} restore --from {place} --to {volume} --force",
        f"cp -a {volume} {tmp_path}/copied",
    ]
    done = subprocess.run(mounted(*steps), capture_output=True, text=True, timeout=SOON)
    assert done.returncode == 0, done.stderr
    assert tree(tmp_path / "copied") == tree(data)
