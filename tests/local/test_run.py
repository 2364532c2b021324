"""The whole: the shipped stack and small ones, as processes, from start to drain."""

import re
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from mcp import Client

from mcp_stack.local.ports import free_ports
from tests.deadlines import SOON
from tests.local.processes import gone
from tests.local.stacks import write_project

ROOT = Path(__file__).parents[2]
CLOCK = {"command": ["python", str(ROOT / "examples" / "servers" / "clock.py")]}
UP = "import sys; from pathlib import Path; from mcp_stack.local import run; {}; sys.exit(run.up(Path(sys.argv[1]), {}))"


class Run:
    """`mcp-stack up` as a process of its own."""

    def __init__(self, process):
        self.process = process
        self.lines = []

    def wait_for(self, text):
        """Read until a line holds `text`; a timer ends the process, and thereby the wait, where it never comes."""
        timer = threading.Timer(2 * SOON, self.process.kill)
        timer.start()
        try:
            for line in self.process.stdout:
                self.lines.append(line.rstrip())
                if text in line:
                    return line
        finally:
            timer.cancel()
        raise AssertionError(f"no {text!r} within {2 * SOON} s in:\n{self.output}")

    def finish(self):
        """Its exit code, everything read."""
        rest, _ = self.process.communicate(timeout=2 * SOON)
        self.lines += rest.splitlines()
        return self.process.returncode

    @property
    def output(self):
        """Everything that it wrote so far."""
        return "\n".join(self.lines)

    @property
    def pids(self):
        """Every process that it told of."""
        return {int(pid) for pid in re.findall(r"pid (\d+)", self.output)}


