import asyncio
import os
import signal
import sys

import pytest

from mcp_stack_proxy.config import Limits
from mcp_stack_proxy.errors import Reason, UpstreamError
from mcp_stack_proxy.upstream.backoff import Backoff
from mcp_stack_proxy.upstream.child import Child
from mcp_stack_proxy.upstream.program import Program
from mcp_stack_proxy.upstream.supervisor import Supervisor
from mcp_stack_proxy.upstream.vitals import Cause, State
from tests.deadlines import SOON

pytestmark = pytest.mark.parity("aggregate.backend-stdio")

ECHO = "import sys\nfor line in sys.stdin.buffer: sys.stdout.buffer.write(line); sys.stdout.buffer.flush()"
CRASH = "import sys; print('cannot find my database', file=sys.stderr); sys.exit(3)"


class Watched:
    """A supervisor and what its processes said."""

    def __init__(self, program, backoff=None, **more):
        self.lines, self.exits, self.causes = asyncio.Queue(), asyncio.Queue(), []
        self.supervisor = Supervisor(
            program, limits=Limits(), on_line=self.lines.put_nowait, on_exit=self.ended, backoff=backoff, **more
        )

    def ended(self, exit_, cause):
        self.causes.append(cause)
        self.exits.put_nowait(exit_)

    async def exit(self):
        return await asyncio.wait_for(self.exits.get(), SOON)


@pytest.fixture
async def supervise():
    made = []

    def make(code, backoff=None, max_memory=None, **more):
        made.append(Watched(Program(**{"command": sys.executable, "args": ["-c", code], **more}), backoff, max_memory=max_memory))
        return made[-1]

    yield make
    for watched in made:
        await asyncio.wait_for(watched.supervisor.stop(1), SOON)


async def test_a_process_is_started_on_demand_and_once_for_all_who_wait(supervise):
    watched = supervise(ECHO)
    supervisor = watched.supervisor
    assert (supervisor.state, supervisor.counters.starts) == (State.IDLE, 0)
    calls = [asyncio.ensure_future(supervisor.ensure()) for _ in range(20)]
    await asyncio.sleep(0)
    assert supervisor.state is State.STARTING
    children = await asyncio.gather(*calls)
    assert len({child.pid for child in children}) == 1
    assert await supervisor.ensure() is children[0]
    assert (supervisor.state, supervisor.counters.starts, supervisor.counters.exits.total()) == (State.RUNNING, 1, 0)
    children[0].write(b"hello")
    assert await asyncio.wait_for(watched.lines.get(), SOON) == b"hello"


