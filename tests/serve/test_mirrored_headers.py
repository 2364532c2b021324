"""Arguments that headers repeat, between clients who know the rule or not and servers who insist on it or not."""

import logging

import pytest

from mcp_stack_proxy.wire.headers import decode_value
from tests.serve.asking import MODERN, legacy, modern
from tests.serve.running import hosted, running
from tests.serve.scripted import Scripted

REGION = {"type": "string", "x-mcp-header": "Region"}
OK = {"content": [], "resultType": "complete"}


def tool(name="t", **properties):
    return {"name": name, "inputSchema": {"type": "object", "properties": properties or {"region": REGION}}}


class Strict:
    """A modern server that takes a call only with the headers which its tools ask for; they can change."""

    def __init__(self, *tools):
        self.tools = list(tools)
        self.app = Scripted("modern", tools_list=self.list, tools_call=self.call)

    @property
    def lists(self):
        return len(self.app.of("tools/list"))

    @property
    def calls(self):
        return self.app.of("tools/call")

    def list(self, params, request):
        return {"tools": self.tools, "resultType": "complete", "ttlMs": 0, "cacheScope": "public"}

    async def call(self, params, request):
        asked = next(tool for tool in self.tools if tool["name"] == params["name"])["inputSchema"]["properties"]
        for key, schema in asked.items():
            sent = request.headers.get(f"mcp-param-{schema.get('x-mcp-header', '').lower()}")
            if "x-mcp-header" in schema and (None if sent is None else decode_value(sent)) != params["arguments"].get(key):
                await request.rpc(status=400, error={"code": -32020, "message": "Header mismatch"})
                return None
        return OK


ROUTES = {
    "one": ("s", {}, "t"),
    "all": (None, {}, "s__t"),
    "guarded": ("s", {"tools": {"allow": ["t"]}}, "t"),
    "virtual": ("v", {}, "t"),
}


def configured(url, route):
    server = {"s": {"url": url, **ROUTES[route][1]}}
    if route != "virtual":
        return running(server)
    return running(server, virtual_servers={"v": {"tools": [{"server": "s", "tool": "t"}]}})


@pytest.mark.parametrize("route", ROUTES)
async def test_a_legacy_client_needs_no_headers_the_proxy_makes_them(route):
    server = Strict(tool())
    path, _, name = ROUTES[route]
    async with hosted(server.app) as url, configured(url, route) as gateway, legacy(gateway.mcp(path)) as client:
        for region in ("us-west1", "eu"):
            assert (await client.result("tools/call", {"name": name, "arguments": {"region": region}}))["content"] == []
        assert [call.headers["mcp-param-region"] for call in server.calls] == ["us-west1", "eu"]
        assert server.lists == 1, "once, because its tools were unknown"
        await client.result("tools/call", {"name": name, "arguments": {}}, mcp_param_region="stray", mcp_param_other="kept")
        assert "mcp-param-region" not in server.calls[-1].headers
        assert server.calls[-1].headers["mcp-param-other"] == "kept"


@pytest.mark.parametrize("route", [route for route in ROUTES if route != "one"])
@pytest.mark.parametrize(
    ("given", "status"), [("eu", 200), ("=?base64?ZXU=?=", 200), (None, 400), ("us", 400), ("=?base64?!?=", 400)]
)
async def test_a_modern_client_has_to_send_them_itself(route, given, status):
    server = Strict(tool())
    path, _, name = ROUTES[route]
    async with hosted(server.app) as url, configured(url, route) as gateway, modern(gateway.mcp(path)) as client:
        await client.result("tools/list")
        call = {"name": name, "arguments": {"region": "eu"}}
        response = await client.ask("tools/call", call, mcp_param_region=given, mcp_param_other="kept")
        assert response.status_code == status, response.text
        if status == 200:
            assert server.calls[0].headers["mcp-param-region"] == given
            assert server.calls[0].headers["mcp-param-other"] == "kept"
        else:
            assert response.json()["error"]["code"] == -32020
            assert not server.calls


async def test_a_header_that_is_there_twice_is_refused():
    server = Strict(tool())
    async with hosted(server.app) as url, running({"s": {"url": url}}) as gateway, modern(gateway.mcp()) as client:
        body = {"name": "s__t", "arguments": {"region": "eu"}, "_meta": client.meta({})}
        headers = {**client.headers, "mcp-protocol-version": MODERN, "mcp-method": "tools/call", "mcp-name": "s__t"}
        twice = [*headers.items(), ("mcp-param-region", "eu"), ("Mcp-Param-Region", "us")]
        await client.result("tools/list")
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": body}
        response = await client.http.post(client.url, json=message, headers=twice)
        assert (response.status_code, response.json()["error"]["code"]) == (400, -32020)


