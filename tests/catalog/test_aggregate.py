"""Many servers as one: each call reaches the right server under its own names, and comes back under public ones."""

import asyncio
import json

import pytest
from msgspec import Raw

from mcp_stack_proxy import __version__
from mcp_stack_proxy.catalog.aggregate import Aggregate
from mcp_stack_proxy.catalog.merged import META_PARTIAL, MergedLists
from mcp_stack_proxy.catalog.names import Namespaces
from mcp_stack_proxy.catalog.offer import Watchers
from mcp_stack_proxy.catalog.server_lists import ServerLists
from mcp_stack_proxy.catalog.task_book import TaskBook
from mcp_stack_proxy.errors import Reason, UpstreamError
from mcp_stack_proxy.upstream.peer import Answer, Call, Notification
from mcp_stack_proxy.wire.envelope import raw
from mcp_stack_proxy.wire.errors import INVALID_PARAMS, METHOD_NOT_FOUND, RESOURCE_NOT_FOUND, RpcError
from mcp_stack_proxy.wire.revisions import Era
from mcp_stack_proxy.wire.sealing import KEY_BYTES, Keyring
from mcp_stack_proxy.wire.task_ids import TaskIds
from tests.catalog.scripted import LIMITS, Server, answering, call, listed, refusing, soon

TASKS = TaskIds(Keyring([bytes(KEY_BYTES)]))


@pytest.fixture
def servers():
    return {"git": Server(), "clock": Server()}


@pytest.fixture
def watchers():
    return Watchers()


@pytest.fixture
def aggregate(servers, watchers, tasks):
    names = Namespaces({"git": "gh", "clock": "clock"})
    lists = {
        name: ServerLists(
            server,
            lambda kind, key, name=name: names.name(name, key) if kind.key == "name" else names.uri(name, key),
            LIMITS,
            tasks,
            name,
        )
        for name, server in servers.items()
    }
    merged = MergedLists(lists, LIMITS.discovery_seconds, page_size=3)
    return Aggregate(servers, names, merged, watchers, TASKS, TaskBook(), title="acme", instructions="Ask.")


async def answered(aggregate, method, era=Era.MODERN, /, **params):
    return json.loads(bytes((await aggregate.call(call(method, era, **params))).value))


async def refused(aggregate, method, era=Era.MODERN, /, **params):
    with pytest.raises(RpcError) as caught:
        await aggregate.call(call(method, era, **params))
    return caught.value


async def test_the_introduction_waits_for_no_server(aggregate, servers, tasks):
    introduction = await aggregate.introduce(soon())
    assert {name: json.loads(bytes(value)) for name, value in introduction.capabilities.items()} == {
        "tools": {"listChanged": True},
        "prompts": {"listChanged": True},
        "resources": {"listChanged": True, "subscribe": True},
        "completions": {},
        "tasks": {"list": {}, "cancel": {}, "requests": {"tools": {"call": {}}}},
        "extensions": {"io.modelcontextprotocol/tasks": {}},
        "logging": {},
    }
    assert json.loads(bytes(introduction.server)) == {"name": "acme", "version": __version__}
    assert introduction.instructions == Raw(b'"Ask."')
    assert all(server.hellos == 0 for server in servers.values())
    silent = Aggregate({}, Namespaces({}), MergedLists({}, 1), Watchers(), TASKS, TaskBook(), title="acme", instructions=None)
    assert (await silent.introduce(soon())).instructions is None
    assert (await answered(silent, "tools/list"))["tools"] == []


async def test_a_resource_is_followed_under_its_public_name(aggregate, servers):
    heard = []
    stop = await aggregate.subscribe("gh+note://x", heard.append, soon())
    servers["git"].update("note://x")
    servers["clock"].update("note://x")
    stop()
    servers["git"].update("note://x")
    assert heard == ["gh+note://x"]


async def test_a_resource_of_no_server_cannot_be_followed(aggregate):
    with pytest.raises(RpcError, match="Resource not found"):
        await aggregate.subscribe("c+note://x", print, soon())


