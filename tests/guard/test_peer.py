"""Calls of a guarded server: only tools that are listed, arguments and results by their schemas."""

import logging

import pytest
from msgspec import Raw, json

from mcp_stack_proxy.catalog.aggregate import Aggregate
from mcp_stack_proxy.catalog.kinds import TOOLS
from mcp_stack_proxy.catalog.merged import MergedLists
from mcp_stack_proxy.catalog.names import Namespaces
from mcp_stack_proxy.catalog.offer import Watchers
from mcp_stack_proxy.catalog.task_book import TaskBook
from mcp_stack_proxy.config import ServerConfig
from mcp_stack_proxy.errors import Reason, UpstreamError
from mcp_stack_proxy.guard import contracts
from mcp_stack_proxy.guard.compiled import guarded, is_guarded
from mcp_stack_proxy.guard.fault_log import LINES, FaultLog
from mcp_stack_proxy.upstream.peer import Answer, Call, Notification, answer_of
from mcp_stack_proxy.upstream.tasks import Tasks
from mcp_stack_proxy.wire.envelope import raw
from mcp_stack_proxy.wire.errors import INVALID_PARAMS, PROXY_ERROR, RpcError, UnknownTool
from mcp_stack_proxy.wire.revisions import Era
from mcp_stack_proxy.wire.sealing import KEY_BYTES, Keyring
from mcp_stack_proxy.wire.task_ids import TaskIds
from tests.catalog.scripted import LIMITS, Clock, Server, answering, call, listed, lists_of, soon

TASKS = TaskIds(Keyring([bytes(KEY_BYTES)]))

ARGUMENTS = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}
RESULT = {"type": "object", "properties": {"number": {"type": "integer"}}, "required": ["number"]}
GOOD = {"content": [], "structuredContent": {"number": 1}}
BOTH = {"arguments": "enforce", "results": "enforce"}


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def guard(tasks, clock):
    """A guarded server; what it is asked is in `server.calls`."""

    def make(server, **config):
        parsed = ServerConfig.model_validate({"command": "x", **config})
        return guarded("hub", parsed, server, lambda seen: lists_of(seen, tasks, clock=clock, prefix="hub"))

    return make


@pytest.fixture
async def tasks():
    tasks = Tasks()
    yield tasks
    await tasks.aclose()


def issues(**more):
    server = Server("tools", tools=[[{"name": "create", "inputSchema": ARGUMENTS, "outputSchema": RESULT, **more}]])
    server.answers["tools/call"] = answering(GOOD)
    return server


def create(arguments=None, era=Era.MODERN, **params):
    text = b'{"title":"a"}' if arguments is None else arguments
    given = {name: raw(value) for name, value in params.items()}
    return Call("tools/call", {"name": raw("create"), "arguments": Raw(text), **given}, era, soon())


def sent(server):
    return [one.params for one in server.calls if one.method == "tools/call"]


def test_a_server_without_a_guard_is_itself(guard):
    server = Server()
    assert guard(server)[0] is server
    assert guard(server, validation={"arguments": "off"})[0] is server
    assert not is_guarded(ServerConfig(command="x"))


@pytest.mark.parity("hangar.tools-filter")
@pytest.mark.parametrize("era", list(Era))
async def test_a_hidden_tool_is_answered_as_one_that_does_not_exist(guard, era):
    server = Server("tools", tools=[listed("list", "create"), listed("delete_all", "delete_one")])
    peer, lists = guard(server, tools={"allow": ["*"], "deny": ["delete_*"]})
    assert (await lists.get(TOOLS, soon())).keys == ("list", "create")
    answers = []
    for name in ("delete_all", "delete_none", "nonsense"):
        with pytest.raises(RpcError) as caught:
            await peer.call(call("tools/call", era, name=name))
        error = caught.value
        answers.append((error.code, error.message.replace(name, "?"), error.data, error.status))
    assert set(answers) == {(INVALID_PARAMS, "Unknown tool: ?", None, None)}
    assert sent(server) == []


async def test_hidden_tools_are_gone_from_every_page(guard):
    server = Server("tools", tools=[listed("a", "b"), listed("secret"), listed("c", "secret_2")])
    peer, lists = guard(server, tools={"deny": ["secret*"]})
    assert (await lists.get(TOOLS, soon())).keys == ("a", "b", "c")
    page = (await peer.call(call("tools/list", cursor=1))).value
    assert json.decode(page) == {"tools": [], "nextCursor": 2}