@contextmanager
def up(directory, options="'local'", before="pass"):
    """Runs it, and surely ends it. `before` is done in its process first."""
    command = [sys.executable, "-c", UP.format(before, options), str(directory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT) as process:
        run = Run(process)
        try:
            yield run
        finally:
            if process.poll() is None:
                process.terminate()
                process.communicate(timeout=SOON)


def port_option():
    [port] = free_ports("127.0.0.1", 1)
    return port, f"'local', port={port}"


@pytest.mark.parity("aggregate.quick-start")
async def test_the_shipped_stack_is_checked_by_both_routes_in_both_eras():
    with up(ROOT, "'local', check=True") as run:
        assert run.finish() == 0, run.output
    tried = {tuple(line.split()[1:4]) for line in run.lines if line.startswith("ok ") and " lists " not in line}
    assert tried == {
        (server, route, revision)
        for server in ("clock", "notes", "units")
        for route in ("/mcp", f"/servers/{server}/mcp")
        for revision in ("2025-11-25", "2026-07-28")
    }
    assert "OK: 20 calls on clock, notes, units, over both routes" in run.output
    assert len(run.pids) == 4
    for pid in run.pids:
        await gone(pid)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_drains_it_and_leaves_nothing(tmp_path, number):
    port, options = port_option()
    with up(write_project(tmp_path, {"clock": CLOCK}), options) as run:
        run.wait_for("everything is ready")
        assert f'{{"mcpServers": {{"mcp-stack": {{"type": "http", "url": "http://127.0.0.1:{port}/mcp"}}}}}}' in run.output
        async with Client(f"http://127.0.0.1:{port}/mcp") as client:
            result = await client.call_tool("clock__between", {"start": "2026-01-01", "end": "2026-01-03"})
            assert result.structured_content["days"] == 2
        run.process.send_signal(number)
        assert run.finish() == 0
    assert run.lines.index("gateway is stopped") < run.lines.index("clock is stopped")
    assert "\x1b" not in run.output
    assert len(run.pids) == 2
    for pid in run.pids:
        await gone(pid)


async def test_a_crashed_server_is_explained_and_comes_back(tmp_path):
    _, options = port_option()
    with up(write_project(tmp_path, {"clock": CLOCK}), options) as run:
        run.wait_for("everything is ready")
        [pid] = re.findall(r"clock is ready.*pid (\d+)", run.output)
        subprocess.run(["kill", "-9", pid], check=True)
        assert "ended by SIGKILL" in run.wait_for("clock is failing")
        assert pid not in run.wait_for("clock is ready: 4 tools")


DEAF = """
import os, signal, socket
signal.signal(signal.SIGTERM, signal.SIG_IGN)
server = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
print(f"deaf, pid {os.getpid()}", flush=True)
while True: server.accept()[0].close()
"""


async def test_a_second_signal_waits_for_nobody(tmp_path):
    _, options = port_option()
    image = {"repository": "deaf", "tag": "1"}
    project = write_project(tmp_path, {"deaf": {"image": image, "local": {"command": ["python", "-c", DEAF]}}})
    with up(project, f"{options}, verbose=True", before=f"run.STOP_SECONDS = {10 * SOON}") as run:
        run.wait_for("deaf, pid")
        run.wait_for("gateway is ready")
        run.process.send_signal(signal.SIGINT)
        run.wait_for("gateway is stopped")
        run.process.send_signal(signal.SIGINT)
        assert run.finish() == 0
    for pid in run.pids:
        await gone(pid)


async def test_a_server_that_ignores_sigterm_is_gone_after_the_grace(tmp_path):
    _, options = port_option()
    image = {"repository": "deaf", "tag": "1"}
    project = write_project(tmp_path, {"deaf": {"image": image, "local": {"command": ["python", "-c", DEAF]}}})
    with up(project, f"{options}, verbose=True") as run:
        run.wait_for("deaf, pid")
        run.process.send_signal(signal.SIGTERM)
        assert run.finish() == 0
    assert float(re.search(r"stopped after ([\d.]+) s", run.output)[1]) > 9
    for pid in run.pids:
        await gone(pid)


def test_a_port_in_use_is_said_before_anything_starts():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with up(ROOT, f"'local', port={port}") as run:
            assert run.finish() == 2
    assert run.lines[0] == "Pulumi.local.yaml: 1 problem"
    assert re.fullmatch(
        rf"  gateway\.port: {port} is in use by .+ \(pid \d+\); stop it, or choose another port with `--port`", run.lines[1]
    )
    assert len(run.lines) == 2


def test_everything_that_is_missing_is_said_at_once(tmp_path):
    servers = {"one": {"command": ["no-such-program"]}, "two": {"image": {"repository": "a", "tag": "1"}}}
    with up(write_project(tmp_path, servers), "'local', check=True") as run:
        assert run.finish() == 2
    assert [line.split(":")[0].strip() for line in run.lines] == [
        "Pulumi.local.yaml",
        "servers.two.local",
        "servers.one.command[0]",
    ]


def test_a_wrong_answer_fails_the_check(tmp_path):
    (tmp_path / "calls.local.yaml").write_text(
        "clock: [{tool: between, arguments: {start: '2026-01-01', end: '2026-01-03'}, result: {days: 3}}]"
    )
    with up(write_project(tmp_path, {"clock": CLOCK}), "'local', check=True") as run:
        assert run.finish() == 1
    assert len([line for line in run.lines if line.startswith("wrong  clock") and "expected {'days': 3}; got" in line]) == 4
    assert "FAILED: 4 of 8 are wrong, first between of clock over /servers/clock/mcp, 2025-11-25" in run.output


def test_a_server_that_cannot_start_fails_the_check_with_its_last_words(tmp_path):
    image = {"repository": "a", "tag": "1"}
    broken = {"image": image, "local": {"command": ["python", "-c", "raise SystemExit('no licence')"]}}
    with up(write_project(tmp_path, {"clock": CLOCK, "broken": broken}), "'local', check=True") as run:
        assert run.finish() == 1
    assert "broken | no licence" in run.lines
    [verdict] = [line for line in run.lines if line.startswith("FAILED")]
    assert "broken is failing (ended with exit code 1: no licence" in verdict


async def test_a_check_that_is_interrupted_has_failed_and_leaves_nothing(tmp_path):
    (tmp_path / "calls.local.yaml").write_text(
        "clock: [{tool: count_down, arguments: {steps: 100, pause_seconds: 1}, result: {result: never}}]"
    )
    with up(write_project(tmp_path, {"clock": CLOCK}), "'local', check=True") as run:
        run.wait_for("/servers/clock/mcp")
        run.process.send_signal(signal.SIGINT)
        assert run.finish() == 1
    assert len(run.pids) == 2
    for pid in run.pids:
        await gone(pid)


def test_a_check_without_known_calls_says_that_it_only_listed(tmp_path):
    with up(write_project(tmp_path, {"clock": CLOCK}), "'local', check=True") as run:
        assert run.finish() == 0
    assert run.output.count("4 tools, 1 resources, 1 templates, 1 prompts") == 4
    assert "; no call is known for clock" in run.output