async def test_a_caller_that_gives_up_leaves_the_start_to_the_others(supervise):
    supervisor = supervise(ECHO).supervisor
    first, second = (asyncio.ensure_future(supervisor.ensure()) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert (await asyncio.wait_for(second, SOON)).running
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_a_process_that_died_is_started_again_when_due(supervise):
    now = Backoff(jitter=lambda: 0)
    watched = supervise(ECHO, now)
    supervisor = watched.supervisor
    first = await supervisor.ensure()
    os.kill(first.pid, signal.SIGKILL)
    assert str(await watched.exit()) == "was killed by SIGKILL"
    assert supervisor.state is State.BACKING_OFF
    with pytest.raises(UpstreamError, match="its process was killed by SIGKILL; next attempt in 1 s") as caught:
        await supervisor.ensure()
    assert (caught.value.reason, caught.value.retryable) == (Reason.UNREACHABLE, True)
    now._not_before = 0
    second = await supervisor.ensure()
    assert second.pid != first.pid
    assert (supervisor.state, supervisor.counters.starts, supervisor.counters.exits.total()) == (State.RUNNING, 2, 1)


async def test_a_process_that_dies_at_once_is_not_started_without_end(supervise):
    backoff = Backoff(jitter=lambda: 0)
    watched = supervise(CRASH, backoff)
    supervisor = watched.supervisor
    for number in range(1, 6):
        backoff._not_before = 0
        await supervisor.ensure()
        exit_ = await watched.exit()
        assert exit_.stderr == supervisor.last_exit.stderr == ("cannot find my database",)
        assert (supervisor.counters.starts, supervisor.counters.exits.total()) == (number, number)
    assert supervisor.state is State.FAILED
    why = r"its process exited with code 3, as often as 5 times within 60 s; next attempt in (5\d|60) s"
    with pytest.raises(UpstreamError, match=why) as caught:
        await supervisor.ensure()
    assert "database" not in caught.value.message
    assert "max_starts" in caught.value.hint
    assert supervisor.counters.starts == 5


async def test_a_process_that_dies_while_it_is_started_is_not_taken_for_running(supervise, monkeypatch):
    connect = Child._connect

    async def slowly(child):
        await connect(child)
        await child._ended.wait()

    monkeypatch.setattr(Child, "_connect", slowly)
    watched = supervise(CRASH)
    child = await asyncio.wait_for(watched.supervisor.ensure(), SOON)
    assert child.ended
    assert watched.supervisor.state is State.BACKING_OFF
    with pytest.raises(UpstreamError, match="exited with code 3; next attempt"):
        await watched.supervisor.ensure()


async def test_a_missing_program_is_said_each_time_and_found_as_soon_as_it_is_there(supervise, tmp_path):
    tool = tmp_path / "tool"
    supervisor = supervise("", command=str(tool), args=[]).supervisor
    for _ in range(10):
        with pytest.raises(UpstreamError, match="program 'tool' was not found"):
            await supervisor.ensure()
    assert (supervisor.state, supervisor.counters.starts) == (State.IDLE, 0)
    tool.write_text("#!/bin/sh\nexec cat\n")
    tool.chmod(0o755)
    assert (await supervisor.ensure()).running


async def test_a_start_that_the_system_refuses_counts_as_a_failed_run(supervise, monkeypatch):
    def exhausted(_program):
        raise UpstreamError(Reason.UNREACHABLE, "cannot be started", retryable=True)

    monkeypatch.setattr("mcp_stack_proxy.upstream.child.spawn", exhausted)
    supervisor = supervise(ECHO, Backoff(jitter=lambda: 0)).supervisor
    with pytest.raises(UpstreamError, match="cannot be started"):
        await supervisor.ensure()
    with pytest.raises(UpstreamError, match="its process could not be started; next attempt in 1 s"):
        await supervisor.ensure()
    assert (supervisor.counters.starts, supervisor.counters.exits.total()) == (1, 0)


async def test_a_process_that_is_being_ended_is_not_handed_out(supervise):
    supervisor = supervise("import time; print(1, flush=True); time.sleep(600)").supervisor
    child = await supervisor.ensure()
    ending = asyncio.ensure_future(child.stop(0.2))
    await asyncio.sleep(0)
    with pytest.raises(UpstreamError, match="its process is ending; next attempt in 1 s"):
        await supervisor.ensure()
    await asyncio.wait_for(ending, SOON)


@pytest.mark.parametrize("when", ["before", "starting", "running"])
async def test_stop_is_for_good(supervise, when):
    supervisor = supervise(ECHO).supervisor
    child = None
    starting = asyncio.ensure_future(supervisor.ensure()) if when != "before" else None
    if when == "running":
        child = await starting
    elif when == "starting":
        await asyncio.sleep(0)
        assert supervisor.state is State.STARTING
    await asyncio.wait_for(supervisor.stop(1), SOON)
    if starting is not None:
        child = await starting
        assert child.ended
    assert supervisor.state is State.STOPPED
    with pytest.raises(UpstreamError, match="is being stopped"):
        await supervisor.ensure()


async def test_a_dying_process_harms_no_other(supervise):
    steady, dying = supervise(ECHO), supervise(CRASH)
    child = await steady.supervisor.ensure()
    await dying.supervisor.ensure()
    await dying.exit()
    with pytest.raises(UpstreamError):
        await dying.supervisor.ensure()
    child.write(b"still here")
    assert await asyncio.wait_for(steady.lines.get(), SOON) == b"still here"
    assert await steady.supervisor.ensure() is child


async def test_a_process_at_rest_is_replaced_at_once_and_uses_no_budget_up(supervise):
    watched = supervise(ECHO, Backoff(max_starts=1))
    supervisor = watched.supervisor
    for _ in range(3):
        child = await supervisor.ensure()
        supervisor.rest(5)
        assert supervisor.state is State.IDLE
        with pytest.raises(UpstreamError, match="is ending"):
            supervisor.current()
        other = await asyncio.wait_for(supervisor.ensure(), SOON)  # in the same breath: the old one has not even been told
        assert (child.ended, other.pid != child.pid) == (True, True)
    assert watched.causes == [Cause.IDLE] * 3
    assert (supervisor.counters.starts, supervisor.counters.restarts) == (4, 0)


async def test_a_deaf_process_on_its_way_to_rest_is_waited_for(supervise):
    supervisor = supervise("import time, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)").supervisor
    child = await supervisor.ensure()
    supervisor.rest(0.2)
    other = await asyncio.wait_for(supervisor.ensure(), SOON)
    assert (child.ended, other.running) == (True, True)


async def test_a_stop_during_the_rest_waits_no_longer_than_its_grace(supervise):
    watched = supervise("import time, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)")
    child = await watched.supervisor.ensure()
    watched.supervisor.rest(600)
    await asyncio.sleep(0)
    await asyncio.wait_for(watched.supervisor.stop(0.2), SOON)
    assert child.ended


async def test_rest_asks_nothing_of_a_server_that_does_not_run(supervise):
    supervisor = supervise(ECHO).supervisor
    supervisor.rest(1)
    assert supervisor.state is State.IDLE
    supervisor.measured(10**12)


async def test_a_process_that_outlives_its_end_is_not_doubled(supervise, monkeypatch):
    """As one does in an uninterruptible system call."""
    supervisor = supervise(ECHO).supervisor
    child = await supervisor.ensure()
    real = Child.stop

    async def in_vain(child, _grace):
        child._stopping = True

    monkeypatch.setattr(Child, "stop", in_vain)
    supervisor.rest(1)
    with pytest.raises(UpstreamError, match="its process is ending"):
        await asyncio.wait_for(supervisor.ensure(), SOON)
    monkeypatch.setattr(Child, "stop", real)
    assert supervisor.counters.starts == 1
    assert supervisor._child is child