async def test_a_page_with_nothing_to_hide_stays_as_it_came(guard):
    server = Server("tools", tools=[listed("a", vendor={"x": 1.0})])
    answer = Answer(Raw(b'{ "tools": [{"name":"a", "vendor":{"x":1.0}}], "more": 1e2 }'))
    server.answers["tools/list"] = lambda _call: answer
    peer, _ = guard(server, tools={"deny": ["b"]})
    assert (await peer.call(call("tools/list"))) is answer


@pytest.mark.parametrize("page", [b"{}", b'{"tools":{}}', b'{"tools":[1]}', b"[]"])
async def test_a_list_that_cannot_be_read_is_not_passed_on(guard, page):
    server = Server("tools")
    server.answers["tools/list"] = answering(Raw(page))
    peer, _ = guard(server, tools={"deny": ["b"]})
    with pytest.raises(UpstreamError, match="without tools"):
        await peer.call(call("tools/list"))


async def test_a_new_tool_that_is_denied_never_shows_and_one_that_is_not_can_be_called(guard, clock):
    server = Server("tools", tools=[listed("a", inputSchema={})])
    server.answers["tools/call"] = answering(GOOD)
    peer, lists = guard(server, tools={"deny": ["secret"]})
    await lists.get(TOOLS, soon())
    server.pages["tools/list"] = [listed("a", "secret", "new", inputSchema={})]
    lists.forget("tools")
    assert (await lists.get(TOOLS, soon())).keys == ("a", "new")
    await peer.call(call("tools/call", name="new"))
    with pytest.raises(UnknownTool):
        await peer.call(call("tools/call", name="secret"))


async def test_a_tool_that_nobody_announced_is_looked_for_but_not_at_every_call(guard, clock):
    server = Server("tools", tools=[listed("a")])
    server.answers["tools/call"] = answering(GOOD)
    peer, _ = guard(server, tools={"deny": ["b"]})
    for _ in range(20):
        with pytest.raises(RpcError):
            await peer.call(call("tools/call", name="new"))
    assert server.count("tools/list") == 2


async def test_calls_go_on_while_the_list_cannot_be_had(guard, clock):
    server = Server("tools", tools=[listed("a", ttlMs=1)])
    server.answers["tools/call"] = answering(GOOD)
    peer, _ = guard(server, tools={"deny": ["b"]})
    await peer.call(call("tools/call", name="a"))
    clock.now += 1000
    server.pages["tools/list"] = [UpstreamError(Reason.UNREACHABLE, "gone")]
    await peer.call(call("tools/call", name="a"))
    assert len(sent(server)) == 2


async def test_ten_thousand_tools_are_listed_and_found(guard):
    names = [f"tool_{number}" for number in range(10_000)]
    server = Server("tools", tools=[listed(*names[start : start + 500], inputSchema=ARGUMENTS) for start in range(0, 10_000, 500)])
    server.answers["tools/call"] = answering(GOOD)
    peer, lists = guard(server, tools={"deny": ["*7"]}, validation={"arguments": "enforce"})
    assert len((await lists.get(TOOLS, soon())).keys) == 9_000
    for name in ("tool_0", "tool_9999"):
        await peer.call(call("tools/call", name=name, arguments={"title": "a"}))
    with pytest.raises(UnknownTool):
        await peer.call(call("tools/call", name="tool_9997", arguments={"title": "a"}))
    assert server.count("tools/list") <= 40


@pytest.mark.parity("mpl.validate-tools-call")
@pytest.mark.parametrize(
    ("arguments", "faults"),
    [
        (b"{}", [("/title", "required")]),
        (b'{"title":4711}', [("/title", "type")]),
        (b'{"title":"a","title":4711}', [("/title", "type")]),
        (b"[]", [("", "type")]),
        (b'"x"', [("", "type")]),
        (b"null", [("", "type")]),
    ],
)
async def test_arguments_that_break_the_schema_never_reach_the_server(guard, arguments, faults):
    server = issues()
    peer, _ = guard(server, validation={"arguments": "enforce"})
    with pytest.raises(RpcError) as caught:
        await peer.call(create(arguments))
    error = caught.value
    assert error.code == INVALID_PARAMS
    assert [(fault["pointer"], fault["keyword"]) for fault in error.data["faults"]] == faults
    assert error.data["reason"] == "invalid-arguments"
    assert "4711" not in error.message + str(error.data)
    assert all(pointer in error.message for pointer, _ in faults)
    assert sent(server) == []


