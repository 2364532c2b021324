"""One process for all callers: what it may use, and what is told of its end."""

import asyncio
import sys

import pytest

from mcp_stack_proxy.errors import Reason, UpstreamError
from mcp_stack_proxy.upstream.vitals import Cause, State
from tests.deadlines import SOON
from tests.upstream.processes import vanished
from tests.upstream.stdio_peers import kept

pytestmark = pytest.mark.parity("aggregate.backend-stdio")


@pytest.mark.skipif(sys.platform != "linux", reason="proc(5)")
async def test_a_process_beyond_its_memory_is_ended_and_its_calls_are_told():
    async with kept(max_memory="150Mi", sweep_seconds=0.05) as one:
        pid = (await one.tool())["pid"]
        waiting = asyncio.ensure_future(one.tool("hang"))
        eating = asyncio.ensure_future(one.tool("eat", bytes=300_000_000))
        for call in (waiting, eating):
            with pytest.raises(UpstreamError) as caught:
                await asyncio.wait_for(call, SOON)
            assert (caught.value.reason, caught.value.retryable) == (Reason.OVER_MEMORY, False)
            assert caught.value.message.endswith("MiB of memory, more than the 150.0 MiB that it may, and was ended")
            assert "max_memory" in caught.value.hint
        assert await vanished(pid)
        assert one.peer.vitals().counters.exits == {Cause.MEMORY: 1}
        with pytest.raises(UpstreamError, match=r"its process was stopped: used .* next attempt in 1 s"):
            await one.tool()


@pytest.mark.parametrize(("resident", "alive"), [(150 * 1024 * 1024, True), (None, True), (150 * 1024 * 1024 + 1, False)])
async def test_memory_up_to_the_ceiling_is_allowed(resident, alive):
    async with kept(max_memory="150Mi") as one:
        await one.tool()
        one.swept(resident=resident)
        assert (one.peer.vitals().resident_bytes, one.peer._supervisor._child.running) == (resident, alive)


async def test_a_process_without_a_ceiling_is_measured_all_the_same():
    async with kept(sweep_seconds=0.02) as one:
        await one.tool()
        async with asyncio.timeout(SOON):
            while one.peer.vitals().resident_bytes is None:
                await asyncio.sleep(0.01)
        assert one.peer.vitals().resident_bytes > 1_000_000


async def test_its_vitals_follow_its_life():
    async with kept() as one:
        assert (one.peer.vitals().state, one.peer.vitals().processes) == (State.IDLE, 0)
        await one.tool()
        hanging = asyncio.ensure_future(one.tool("hang"))
        while not one.peer.busy:
            await asyncio.sleep(0)
        vitals = one.peer.vitals()
        assert (vitals.state, vitals.processes, vitals.open_calls, vitals.retry_seconds) == (State.RUNNING, 1, 1, 0)
        hanging.cancel()
        with pytest.raises(UpstreamError):
            await one.tool("leave")
        vitals = one.peer.vitals()
        assert (vitals.state, vitals.processes, vitals.last_exit) == (State.BACKING_OFF, 0, "exited with code 3")
        assert 0 < vitals.retry_seconds <= 1
        assert (vitals.counters.starts, vitals.counters.restarts, vitals.counters.exits) == (1, 0, {Cause.EXITED: 1})
        one.peer._supervisor._backoff._not_before = 0
        await one.tool()
        assert (one.peer.vitals().counters.starts, one.peer.vitals().counters.restarts) == (2, 1)
    assert one.peer.vitals().state is State.STOPPED


async def test_a_process_that_is_still_starting_gets_none_of_the_time_that_a_server_has_for_its_end():
    async with kept(env={"BEFORE": "deaf"}) as one:
        starting = asyncio.ensure_future(one.peer.hello(asyncio.get_running_loop().time() + SOON))
        async with asyncio.timeout(SOON):
            while (pid := one.peer.pid) is None:
                await asyncio.sleep(0.01)
        await asyncio.wait_for(one.peer.aclose(10 * SOON), SOON)
        assert await vanished(pid)
        with pytest.raises(UpstreamError):
            await starting


async def test_the_budget_of_its_configuration_counts():
    async with kept(max_starts=1, cool_down_seconds=300) as one:
        with pytest.raises(UpstreamError):
            await one.tool("leave")
        assert one.peer.vitals().state is State.FAILED
        with pytest.raises(UpstreamError, match=r"as often as 1 times within 60 s; next attempt in (300|299) s"):
            await one.tool()


async def test_last_words_are_logged_without_the_secrets_of_the_environment(caplog):
    async with kept(env={"TOKEN": "ghp_0123456789"}) as one:
        with pytest.raises(UpstreamError):
            await one.tool("leave")
        assert "server kept: stderr: the key is ${TOKEN}" in caplog.text
        assert "ghp_0123456789" not in caplog.text
        assert one.peer.vitals().last_stderr == ("the key is ${TOKEN}",)


async def test_a_server_that_does_not_become_ready_is_logged_with_its_last_words(caplog):
    async with kept(env={"REFUSES": "yes"}) as one:
        with pytest.raises(UpstreamError, match="refused to initialize"):
            await one.tool()
        assert "server kept: stderr: cannot open my database" in caplog.text
        assert "server kept did not become ready: refused to initialize" in caplog.text
        assert not one.peer.connected


async def test_nothing_but_the_handshake_starts_a_process():
    async with kept() as one:
        with pytest.raises(UpstreamError, match="its process could not be started; next attempt in 1 s"):
            await one.peer._write(b"{}", 0)
        assert one.peer.vitals().counters.starts == 0


@pytest.mark.parametrize(("platform", "watched"), [("linux", True), ("darwin", False)])
async def test_a_ceiling_that_nobody_watches_is_said(monkeypatch, caplog, platform, watched):
    monkeypatch.setattr("mcp_stack_proxy.upstream.stdio_peer.sys.platform", platform)
    async with kept(max_memory="150Mi"):
        assert ("`max_memory` is not watched" in caplog.text) is not watched
