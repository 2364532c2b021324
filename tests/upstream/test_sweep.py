import asyncio
import os

import pytest

from mcp_stack_proxy.upstream.sweep import Sweep
from mcp_stack_proxy.upstream.tasks import Tasks
from tests.deadlines import SOON


class Looked:
    def __init__(self, pid):
        self.pid, self.seen = pid, asyncio.Queue()

    def swept(self, resident, now):
        self.seen.put_nowait((resident, now))

    async def look(self):
        return await asyncio.wait_for(self.seen.get(), SOON)


@pytest.fixture
async def sweep():
    tasks = Tasks()
    sweep = Sweep(tasks, 0.01)
    yield sweep
    sweep.close()
    await tasks.aclose()


async def test_everyone_is_looked_at_again_and_again(sweep):
    first, second = Looked(os.getsid(0)), Looked(None)
    sweep.watch(first)
    sweep.watch(second)
    for _ in range(2):
        resident, now = await first.look()
        assert resident > 1_000_000
        assert abs(now - asyncio.get_running_loop().time()) < 1
        assert (await second.look())[0] is None


async def test_what_is_forgotten_is_left_alone_and_the_timer_ends(sweep):
    one = Looked(None)
    sweep.watch(one)
    await one.look()
    sweep.forget(one)
    await asyncio.sleep(0.05)
    assert one.seen.qsize() <= 1, "the look that was on may end"
    assert sweep._timer is None
    sweep.watch(one)
    await one.look()


async def test_who_fails_stops_no_other(sweep):
    failures = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context["exception"]))

    class Broken(Looked):
        def swept(self, resident, now):
            raise ZeroDivisionError

    one = Looked(None)
    sweep.watch(Broken(None))
    sweep.watch(one)
    await one.look()
    await one.look()
    assert isinstance(failures[0], ZeroDivisionError)


async def test_a_system_that_tells_nothing_is_no_size(sweep, monkeypatch):
    monkeypatch.setattr("mcp_stack_proxy.upstream.sweep.resident_by_session", lambda: None)
    one = Looked(1)
    sweep.watch(one)
    assert (await one.look())[0] is None