async def test_a_legacy_servers_annotations_bind_its_modern_clients_once_they_are_known():
    server = Scripted("legacy", tools_list={"tools": [tool()]}, tools_call={"content": []})
    async with hosted(server) as url, running({"s": {"url": url}}) as gateway, modern(gateway.mcp("s")) as client:
        call = {"name": "t", "arguments": {"region": "eu"}}
        assert (await client.ask("tools/call", call)).status_code == 200, "nobody has listed the tool yet"
        assert not server.of("tools/list")
        await client.result("tools/list")
        assert (await client.ask("tools/call", call)).status_code == 400
        assert (await client.ask("tools/call", call, mcp_param_region="eu")).status_code == 200


async def test_a_modern_client_is_not_kept_waiting_for_a_list_and_finds_it_renewed_when_headers_are_missing():
    server = Strict(tool(region={"type": "string"}))
    async with hosted(server.app) as url, running({"s": {"url": url}}) as gateway, modern(gateway.mcp()) as client:
        call = {"name": "s__t", "arguments": {"region": "eu"}}
        await client.result("tools/call", call)
        assert server.lists == 0
        listed = (await client.result("tools/list"))["tools"][0]["inputSchema"]["properties"]
        assert listed == {"region": {"type": "string"}}
        server.tools = [tool()]
        assert (await client.error("tools/call", call))["code"] == -32020
        assert len(server.calls) == 2
        assert (await client.result("tools/list"))["tools"][0]["inputSchema"]["properties"] == {"region": REGION}
        assert (await client.result("tools/call", call, mcp_param_region="eu"))["content"] == []


async def test_a_tool_that_wants_more_headers_than_it_did_is_looked_up_and_called_again():
    server = Strict(tool(region={"type": "string"}))
    async with hosted(server.app) as url, running({"s": {"url": url}}) as gateway, legacy(gateway.mcp()) as client:
        call = {"name": "s__t", "arguments": {"region": "eu"}}
        await client.result("tools/call", call)
        server.tools = [tool()]
        assert (await client.result("tools/call", call))["content"] == []
        assert [one.headers.get("mcp-param-region") for one in server.calls] == [None, None, "eu"]
        assert server.lists == 2


async def test_a_server_that_is_never_content_is_not_asked_for_its_list_each_time():
    async def never(params, request):
        await request.rpc(status=400, error={"code": -32020, "message": "Header mismatch: never"})

    server = Scripted("modern", tools_list={"tools": [tool()]}, tools_call=never)
    async with hosted(server) as url, running({"s": {"url": url}}) as gateway, legacy(gateway.mcp()) as client:
        for _ in range(3):
            error = await client.error("tools/call", {"name": "s__t", "arguments": {"region": "eu"}})
            assert (error["code"], error["message"]) == (-32020, "Header mismatch: never")
        assert (len(server.of("tools/list")), len(server.of("tools/call"))) == (2, 3)


async def test_a_server_without_a_list_is_called_all_the_same():
    error = {"error": {"code": -32603, "message": "broken"}}
    server = Scripted("modern", tools_list=lambda p, r: error, tools_call=OK)
    async with hosted(server) as url, running({"s": {"url": url}}) as gateway, legacy(gateway.mcp()) as client:
        for _ in range(2):
            assert (await client.result("tools/call", {"name": "s__t", "arguments": {}}))["content"] == []
        assert len(server.of("tools/list")) == 1


@pytest.mark.requirement("modern:headers.param.annotation")
@pytest.mark.parametrize(("route", "name"), [("s", "good"), (None, "s__good")])
async def test_a_tool_whose_annotations_are_not_allowed_is_left_out_and_said(caplog, route, name):
    bad = tool("bad", a=REGION, b=REGION)
    server = Strict(bad, tool("good"))
    async with hosted(server.app) as url, running({"s": {"url": url}}) as gateway, legacy(gateway.mcp(route)) as client:
        with caplog.at_level(logging.WARNING):
            for _ in range(2):
                assert [each["name"] for each in (await client.result("tools/list"))["tools"]] == [name]
    said = [record.getMessage() for record in caplog.records if "left out" in record.getMessage()]
    assert said == ["server s: tool 'bad' is left out: x-mcp-header 'mcp-param-region' is there twice"]
