"""What nobody here has heard of reaches the other side as it was sent: fields, metadata, numbers, codes."""

import base64
import json
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from tests.serve.asking import META, LegacyAsker, ModernAsker, http
from tests.serve.running import hosted, running
from tests.serve.scripted import Scripted

pytestmark = pytest.mark.asyncio(loop_scope="module")

HERE = Path(__file__).parent
BIG = 12345678901234567890123
TOOL = {
    "name": "t",
    "inputSchema": {"type": "object", "$defs": {"a": {"$anchor": "b"}}, "x": [BIG]},
    "icons": [{"src": "d:"}],
    "é": None,
}
BLOCK = {"type": "hologram", "x-block": {"deep": [True]}, "_meta": {"b": 1}}
ERROR = {"code": -31999, "message": "é\u2028", "data": {"elicitations": [{"x": BIG}]}, "x-error": 1}


def tell(params, _request):
    """A result that holds the params that came."""
    kept = {"content": [BLOCK], "structuredContent": [params], "isError": False, "x-result": {"n": 1.5}}
    return {**kept, "_meta": {"vendor/x": 1}}


LONG = "ü" * 2_500_000


def call(params, request):
    if params["name"] == "err":
        return {"error": ERROR}
    return {"content": [{"type": "text", "text": LONG}]} if params["name"] == "big" else tell(params, request)


def page(params, _request):
    if params.get("cursor") is None:
        return {"tools": [TOOL], "nextCursor": "", "x-page": 1}
    assert params["cursor"] == ""
    return {"tools": [{**TOOL, "name": "u"}]}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def servers():
    return {era: Scripted(era, tools_call=call, tools_list=page) for era in ("modern", "legacy")}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def gateway(servers):
    async with AsyncExitStack() as stack:
        config = {era: {"url": await stack.enter_async_context(hosted(server))} for era, server in servers.items()}
        config["hand"] = {"command": sys.executable, "args": [str(HERE / "legacy_stdio.py"), "chatty"]}
        yield await stack.enter_async_context(running(config))


@pytest.fixture(params=["modern", "legacy"])
def server(request):
    return request.param


@pytest.fixture
def prefix(server, route):
    return f"{server}__" if route == "all" else ""


@pytest_asyncio.fixture(loop_scope="module", params=["modern", "legacy"])
async def client(request, gateway, server, route):
    url = gateway.mcp(server if route == "one" else None)
    async with http() as connection:
        if request.param == "modern":
            yield ModernAsker(connection, url)
        else:
            yield await LegacyAsker(connection, url).begin()


def modern(client):
    return isinstance(client, ModernAsker)


@pytest.mark.parity("aggregate.lossless")
async def test_a_result_keeps_what_nobody_knows(client, prefix):
    arguments = {"n": BIG, "é": "\u2028\ud7ff", "nothing": None, "x": {"y": [[]]}}
    meta = {"vendor/trace": {"a": [1]}, "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    result = await client.result("tools/call", {"name": f"{prefix}t", "arguments": arguments, "x-param": 1}, meta=meta)
    assert result["content"] == [BLOCK]
    assert result["x-result"] == {"n": 1.5}
    assert result["_meta"] == {"vendor/x": 1}
    (params,) = result["structuredContent"]
    assert params["name"] == "t"
    assert params["arguments"] == arguments
    assert params["x-param"] == 1
    assert {key: params["_meta"][key] for key in meta} == meta


async def test_metadata_is_what_the_servers_revision_asks_for(client, prefix, server):
    (params,) = (await client.result("tools/call", {"name": f"{prefix}t"}, meta={"a": 1}))["structuredContent"]
    if server == "legacy":
        assert params["_meta"] == {"a": 1}
        return
    assert {key: params["_meta"][key] for key in META} == META
    if not modern(client):
        assert params["_meta"]["io.modelcontextprotocol/clientInfo"] == {"name": "t", "version": "0"}


async def test_a_result_says_what_the_clients_revision_wants_to_know(client, server, prefix):
    result = await client.result("tools/call", {"name": f"{prefix}t"})
    assert ("resultType" in result) == (modern(client) and server == "legacy"), (
        "added where it is missing, removed where it is none"
    )


@pytest.mark.parametrize("id_", [0, -7, 2**53, "", "a", "é\u2028", "1"])
async def test_an_answer_has_the_id_of_its_request(client, prefix, id_):
    response = await client.ask("tools/call", {"name": f"{prefix}t"}, id_=id_)
    assert response.json()["id"] == id_
    assert type(response.json()["id"]) is type(id_)


async def test_an_answer_of_five_megabytes_comes_whole(client, prefix):
    assert (await client.result("tools/call", {"name": f"{prefix}big"}))["content"][0]["text"] == LONG


async def test_an_error_keeps_code_data_and_more(client, prefix):
    assert await client.error("tools/call", {"name": f"{prefix}err"}) == ERROR


async def test_listed_tools_keep_what_nobody_knows(client, prefix):
    tools = (await client.result("tools/list"))["tools"]
    assert {**TOOL, "name": f"{prefix}t"} in tools


async def test_pages_are_the_servers_own_or_merged_into_one(client, prefix, route):
    first = await client.result("tools/list")
    if route == "all":
        assert {tool["name"] for tool in first["tools"]} >= {"modern__t", "modern__u", "legacy__t", "legacy__u", "hand__echo"}
        assert "nextCursor" not in first
        return
    assert first["nextCursor"] == ""
    assert first["x-page"] == 1
    assert [tool["name"] for tool in (await client.result("tools/list", {"cursor": ""}))["tools"]] == ["u"]


@pytest.mark.parity("aggregate.all-methods")
async def test_a_cursor_that_was_never_given_out_is_refused(client, route):
    if route == "all":
        assert (await client.error("tools/list", {"cursor": "bm9uZQ"}))["code"] == -32602


@pytest.mark.requirement("modern:headers.param.passed")
async def test_headers_of_the_trace_and_of_parameters_go_on(client, servers, server, prefix):
    sent = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "tracestate": "a=b", "mcp-param-city": "K"}
    await client.result("tools/call", {"name": f"{prefix}t"}, **sent)
    headers = servers[server].of("tools/call")[-1].headers
    assert {name: headers.get(name) for name in sent} == sent
    if server == "modern":
        assert (headers["mcp-method"], headers["mcp-name"]) == ("tools/call", "t")


