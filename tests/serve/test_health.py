"""Health: numbers for people that follow servers and clients, and probes that each answer a question of their own."""

import asyncio
import socket
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from mcp_stack_proxy import __version__
from tests.serve.asking import LegacyAsker, ModernAsker, http
from tests.serve.running import SOON, hosted, running, until_found
from tests.serve.scripted import Scripted

HERE = Path(__file__).parent
PROBES = ("/livez", "/readyz", "/startupz")


async def health(client, gateway):
    response = await client.get(f"{gateway.url}/health")
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    assert response.headers["cache-control"] == "no-store"
    return response.json()


def numbers(**changed):
    nothing = {"backends_configured": 2, "backends_connected": 0, "active_clients": 0, "tools": 0}
    return {"status": "ok", "version": __version__, **nothing, **changed}


@pytest.mark.parity("aggregate.health", "aggregate.probe-readiness")
async def test_the_numbers_follow_servers_tools_and_clients():
    server = Scripted("modern", tools_list={"tools": [{"name": "a"}, {"name": "b"}]}, tools_call={"content": []})
    stdio = {"command": sys.executable, "args": [str(HERE / "legacy_stdio.py")]}
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(http())
        upstream = await stack.enter_async_context(AsyncExitStack())
        url = await upstream.enter_async_context(hosted(server))
        gateway = await stack.enter_async_context(running({"h": {"url": url}, "s": stdio}))
        assert await health(client, gateway) == numbers()
        await ModernAsker(client, gateway.mcp("h")).result("tools/call", {"name": "a"})
        assert await health(client, gateway) == numbers(backends_connected=1)
        await ModernAsker(client, gateway.mcp()).result("tools/list")
        assert await health(client, gateway) == numbers(backends_connected=2, tools=3)
        sessions = [await LegacyAsker(client, gateway.mcp()).begin() for _ in range(2)]
        assert await health(client, gateway) == numbers(backends_connected=2, tools=3, active_clients=2)
        for asker in sessions:
            await client.delete(asker.url, headers=asker.headers)
        calling = asyncio.create_task(
            ModernAsker(client, gateway.mcp()).ask("tools/call", {"name": "s__hang", "arguments": {"key": "k"}})
        )
        expected = numbers(backends_connected=2, tools=3, active_clients=1)
        await until_found(lambda: health(client, gateway), lambda found: found == expected)
        calling.cancel()
        await asyncio.wait([calling])
        await upstream.aclose()
        await ModernAsker(client, gateway.mcp()).error("tools/call", {"name": "h__a"})
        expected = numbers(backends_connected=1, tools=3)
        await until_found(lambda: health(client, gateway), lambda found: found == expected)
        assert [(await client.get(gateway.url + path)).status_code for path in PROBES] == [200, 200, 200]


@pytest.mark.parity("aggregate.health")
@pytest.mark.parametrize("route", ["one", "all"])
async def test_a_stream_counts_as_a_client(route):
    server = Scripted("modern")

    async def listen(params, request):
        await request.event(method="notifications/subscriptions/acknowledged", params={})
        await request.left()

    server.answers["subscriptions/listen"] = listen
    async with hosted(server) as url, running({"h": {"url": url}, "s": {"command": "true"}}) as gateway, http() as client:
        asker = ModernAsker(client, gateway.mcp("h" if route == "one" else None))
        body = {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "subscriptions/listen",
            "params": {"notifications": {}, "_meta": asker.meta({})},
        }
        headers = {**asker.headers, "mcp-protocol-version": "2026-07-28", "mcp-method": "subscriptions/listen"}
        async with client.stream("POST", asker.url, json=body, headers=headers) as response:
            await anext(response.aiter_text())
            assert (await health(client, gateway))["active_clients"] == 1
        await until_found(lambda: health(client, gateway), lambda found: found["active_clients"] == 0)


@pytest.mark.parity("aggregate.probe-liveness", "aggregate.probe-readiness")
async def test_servers_that_are_down_make_no_probe_fail():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        servers = {"gone": {"url": f"http://127.0.0.1:{held.getsockname()[1]}/mcp"}, "none": {"command": "/no/such"}}
        async with running(servers) as gateway, http() as client:
            await ModernAsker(client, gateway.mcp()).result("tools/list")
            for path in PROBES:
                response = await client.get(gateway.url + path)
                assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.parity("aggregate.probe-readiness")
async def test_readiness_alone_ends_with_the_drain():
    async with running({"s": {"command": "true"}}) as gateway, http() as client, asyncio.timeout(SOON):
        gateway.server._health.draining = True
        assert [(await client.get(gateway.url + path)).status_code for path in PROBES] == [200, 503, 200]
        assert (await client.get(f"{gateway.url}/readyz")).json() == {"status": "draining"}


async def test_health_is_only_read():
    async with running({"s": {"command": "true"}}) as gateway, http() as client:
        for method in ("POST", "DELETE", "OPTIONS"):
            response = await client.request(method, f"{gateway.url}/health")
            assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD")
        response = await client.head(f"{gateway.url}/health")
        assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parity("aggregate.lazy-connect", "aggregate.probe-readiness")
async def test_a_gateway_serves_at_once_and_connects_to_nobody():
    """Whatever its servers do: they are met on first need."""
    server = Scripted("modern", tools_call={"content": []})
    async with hosted(server) as url:
        servers = {"good": {"url": url}, "down": {"url": "http://127.0.0.1:9/mcp"}, "child": {"command": "/no/such"}}
        async with running(servers) as gateway, http() as client:
            assert (await client.get(f"{gateway.url}/readyz")).status_code == 200
            assert server.requests == []
            await ModernAsker(client, gateway.mcp()).result("tools/call", {"name": "good__t"})
            assert [request.method for request in server.requests] == ["server/discover", "tools/call"]
