"""Runs of real processes: what they say, and that nothing is left of them."""

import asyncio
import gc
import os
import signal
import sys
import textwrap

import pytest

from mcp_stack_proxy.errors import Reason, UpstreamError
from mcp_stack_proxy.upstream.cli import run as run_module
from mcp_stack_proxy.upstream.cli.runner import Runner
from mcp_stack_proxy.upstream.program import Program
from tests.deadlines import SOON
from tests.upstream.processes import dead, descriptors, members, stat


@pytest.fixture(autouse=True)
async def nothing_is_left():
    gc.collect()
    before, mishaps = descriptors(), []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: mishaps.append(context))
    yield
    async with asyncio.timeout(SOON):
        while descriptors() - before:
            await asyncio.sleep(0.01)
    assert mishaps == []


def runner(code, concurrency=4, **more):
    return Runner(Program(sys.executable, ["-c", textwrap.dedent(code)], **more), concurrency)


async def run(target, *args, seconds=30.0, within=60.0, most=100_000, **more):
    deadline = asyncio.get_running_loop().time() + within
    return await target.run(args, deadline=deadline, seconds=seconds, max_output_bytes=most, **more)


async def test_a_run_ends_with_all_that_it_said():
    code = "import sys; print(sys.argv[1:]); print('aside', file=sys.stderr); print(repr(sys.stdin.read())); sys.exit(4)"
    outcome = await run(runner(code), "a b", "$(c)", stdin=b"given")
    assert (outcome.exit_code, outcome.stdout, outcome.stderr) == (4, "['a b', '$(c)']\n'given'\n", "aside\n")
    assert (outcome.truncated, outcome.timed_out, outcome.flooded) == (False, False, False)


async def test_output_is_heard_as_it_comes():
    heard = []
    await run(runner("print('x' * 10)"), heard=heard.append)
    assert b"".join(heard) == b"x" * 10 + b"\n"


async def test_a_signal_that_ends_it_is_told():
    assert (await run(runner("import os, signal; os.kill(os.getpid(), signal.SIGKILL)"))).exit_code == -signal.SIGKILL


async def test_a_deadline_gives_time_to_tidy_up(monkeypatch):
    monkeypatch.setattr(run_module, "GRACE_SECONDS", SOON)
    script = "trap 'echo tidy; exit 7' TERM; echo ready; while :; do sleep 0.05; done"  # a shell starts in no time
    outcome = await run(Runner(Program("sh", ["-c", script]), 1), seconds=2)
    assert (outcome.timed_out, outcome.exit_code, outcome.stdout) == (True, 7, "ready\ntidy\n")


async def test_who_does_not_hear_is_killed_and_so_are_his_children(monkeypatch):
    monkeypatch.setattr(run_module, "GRACE_SECONDS", 0.1)
    script = "trap '' TERM; sleep 600 & echo $$ $!; while :; do sleep 0.05; done"
    outcome = await run(Runner(Program("sh", ["-c", script]), 1), seconds=2)
    assert (outcome.timed_out, outcome.exit_code) == (True, -signal.SIGKILL)
    program, child = map(int, outcome.stdout.split())
    assert [await dead(program), await dead(child)] == [True, True]


async def test_what_a_program_leaves_behind_ends_with_it():
    code = """
        import os, subprocess, sys
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        print(os.getpid(), child.pid, flush=True)
    """
    async with asyncio.timeout(SOON):
        outcome = await run(runner(code), seconds=10 * SOON, within=10 * SOON)
    assert (outcome.exit_code, outcome.timed_out) == (0, False)
    program, child = map(int, outcome.stdout.split())
    assert await dead(child)
    assert members(program) == []


async def test_a_flood_is_ended():
    outcome = await run(runner("import sys\nwhile True: sys.stdout.write('y' * 65536)"), most=1000)
    assert (outcome.flooded, outcome.timed_out, outcome.truncated) == (True, False, True)
    assert outcome.exit_code == -signal.SIGKILL
    assert len(outcome.stdout) < 1100


async def test_input_that_is_not_read_holds_nothing_up():
    assert (await run(runner("pass"), stdin=b"x" * 3_000_000)).exit_code == 0
    outcome = await run(runner("import time; time.sleep(600)"), stdin=b"x" * 3_000_000, seconds=0.5)
    assert outcome.timed_out


async def test_a_cancelled_run_is_gone(tmp_path):
    file = tmp_path / "pid"
    code = f"import os, time; open({str(file)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    target = runner(code)
    running = asyncio.ensure_future(run(target))
    async with asyncio.timeout(SOON):
        while not (file.exists() and file.read_text()):
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.wait({running})
    pid = int(file.read_text())
    assert await dead(pid)
    async with asyncio.timeout(SOON):
        while stat(pid) is not None:  # collected, too
            await asyncio.sleep(0.01)
    assert target._runs == set()


async def test_cancelled_before_its_pipes_are_connected():
    for _ in range(5):
        running = asyncio.ensure_future(run(runner("import time; time.sleep(600)")))
        await asyncio.sleep(0)
        running.cancel()
        await asyncio.wait({running})
        assert running.cancelled()


async def test_only_so_many_run_at_a_time():
    target = runner(
        "import sys; print('ready', flush=True); sys.stdin.read(); import time; time.sleep(float(sys.argv[1]))", concurrency=1
    )
    ready = asyncio.Event()
    first = asyncio.ensure_future(run(target, "600", heard=lambda _: ready.set()))
    async with asyncio.timeout(SOON):
        await ready.wait()
    with pytest.raises(UpstreamError, match=r"has 1 runs going on, and none ended in time \(cli.concurrency\)") as caught:
        await run(target, "0", within=0.2)
    assert (caught.value.reason, caught.value.retryable) == (Reason.TIMEOUT, True)
    waiting = asyncio.ensure_future(run(target, "0"))
    await asyncio.sleep(0)
    first.cancel()
    assert (await asyncio.wait_for(waiting, SOON)).exit_code == 0


async def test_closing_ends_what_runs_and_starts_nothing_more():
    target = runner("import os, time; print(os.getpid(), flush=True); time.sleep(600)")
    ready = asyncio.Event()
    running = asyncio.ensure_future(run(target, heard=lambda _: ready.set()))
    async with asyncio.timeout(SOON):
        await ready.wait()
    await asyncio.wait_for(target.aclose(2), SOON)
    outcome = await running
    assert outcome.exit_code == -signal.SIGTERM
    assert await dead(int(outcome.stdout))
    with pytest.raises(UpstreamError, match="is being stopped"):
        await run(target)


async def test_what_cannot_be_started_is_said():
    with pytest.raises(UpstreamError, match="program 'no-such-program' was not found"):
        await run(Runner(Program("/opt/no-such-program"), 1))
    with pytest.raises(UpstreamError, match="Argument list too long"):
        await run(runner("pass"), *["x" * 100_000] * 100)


async def test_the_environment_says_that_nobody_watches(monkeypatch):
    monkeypatch.setenv("SECRET_OF_ANOTHER", "x")
    code = "import json, os; print(json.dumps(dict(os.environ)))"
    outcome = await run(runner(code, env={"TERM": "own"}), env={"TERM": "wide", "COLUMNS": "200"})
    assert "SECRET_OF_ANOTHER" not in outcome.stdout
    assert '"TERM": "own"' in outcome.stdout
    assert '"COLUMNS": "200"' in outcome.stdout
    assert '"NO_COLOR": "1"' in outcome.stdout
    assert os.environ["HOME"] in outcome.stdout