async def test_names_that_no_header_can_hold_are_encoded(client, servers, server, prefix):
    await client.result("tools/call", {"name": f"{prefix}é n"}, **({"mcp_name": b64(f"{prefix}é n")} if modern(client) else {}))
    request = servers[server].of("tools/call")[-1]
    assert request.params["name"] == "é n"
    if server == "modern":
        assert request.headers["mcp-name"] == b64("é n")


@pytest.mark.requirement("aggregate:ids.unique")
async def test_ids_towards_a_server_are_never_used_twice(client, servers, server, route, prefix):
    if route == "all":
        for _ in range(3):
            await client.result("tools/call", {"name": f"{prefix}t"}, id_=1)
        ids = [request.id for request in servers[server].of("tools/call")[-3:]]
        assert len(set(ids)) == 3


@pytest.mark.parametrize("era", ["modern", "legacy"])
@pytest.mark.parametrize("route", ["one", "all"])
@pytest.mark.parity("aggregate.lossless")
async def test_a_stdio_server_is_passed_on_unchanged(gateway, era, route):
    prefix = "hand__" if route == "all" else ""
    async with http() as connection:
        asker = (ModernAsker if era == "modern" else LegacyAsker)(connection, gateway.mcp("hand" if route == "one" else None))
        if era == "legacy":
            await asker.begin()
        params = {"name": f"{prefix}echo", "arguments": {"nonce": "é\u2028漢\n"}}
        result = await asker.result("tools/call", params, meta={"progressToken": "tok", "vendor": [BIG]})
        assert asker.heard == [
            {
                "jsonrpc": "2.0",
                "method": "notifications/progress",
                "params": {"progressToken": "tok", "progress": step, "x-p": 1},
            }
            for step in (1, 2)
        ]
        assert result["content"] == [{"type": "text", "text": "legacy: é\u2028漢\n", "x-block": {"kept": True}}]
        assert result["x-result"] == [1, {"two": None}]
        assert result["_meta"]["k"]["vendor"] == [BIG]
        error = await asker.error("tools/call", {"name": f"{prefix}refuse", "arguments": {"a": BIG}})
        assert error == {"code": 4711, "message": "refused", "data": {"a": BIG}, "x-error": "kept"}
        (tool,) = [t for t in (await asker.result("tools/list"))["tools"] if t["name"] == f"{prefix}echo"]
        assert tool["x-tool"] == {"é": 1}
        assert tool["inputSchema"] == {"type": "object", "$defs": {"a": {}}}
        heard = json.loads((await asker.result("tools/call", {"name": f"{prefix}ask"}))["content"][0]["text"])
        refusal = {"code": -32601, "message": "the client has not declared what sampling/createMessage needs"}
        assert heard == [{"jsonrpc": "2.0", "id": "q1", "result": {}}, {"jsonrpc": "2.0", "id": "q2", "error": refusal}]


async def test_a_line_of_five_megabytes_comes_whole():
    program = {"command": sys.executable, "args": [str(HERE / "sample.py")]}
    async with running({"s": program}) as gateway, http() as connection:
        result = await ModernAsker(connection, gateway.mcp()).result(
            "tools/call", {"name": "s__big", "arguments": {"size": 5_000_000}}
        )
        assert result["content"][0]["text"] == LONG


def b64(text):
    return f"=?base64?{base64.b64encode(text.encode()).decode()}?="
