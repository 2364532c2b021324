"""Requests that take several rounds (2026-07-28, basic/patterns/mrtr), for a modern client and a modern server, on every route."""

from contextlib import asynccontextmanager

import pytest

from tests.serve.asking import legacy, modern
from tests.serve.running import hosted, running
from tests.serve.scripted import Scripted

STATE = 'é\u2028 "\\"' + "x" * 5000
ASKED = {"a": {"method": "elicitation/create", "params": {"message": "m", "x-kept": [1]}}, "b": {"method": "roots/list"}}
WANTED = {"resultType": "input_required", "inputRequests": ASKED, "requestState": STATE, "_meta": {"x": 1}}
GIVEN = {"a": {"action": "accept", "content": {"n": 1.50}}, "b": {"roots": []}}
CAPABILITIES = {"io.modelcontextprotocol/clientCapabilities": {"elicitation": {"form": {}}, "roots": {}}}
ROUTES = {"relayed": "plain", "guarded": "guarded", "all": None, "virtual": "v"}
DONE = {
    "tools/call": {"content": [], "structuredContent": {"n": 1}},
    "prompts/get": {"messages": []},
    "resources/read": {"contents": [], "ttlMs": 0, "cacheScope": "private"},
}


@asynccontextmanager
async def gateway_of(server):
    async with hosted(server) as url:
        servers = {"plain": {"url": url}, "guarded": {"url": url, "validation": {"arguments": "enforce", "results": "enforce"}}}
        picks = {"tools": [{"server": "plain", "tool": "t"}], "prompts": [{"server": "plain", "prompt": "t"}]}
        picks["resources"] = [{"server": "plain", "uri": "x:t"}]
        async with running(servers, virtual_servers={"v": picks}) as gateway:
            yield gateway


def never_content(method):
    def answered(params, request):
        return WANTED if "inputResponses" not in params else {"resultType": "complete", **DONE[method]}

    schema = {"type": "object", "properties": {"n": {"type": "number"}}, "required": ["n"]}
    tools = {"tools": [{"name": "t", "inputSchema": schema, "outputSchema": schema}]}
    server = Scripted("modern", tools_list={"resultType": "complete", "ttlMs": 0, "cacheScope": "private", **tools})
    server.answers[method] = answered
    return server


def params_of(method, route):
    if method == "resources/read":
        return {"uri": "x:t" if route in ("relayed", "guarded") else "plain+x:t"}
    named = {"name": "plain__t" if route == "all" else "t"}
    return {**named, "arguments": {"n": 1}} if method == "tools/call" else named


@pytest.mark.requirement("mrtr:state.exact", "mrtr:retry.id", "mrtr:methods", "mrtr:not-cached")
@pytest.mark.parametrize("method", DONE)
@pytest.mark.parametrize("route", ROUTES)
async def test_what_a_server_wants_and_what_it_gets_pass_unchanged_round_by_round(route, method):
    server = never_content(method)
    async with gateway_of(server) as gateway, modern(gateway.mcp(ROUTES[route])) as client:
        params = params_of(method, route)
        for turn in (1, 3):
            wanted = await client.result(method, params, meta=CAPABILITIES, id_=turn)
            assert {name: wanted[name] for name in WANTED if name != "_meta"} == {
                name: value for name, value in WANTED.items() if name != "_meta"
            }
            assert wanted["_meta"]["x"] == 1
            assert not {"ttlMs", "cacheScope"} & set(wanted)
            again = {**params, "inputResponses": GIVEN, "requestState": wanted["requestState"]}
            assert (await client.result(method, again, meta=CAPABILITIES, id_=turn + 1))["resultType"] == "complete"
        asked = server.of(method)
        assert len({request.id for request in asked}) == len(asked) == 4, "an answer from a cache, or an id that comes twice"
        for first, second in (asked[:2], asked[2:]):
            assert "requestState" not in first.params
            assert {**first.params, "inputResponses": GIVEN, "requestState": STATE} == second.params


@pytest.mark.requirement("mrtr:methods", "modern:result-type")
@pytest.mark.parametrize("kind", ["input_required", "task", "of-its-own"])
async def test_a_list_that_is_none_yet_is_its_servers_fault(kind):
    server = Scripted("modern", tools_list={"resultType": kind, "inputRequests": ASKED, "requestState": "s", "tools": []})
    async with gateway_of(server) as gateway, modern(gateway.mcp()) as client:
        missing = (await client.result("tools/list", meta=CAPABILITIES))["_meta"]["mcp-stack/partial"]
        assert [(one["server"], one["reason"]) for one in missing] == [(name, "upstream-invalid") for name in ("plain", "guarded")]


@pytest.mark.requirement("modern:result-type")
@pytest.mark.parametrize("route", ["relayed", "all"])
@pytest.mark.parametrize(("kind", "right"), [("complete", True), (None, True), ("of-its-own", False), (7, False)])
async def test_a_result_of_a_kind_that_nobody_knows_is_none_for_a_legacy_client(route, kind, right):
    result = {"content": []} if kind is None else {"content": [], "resultType": kind}
    async with gateway_of(Scripted("modern", tools_call=result)) as gateway, legacy(gateway.mcp(ROUTES[route])) as client:
        params = params_of("tools/call", route)
        if right:
            assert await client.result("tools/call", params) == {"content": []}
        else:
            assert (await client.error("tools/call", params))["data"]["reason"] == "upstream-invalid"
