"""Records found again: filtered, from a time on without reading everything, across rotation, and past what a kill has torn."""

import json
import os
import subprocess
import sys
import time

import pytest

from mcp_stack_proxy.cli import main
from mcp_stack_proxy.config import AuditFiles
from mcp_stack_proxy.observe.stored import command, reading
from mcp_stack_proxy.observe.stored.arguments import moment, stamp
from mcp_stack_proxy.observe.stored.filtering import text
from mcp_stack_proxy.observe.stored.index import ENTRY, begin
from mcp_stack_proxy.observe.stored.naming import index_of, stored
from mcp_stack_proxy.observe.stored.reading import Following, Skipped, past
from mcp_stack_proxy.observe.stored.writing import OwnFiles
from tests.deadlines import SOON

NOW = float(int(time.time()))


class Store:
    """Records in files of the proxy's own, written as its thread does."""

    def __init__(self, path):
        self.data, self.index = path / "data", path / "index"
        self.files = AuditFiles(path=str(self.data), index_path=str(self.index), max_file_bytes=64 * 1024)
        self.now = NOW
        self.place = OwnFiles(self.files, lambda: self.now)

    def write(self, *records, place=None):
        place = place or self.place
        for record in records:
            place.prepare(lambda: None)
            line = record if isinstance(record, bytes) else json.dumps(record, separators=(",", ":")).encode() + b"\n"
            os.write(place.fd, line)

    def record(self, n=0, **more):
        """Of a call that comes now."""
        return {"timestamp": stamp(self.now), "id": f"a-{n}", "source": "serve:http", "method": "tools/call", **ENDED, **more}

    def run(self, *arguments, capsys):
        code = main(["audit", "--path", str(self.data), "--index-path", str(self.index), *arguments])
        said = capsys.readouterr()
        return code, said.out.splitlines(), said.err


ENDED = {"outcome": "ok", "success": True, "duration_ms": 1.5}


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path)
    yield made
    made.place.close()


@pytest.fixture
def calls(store):
    """One of each kind."""
    failed = {"outcome": "upstream-timeout", "success": False, "duration_ms": 60000.0, "error_message": "no answer within 60 s"}
    store.write(
        store.record(1, server_name="github", tool_name="search", identity="alice"),
        store.record(2, server_name="github", tool_name="fork", identity="bob", **failed),
        store.record(3, server_name="clock", tool_name="search", identity="alice"),
        store.record(4, server_name="docs", method="resources/read", resource_uri="file:///a", identity="bob"),
        store.record(5, method="tools/list", error_code=-32603, outcome="internal-error", success=False),
    )
    return store


def ids(lines):
    return [int(json.loads(line)["id"].removeprefix("a-")) for line in lines]


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ([], [1, 2, 3, 4, 5]),
        (["--server", "github"], [1, 2]),
        (["--tool", "search"], [1, 3]),
        (["--tool", "search", "--server", "clock"], [3]),
        (["--method", "resources/read"], [4]),
        (["--identity", "bob"], [2, 4]),
        (["--errors"], [2, 5]),
        (["--errors", "--identity", "alice"], []),
        (["--since", "1h"], [1, 2, 3, 4, 5]),
        (["--since", stamp(NOW + 1)], []),
    ],
)
@pytest.mark.parity("aggregate.audit-query")
def test_records_are_filtered(calls, capsys, arguments, found):
    code, lines, said = calls.run("--json", *arguments, capsys=capsys)
    assert (code, ids(lines), said) == (0, found, "")


@pytest.mark.parity("aggregate.audit-query")
def test_json_is_the_line_as_it_was_written_and_text_is_for_people(calls, capsys):
    lines = calls.run("--json", capsys=capsys)[1]
    (one,) = stored(calls.data)
    assert "\n".join([*lines, ""]).encode() == one.path.read_bytes()
    when = stamp(NOW)
    assert calls.run(capsys=capsys)[1] == [
        f"{when}  ok  1.5ms  tools/call  github/search  alice",
        f"{when}  upstream-timeout  60000ms  tools/call  github/fork  bob  no answer within 60 s",
        f"{when}  ok  1.5ms  tools/call  clock/search  alice",
        f"{when}  ok  1.5ms  resources/read  docs/file:///a  bob",
        f"{when}  internal-error  1.5ms  tools/list  -  -  code -32603",
    ]


