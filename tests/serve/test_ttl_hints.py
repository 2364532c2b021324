"""How long results may be kept: said to modern clients whatever the server speaks, and never to legacy ones."""

from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from tests.serve.asking import legacy, modern
from tests.serve.running import hosted, running
from tests.serve.scripted import Scripted

pytestmark = pytest.mark.asyncio(loop_scope="module")

HINTS = {"ttlMs": 60_000, "cacheScope": "public"}
LISTED = {
    "tools/list": {"tools": [{"name": "t", "inputSchema": {"type": "object"}}]},
    "prompts/list": {"prompts": [{"name": "p"}]},
    "resources/list": {"resources": [{"uri": "note://a", "name": "a"}]},
    "resources/templates/list": {"resourceTemplates": [{"uriTemplate": "note://{a}", "name": "a"}]},
    "resources/read": {"contents": [{"uri": "note://a", "text": "x"}]},
}
NOT_KEPT = {"tools/call": {"content": []}, "prompts/get": {"messages": []}, "completion/complete": {"completion": {"values": []}}}
PARAMS = {
    "resources/read": {"uri": "note://a"},
    "tools/call": {"name": "t"},
    "prompts/get": {"name": "p"},
    "completion/complete": {"ref": {"type": "ref/prompt", "name": "p"}, "argument": {"name": "a", "value": ""}},
}
ROUTES = ("one", "guarded", "all", "virtual")
SERVERS = ("modern", "legacy")
CLIENTS = {"modern": modern, "legacy": legacy}


def scripted(era):
    hints = {"resultType": "complete", **HINTS} if era == "modern" else {}
    server = Scripted(era)
    server.answers |= {method: {**result, **hints} for method, result in LISTED.items()}
    server.answers |= {method: {**result, **({"resultType": "complete"} if hints else {})} for method, result in NOT_KEPT.items()}
    if hints:
        server.answers["server/discover"] |= hints
    return server


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def gateway():
    async with AsyncExitStack() as stack:
        servers, virtual = {}, {}
        for era in SERVERS:
            url = await stack.enter_async_context(hosted(scripted(era)))
            servers |= {era: {"url": url}, f"guarded-{era}": {"url": url, "validation": {"arguments": "enforce"}}}
            one = {"server": era}
            picks = {"tools": [{**one, "tool": "*"}], "prompts": [{**one, "prompt": "*"}], "resources": [{**one, "uri": "*"}]}
            virtual[f"virtual-{era}"] = picks
        yield await stack.enter_async_context(running(servers, virtual_servers=virtual))


def target(gateway, route, era):
    return gateway.mcp({"one": era, "guarded": f"guarded-{era}", "all": None, "virtual": f"virtual-{era}"}[route])


def params(method, route, era):
    given = dict(PARAMS.get(method, {}))
    if "uri" in given and route in ("all", "virtual"):
        given["uri"] = f"{era}+{given['uri']}"
    if route == "all":
        given |= {"name": f"{era}__{given['name']}"} if "name" in given else {}
        given |= {"ref": {**given["ref"], "name": f"{era}__p"}} if "ref" in given else {}
    return given


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("method", [*LISTED, *NOT_KEPT])
async def test_a_legacy_client_is_told_nothing_that_its_revision_does_not_know(gateway, route, server, method):
    async with legacy(target(gateway, route, server)) as client:
        result = await client.result(method, params(method, route, server))
        assert {"ttlMs", "cacheScope", "resultType"}.isdisjoint(result)


@pytest.mark.requirement("caching:hints")
@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("method", ["server/discover", *LISTED])
async def test_a_modern_client_is_always_told_how_long_a_result_may_be_kept(gateway, route, server, method):
    async with modern(target(gateway, route, server)) as client:
        result = await client.result(method, params(method, route, server))
        assert (result["resultType"], result["cacheScope"] in ("public", "private")) == ("complete", True)
        assert isinstance(result["ttlMs"], int)
        if server == "legacy":
            assert (result["ttlMs"], result["cacheScope"]) == (0, "private"), "it promised nothing"
        elif route == "one" or method == "resources/read":
            assert (result["ttlMs"], result["cacheScope"]) == (60_000, "public"), "the server's own words"
        elif route == "virtual" and method != "server/discover":
            assert 0 < result["ttlMs"] <= 60_000


@pytest.mark.requirement("caching:hints")
@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("method", NOT_KEPT)
async def test_a_result_that_is_never_kept_has_no_hint(gateway, route, server, method):
    async with modern(target(gateway, route, server)) as client:
        result = await client.result(method, params(method, route, server))
        assert result["resultType"] == "complete"
        assert {"ttlMs", "cacheScope"}.isdisjoint(result)