async def test_what_the_server_gets_is_what_was_checked(guard):
    server = issues()
    peer, _ = guard(server, validation={"arguments": "enforce"})
    await peer.call(create(b'{"title":7, "title":"b", "big":123456789012345678901234567890, "e":1.5}', _meta={"x": 1}))
    (params,) = sent(server)
    assert bytes(params["arguments"]) == b'{"title":"b","big":123456789012345678901234567890,"e":1.5}'
    assert json.decode(params["_meta"]) == {"x": 1}


async def test_no_arguments_are_empty_arguments_and_stay_away(guard):
    server = issues(inputSchema={"type": "object"})
    peer, _ = guard(server, validation={"arguments": "enforce"})
    await peer.call(call("tools/call", name="create"))
    assert "arguments" not in sent(server)[0]


@pytest.mark.parity("mpl.schema-rules")
@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (b'{"title":"' + b"a" * 200 + b'"}', "validation.max_bytes"),
        (b'{"title":"a","x":' + b"[" * 50 + b"]" * 50 + b"}", "validation.max_depth"),
        (b'{"x":' * 5000 + b"1" + b"}" * 5000, "validation.max_"),
        (b'{"title":"\\ud800"}', "half of a character"),
        (b'{"title":"a","x":1e400}', "out of range"),
    ],
)
async def test_what_is_over_a_bound_is_refused_by_the_bounds_name(guard, arguments, named):
    server = issues()
    peer, _ = guard(server, validation={"arguments": "enforce", "max_bytes": 150, "max_depth": 50})
    with pytest.raises(RpcError, match=named) as caught:
        await peer.call(create(arguments))
    assert caught.value.code == INVALID_PARAMS
    assert sent(server) == []
    await peer.call(create(b'{"title":"a","x":' + b"[" * 49 + b"]" * 49 + b"}"))


@pytest.mark.parity("mpl.validate-results")
@pytest.mark.parametrize("era", list(Era))
@pytest.mark.parametrize(
    ("result", "faults"),
    [
        ({"structuredContent": {"number": "4711"}}, [("/number", "type")]),
        ({"structuredContent": {}}, [("/number", "required")]),
        ({"content": []}, [("", "missing")]),
    ],
)
async def test_a_result_that_breaks_the_schema_is_an_error_in_its_place(guard, era, result, faults):
    server = issues()
    server.answers["tools/call"] = answering(result)
    peer, _ = guard(server, validation={"results": "enforce"})
    with pytest.raises(RpcError) as caught:
        await answer_of(await peer.call(create(era=era)))
    error = caught.value
    assert error.code == PROXY_ERROR[Reason.INVALID_RESULT]
    assert (error.data["reason"], error.data["server"], error.data["retryable"]) == ("invalid-result", "hub", False)
    assert [(fault["pointer"], fault["keyword"]) for fault in error.data["faults"]] == faults
    assert "4711" not in error.message + str(error.data)


@pytest.mark.parametrize(
    ("result", "era", "params"),
    [
        (GOOD, Era.MODERN, {}),
        ({"isError": True, "content": []}, Era.MODERN, {}),
        ({"isError": True, "content": []}, Era.LEGACY, {}),
        ({"resultType": "input_required", "inputRequests": {}}, Era.MODERN, {}),
        ({"resultType": "task", "task": {}}, Era.MODERN, {}),
        ({"task": {"taskId": "1"}}, Era.LEGACY, {"task": {}}),
    ],
)
async def test_what_promises_no_structure_is_passed(guard, result, era, params):
    server = issues()
    server.answers["tools/call"] = answering(result)
    peer, _ = guard(server, validation=BOTH)
    assert json.decode((await peer.call(create(era=era, **params))).value) == result


async def test_a_legacy_result_cannot_escape_by_a_word_of_the_other_era(guard):
    server = issues()
    server.answers["tools/call"] = answering({"resultType": "task", "structuredContent": {}})
    peer, _ = guard(server, validation=BOTH)
    with pytest.raises(RpcError, match="/number"):
        await peer.call(create(era=Era.LEGACY))


