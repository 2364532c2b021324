"""Every era of client, with every kind of server, on both routes: what MCP offers works."""

import asyncio
import secrets
import sys
import warnings
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPDeprecationWarning, MCPError
from mcp_types import PromptReference, ResourceTemplateReference

from tests.serve.eras import legacy_only, modern_only
from tests.serve.running import SOON, hosted, running, until_found
from tests.serve.sample import LEVELS, blob, sample

pytestmark = pytest.mark.asyncio(loop_scope="module")

HERE = Path(__file__).parent
SERVERS = ("dual", "modern", "legacy", "older", "stdio")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def gateway():
    async with AsyncExitStack() as stack:

        def app(name):
            return sample(name).streamable_http_app()

        urls = {
            "dual": await stack.enter_async_context(hosted(app("dual"))),
            "modern": await stack.enter_async_context(hosted(modern_only(app("modern")))),
            "legacy": await stack.enter_async_context(hosted(legacy_only(app("legacy")))),
        }
        older = await stack.enter_async_context(hosted(sample("older").sse_app()))
        urls["older"] = older.replace("/mcp", "/sse")
        servers = {name: {"url": url} for name, url in urls.items()}
        servers["stdio"] = {"command": sys.executable, "args": [str(HERE / "sample.py")]}
        servers["hand"] = {"command": sys.executable, "args": [str(HERE / "legacy_stdio.py")]}
        yield await stack.enter_async_context(running(servers, instructions="Use them together."))


@pytest.fixture(params=SERVERS)
def server(request):
    return request.param


@pytest.fixture
def url(gateway, server, route):
    return gateway.mcp(server if route == "one" else None)


@pytest.fixture
def named(server, route):
    """Public form of a server's own name or URI on the route."""

    def public(native):
        if route == "one":
            return native
        return f"{server}+{native}" if "://" in native else f"{server}__{native}"

    return public


@pytest.fixture
def connect(url, era):
    """Opens a client in the test's own task, as its cancel scopes demand."""

    def client(**options):
        transport = streamable_http_client(url, max_sse_event_size=2**24)
        return Client(transport, mode=era, read_timeout_seconds=SOON, cache=None, **options)

    return client


@pytest.fixture
def session_of_its_own(era, server, route):
    """Whether the client's handshake is with the server itself: what is said in that session is for the server to decide."""
    return era == "legacy" and route == "one" and server in ("dual", "legacy")


@pytest.fixture
def own(server):
    """The name that the server has given itself."""
    return "sample" if server == "stdio" else server


def text(result):
    return "".join(block.text for block in result.content if block.type == "text")


async def state(client, named):
    return (await client.call_tool(named("calls_state"))).structured_content


async def seen_by_server(client, named, key, what):
    """Wait until the server says that the call `key` hangs, or was cancelled."""
    return await until_found(lambda: state(client, named), lambda found: key in found[what])


@pytest.mark.parity("aggregate.one-endpoint")
async def test_a_call_reaches_its_server_under_its_own_name(connect, named, own):
    async with connect() as client:
        nonce = secrets.token_hex(8) + "é漢\u2028🎈"
        assert text(await client.call_tool(named("echo"), {"nonce": nonce})) == f"{own}: {nonce}"


async def test_tools_are_listed_as_the_server_wrote_them(connect, named, route):
    async with connect() as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        echo = tools[named("echo")]
        assert echo.title == "Echo"
        assert echo.description == "Says what it hears."
        assert echo.annotations.read_only_hint is True
        assert echo.meta == {"vendor/mark": [1, None]}
        assert echo.input_schema["properties"]["nonce"]["type"] == "string"
        assert tools[named("shape")].output_schema["properties"]["sides"]["type"] == "integer"
        owners = {name.partition("__")[0] for name in tools}
        assert owners >= {*SERVERS, "hand"} if route == "all" else owners.isdisjoint(SERVERS)


async def test_structured_content_comes_through(connect, named):
    async with connect() as client:
        nonce = secrets.token_hex(8)
        result = await client.call_tool(named("shape"), {"nonce": nonce})
        assert result.structured_content == {"nonce": nonce, "sides": 3}


async def test_a_tool_that_fails_is_a_result_that_says_so(connect, named):
    async with connect() as client:
        result = await client.call_tool(named("fail"), {"nonce": "x1"})
        assert result.is_error
        assert "cannot: x1" in text(result)


async def test_an_error_of_the_protocol_keeps_code_message_and_data(connect, named):
    async with connect() as client:
        with pytest.raises(MCPError) as caught:
            await client.call_tool(named("refuse"), {"nonce": "x2"})
        assert caught.value.error.code == 4711
        assert caught.value.error.message == "refused: x2"
        assert caught.value.error.data == {"nonce": "x2", "deep": {"list": [1, 2.5, None]}}


@pytest.mark.parity("aggregate.namespaced-resources")
async def test_resources_are_read_under_the_name_that_they_are_listed_by(connect, named, own):
    async with connect() as client:
        listed = {resource.uri: resource for resource in (await client.list_resources()).resources}
        assert listed[named("note://all")].title == "All"
        (read,) = (await client.read_resource(named("note://all"))).contents
        assert (read.uri, read.text, read.mime_type) == (named("note://all"), f"all of {own}", "text/plain")
        (read,) = (await client.read_resource(named("note://pixel"))).contents
        assert (read.uri, read.blob) == (named("note://pixel"), blob())


