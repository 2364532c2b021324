"""One timer for all that takes long, none for what does not."""

import asyncio

from mcp_stack_proxy.serve import vigil as module
from mcp_stack_proxy.serve.vigil import Vigil
from tests.serve.running import SOON


class Slow:
    def __init__(self):
        self.ages = asyncio.Queue()

    def slow(self, age):
        self.ages.put_nowait(age)


async def test_only_what_takes_longer_than_a_tick_is_looked_at(monkeypatch):
    monkeypatch.setattr(module, "TICK", 0.02)
    vigil, quick, slow = Vigil(), Slow(), Slow()
    vigil.begin(slow)
    vigil.begin(quick)
    vigil.end(quick)
    async with asyncio.timeout(SOON):
        ages = [await slow.ages.get() for _ in range(3)]
    assert ages == sorted(ages)
    assert ages[0] >= 0.02
    assert quick.ages.empty()
    vigil.end(slow)
    vigil.end(slow)
    assert len(vigil) == 0


async def test_the_timer_runs_only_while_something_is_in_flight(monkeypatch):
    monkeypatch.setattr(module, "TICK", 0.01)
    vigil, slow = Vigil(), Slow()
    assert vigil._timer is None
    for _ in range(2):
        vigil.begin(slow)
        assert vigil._timer is not None
        await slow.ages.get()
        vigil.end(slow)
        async with asyncio.timeout(SOON):
            while vigil._timer is not None:
                await asyncio.sleep(0.005)


async def test_one_that_fails_stops_the_watch_over_no_other(monkeypatch):
    monkeypatch.setattr(module, "TICK", 0.01)
    failed = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failed.append(context["exception"]))

    class Fails(Slow):
        def slow(self, age):
            raise RuntimeError("planted")

    vigil, slow = Vigil(), Slow()
    vigil.begin(Fails())
    vigil.begin(slow)
    async with asyncio.timeout(SOON):
        await slow.ages.get()
        await slow.ages.get()
    assert {str(error) for error in failed} == {"planted"}