async def test_notifications_pass_before_a_result_that_is_checked(guard):
    server = issues()

    async def parts(_call):
        yield Notification("notifications/progress", {})
        yield Answer(raw({"structuredContent": {}}))

    server.answers["tools/call"] = parts
    peer, _ = guard(server, validation=BOTH)
    reply = await peer.call(create())
    assert isinstance(await anext(reply), Notification)
    with pytest.raises(RpcError, match="/number"):
        await anext(reply)


async def test_an_error_of_the_server_is_its_own(guard):
    server = issues()
    server.answers["tools/call"] = lambda _call: Answer(raw({"code": 4711, "message": "x"}), is_error=True)
    peer, _ = guard(server, validation=BOTH)
    assert (await peer.call(create())).is_error


@pytest.mark.parametrize(
    "more", [{"inputSchema": {"$ref": "http://127.0.0.1:1/x"}}, {"outputSchema": {"type": "objct"}}, {"inputSchema": None}]
)
async def test_a_tool_whose_schema_cannot_be_used_is_refused_before_it_acts(guard, more):
    server = issues(**more)
    peer, _ = guard(server, validation=BOTH)
    with pytest.raises(UpstreamError, match="cannot be checked") as caught:
        await peer.call(create())
    assert caught.value.reason is Reason.INVALID_SCHEMA
    assert sent(server) == []


async def test_observed_calls_pass_and_each_fault_is_a_line(guard, caplog):
    server = issues()
    server.answers["tools/call"] = answering({"structuredContent": {"number": "s3cret"}})
    peer, _ = guard(server, validation={"arguments": "observe", "results": "observe"})
    with caplog.at_level(logging.WARNING):
        answer = await peer.call(create(b'{"title": 4711,"title":"a" ,"x":1e400}'))
        await peer.call(create(b'{"title": "s3cret", "title":5}'))
    assert b"s3cret" in bytes(answer.value)
    assert bytes(sent(server)[1]["arguments"]) == b'{"title": "s3cret", "title":5}'
    lines = [record.getMessage() for record in caplog.records]
    assert "server hub: tool 'create': arguments break the schema at '/title' (type)" in lines
    assert lines.count("server hub: tool 'create': result break the schema at '/number' (type)") == 2
    assert "s3cret" not in " ".join(lines)


async def test_an_observed_schema_that_cannot_be_used_is_named_once(guard, caplog):
    peer, _ = guard(issues(inputSchema={"type": "objct"}), validation={"arguments": "observe"})
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            await peer.call(create())
    assert len(caplog.records) == 1


async def test_lines_are_rationed(guard, caplog):
    peer, _ = guard(issues(), validation={"arguments": "observe"})
    with caplog.at_level(logging.WARNING):
        for _ in range(LINES * 5):
            await peer.call(create(b"{}"))
    assert len(caplog.records) == LINES


async def test_a_schema_is_compiled_once_and_again_when_it_changes(guard, monkeypatch, clock):
    compiled = []
    original = contracts.Schema
    monkeypatch.setattr(contracts, "Schema", lambda text: compiled.append(bytes(text)) or original(text))
    server = issues()
    peer, lists = guard(server, validation={"arguments": "enforce"})
    for _ in range(3):
        await peer.call(create())
    lists.forget("tools")
    await peer.call(create())
    assert len(compiled) == 1
    server.pages["tools/list"] = [[{"name": "create", "inputSchema": {"required": ["other"]}}]]
    lists.forget("tools")
    with pytest.raises(RpcError, match="/other"):
        await peer.call(create())
    assert len(compiled) == 2


async def test_a_schema_that_changed_before_another_tool_was_called_is_the_new_one(guard):
    other = {"name": "other", "inputSchema": {}}
    server = issues()
    server.pages["tools/list"] = [[{"name": "create", "inputSchema": {}}, other]]
    peer, lists = guard(server, validation={"arguments": "enforce"})
    await peer.call(create())
    server.pages["tools/list"] = [[{"name": "create", "inputSchema": {"required": ["number"]}}, other]]
    lists.forget("tools")
    await peer.call(call("tools/call", name="other"))
    with pytest.raises(RpcError, match="/number"):
        await peer.call(create())


