"""Servers that do not bear a question before the handshake, or do not answer it: observed with those of older SDKs."""

import pytest

from mcp_stack_proxy.errors import Reason, UpstreamError
from mcp_stack_proxy.upstream import stdio_peer
from mcp_stack_proxy.upstream.vitals import State
from tests.upstream.stdio_peers import kept


async def test_a_server_that_ends_at_an_unknown_question_is_started_again_at_once_and_greeted():
    async with kept(env={"BEFORE": "ends"}) as one:
        assert (await one.tool())["calls"] == 1
        vitals = one.peer.vitals()
        assert (vitals.state, vitals.counters.starts) == (State.RUNNING, 2)
        with pytest.raises(UpstreamError):
            await one.tool("leave")
        await one.until(State.BACKING_OFF)


async def test_its_other_processes_are_greeted_at_once():
    async with kept(env={"BEFORE": "ends"}, sharing="session") as one:
        pids = {(await one.tool(session=session))["pid"] for session in ("a", "b", "c")}
        assert len(pids) == 3
        assert one.peer.vitals().counters.starts == 4


async def test_a_server_that_is_silent_is_waited_for_once(monkeypatch):
    monkeypatch.setattr(stdio_peer, "PROBE_SECONDS", 0.2)
    async with kept(env={"BEFORE": "silent"}, sharing="session") as one:
        await one.tool(session="a")
        monkeypatch.setattr(stdio_peer, "PROBE_SECONDS", 3600.0)
        await one.tool(session="b")


async def test_a_server_that_cannot_run_is_not_started_twice_for_each_attempt(monkeypatch):
    monkeypatch.setattr("mcp_stack_proxy.upstream.backoff.FIRST_SECONDS", 0.02)
    async with kept(env={"BEFORE": "broken"}) as one:
        starts = []
        for _ in range(3):
            await one.until_allowed()
            with pytest.raises(UpstreamError) as caught:
                await one.tool()
            assert caught.value.reason is Reason.UNREACHABLE
            starts.append(one.peer.vitals().counters.starts)
        assert starts == [2, 3, 4]
