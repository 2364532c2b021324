"""However a child ends, nothing of it is left: no process, no grandchild, no zombie, no descriptor."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap

import pytest

from mcp_stack_proxy.upstream import program as program_module
from tests.deadlines import SOON
from tests.upstream.processes import DEAF, dead, members, stat, vanished

pytestmark = pytest.mark.parity("aggregate.backend-stdio")


async def test_stop_lets_a_server_end_by_itself(start):
    run = await start("import sys\nfor line in sys.stdin: pass\nprint('bye', flush=True)\nraise SystemExit(7)")
    await asyncio.wait_for(run.child.stop(10 * SOON), SOON)
    assert (await run.exit()).code == 7
    assert run.lines == [b"bye"]


async def test_stop_asks_before_it_kills(start):
    code = """
        import signal, sys, time
        def leave(*_):
            print("asked", flush=True)
            sys.exit(5)
        signal.signal(signal.SIGTERM, leave)
        print("ready", flush=True)
        time.sleep(600)
    """
    run = await start(code)
    await run.line()
    await asyncio.wait_for(run.child.stop(4), SOON)
    assert (await run.exit()).code == 5
    assert run.lines == [b"ready", b"asked"]


async def test_stop_kills_what_does_not_listen_within_the_grace(start):
    run = await start(DEAF)
    await run.line()
    begun = asyncio.get_running_loop().time()
    await asyncio.wait_for(run.child.stop(0.4), SOON)
    assert asyncio.get_running_loop().time() - begun >= 0.4
    assert (await run.exit()).code == -signal.SIGKILL


async def test_stop_kills_a_stopped_process(start):
    run = await start(DEAF)
    await run.line()
    os.kill(run.child.pid, signal.SIGSTOP)
    await asyncio.wait_for(run.child.stop(0.1), SOON)
    assert (await run.exit()).code == -signal.SIGKILL


async def test_stop_may_be_called_by_many_and_again(start):
    run = await start(DEAF)
    await run.line()
    await asyncio.wait_for(asyncio.gather(*(run.child.stop(0.1) for _ in range(5))), SOON)
    await asyncio.wait_for(run.child.stop(10 * SOON), SOON)


async def test_a_stop_that_is_cancelled_kills_at_once(start):
    run = await start(DEAF)
    await run.line()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(run.child.stop(10 * SOON), 0.1)
    assert (await run.exit()).code == -signal.SIGKILL


STUBBORN = """
    import signal, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    print("ready", flush=True)
    time.sleep(600)
"""

FAMILY = """
    import subprocess, sys
    two = (
        "import subprocess, sys, time;"
        "p = subprocess.Popen([sys.executable, '-c', sys.argv[1]], stdout=subprocess.PIPE);"
        "p.stdout.readline();"
        "print(p.pid, flush=True);"
        "time.sleep(600)"
    )
    one = subprocess.Popen([sys.executable, "-c", two, sys.argv[1]])
    print(one.pid, flush=True)
"""


@pytest.mark.parametrize("how", ["stop", "exit", "kill"])
async def test_grandchildren_end_with_the_process(start, how):
    ends = {"stop": "import time; time.sleep(600)", "kill": "import time; time.sleep(600)", "exit": "sys.stdin.readline()"}
    run = await start(textwrap.dedent(FAMILY) + ends[how], textwrap.dedent(STUBBORN))
    family = {int(await run.line(0)), int(await run.line(1))}
    assert family <= set(members(run.child.pid))
    if how == "stop":
        await asyncio.wait_for(run.child.stop(0.2), SOON)
    elif how == "kill":
        os.kill(run.child.pid, signal.SIGKILL)
    else:
        run.child.write(b"go")
    await run.exit()
    assert [await dead(pid) for pid in family] == [True, True]


@pytest.mark.skipif(sys.platform != "linux", reason="proc(5)")
@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_a_group_of_its_own_ends_with_the_process(start, how):
    """As a shell with job control makes one for each job."""
    code = """
        import subprocess, sys, time
        job = subprocess.Popen([sys.executable, "-c", sys.argv[1]], process_group=0, stdout=subprocess.PIPE)
        job.stdout.readline()
        print(job.pid, flush=True)
        time.sleep(600)
    """
    run = await start(code, textwrap.dedent(STUBBORN))
    job = int(await run.line())
    assert members(job) == [job]
    if how == "stop":
        await asyncio.wait_for(run.child.stop(0.2), SOON)
    else:
        os.kill(run.child.pid, signal.SIGKILL)
    await run.exit()
    assert await dead(job)


async def test_a_daemon_that_left_the_group_and_holds_the_pipes_delays_the_news_only_briefly(start):
    code = """
        import subprocess, sys
        daemon = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
        print(daemon.pid, flush=True)
    """
    run = await start(code)
    daemon = int(await run.line())
    try:
        assert (await run.exit()).code == 0
        assert stat(daemon) is not None, "the control: the pipes are held open"
    finally:
        os.kill(daemon, signal.SIGKILL)


async def test_a_start_that_is_cancelled_leaves_nothing(start, monkeypatch):
    spawned = asyncio.get_running_loop().create_future()
    spawn = program_module.spawn

    def noted(program):
        process = spawn(program)
        spawned.set_result(process.pid)
        return process

    monkeypatch.setattr("mcp_stack_proxy.upstream.child.spawn", noted)
    starting = asyncio.ensure_future(start(DEAF))
    pid = await asyncio.wait_for(spawned, SOON)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert await vanished(pid)
    await asyncio.sleep(0.05)  # its pipes close when the loop comes round


@pytest.mark.skipif(sys.platform != "linux", reason="prctl(2)")
async def test_children_die_with_a_proxy_that_is_killed(tmp_path):
    parent = """
        import asyncio, sys
        from mcp_stack_proxy.config import Limits
        from mcp_stack_proxy.upstream.child import Child
        async def main():
            ready = asyncio.Event()
            told = {"on_line": lambda _: ready.set(), "on_exit": print}
            child = await Child.start(sys.executable, ["-c", sys.argv[1]], {}, None, limits=Limits(), **told)
            await ready.wait()
            print(child.pid, flush=True)
            await asyncio.sleep(600)
        asyncio.run(main())
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        textwrap.dedent(parent),
        textwrap.dedent(STUBBORN),
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    pid = int(await asyncio.wait_for(process.stdout.readline(), SOON))
    assert stat(pid) is not None
    process.kill()
    await asyncio.wait_for(process.wait(), SOON)
    assert await dead(pid)