async def test_a_server_that_is_gone_is_named(aggregate, servers):
    servers["git"].fault = UpstreamError(Reason.UNREACHABLE, "is gone")
    with pytest.raises(UpstreamError) as caught:
        await aggregate.subscribe("gh+note://x", print, soon())
    assert caught.value.server == "git"


async def test_what_a_client_says_is_told_to_all(aggregate, servers):
    aggregate.told("session", b"n")
    assert all(server.said == [("session", b"n")] for server in servers.values())


async def test_changes_are_told_to_those_who_watch(aggregate, watchers):
    heard = []
    stop = aggregate.watch(heard.append)
    watchers.tell("tools")
    stop()
    watchers.tell("tools")
    assert (aggregate.name, heard) == (None, ["tools"])


# --- lists


@pytest.mark.parity("aggregate.one-endpoint")
async def test_tools_of_all_servers_are_listed_under_their_namespaces_and_can_be_called_by_those_names(aggregate, servers):
    servers["git"].pages["tools/list"] = [listed("search", "log__all")]
    servers["clock"].pages["tools/list"] = [listed("now")]
    for server in servers.values():
        server.answers["tools/call"] = lambda asked: Answer(raw({"content": [], "was": asked.params["name"]}))
    names = [tool["name"] for tool in (await answered(aggregate, "tools/list"))["tools"]]
    assert names == ["gh__search", "gh__log__all", "clock__now"]
    assert [(await answered(aggregate, "tools/call", name=name))["was"] for name in names] == ["search", "log__all", "now"]
    assert [server.count("tools/call") for server in servers.values()] == [2, 1]


@pytest.mark.parity("aggregate.namespaced-resources")
async def test_a_resource_is_read_by_the_uri_that_it_is_listed_under_and_the_result_carries_that_uri(aggregate, servers):
    servers["git"].pages["resources/list"] = [[{"uri": "file:///a+b", "name": "n"}]]
    servers["git"].pages["resources/templates/list"] = [[{"uriTemplate": "db://{table}", "name": "n"}]]
    servers["git"].answers["resources/read"] = lambda asked: Answer(raw({"contents": [{"uri": asked.params["uri"]}]}))
    (resource,) = (await answered(aggregate, "resources/list"))["resources"]
    (template,) = (await answered(aggregate, "resources/templates/list"))["resourceTemplates"]
    assert (resource["uri"], template["uriTemplate"]) == ("gh+file:///a+b", "gh+db://{table}")
    for uri in (resource["uri"], template["uriTemplate"].replace("{table}", "users")):
        assert (await answered(aggregate, "resources/read", uri=uri))["contents"] == [{"uri": uri}]
    assert [bytes(asked.params["uri"]) for asked in servers["git"].calls[-2:]] == [b'"file:///a+b"', b'"db://users"']


@pytest.mark.requirement("bridge:result.legacy")
@pytest.mark.parametrize(("era", "extra"), [(Era.MODERN, {"resultType", "ttlMs", "cacheScope"}), (Era.LEGACY, set())])
async def test_a_list_has_what_the_revision_of_its_reader_knows(era, extra, aggregate, servers):
    servers["clock"].fault = UpstreamError(Reason.UNREACHABLE, "is gone")
    page = await answered(aggregate, "tools/list", era)
    assert set(page) == {"tools", "_meta"} | extra
    assert page["_meta"][META_PARTIAL][0]["server"] == "clock"


async def test_a_cursor_leads_to_the_next_page(aggregate, servers):
    servers["git"].pages["tools/list"] = [listed("1", "2")]
    servers["clock"].pages["tools/list"] = [listed("3", "4")]
    first = await answered(aggregate, "tools/list", Era.MODERN, cursor=None)
    second = await answered(aggregate, "tools/list", cursor=first["nextCursor"])
    assert [tool["name"] for tool in (*first["tools"], *second["tools"])] == ["gh__1", "gh__2", "clock__3", "clock__4"]


