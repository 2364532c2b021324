"""One run of a process: its output, its end, and nothing left of it."""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from mcp_stack.local.child import Child, describe_end
from tests.deadlines import SOON
from tests.local.processes import HAS_A_CHILD, IGNORES_SIGTERM, WAITS, gone, is_alive, python


@pytest.fixture
async def start(tmp_path):
    """Starts programs, and surely ends them."""
    started = []

    def start(code, **options):
        lines = asyncio.Queue()
        child = Child(python(code, **options), tmp_path, lines.put_nowait)
        started.append(child)
        return child, lines

    yield start
    for child in started:
        child.kill(signal.SIGKILL)
        async with asyncio.timeout(SOON):
            await child.ended


async def line_of(lines):
    async with asyncio.timeout(SOON):
        return await lines.get()


async def end_of(child):
    async with asyncio.timeout(SOON):
        return await asyncio.shield(child.ended)


@pytest.mark.parametrize(
    ("code", "expected"), [("pass", 0), ("raise SystemExit(3)", 3), ("import os; os.kill(os.getpid(), 9)", -9)]
)
async def test_its_exit_code_is_known(start, code, expected):
    child, _ = start(code)
    assert await end_of(child) == expected


async def test_it_runs_in_the_given_directory_with_its_variables_alone(start, tmp_path):
    child, lines = start("import os; print(os.getcwd(), sorted(set(os.environ) - {'LC_CTYPE'}))")
    assert await line_of(lines) == f"{tmp_path} ['PATH', 'PORT']"
    assert await end_of(child) == 0


async def test_its_last_lines_are_kept_those_on_stderr_among_them(start):
    child, _ = start("import sys\nfor n in range(30): print(n, flush=True)\nprint('why', file=sys.stderr)")
    await end_of(child)
    assert list(child.tail) == [*map(str, range(11, 30)), "why"]


async def test_a_program_that_is_not_there_says_so(tmp_path):
    lines = []
    process = python("")
    child = Child(type(process)("one", None, ("no-such-program",), process.env, 1, "/", None, {}), tmp_path, lines.append)
    assert await end_of(child) == 1
    assert list(child.tail) == ["no-such-program cannot be executed: No such file or directory"]


async def test_stop_is_polite_first(start):
    child, _ = start(WAITS)
    assert await child.stop(SOON)
    assert child.ended.result() == -signal.SIGTERM


async def test_a_process_that_ignores_sigterm_is_killed_after_the_grace(start):
    child, lines = start(IGNORES_SIGTERM)
    assert await line_of(lines) == "deaf"
    began = time.monotonic()
    assert not await child.stop(0.2)
    assert time.monotonic() - began >= 0.2
    assert child.ended.result() == -signal.SIGKILL
    assert not is_alive(child.pid)


async def test_what_it_started_ends_with_it(start):
    child, lines = start(HAS_A_CHILD)
    grandchild = int(await line_of(lines))
    await child.stop(SOON)
    await gone(grandchild)


async def test_what_it_leaves_behind_when_it_crashes_is_ended(start):
    child, lines = start(HAS_A_CHILD.replace("p.wait()", "sys.exit(1)"))
    grandchild = int(await line_of(lines))
    assert await end_of(child) == 1
    await gone(grandchild)


async def test_a_descendant_that_left_the_group_with_the_pipe_delays_nothing(start):
    detached = "import subprocess; p = subprocess.Popen(['sleep', '600'], start_new_session=True); print(p.pid, flush=True)"
    child, lines = start(detached)
    stray = int(await line_of(lines))
    try:
        assert await end_of(child) == 0
    finally:
        os.kill(stray, signal.SIGKILL)


PARENT = """
import asyncio, sys
from pathlib import Path
from mcp_stack.local.child import Child
from tests.local.processes import WAITS, python

async def main():
    print(Child(python(WAITS), Path("."), print).pid, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG")
async def test_it_ends_when_we_are_killed_and_can_end_nobody(request):
    environment = {"PYTHONPATH": ":".join(str(request.config.rootpath / path) for path in ("components", "proxy", "."))}
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", PARENT, stdout=asyncio.subprocess.PIPE, env=environment)
    async with asyncio.timeout(SOON):
        child = int(await parent.stdout.readline())
        await asyncio.to_thread(wait_for_program, child)
    assert is_alive(child)
    parent.kill()
    await parent.communicate()
    await gone(child)


def wait_for_program(pid):
    """Until the launcher has become the program."""
    deadline = time.monotonic() + SOON
    while b"die_with_parent" in Path(f"/proc/{pid}/cmdline").read_bytes():
        assert time.monotonic() < deadline, "the launcher did not become the program"
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("code", "words"),
    [(0, "ended with exit code 0"), (2, "ended with exit code 2"), (-9, "ended by SIGKILL"), (-99, "ended by signal 99")],
)
def test_an_end_is_described(code, words):
    assert describe_end(code) == words
