"""Processes that nobody calls: they end, nobody notices, and the next call starts them again."""

import asyncio
import itertools
import logging
import os
import signal

import pytest

from mcp_stack_proxy.errors import UpstreamError
from mcp_stack_proxy.upstream.vitals import Cause, State
from tests.deadlines import SOON
from tests.upstream.processes import vanished
from tests.upstream.stdio_peers import kept

pytestmark = pytest.mark.parity("aggregate.idle-stop")

LISTED = [{"name": "count", "inputSchema": {"type": "object"}}]


async def test_a_process_that_nobody_calls_ends_and_the_next_call_starts_another():
    async with kept(idle_timeout="1h") as one:
        first = (await one.tool())["pid"]
        one.swept(after=3500)
        assert one.peer.vitals().state is State.RUNNING
        one.swept(after=3600.1)
        assert one.peer.vitals().state is State.IDLE
        assert await vanished(first)
        second = await one.tool()
        assert (second["pid"] != first, second["calls"]) == (True, 1)
        counters = one.peer.vitals().counters
        assert (counters.starts, counters.restarts, counters.exits) == (2, 0, {Cause.IDLE: 1})


async def test_by_itself_when_the_sweep_comes_by():
    async with kept(idle_timeout="0.1s", sweep_seconds=0.05) as one:
        pid = (await one.tool())["pid"]
        await one.until(State.IDLE)
        assert await vanished(pid)


async def test_a_process_at_rest_is_still_known_and_nothing_is_announced():
    async with kept(idle_timeout="1s") as one:
        hello = await one.peer.hello(asyncio.get_running_loop().time() + SOON)
        assert (await one.ask("tools/list"))["tools"] == LISTED
        one.changed.clear()
        one.swept(after=2)
        assert (await one.ask("tools/list"))["tools"] == LISTED
        assert await one.peer.hello(0) is hello
        await one.until(State.IDLE)
        assert (one.peer.connected, one.changed) == (True, [])
        assert one.peer.vitals().counters.starts == 1
        await one.tool()
        assert one.changed == []


async def test_a_list_that_was_never_asked_for_wakes_the_server():
    async with kept(idle_timeout="1s") as one:
        await one.tool()
        one.swept(after=2)
        assert (await one.ask("tools/list"))["tools"] == LISTED
        assert one.peer.vitals().counters.starts == 2


async def test_many_calls_wake_a_server_once():
    async with kept(idle_timeout="1s") as one:
        await one.tool()
        one.swept(after=2)  # they come while the process is still ending
        found = await asyncio.gather(*(one.tool() for _ in range(30)))
        assert len({answer["pid"] for answer in found}) == 1
        assert one.peer.vitals().counters.starts == 2


async def test_a_call_at_the_moment_of_the_rest_is_never_lost():
    """Calls come as the process is about to end, ends, has ended and starts: whatever the moment, they are answered."""
    async with kept(idle_timeout="0.03s", sweep_seconds=0.003) as one:

        async def caller(gaps):
            while one.peer.vitals().counters.exits[Cause.IDLE] < 8:
                await asyncio.sleep(next(gaps))
                await one.tool()

        gaps = itertools.cycle(number / 500 for number in range(12, 40))  # around the idle time, each time another
        await asyncio.wait_for(asyncio.gather(*(caller(gaps) for _ in range(2))), 60)
        assert one.peer.vitals().counters.exits == {Cause.IDLE: one.peer.vitals().counters.exits[Cause.IDLE]}


async def test_a_call_in_flight_keeps_the_process():
    async with kept(idle_timeout="100s") as one:
        pid = (await one.tool())["pid"]
        hanging = asyncio.ensure_future(one.tool("hang"))
        while not one.peer.busy:
            await asyncio.sleep(0)
        one.swept(after=1000)
        assert one.peer.vitals().state is State.RUNNING
        hanging.cancel()
        await asyncio.wait({hanging})
        one.swept(after=1050)  # counted from the last look at which it was in use
        assert (await one.tool())["pid"] == pid


async def test_waiting_for_the_start_keeps_the_process():
    async with kept(idle_timeout="1s") as one:
        calling = asyncio.ensure_future(one.tool())
        while not one.peer._waiting:
            await asyncio.sleep(0)
        while not calling.done():
            one.swept(after=1000)
            await asyncio.sleep(0)
        assert (await calling)["calls"] == 1
        assert one.peer.vitals().counters.starts == 1


async def test_without_an_idle_time_a_process_is_kept_for_ever():
    async with kept() as one:
        pid = (await one.tool())["pid"]
        one.swept(after=10**9)
        assert (await one.tool())["pid"] == pid


async def test_another_server_after_the_rest_is_announced(tmp_path):
    version = tmp_path / "version"
    version.write_text("1")
    async with kept(env={"VERSION_FILE": str(version)}, idle_timeout="1s") as one:
        await one.ask("tools/list")
        one.swept(after=2)
        version.write_text("2")
        one.changed.clear()
        await one.tool()
        assert sorted(one.changed) == ["prompts", "resources", "tools"]


async def test_a_server_that_does_not_come_back_is_lost(tmp_path):
    program = tmp_path / "version"
    program.write_text("1")
    async with kept(env={"VERSION_FILE": str(program)}, idle_timeout="1s") as one:
        await one.ask("tools/list")
        one.swept(after=2)
        program.unlink()
        one.changed.clear()
        with pytest.raises(UpstreamError, match="exited with code 1"):
            await one.tool()
        assert not one.peer.connected
        assert "tools" in one.changed
        with pytest.raises(UpstreamError, match="next attempt"):
            await one.ask("tools/list")


async def test_a_crash_is_no_rest():
    async with kept(idle_timeout="1s") as one:
        await one.ask("tools/list")
        pid = (await one.tool())["pid"]
        one.changed.clear()
        os.kill(pid, signal.SIGKILL)
        await one.until(State.BACKING_OFF)
        assert (one.peer.connected, one.peer.vitals().counters.exits) == (False, {Cause.KILLED: 1})
        assert "tools" in one.changed
        with pytest.raises(UpstreamError, match="was killed by SIGKILL"):
            await one.ask("tools/list")


async def test_a_gateway_that_ends_waits_for_a_process_on_its_way_to_rest():
    async with kept(idle_timeout="1s") as one:
        pid = (await one.tool())["pid"]
        one.swept(after=2)
        await asyncio.wait_for(one.peer.aclose(5), SOON)
        assert await vanished(pid)
        assert one.peer.vitals().state is State.STOPPED


async def test_how_long_it_was_unused_is_logged(caplog):
    caplog.set_level(logging.INFO)
    async with kept(idle_timeout="1s") as one:
        await one.tool()
        one.swept(after=61)
    assert "server kept: nobody called for 61 s, its process is put to rest" in caplog.text