def test_what_a_client_chose_moves_no_cursor():
    assert "\x1b" not in text({"timestamp": "t", "outcome": "ok", "tool_name": "a\x1b[2J\u202eb\n"})
    assert "a\\x1b[2J\\u202eb\\n" in text({"timestamp": "t", "outcome": "ok", "tool_name": "a\x1b[2J\u202eb\n"})


@pytest.mark.parity("aggregate.audit-volume")
def test_what_a_kill_has_torn_is_left_out_and_told(store, capsys):
    store.write(store.record(1), b'{"timestamp":"2026-01-01T00:00:00.000Z","me')
    assert store.run(capsys=capsys)[2] == ""  # it may still be on its way: a process has the file
    store.place.close()
    store.place = OwnFiles(store.files, lambda: store.now)
    store.write(store.record(2), b"\x00\x00\n", b'"no record"\n', b'{"timestamp":5}\n')
    code, lines, said = store.run("--json", capsys=capsys)
    assert (code, ids(lines)) == (0, [1, 2])
    assert said == "lines left out: 1 torn at the end of a file, whose process ended while it wrote, and 3 that are no records\n"


@pytest.mark.parity("aggregate.audit-query")
def test_files_of_several_processes_are_one_in_the_order_of_their_times(store, capsys):
    other = OwnFiles(store.files, lambda: store.now)
    for n in range(6):
        store.now += 1
        store.write(store.record(n), place=other if n % 2 else None)
    other.close()
    assert ids(store.run("--json", capsys=capsys)[1]) == [0, 1, 2, 3, 4, 5]


@pytest.mark.parity("aggregate.audit-query")
def test_a_search_from_a_time_on_reads_what_came_since_and_little_else(tmp_path, monkeypatch):
    """A hundred minutes of records, 10 MB in one file; the last minute is asked for."""
    store = Store(tmp_path)
    store.place.close()
    store.place = OwnFiles(AuditFiles(path=str(store.data), index_path=str(store.index)), lambda: store.now)
    for minute in range(100):
        store.now = NOW - 6000 + minute * 60
        padding = "x" * 900
        batch = b"".join(json.dumps(store.record(minute * 100 + n, p=padding)).encode() + b"\n" for n in range(100))
        store.write(batch)
    tails = []
    real = reading.Tail.since.__func__
    monkeypatch.setattr(reading.Tail, "since", classmethod(lambda *given: tails.append(real(*given)) or tails[-1]))
    since = NOW - 60
    found = [one for one in past(store.data, store.index, since, Skipped()) if json.loads(one)["timestamp"] >= stamp(since)]
    assert ids(found) == list(range(9900, 10000))
    (tail,) = tails
    assert sum(one.size for one in stored(store.data)) > 10**7
    assert tail.read < 300_000
    (path,) = store.index.iterdir()
    path.unlink()
    found = [one for one in past(store.data, store.index, since, Skipped()) if json.loads(one)["timestamp"] >= stamp(since)]
    assert (len(found), tails[-1].read > 10**7) == (100, True)
    store.place.close()


def test_a_file_that_ended_before_is_not_opened(store, monkeypatch):
    store.write(store.record(1))
    (one,) = stored(store.data)
    os.utime(one.path, (NOW - 100, NOW - 100))
    monkeypatch.setattr(reading, "_file", lambda *_: pytest.fail("read"))
    assert list(past(store.data, store.index, NOW - 50, Skipped())) == []


def test_an_index_that_does_not_fit_its_file_is_not_trusted(store):
    store.write(store.record(1))
    (one,) = stored(store.data)
    index, fd = index_of(one.name, store.index), store.place.fd
    size = os.fstat(fd).st_size
    for at in (5, size + 1):
        index.write_bytes(ENTRY.pack(NOW, at) + b"torn")
        assert begin(index, NOW + 1, os.open(one.path, os.O_RDONLY), size) == 0
    index.write_bytes(ENTRY.pack(NOW, size))
    assert begin(index, NOW + 1, os.open(one.path, os.O_RDONLY), size) == size
    assert begin(index, NOW, os.open(one.path, os.O_RDONLY), size) == 0


