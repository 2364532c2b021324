"""Stdio servers behind the gateway: what clients see of processes that rest, grow too large, or are theirs alone."""

import asyncio
import sys

import pytest

from tests.serve.asking import LegacyAsker, ModernAsker, http
from tests.serve.beside import UNREACHABLE
from tests.serve.running import running, until
from tests.upstream.processes import vanished
from tests.upstream.stdio_peers import PROGRAM

OVER_MEMORY = -31020


def stateful(**process):
    return {"command": sys.executable, "args": [str(PROGRAM)], "process": process}


async def count(asker, **more):
    """What the counting tool answers, on either route."""
    name = "s__count" if asker.url.endswith("/mcp") and "/servers/" not in asker.url else "count"
    return (await asker.result("tools/call", {"name": name, "arguments": {}}, **more))["structuredContent"]


async def health(client, gateway):
    return (await client.get(f"{gateway.url}/health")).json()


@pytest.mark.parity("aggregate.idle-stop")
@pytest.mark.parametrize("route", [None, "s"])
@pytest.mark.parametrize(
    "guard", [{}, {"tools": {"deny": ["other"]}, "validation": {"arguments": "enforce"}}], ids=["bare", "guarded"]
)
async def test_a_server_at_rest_is_listed_and_healthy_until_it_is_called(route, guard):
    server = {**stateful(idle_timeout="1s"), **guard}
    async with running({"s": server}, limits={"catalog_seconds": 0.001}) as gateway, http() as client:
        asker = ModernAsker(client, gateway.mcp(route))
        old = await LegacyAsker(client, gateway.mcp(route)).begin()
        told = []
        gateway.gateway.servers["s"].watchers.add(told.append)
        listed = await asker.result("tools/list")
        await old.result("tools/list")
        first = await count(asker)
        before = await health(client, gateway)
        assert (before["backends_connected"], before["tools"]) == (1, 1 if route is None or guard else 0)
        gateway.gateway.servers["s"].connection.swept(None, asyncio.get_running_loop().time() + 2)
        assert await vanished(first["pid"])
        assert (await asker.result("tools/list"))["tools"] == listed["tools"]
        await old.result("tools/list")
        await LegacyAsker(client, gateway.mcp(route)).begin()
        assert {**await health(client, gateway), "active_clients": 0} == {**before, "active_clients": 0}
        assert gateway.gateway.vitals()["s"].counters.starts == 1
        second = await count(asker)
        assert (second["pid"] != first["pid"], second["calls"]) == (True, 1)
        assert told == []


async def test_a_process_that_grows_too_large_is_a_typed_error():
    async with running({"s": stateful(max_memory="150Mi"), "t": stateful()}) as gateway, http() as client:
        gateway.gateway._sweep._seconds = 0.05
        asker = ModernAsker(client, gateway.mcp())
        other = await asker.result("tools/call", {"name": "t__count", "arguments": {}})
        error = await asker.error("tools/call", {"name": "s__eat", "arguments": {"bytes": 300_000_000}})
        assert error["code"] == OVER_MEMORY
        assert error["message"].startswith("server 's': used ")
        assert {key: error["data"][key] for key in ("reason", "server", "retryable")} == {
            "reason": "upstream-over-memory",
            "server": "s",
            "retryable": False,
        }
        again = await asker.result("tools/call", {"name": "t__count", "arguments": {}})
        assert again["structuredContent"]["pid"] == other["structuredContent"]["pid"]


@pytest.mark.parametrize("route", [None, "s"])
async def test_each_client_session_has_a_process_that_ends_with_it(route):
    async with running({"s": stateful(sharing="session")}) as gateway, http() as client:
        first, second = [await LegacyAsker(client, gateway.mcp(route)).begin() for _ in range(2)]
        found = [await count(asker) for asker in (first, second, first)]
        assert [answer["calls"] for answer in found] == [1, 1, 2]
        modern = [await count(ModernAsker(client, gateway.mcp(route))) for _ in range(2)]
        assert [answer["calls"] for answer in modern] == [1, 2], "callers without a session share one process"
        await client.delete(first.url, headers=first.headers)
        assert await vanished(found[0]["pid"])
        assert (await count(second))["pid"] == found[1]["pid"]
        await until(lambda: gateway.gateway.vitals()["s"].processes == 2)


async def test_more_sessions_at_work_than_processes_is_a_clear_error():
    async with running({"s": stateful(sharing="session", max_sessions=1)}) as gateway, http() as client:
        first, second = [await LegacyAsker(client, gateway.mcp()).begin() for _ in range(2)]
        await count(first)
        hanging = asyncio.ensure_future(first.ask("tools/call", {"name": "s__hang", "arguments": {}}))
        await until(lambda: gateway.gateway.vitals()["s"].open_calls)
        error = await second.error("tools/call", {"name": "s__count", "arguments": {}})
        assert (error["code"], error["data"]["retryable"]) == (UNREACHABLE, True)
        assert error["message"] == "server 's': runs 1 processes for as many sessions, each with a call in flight"
        hanging.cancel()
        await asyncio.wait({hanging})


async def test_every_stdio_server_has_vitals_and_no_other():
    async with running({"s": stateful(), "h": {"url": "http://127.0.0.1:9/mcp"}}) as gateway:
        assert set(gateway.gateway.vitals()) == {"s"}


async def test_behind_a_gateway_a_session_is_one_with_the_wrapper():
    """The topology of a stack: the gateway calls a wrapper, which runs the process; its sessions travel inside of the gateway's."""
    async with (
        running({"s": stateful(sharing="session")}) as wrapper,
        running({"s": {"url": wrapper.mcp("s")}}) as gateway,
        http() as client,
    ):
        first, second = [await LegacyAsker(client, gateway.mcp("s")).begin() for _ in range(2)]
        assert [(await count(asker))["calls"] for asker in (first, second, first)] == [1, 1, 2]
        shared = [await LegacyAsker(client, gateway.mcp()).begin() for _ in range(2)]
        assert [(await count(asker))["calls"] for asker in shared] == [1, 2]