async def test_on_the_shared_endpoint_a_hidden_tool_reads_as_every_unknown_one(guard):
    peer, lists = guard(Server("tools", tools=[listed("secret")]), tools={"deny": ["secret"]})
    merged = MergedLists({"hub": lists}, LIMITS.discovery_seconds)
    offer = Aggregate(
        {"hub": peer}, Namespaces({"hub": "hub"}), merged, Watchers(), TASKS, TaskBook(), title="x", instructions=None
    )
    for name in ("hub__secret", "hub__other", "nobody__x", "x"):
        with pytest.raises(RpcError) as caught:
            await offer.call(call("tools/call", name=name))
        assert (caught.value.code, caught.value.message, caught.value.data) == (INVALID_PARAMS, f"Unknown tool: {name}", None)


async def test_a_call_without_a_name_is_refused(guard):
    peer, _ = guard(Server("tools"), tools={"deny": ["secret"]})
    with pytest.raises(RpcError, match=r"params\.name"):
        await peer.call(call("tools/call", name=7))


async def test_everything_else_passes(guard):
    server = Server("tools", "prompts", prompts=[listed("p")])
    peer, _ = guard(server, tools={"deny": ["x"]})
    assert json.decode((await peer.call(call("prompts/list"))).value) == {"prompts": listed("p")}
    assert (await peer.hello(soon())).capabilities.keys() == {"tools", "prompts"}
    assert peer.connected
    await peer.aclose(1)
    assert not peer.connected


async def test_a_list_that_comes_with_notifications_loses_hidden_tools_too(guard):
    server = Server("tools")

    async def parts(_call):
        yield Notification("notifications/message", {})
        yield Answer(raw({"tools": listed("a", "secret")}))

    server.answers["tools/list"] = parts
    peer, _ = guard(server, tools={"deny": ["secret"]})
    assert json.decode((await answer_of(await peer.call(call("tools/list")))).value) == {"tools": listed("a")}


async def test_an_error_in_place_of_a_list_is_passed_on(guard):
    server = Server("tools")
    server.answers["tools/list"] = lambda _call: Answer(raw({"code": 1, "message": "x"}), is_error=True)
    peer, _ = guard(server, tools={"deny": ["secret"]})
    assert (await peer.call(call("tools/list"))).is_error


async def test_a_call_fails_where_no_list_was_ever_had(guard):
    server = Server("tools", tools=[UpstreamError(Reason.UNREACHABLE, "gone")])
    peer, _ = guard(server, tools={"deny": ["secret"]})
    with pytest.raises(UpstreamError, match="gone"):
        await peer.call(call("tools/call", name="a"))


@pytest.mark.parametrize("mode", ["observe", "enforce"])
@pytest.mark.parametrize(("result", "said"), [(b"[]", "is no object"), (b'{"structuredContent":1e400}', "out of range")])
async def test_a_result_that_cannot_be_read_is_a_fault(guard, mode, result, said, caplog):
    server = issues()
    server.answers["tools/call"] = answering(Raw(result))
    peer, _ = guard(server, validation={"results": mode})
    if mode == "enforce":
        with pytest.raises(RpcError, match=said):
            await peer.call(create())
    else:
        with caplog.at_level(logging.WARNING):
            assert bytes((await peer.call(create())).value) == result
        assert said in caplog.text


def test_withheld_lines_are_counted_when_there_is_room_again(clock, caplog):
    faults = FaultLog("hub", clock)
    with caplog.at_level(logging.WARNING):
        for _ in range(LINES + 3):
            faults.line("a", "x")
        clock.now += 60
        faults.line("a", "x")
    assert "server hub: 3 more faults were not logged" in caplog.messages
    assert len(caplog.records) == LINES + 2


async def test_a_tool_without_a_schema_for_its_arguments_cannot_be_checked(guard):
    server = Server("tools", tools=[listed("create")])
    peer, _ = guard(server, validation={"arguments": "enforce"})
    with pytest.raises(UpstreamError, match="no inputSchema"):
        await peer.call(create())


async def test_nesting_that_cannot_even_be_read_is_too_deep(guard):
    peer, _ = guard(issues(), validation={"arguments": "enforce"})
    with pytest.raises(RpcError, match=r"validation\.max_depth"):
        await peer.call(create(b'{"x":' * 5000 + b"1" + b"}" * 5000))
