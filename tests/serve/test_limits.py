"""Limits of one server, on every route and in both eras: it gets so many calls at a time, the rest wait or are told."""

import asyncio
import sys
import textwrap
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from mcp_stack_proxy.catalog.kinds import TOOLS as TOOLS_KIND
from tests.serve.asking import Asker, http, legacy, messages, modern
from tests.serve.running import hosted, running, until
from tests.serve.scripted import Scripted

TOOLS = {"tools": [{"name": "work", "inputSchema": {"type": "object"}}]}


class Works:
    """A server whose tool ends when a test says so."""

    def __init__(self, era):
        self.inside = self.most = 0
        self.go = asyncio.Event()
        self.server = Scripted(era, tools_list=TOOLS, tools_call=self.work)

    async def work(self, params, request):
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            if params.get("arguments", {}).get("stream"):
                note = {"progressToken": params["_meta"]["progressToken"], "progress": 1}
                await request.event(method="notifications/progress", params=note)
                await self.go.wait()
                await request.event(id=request.id, result={"content": [], "resultType": "complete"})
                await request.end()
                return None
            await self.go.wait()
        finally:
            self.inside -= 1
        return {"content": [], "resultType": "complete"}


@pytest.fixture(params=["modern", "legacy"])
def client_of(request):
    return modern if request.param == "modern" else legacy


@pytest.fixture(params=["modern", "legacy"])
def server_era(request):
    return request.param


@pytest.fixture
def limited(client_of, server_era, route):
    """A client, a gateway and a server with these limits."""

    @asynccontextmanager
    async def start(**limits):
        async with AsyncExitStack() as stack:
            works = Works(server_era)
            url = await stack.enter_async_context(hosted(works.server))
            gateway = await stack.enter_async_context(running({"a": {"url": url, "limits": limits}}))
            client = await stack.enter_async_context(client_of(gateway.mcp("a" if route == "one" else None)))
            client.tool = "work" if route == "one" else "a__work"
            try:
                yield client, gateway, works
            finally:
                works.go.set()

    return start


def gate_of(gateway):
    return gateway.gateway.servers["a"].gate


def called(client, id_, **arguments):
    more = {"meta": {"progressToken": f"p{id_}"}} if arguments else {}
    params = {"name": client.tool, "arguments": arguments}
    return asyncio.create_task(client.ask("tools/call", params, id_=id_, **more))


@pytest.mark.parity("mpl.limits")
async def test_a_server_gets_so_many_calls_at_a_time_and_whoever_finds_no_room_is_told_at_once(limited, client_of):
    async with limited(max_concurrent=2, max_queue=1, queue_seconds=7) as (client, gateway, works):
        inside = [called(client, n) for n in (1, 2)]
        await until(lambda: works.inside == 2)
        waiting = called(client, 3)
        await until(lambda: gate_of(gateway).waiting == 1)
        refused = await called(client, 8)
        (error,) = messages(refused)
        data = error["error"]["data"]
        assert error["error"]["code"] == -31007
        assert (data["reason"], data["retryable"], data["server"]) == ("overloaded", True, "a")
        assert "limits.max_queue" in error["error"]["message"]
        assert refused.headers["retry-after"] == "7"
        assert refused.status_code == (503 if client_of is modern else 200)
        assert (await client.result("tools/list"))["tools"], "a list takes no place"
        works.go.set()
        for task in [*inside, waiting]:
            assert "result" in messages(await task)[-1]
        assert works.most == 2
        assert "result" in messages(await called(client, 9))[-1]


async def test_a_place_is_held_to_the_last_part_of_a_stream(limited):
    async with limited(max_concurrent=1, max_queue=0) as (client, _, works):
        streaming = called(client, 1, stream=True)
        await until(lambda: works.inside == 1)
        assert "max_concurrent" in messages(await called(client, 2))[-1]["error"]["message"]
        works.go.set()
        assert [next(iter({"method", "result"} & set(one))) for one in messages(await streaming)] == ["method", "result"]
        assert "result" in messages(await called(client, 3))[-1]


async def test_a_batch_with_a_call_in_it_takes_a_place_and_a_limited_server_is_passed_through():
    works = Works("legacy")
    async with hosted(works.server) as url:
        limits = {"max_concurrent": 1, "max_queue": 0}
        async with running({"a": {"url": url, "limits": limits}}) as gateway, http() as client:
            assert gateway.gateway.endpoints["/servers/a/mcp"]._relay is not None
            gate_of(gateway).enter(0)
            asker = Asker(client, gateway.mcp("a"))
            id_ = gateway.gateway.sessions.wrap(gateway.gateway.servers["a"], "s-1")
            session = {"mcp_session_id": id_, "mcp_protocol_version": "2025-03-26"}
            body = [{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "work"}}]
            response = await asker.post(body, **session)
            assert (response.status_code, response.headers["retry-after"]) == (503, "1")
            assert works.server.requests == []
            gate_of(gateway).leave()


async def test_whoever_waits_too_long_is_told_and_waits_no_more(limited):
    async with limited(max_concurrent=1, queue_seconds=0.05) as (client, _, works):
        first = called(client, 1)
        await until(lambda: works.inside == 1)
        error = messages(await called(client, 2))[-1]["error"]
        assert "limits.queue_seconds" in error["message"]
        works.go.set()
        await first
        assert len(works.server.of("tools/call")) == 1, "it has never come to the server"