async def test_templates_are_listed_and_filled(connect, named, own):
    async with connect() as client:
        templates = [template.uri_template for template in (await client.list_resource_templates()).resource_templates]
        assert named("note://of/{owner}") in templates
        (read,) = (await client.read_resource(named("note://of/ann"))).contents
        assert (read.uri, read.text) == (named("note://of/ann"), f"{own} for ann")


async def test_a_resource_that_is_not_there_is_an_error_of_the_clients_era(connect, named, era, server, route):
    async with connect() as client:
        with pytest.raises(MCPError) as caught:
            await client.read_resource(named("note://none/at/all"))
        lived = server in ("legacy", "older") or (server, route) == ("dual", "one")  # the SDK has the modern code in both eras
        assert caught.value.error.code == (-32002 if era == "legacy" and not lived else -32602)


async def test_prompts_are_listed_and_filled(connect, named, own):
    async with connect() as client:
        assert {prompt.name: prompt.title for prompt in (await client.list_prompts()).prompts}[named("greet")] == "Greet"
        (message,) = (await client.get_prompt(named("greet"), {"who": "Ann"})).messages
        assert message.content.text == f"{own} greets Ann"


async def test_completion_is_asked_of_the_server_that_owns_the_reference(connect, named, own):
    async with connect() as client:
        prompt, template = PromptReference(name=named("greet")), ResourceTemplateReference(uri=named("note://of/{owner}"))
        found = (await client.complete(prompt, {"name": "who", "value": "An"})).completion
        assert found.values == [f"{own}-who-An", "PromptReference"]
        found = (await client.complete(template, {"name": "owner", "value": "B"})).completion
        assert found.values == [f"{own}-owner-B", "ResourceTemplateReference"]


async def test_links_in_results_can_be_followed(connect, named, own):
    async with connect() as client:
        link, embedded = (await client.call_tool(named("papers"))).content
        assert embedded.resource.uri == named("note://inner")
        (read,) = (await client.read_resource(link.uri)).contents
        assert read.text == f"all of {own}"


@pytest.mark.requirement("modern:stream.own")
async def test_progress_comes_to_the_call_that_asked_for_it(connect, named):
    async with connect() as client:
        heard = {1: [], 2: []}

        def listener(call):
            async def hear(progress, total, message):
                heard[call].append((progress, total, message))

            return hear

        await asyncio.gather(
            *(client.call_tool(named("steps"), {"count": call + 1}, progress_callback=listener(call)) for call in heard)
        )
        assert heard == {call: [(step, call + 1, f"step {step}") for step in range(1, call + 2)] for call in heard}


@pytest.mark.requirement("legacy:cancelled")
@pytest.mark.parity("aggregate.notifications")
async def test_a_cancelled_call_is_cancelled_at_the_server(connect, named):
    async with connect() as client:
        key = secrets.token_hex(4)
        call = asyncio.create_task(client.call_tool(named("hang"), {"key": key}))
        await seen_by_server(client, named, key, "hanging")
        call.cancel()
        await asyncio.wait([call])
        assert key not in (await seen_by_server(client, named, key, "cancelled"))["hanging"]


async def test_calls_that_take_their_time_are_answered(connect, named):
    async with connect() as client:
        results = await asyncio.gather(*(client.call_tool(named("nap"), {"seconds": 0.3}) for _ in range(3)))
        assert {text(result) for result in results} == {"rested"}


@pytest.mark.requirement("modern:discover")
async def test_the_introduction_is_the_servers_own_or_the_gateways(url, era, route, own):
    """By `initialize`, or `server/discover` where the client asks (mode `auto`)."""
    async with Client(url, mode="legacy" if era == "legacy" else "auto") as client:
        assert client.protocol_version == ("2025-11-25" if era == "legacy" else "2026-07-28")
        assert client.server_info.name == (own if route == "one" else "mcp-stack")
        assert client.instructions == (f"Instructions of {own}." if route == "one" else "Use them together.")
        assert client.server_capabilities.tools is not None
        assert client.server_capabilities.completions is not None


@pytest.mark.parametrize("least", ["debug", "critical"])
async def test_log_messages_come_from_the_level_that_was_asked_for(connect, era, named, least, session_of_its_own):
    heard = []

    async def hear(params):
        heard.append((params.level, params.data, params.logger))

    async with connect(logging_callback=hear, log_level=least) as client:
        if era == "legacy":
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", MCPDeprecationWarning)
                await client.set_logging_level(least)
        await client.call_tool(named("chatter"))
    wanted = LEVELS if session_of_its_own else LEVELS[LEVELS.index(least) :]
    assert heard == [(level, f"on {level}", "chatter") for level in wanted]


@pytest.mark.requirement("legacy:ping")
async def test_a_legacy_client_may_ping(gateway, server, route):
    async with Client(gateway.mcp(server if route == "one" else None), mode="legacy") as client:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", MCPDeprecationWarning)
            await client.send_ping()
