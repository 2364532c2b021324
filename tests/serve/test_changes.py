"""A server's list changes: the merged list follows, and those who listen hear of it."""

import asyncio
import secrets
import sys
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import pytest
import pytest_asyncio
from mcp import Client
from mcp.client.subscriptions import ToolsListChanged
from mcp_types import ToolListChangedNotification

from tests.serve.asking import LegacyAsker, ModernAsker, events, http
from tests.serve.eras import legacy_only, modern_only
from tests.serve.running import SOON, hosted, running, until_found
from tests.serve.sample import sample

pytestmark = pytest.mark.asyncio(loop_scope="module")

HERE = Path(__file__).parent
SERVERS = ("dual", "modern", "legacy", "stdio", "hand")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def gateway():
    async with AsyncExitStack() as stack:
        apps = {name: sample(name).streamable_http_app() for name in ("dual", "modern", "legacy")}
        apps |= {"modern": modern_only(apps["modern"]), "legacy": legacy_only(apps["legacy"])}
        servers = {name: {"url": await stack.enter_async_context(hosted(app))} for name, app in apps.items()}
        servers["stdio"] = {"command": sys.executable, "args": [str(HERE / "sample.py")]}
        servers["hand"] = {"command": sys.executable, "args": [str(HERE / "legacy_stdio.py")]}
        yield await stack.enter_async_context(running(servers))


async def names(client):
    return {tool.name for tool in (await client.list_tools()).tools}


async def grow_until_heard(client, prefix, heard):
    """Add tools until one is heard of: when the streams on the way have all been opened is told to nobody."""
    while True:
        tool = f"new-{secrets.token_hex(4)}"
        await client.call_tool(f"{prefix}grow", {"tool": tool})
        with suppress(TimeoutError):
            assert await asyncio.wait_for(heard.get(), 0.3) == "tools"
            return tool


@asynccontextmanager
async def hearing(gateway, era, route):
    """A client that listens, and a queue of what it hears."""
    heard = asyncio.Queue()

    async def hear(message):
        if isinstance(message, ToolListChangedNotification):
            heard.put_nowait("tools")

    async with Client(gateway.mcp(route), mode=era, message_handler=hear, cache=None) as client:
        if era == "legacy":
            yield client, heard
            return
        async with client.listen(tools_list_changed=True) as subscription:

            async def follow():
                async for event in subscription:
                    assert event == ToolsListChanged()
                    heard.put_nowait("tools")

            following = asyncio.create_task(follow())
            yield client, heard
            following.cancel()


@pytest.mark.requirement("aggregate:changes")
@pytest.mark.parametrize("route", ["one", "all"])
@pytest.mark.parametrize("era", ["legacy", "2026-07-28"])
@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parity("aggregate.notifications")
async def test_a_new_tool_is_listed_and_announced(gateway, server, era, route):
    prefix = f"{server}__" if route == "all" else ""
    async with asyncio.timeout(2 * SOON), hearing(gateway, era, server if route == "one" else None) as (client, heard):
        before = await names(client)
        tool = await grow_until_heard(client, prefix, heard)
        assert prefix + tool not in before
        await until_found(lambda: names(client), lambda found: prefix + tool in found)


@pytest.mark.requirement("modern:stream.unbuffered", "modern:listen.acknowledged")
async def test_a_subscription_is_acknowledged_as_far_as_it_can_be_served(gateway):
    async with http() as client, asyncio.timeout(SOON):
        asker = ModernAsker(client, gateway.mcp())
        wanted = {"toolsListChanged": True, "promptsListChanged": False, "resourceSubscriptions": ["a://b"], "x": True}
        body = {"jsonrpc": "2.0", "id": "sub-1", "method": "subscriptions/listen"}
        body["params"] = {"notifications": wanted, "_meta": asker.meta({})}
        headers = {**asker.headers, "mcp-protocol-version": "2026-07-28", "mcp-method": "subscriptions/listen"}
        async with client.stream("POST", asker.url, json=body, headers=headers) as response:
            assert response.headers["x-accel-buffering"] == "no"
            chunk = await anext(response.aiter_text())
        meta = {"io.modelcontextprotocol/subscriptionId": "sub-1"}
        (acknowledged,) = events(chunk)
        assert acknowledged["method"] == "notifications/subscriptions/acknowledged"
        assert acknowledged["params"] == {"notifications": {"toolsListChanged": True}, "_meta": meta}
    await gateway.quiet()


@pytest.mark.parametrize("notifications", [None, [], "all"])
async def test_a_subscription_to_nothing_that_makes_sense_is_refused(gateway, notifications):
    async with http() as client:
        error = await ModernAsker(client, gateway.mcp()).error("subscriptions/listen", {"notifications": notifications})
    assert error == {"code": -32602, "message": "params.notifications must be an object"}


@pytest.mark.requirement("legacy:stream.one")
async def test_of_two_streams_of_a_session_the_newest_hears(gateway):
    """2025-11-25, basic/transports: a message goes to one stream, never to several."""
    async with http() as client, asyncio.timeout(SOON), AsyncExitStack() as stack:
        asker = await LegacyAsker(client, gateway.mcp()).begin()
        streams = []
        for _ in range(2):
            opened = client.stream("GET", asker.url, headers=asker.headers)
            lines = (await stack.enter_async_context(opened)).aiter_text()
            assert await anext(lines) == ": keep-alive\n\n"
            streams.append(lines)
        await asker.result("tools/call", {"name": "hand__grow", "arguments": {"tool": secrets.token_hex(4)}})
        (heard,) = events(await anext(streams[1]))
        assert heard["method"] == "notifications/tools/list_changed"
        assert (await client.delete(asker.url, headers=asker.headers)).status_code == 200
        assert [rest async for rest in streams[0]] == [], "the older stream heard it, too"
    await gateway.quiet()


async def test_whoever_leaves_is_forgotten(gateway):
    async with http() as client:
        asker = await LegacyAsker(client, gateway.mcp()).begin()
        async with client.stream("GET", asker.url, headers=asker.headers) as response:
            await anext(response.aiter_text())
            assert gateway.state()["streams"] == 1
    await gateway.quiet()
