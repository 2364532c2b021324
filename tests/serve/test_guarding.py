"""Servers of the SDK behind a guard: every era of client and server, on both routes."""

import sys
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from mcp_stack_proxy.guard import contracts
from mcp_stack_proxy.guard.peer import GuardedPeer
from tests.serve.eras import legacy_only, modern_only
from tests.serve.running import SOON, hosted, running
from tests.serve.sample import sample

pytestmark = pytest.mark.asyncio(loop_scope="module")

HERE = Path(__file__).parent
GUARD = {"tools": {"allow": ["*"], "deny": ["hang", "sec*"]}, "validation": {"arguments": "enforce", "results": "enforce"}}


def hiding(name):
    """The sample server, and a tool that is denied."""
    server = sample(name)

    @server.tool()
    async def secret() -> str:
        """Denied."""
        return "told"

    return server


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def gateway():
    async with AsyncExitStack() as stack:
        urls = {
            "modern": await stack.enter_async_context(hosted(modern_only(hiding("modern").streamable_http_app()))),
            "legacy": await stack.enter_async_context(hosted(legacy_only(hiding("legacy").streamable_http_app()))),
            "free": await stack.enter_async_context(hosted(sample("free").streamable_http_app())),
        }
        servers = {name: {"url": url, **(GUARD if name != "free" else {})} for name, url in urls.items()}
        servers["stdio"] = {"command": sys.executable, "args": [str(HERE / "sample.py")], **GUARD}
        yield await stack.enter_async_context(running(servers))


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """A tool that is not on the list is looked for at every call."""
    monkeypatch.setattr(contracts, "RELIST_SECONDS", 0)


@pytest.fixture(params=["modern", "legacy", "stdio"])
def server(request):
    return request.param


@pytest.fixture
def connect(gateway, server, route, era):
    def client(**options):
        url = gateway.mcp(server if route == "one" else None)
        return Client(streamable_http_client(url), mode=era, read_timeout_seconds=SOON, cache=None, **options)

    return client


@pytest.fixture
def named(server, route):
    return lambda native: native if route == "one" else f"{server}__{native}"


async def test_only_guarded_servers_are_not_relayed(gateway):
    assert gateway.gateway.endpoints["/servers/free/mcp"]._relay is not None
    assert gateway.gateway.endpoints["/servers/modern/mcp"]._relay is None
    assert not isinstance(gateway.gateway.servers["free"].peer._peer, GuardedPeer)
    assert isinstance(gateway.gateway.servers["stdio"].peer._peer, GuardedPeer)


@pytest.mark.parity("hangar.tools-filter")
async def test_hidden_tools_are_not_listed_and_unknown_to_whoever_calls_them(connect, named):
    async with connect() as client:
        names = {tool.name for tool in (await client.list_tools()).tools}
        assert {named("echo"), named("shape")} <= names
        assert names.isdisjoint({named("hang"), named("secret")})
        heard = set()
        for native in ("hang", "secret", "sec_none", "nonsense"):
            with pytest.raises(MCPError) as caught:
                await client.call_tool(named(native), {"key": "x"})
            error = caught.value.error
            heard.add((error.code, error.message.replace(named(native), "?"), str(error.data)))
        assert heard == {(-32602, "Unknown tool: ?", "None")}


@pytest.mark.parity("mpl.validate-tools-call")
async def test_arguments_are_checked_before_the_server_sees_them(connect, named):
    async with connect() as client:
        with pytest.raises(MCPError) as caught:
            await client.call_tool(named("echo"), {"nonce": 4711})
        assert caught.value.error.code == -32602
        assert caught.value.error.data["faults"] == [{"pointer": "/nonce", "keyword": "type"}]
        result = await client.call_tool(named("echo"), {"nonce": "é🎈"})
        assert result.content[0].text.endswith("é🎈")


async def test_results_that_keep_to_their_schema_come_through(connect, named):
    async with connect() as client:
        assert (await client.call_tool(named("shape"), {"nonce": "x"})).structured_content == {"nonce": "x", "sides": 3}
        assert (await client.call_tool(named("fail"), {"nonce": "x"})).is_error


async def test_progress_passes_the_guard(connect, named):
    async with connect() as client:
        heard = []

        async def hear(progress, total, message):
            heard.append(progress)

        await client.call_tool(named("steps"), {"count": 3}, progress_callback=hear)
        assert heard == [1, 2, 3]


async def test_a_tool_that_comes_later_shows_only_if_it_is_not_denied(connect, named, route, era):
    """Not every server says that its list changed: a call of what is not on the list looks again."""
    tool, denied = f"grown_{route}_{era[0]}", f"sec_{route}_{era[0]}"
    async with connect() as client:
        for name in (denied, tool):
            await client.call_tool(named("grow"), {"tool": name})
        assert not (await client.call_tool(named(tool))).is_error
        with pytest.raises(MCPError, match="Unknown tool"):
            await client.call_tool(named(denied))
        names = {one.name for one in (await client.list_tools()).tools}
        assert named(tool) in names
        assert named(denied) not in names
