"""A process for each session: its state is its client's alone, their number is bounded, and none outlives its session."""

import asyncio

import pytest

from mcp_stack_proxy.errors import UpstreamError
from mcp_stack_proxy.upstream.vitals import Cause, State
from tests.deadlines import SOON
from tests.upstream.processes import vanished
from tests.upstream.stdio_peers import kept

pytestmark = pytest.mark.parity("aggregate.backend-stdio")


async def test_each_session_has_a_process_of_its_own():
    async with kept(sharing="session") as one:
        found = [await one.tool(session=session) for session in ("a", "b", None, "a", "b", None)]
        assert [answer["calls"] for answer in found] == [1, 1, 1, 2, 2, 2]
        assert len({answer["pid"] for answer in found}) == 3
        vitals = one.peer.vitals()
        assert (vitals.state, vitals.processes, vitals.counters.starts) == (State.RUNNING, 3, 3)


async def test_calls_of_one_session_start_its_process_once():
    async with kept(sharing="session") as one:
        found = await asyncio.gather(*(one.tool(session="a") for _ in range(10)))
        assert len({answer["pid"] for answer in found}) == 1
        assert one.peer.vitals().counters.starts == 1


async def test_a_process_ends_with_its_session_and_no_other():
    async with kept(sharing="session") as one:
        first, second = [(await one.tool(session=session))["pid"] for session in ("a", "b")]
        one.peer.left("a")
        one.peer.left("never seen")
        assert await vanished(first)
        assert (await one.tool(session="b"))["pid"] == second
        assert one.peer.vitals().counters.exits == {Cause.STOPPED: 1}


async def test_the_session_unused_for_longest_makes_room():
    async with kept(sharing="session", max_sessions=2) as one:
        pids = {session: (await one.tool(session=session))["pid"] for session in ("a", "b")}
        await one.tool(session="a")
        await one.tool(session="c")
        assert await vanished(pids["b"])
        assert (await one.tool(session="a"))["calls"] == 3
        assert (await one.tool(session="b"))["calls"] == 1, "it begins anew"


async def test_a_session_with_a_call_in_flight_makes_no_room():
    async with kept(sharing="session", max_sessions=1) as one:
        await one.tool(session="a")
        hanging = asyncio.ensure_future(one.tool("hang", session="a"))
        while not one.peer._sessions["a"].busy:
            await asyncio.sleep(0)
        with pytest.raises(UpstreamError, match="runs 1 processes for as many sessions") as caught:
            await one.tool(session="b")
        assert (caught.value.retryable, "max_sessions" in caught.value.hint) == (True, True)
        hanging.cancel()
        await asyncio.wait({hanging})
        assert (await one.tool(session="b"))["calls"] == 1


async def test_the_death_of_a_sessions_process_is_its_own():
    async with kept(sharing="session") as one:
        await one.tool(session="b")
        with pytest.raises(UpstreamError, match="exited with code 3"):
            await one.tool("leave", session="a")
        with pytest.raises(UpstreamError, match="next attempt"):
            await one.tool(session="a")
        assert (await one.tool(session="b"))["calls"] == 2
        assert (await one.tool())["calls"] == 1


async def test_each_process_rests_by_itself():
    async with kept(sharing="session", idle_timeout="1s") as one:
        resting = (await one.tool(session="a"))["pid"]
        used = (await one.tool(session="b"))["pid"]
        one.peer._sessions["a"].swept(None, asyncio.get_running_loop().time() + 2)
        assert await vanished(resting)
        assert (await one.tool(session="b"))["pid"] == used
        assert one.peer.vitals().processes == 1
        assert one.peer.connected


async def test_lists_and_introduction_are_those_of_the_common_process():
    async with kept(sharing="session") as one:
        hello = await one.peer.hello(asyncio.get_running_loop().time() + SOON)
        assert "tools" in hello.capabilities
        assert (await one.ask("tools/list"))["tools"]
        assert one.peer._sessions == {}


async def test_closing_ends_all_at_once():
    async with kept(sharing="session") as one:
        pids = [(await one.tool(session=session))["pid"] for session in ("a", "b", None)]
        await asyncio.wait_for(one.peer.aclose(5), SOON)
        assert [await vanished(pid) for pid in pids] == [True] * 3
        assert one.peer.vitals().state is State.STOPPED
