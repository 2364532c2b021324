"""A virtual server over servers of every kind, with clients of both eras: what it shows, and whom its calls reach."""

import asyncio
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from tests.serve.asking import http, legacy, modern
from tests.serve.eras import legacy_only, modern_only
from tests.serve.running import SOON, hosted, running, until_found
from tests.serve.sample import sample
from tests.serve.test_changes import grow_until_heard, hearing, names

pytestmark = pytest.mark.asyncio(loop_scope="module")

HERE = Path(__file__).parent
SERVERS = ("modern", "legacy", "stdio")

SUPPORT = {
    "title": "Support desk",
    "instructions": "Ask first.",
    "tools": [
        {"server": "modern", "tool": "*", "prefix": "m_"},
        {
            "server": "modern",
            "tool": "echo",
            "name": "say",
            "title": "Say",
            "description": "Says it again.",
            "annotations": {"idempotent": True},
        },
        {"server": "legacy", "tool": "*", "prefix": "l."},
        {"server": "stdio", "tool": "[a-z]*"},
        {"server": "dead", "tool": "*", "prefix": "dead_"},
    ],
    "prompts": [{"server": name, "prompt": "greet", "name": f"greet_{name}"} for name in SERVERS],
    "resources": [{"server": "modern", "uri": "note://*"}, {"server": "legacy", "uri": "note://all"}],
}
PREFIX = {"modern": "m_", "legacy": "l.", "stdio": ""}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def gateway():
    async with AsyncExitStack() as stack:
        apps = {
            "modern": modern_only(sample("modern").streamable_http_app()),
            "legacy": legacy_only(sample("legacy").streamable_http_app()),
        }
        servers = {name: {"url": await stack.enter_async_context(hosted(app))} for name, app in apps.items()}
        servers["stdio"] = {"command": sys.executable, "args": [str(HERE / "sample.py")], "tools": {"deny": ["hang"]}}
        servers["dead"] = {"url": "http://127.0.0.1:9/mcp"}
        virtual = {"support": SUPPORT, "quiet": {"prompts": SUPPORT["prompts"]}}
        yield await stack.enter_async_context(running(servers, virtual_servers=virtual))


@pytest.fixture
def connect(gateway, era):
    def client(**options):
        http = streamable_http_client(gateway.mcp("support"))
        return Client(http, mode=era, read_timeout_seconds=SOON, cache=None, **options)

    return client


@pytest.fixture(params=SERVERS)
def server(request):
    return request.param


def asker(gateway, era):
    return (legacy if era == "legacy" else modern)(gateway.mcp("support"))


async def test_it_introduces_itself(gateway, era):
    async with asker(gateway, era) as client:
        hello = client.introduction if era == "legacy" else await client.result("server/discover")
        info = hello["serverInfo"] if era == "legacy" else hello["_meta"]["io.modelcontextprotocol/serverInfo"]
        assert (info["name"], info["title"]) == ("support", "Support desk")
        assert hello["instructions"] == "Ask first."
        assert hello["capabilities"]["tools"] == {"listChanged": True}


async def test_only_what_is_selected_is_listed_under_the_names_here(connect):
    async with connect() as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert {"say", "m_shape", "l.echo", "l.shape", "echo", "shape"} <= set(tools)
        assert set(tools).isdisjoint({"m_echo", "modern__echo", "hang", "m_say"})
        assert {prompt.name for prompt in (await client.list_prompts()).prompts} == {f"greet_{name}" for name in SERVERS}
        resources = {str(resource.uri) for resource in (await client.list_resources()).resources}
        assert resources == {"modern+note://all", "modern+note://pixel", "legacy+note://all"}
        templates = (await client.list_resource_templates()).resource_templates
        assert [template.uri_template for template in templates] == ["modern+note://of/{owner}"]


async def test_what_is_overridden_is_overridden_in_the_list_and_the_rest_survives(gateway, era):
    async with asker(gateway, era) as client:
        tools = {tool["name"]: tool for tool in (await client.result("tools/list"))["tools"]}
        async with (legacy if era == "legacy" else modern)(gateway.mcp("modern")) as one:
            own = {tool["name"]: tool for tool in (await one.result("tools/list"))["tools"]}["echo"]
        changes = {"name": "say", "title": "Say", "description": "Says it again."}
        assert own["annotations"] == {"readOnlyHint": True}
        assert tools["say"] == {**own, **changes, "annotations": {"readOnlyHint": True, "idempotentHint": True}}
        assert tools["say"]["_meta"] == {"vendor/mark": [1, None]}