def test_a_file_whose_time_has_come_meanwhile_is_no_error(store):
    store.write(store.record(1))
    lines = past(store.data, store.index, None, Skipped())
    for one in stored(store.data):
        one.path.unlink()
    assert list(lines) == []


@pytest.mark.parity("aggregate.audit-query")
def test_following_goes_on_across_rotation_and_loses_nothing(store):
    store.write(store.record(1))
    following = Following(store.data, store.index, None)
    assert list(following.lines()) == []
    store.write(store.record(2), b'{"timestamp":"' + stamp(NOW).encode() + b'","id":')
    assert ids(following.lines()) == [2]
    store.write(b'"a-3"}\n')
    assert ids(following.lines()) == [3]
    store.write(store.record(4))
    store.place.close()
    (old,) = stored(store.data)
    store.now += 1
    store.place = OwnFiles(store.files, lambda: store.now)
    store.write(store.record(5))
    old.path.unlink()
    assert ids(following.lines()) == [4, 5]
    assert list(following.lines()) == []
    following.close()


def test_following_from_a_time_on_begins_with_what_there_is(store):
    store.write(store.record(1))
    following = Following(store.data, store.index, NOW - 1)
    assert ids(following.lines()) == [1]
    following.close()
    following = Following(store.data, store.index, time.time() + 100)
    assert list(following.lines()) == []
    following.close()


def test_the_command_follows_until_it_is_interrupted(store, capsys, monkeypatch):
    left = [0, 1]

    def sleep(_seconds):
        if not left:
            raise KeyboardInterrupt
        store.now += 1
        store.write(store.record(left.pop(0), server_name="s"))

    monkeypatch.setattr(command.time, "sleep", sleep)
    code, lines, _ = store.run("-f", "--json", "--server", "s", capsys=capsys)
    assert (code, ids(lines)) == (0, [0, 1])


def test_whoever_has_seen_enough_may_stop_reading(store):
    store.write(*(store.record(n, p="x" * 200) for n in range(2000)))
    arguments = ["audit", "--json", "--path", str(store.data), "--index-path", str(store.index)]
    with subprocess.Popen(
        [sys.executable, "-m", "mcp_stack_proxy.cli", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert ids([process.stdout.readline()]) == [0]
        process.stdout.close()
        assert process.wait(SOON) == 0
        assert process.stderr.read() == b""


def test_where_nothing_is_kept_the_command_says_so(tmp_path, capsys):
    assert main(["audit", "--path", str(tmp_path / "none")]) == 1
    assert "No such file or directory; records are kept where `audit.output` is" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ("2026-07-28T12:00:00Z", 1785240000.0),
        ("2026-07-28T12:00:00.250+02:00", 1785232800.25),
        ("2026-07-28 12:00", 1785240000.0),
    ],
)
def test_a_time(given, seconds):
    assert moment(given) == seconds


@pytest.mark.parametrize(("given", "ago"), [("90", 90), ("15m", 900), ("2h", 7200), ("1.5d", 129600)])
def test_a_time_ago(given, ago):
    assert moment(given) == pytest.approx(time.time() - ago, abs=5)


@pytest.mark.parametrize("given", ["yesterday", "-1h", ""])
def test_a_time_that_is_none_is_refused(given, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["audit", f"--since={given}"])
    assert caught.value.code == 2
    assert "--since" in capsys.readouterr().err


def test_the_place_is_the_one_that_the_proxy_has(store, capsys, monkeypatch):
    store.write(store.record(1))
    monkeypatch.setenv("MCP_AUDIT_PATH", str(store.data))
    monkeypatch.setenv("MCP_AUDIT_INDEX_PATH", str(store.index))
    assert main(["audit", "--json"]) == 0
    assert ids(capsys.readouterr().out.splitlines()) == [1]