@pytest.mark.requirement("lists:cursor.invalid")
@pytest.mark.parametrize("cursor", [5, [], {}, True])
async def test_a_cursor_that_is_no_string_is_refused(cursor, aggregate):
    error = await refused(aggregate, "tools/list", cursor=cursor)
    assert (error.code, error.message) == (INVALID_PARAMS, "params.cursor must be a string")


# --- where a call goes


@pytest.mark.parametrize("era", Era)
@pytest.mark.parametrize(
    ("method", "params", "native"),
    [
        (
            "tools/call",
            {"name": "gh__日本__x", "arguments": {"name": "gh__a"}},
            {"name": "日本__x", "arguments": {"name": "gh__a"}},
        ),
        ("prompts/get", {"name": "gh__greet", "own": 1}, {"name": "greet", "own": 1}),
        ("resources/read", {"uri": "gh+file:///a", "name": "gh__x"}, {"uri": "file:///a", "name": "gh__x"}),
        ("completion/complete", {"ref": {"type": "ref/prompt", "name": "gh__g"}}, {"ref": {"type": "ref/prompt", "name": "g"}}),
    ],
)
async def test_a_call_reaches_its_server_with_nothing_changed_but_the_name(era, method, params, native, aggregate, servers):
    servers["git"].answers[method] = answering({})
    meta = Raw(b'{"progressToken": 1.0}')
    sent = Call(
        method,
        {**call(method, **params).params, "_meta": meta},
        era,
        soon(),
        client=Raw(b'{"name":"ide"}'),
        log_level="info",
        headers=[(b"traceparent", b"t")],
    )
    await aggregate.call(sent)
    (got,) = servers["git"].calls
    assert got.params.pop("_meta") is meta
    assert {name: json.loads(bytes(value)) for name, value in got.params.items()} == native
    assert (got.method, got.era, got.deadline, got.client, got.log_level, got.headers) == (
        method,
        era,
        sent.deadline,
        sent.client,
        "info",
        sent.headers,
    )
    assert servers["clock"].calls == []


@pytest.mark.requirement("aggregate:unknown-name")
@pytest.mark.parametrize(
    ("method", "params", "message"),
    [
        ("tools/call", {"name": "search"}, "Unknown tool: search"),
        ("tools/call", {"name": "git__search"}, "Unknown tool: git__search"),
        ("prompts/get", {"name": "gh_greet"}, "Unknown prompt: gh_greet"),
        ("tools/call", {}, "params.name must be a string"),
        ("tools/call", {"name": 5}, "params.name must be a string"),
        ("prompts/get", {"name": None}, "params.name must be a string"),
        ("resources/read", {}, "params.uri must be a string"),
        ("completion/complete", {}, "params.ref must be an object"),
    ],
)
async def test_a_name_that_belongs_to_nobody_is_refused(method, params, message, aggregate):
    error = await refused(aggregate, method, **params)
    assert (error.code, error.message) == (INVALID_PARAMS, message)


@pytest.mark.requirement("bridge:resource-not-found")
@pytest.mark.parametrize(("era", "code"), [(Era.MODERN, INVALID_PARAMS), (Era.LEGACY, RESOURCE_NOT_FOUND)])
async def test_a_uri_that_belongs_to_nobody_is_refused_as_the_revision_says(era, code, aggregate):
    error = await refused(aggregate, "resources/read", era, uri="file:///a")
    assert (error.code, error.message, error.data) == (code, "Resource not found", {"uri": "file:///a"})


@pytest.mark.requirement("base:method-not-found")
@pytest.mark.parametrize("method", ["no/such", "", "resources/subscribe", "tasks/list", "tools/list/"])
async def test_a_method_that_is_unknown_is_refused(method, aggregate):
    error = await refused(aggregate, method, name="gh__x")
    assert (error.code, error.message) == (METHOD_NOT_FOUND, f"Method not found: {method}")


async def test_a_server_that_fails_to_answer_a_call_is_the_callers_to_hear(aggregate, servers):
    def gone(_call):
        raise UpstreamError(Reason.UNREACHABLE, "is gone")

    servers["git"].answers["tools/call"] = gone
    with pytest.raises(UpstreamError, match="is gone"):
        await aggregate.call(call("tools/call", name="gh__x"))