@pytest.mark.parity("aggregate.partial-list")
async def test_a_dead_server_is_told_as_a_partial_error(gateway, era):
    async with asker(gateway, era) as client:
        result = await client.result("tools/list")
        (partial,) = result["_meta"]["mcp-stack/partial"]
        assert (partial["server"], partial["reason"], partial["retryable"]) == ("dead", "upstream-unreachable", True)
        assert len(result["tools"]) > 10
        error = await client.error("tools/call", {"name": "dead_any", "arguments": {}})
        assert error["data"]["server"] == "dead"


async def test_calls_reach_the_server_under_its_own_name(connect, server):
    name = "say" if server == "modern" else PREFIX[server] + "echo"
    async with connect() as client:
        result = await client.call_tool(name, {"nonce": "é🎈"})
        assert result.content[0].text.endswith("é🎈")
        assert result.content[0].text.startswith({"stdio": "sample"}.get(server, server))
        shape = await client.call_tool(PREFIX[server] + "shape", {"nonce": "x"})
        assert shape.structured_content == {"nonce": "x", "sides": 3}


async def test_progress_comes_to_whoever_called(connect, server):
    async with connect() as client:
        heard = []

        async def hear(progress, total, message):
            heard.append(progress)

        await client.call_tool(PREFIX[server] + "steps", {"count": 3}, progress_callback=hear)
        assert heard == [1, 2, 3]


@pytest.mark.parametrize("name", ["hang", "m_echo", "modern__echo", "none", "l.none"])
async def test_what_is_denied_or_not_selected_is_unknown(connect, name):
    """`hang` of the stdio server is denied by its own filter, and matches the selection."""
    async with connect() as client:
        with pytest.raises(MCPError) as caught:
            await client.call_tool(name, {"key": "x"})
        assert (caught.value.error.code, caught.value.error.message) == (-32602, f"Unknown tool: {name}")


async def test_prompts_are_the_servers_own(connect, server):
    async with connect() as client:
        result = await client.get_prompt(f"greet_{server}", {"who": "Ada"})
        assert "Ada" in result.messages[0].content.text
        with pytest.raises(MCPError):
            await client.get_prompt("greet", {"who": "Ada"})


@pytest.mark.parametrize("name", ["modern", "legacy"])
async def test_links_in_results_can_be_read_as_far_as_their_resources_are_selected(connect, name):
    async with connect() as client:
        content = (await client.call_tool(PREFIX[name] + "papers", {})).content
        uris = [str(block.uri) for block in content if block.type == "resource_link"]
        assert uris
        assert all(uri.startswith(f"{name}+note://") for uri in uris)
        read = await client.read_resource(f"{name}+note://all")
        assert str(read.contents[0].uri) == f"{name}+note://all"
        if name == "legacy":
            with pytest.raises(MCPError, match="not found"):
                await client.read_resource("legacy+note://pixel")
        with pytest.raises(MCPError, match="not found"):
            await client.read_resource("stdio+note://all")


async def test_a_change_is_announced_and_shown(gateway, server, era):
    async with asyncio.timeout(2 * SOON), hearing(gateway, era, "support") as (client, heard):
        tool = await grow_until_heard(client, PREFIX[server], heard)
        await until_found(lambda: names(client), lambda found: PREFIX[server] + tool in found)


async def test_a_change_of_what_is_not_selected_is_not_announced(gateway, era):
    async with asyncio.timeout(2 * SOON), AsyncExitStack() as stack:
        client, heard = await stack.enter_async_context(hearing(gateway, era, "support"))
        told = []
        gateway.gateway.virtual["quiet"].watch(told.append)
        await grow_until_heard(client, "m_", heard)
        assert told == []


async def test_the_endpoints_of_servers_and_the_name_of_none_are_as_before(gateway):
    async with modern(gateway.mcp("modern")) as client:
        assert "echo" in {tool["name"] for tool in (await client.result("tools/list"))["tools"]}
    async with http() as client:
        response = await client.post(gateway.mcp("nobody"), json={})
        assert response.status_code == 404