async def test_a_client_that_leaves_takes_no_place_with_it(limited, client_of):
    async with limited(max_concurrent=1, max_queue=1) as (client, gateway, works):
        first = called(client, 1)
        await until(lambda: works.inside == 1)
        gone = called(client, 2)
        await until(lambda: gate_of(gateway).waiting == 1)
        gone.cancel()
        if client_of is modern:  # to leave is no cancellation for the others
            await until(lambda: gate_of(gateway).waiting == 0)
        works.go.set()
        assert "result" in messages(await first)[-1]
        assert "result" in messages(await called(client, 3))[-1]
        await until(lambda: (gate_of(gateway).inside, gate_of(gateway).waiting) == (0, 0))


@pytest.mark.parity("aggregate.request-timeout")
@pytest.mark.parametrize(("key", "reason"), [("request_seconds", "upstream-timeout"), ("exchange_seconds", "upstream-silent")])
async def test_a_server_has_times_of_its_own(limited, key, reason):
    async with limited(**{key: 0.7}) as (client, _, works):
        task = called(client, 1)
        await until(lambda: works.inside == 1)
        assert messages(await task)[-1]["error"]["data"]["reason"] == reason


async def test_a_server_may_have_more_time_than_the_others(client_of, route):
    works, impatient = Works("modern"), {"request_seconds": 0.7, "exchange_seconds": 0.7}
    async with hosted(works.server) as url:
        servers = {"a": {"url": url, "limits": dict.fromkeys(impatient, 60)}, "b": {"url": url}}
        async with running(servers, limits=impatient) as gateway, AsyncExitStack() as stack:
            tasks = []
            for name in "ab":
                client = await stack.enter_async_context(client_of(gateway.mcp(name if route == "one" else None)))
                client.tool = "work" if route == "one" else f"{name}__work"
                tasks.append(called(client, 1))
                await until(lambda: works.inside)
            patient, other = tasks
            assert messages(await other)[-1]["error"]["data"]["reason"] in ("upstream-timeout", "upstream-silent")
            assert not patient.done()
            works.go.set()
            assert "result" in messages(await patient)[-1]


async def test_a_server_that_is_slow_to_list_costs_the_time_that_it_was_given(server_era):
    waits = asyncio.Event()

    async def slow(_params, _request):
        await waits.wait()
        return TOOLS

    server = Scripted(server_era, tools_list=slow)
    async with hosted(server) as url:
        servers = {"a": {"url": url, "limits": {"discovery_seconds": 0.3}}}
        async with running(servers) as gateway, modern(gateway.mcp()) as client:
            result = await client.result("tools/list")
            assert result["_meta"]["mcp-stack/partial"][0]["reason"] == "upstream-discovery-timeout"
            waits.set()


async def test_a_server_may_have_more_time_to_list_than_the_others():
    waits = asyncio.Event()

    async def slow(_params, _request):
        await waits.wait()
        return TOOLS

    hanging, patient = Scripted("modern", tools_list=slow), Scripted("modern", tools_list=slow)
    async with hosted(hanging) as one, hosted(patient) as two:
        servers = {"a": {"url": one}, "b": {"url": two, "limits": {"discovery_seconds": 60}}}
        async with running(servers, limits={"discovery_seconds": 0.2}) as gateway, modern(gateway.mcp()) as client:
            task = asyncio.create_task(client.result("tools/list"))
            await until(lambda: gateway.gateway.servers["a"].lists._pauses[TOOLS_KIND]._fault)
            waits.set()
            result = await task
            assert [tool["name"] for tool in result["tools"]] == ["b__work"]
            assert [one["server"] for one in result["_meta"]["mcp-stack/partial"]] == ["a"]


STDIO = """
    import json, sys, threading
    def say(id_, result):
        print(json.dumps({"jsonrpc": "2.0", "id": id_, "result": result}), flush=True)
    held = []
    for line in sys.stdin:
        message = json.loads(line)
        if message.get("method") == "initialize":
            info = {"name": "s", "version": "1"}
            say(message["id"], {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": info})
        elif message.get("method") == "tools/list":
            say(message["id"], {"tools": [{"name": n, "inputSchema": {"type": "object"}} for n in ("work",)]})
        elif message.get("method") == "tools/call":
            held.append(message["id"])
            say(held[0], {"content": [{"type": "text", "text": str(len(held))}]}) if len(held) > 1 else None
        elif message.get("method") == "server/discover":
            print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "error": {"code": -32601, "message": "no"}}), flush=True)
"""


async def test_a_stdio_server_has_limits_too(client_of, route):
    """It never answers the first call: the second is told by the gate, or the server would have answered."""
    server = {"command": sys.executable, "args": ["-c", textwrap.dedent(STDIO)], "limits": {"max_concurrent": 1, "max_queue": 0}}
    async with running({"a": server}) as gateway, client_of(gateway.mcp("a" if route == "one" else None)) as client:
        client.tool = "work" if route == "one" else "a__work"
        await client.result("tools/list")
        first = called(client, 1)
        await until(lambda: gate_of(gateway).inside == 1)
        assert messages(await called(client, 2))[-1]["error"]["data"]["reason"] == "overloaded"
        first.cancel()