async def test_a_server_whose_lists_are_left_alone_is_still_called(aggregate, servers):
    servers["git"].fault = UpstreamError(Reason.TIMEOUT, "was slow")
    servers["git"].answers["tools/call"] = answering({"content": []})
    assert (await answered(aggregate, "tools/list"))["_meta"][META_PARTIAL][0]["reason"] == "upstream-discovery-timeout"
    assert await answered(aggregate, "tools/call", name="gh__x") == {"content": []}


# --- what comes back


LINK = {"type": "resource_link", "uri": "x:1", "name": "n"}
PUBLIC = {"type": "resource_link", "uri": "gh+x:1", "name": "n"}


@pytest.mark.requirement("aggregate:uris.public")
@pytest.mark.parametrize(
    ("method", "params", "result", "public"),
    [
        ("tools/call", {"name": "gh__x"}, {"content": [LINK]}, {"content": [PUBLIC]}),
        ("prompts/get", {"name": "gh__x"}, {"messages": [{"content": LINK}]}, {"messages": [{"content": PUBLIC}]}),
        ("resources/read", {"uri": "gh+x:"}, {"contents": [{"uri": "x:1"}]}, {"contents": [{"uri": "gh+x:1"}]}),
        ("tools/call", {"name": "gh__x"}, {"messages": [{"content": LINK}]}, None),
        ("prompts/get", {"name": "gh__x"}, {"content": [LINK]}, None),
    ],
)
async def test_uris_in_results_are_those_that_a_client_can_read_here(method, params, result, public, aggregate, servers):
    servers["git"].answers[method] = answering(result)
    assert await answered(aggregate, method, **params) == (public or result)


@pytest.mark.parity("aggregate.lossless")
@pytest.mark.parametrize(
    "result",
    [
        b'{"content":[{"type":"text","text":"\\u0041"}], "structuredContent":{"a": 1.0}, "isError" : true}',
        b'{"resultType":"input_required","inputRequests":{"a":{"method":"elicitation/create"}},"requestState":"\\u0041="}',
        b'{"completion":{"values":["resource"]}}',
        b"[]",
    ],
)
async def test_a_result_without_uris_is_passed_on_as_it_came(result, aggregate, servers):
    servers["git"].answers["tools/call"] = answering(Raw(result))
    assert bytes((await aggregate.call(call("tools/call", name="gh__x"))).value) == result


@pytest.mark.parity("aggregate.lossless")
@pytest.mark.parametrize("method", ["tools/call", "resources/read"])
async def test_an_error_is_passed_on_as_it_came(method, aggregate, servers):
    servers["git"].answers[method] = refusing(-32042, "no", {"contents": [{"uri": "x:1"}], "type": "resource"})
    answer = await aggregate.call(call(method, name="gh__x", uri="gh+x:1"))
    assert answer.is_error
    assert json.loads(bytes(answer.value)) == {
        "code": -32042,
        "message": "no",
        "data": {"contents": [{"uri": "x:1"}], "type": "resource"},
    }


async def test_notifications_come_before_the_answer_and_only_the_answer_is_made_public(aggregate, servers):
    progress = Notification("notifications/progress", {"uri": Raw(b'"x:1"')})

    async def parts(_call):
        yield progress
        yield progress
        yield Answer(raw({"content": [LINK]}))

    servers["git"].answers["tools/call"] = parts
    got = [part async for part in await aggregate.call(call("tools/call", name="gh__x"))]
    assert got[:2] == [progress, progress]
    assert json.loads(bytes(got[2].value)) == {"content": [PUBLIC]}


async def test_a_client_that_leaves_ends_the_call_at_the_server(aggregate, servers):
    closed = asyncio.Event()

    async def parts(_call):
        try:
            yield Notification("notifications/progress", {})
            await asyncio.Event().wait()
        finally:
            closed.set()

    servers["git"].answers["tools/call"] = parts
    reply = await aggregate.call(call("tools/call", name="gh__x"))
    await anext(reply)
    await reply.aclose()
    assert closed.is_set()
