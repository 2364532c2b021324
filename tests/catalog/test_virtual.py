"""A virtual server over servers that do what a test says: lists, names, collisions, and whom a call reaches."""

import json

import pytest
import pytest_asyncio

from mcp_stack_proxy.catalog.kinds import TOOLS
from mcp_stack_proxy.catalog.names import Namespaces
from mcp_stack_proxy.catalog.server_lists import ServerLists
from mcp_stack_proxy.catalog.task_book import TaskBook
from mcp_stack_proxy.catalog.virtual import Virtual
from mcp_stack_proxy.config import VirtualServer
from mcp_stack_proxy.errors import Reason, UpstreamError
from mcp_stack_proxy.upstream.peer import Answer, Notification
from mcp_stack_proxy.wire.envelope import raw
from mcp_stack_proxy.wire.errors import RpcError, UnknownTool
from mcp_stack_proxy.wire.revisions import Era
from mcp_stack_proxy.wire.sealing import KEY_BYTES, Keyring
from mcp_stack_proxy.wire.task_ids import TaskIds
from tests.catalog.scripted import LIMITS, Clock, Server, answering, call, listed, soon

TASKS = TaskIds(Keyring([bytes(KEY_BYTES)]))

GONE = UpstreamError(Reason.UNREACHABLE, "gone")


def uris(*all_, key="uri"):
    return [{key: uri, "name": "n"} for uri in all_]


class World:
    """Two servers, and a virtual one that is made of them."""

    def __init__(self, tasks, **servers):
        self.tasks, self.clock, self.servers = tasks, Clock(), servers
        names = Namespaces({name: name for name in servers})

        def rename(server):
            return lambda kind, key: names.name(server, key) if kind.key == "name" else names.uri(server, key)

        self.names = names
        self.lists = {
            name: ServerLists(server, rename(name), LIMITS, tasks, name, clock=self.clock) for name, server in servers.items()
        }

    def virtual(self, **config):
        parsed = VirtualServer.model_validate(config)
        self.offer = Virtual("v", parsed, self.servers, self.names, self.lists, TASKS, TaskBook(), 5.0)
        self.offer._merged._clock = self.clock
        return self.offer

    async def page(self, method="tools/list", **params):
        return json.loads(bytes((await self.offer.call(call(method, **params))).value))

    async def names_of(self, method="tools/list", member="tools", key="name"):
        return [item[key] for item in (await self.page(method))[member]]

    async def reached(self, name, method="tools/call"):
        """Server and own name that a call of `name` comes to."""
        for server in self.servers.values():
            server.answers[method] = answering({})
            server.calls.clear()
        await self.offer.call(call(method, name=name))
        ((server, params),) = [
            (server, one.params) for server, peer in self.servers.items() for one in peer.calls if one.method == method
        ]
        return server, json.loads(bytes(params["name"]))


@pytest_asyncio.fixture
async def world(tasks):
    def make(a=(), b=()):
        return World(tasks, a=Server(tools=[listed(*a)]), b=Server(tools=[listed(*b)]))

    return make


def tool(server, tool, **more):
    return {"server": server, "tool": tool, **more}


async def test_tools_of_several_servers_stand_together_under_their_names_here(world):
    world = world(["search", "get", "drop"], ["look", "get"])
    world.virtual(tools=[tool("b", "*", prefix="docs_"), tool("a", "search", name="find"), tool("a", "ge?")])
    assert await world.names_of() == ["docs_look", "docs_get", "find", "get"]
    for name, whom in [("docs_get", ("b", "get")), ("find", ("a", "search")), ("get", ("a", "get"))]:
        assert await world.reached(name) == whom
    for name in ("search", "drop", "docs_", "a__get", "look"):
        with pytest.raises(UnknownTool, match=name):
            await world.offer.call(call("tools/call", name=name))


async def test_a_tool_may_be_there_twice_each_with_its_own_words(world):
    world = world(["search"])
    world.virtual(tools=[tool("a", "search", name="bugs", description="Bugs."), tool("a", "search", name="pulls", title="P")])
    assert (await world.page())["tools"] == [{"name": "bugs", "description": "Bugs."}, {"name": "pulls", "title": "P"}]


async def test_of_two_servers_with_one_name_the_first_named_has_it_and_the_other_is_said_to_be_left_out(world):
    world = world(["get", "x"], ["get", "y"])
    world.virtual(tools=[tool("b", "*"), tool("a", "*")])
    page = await world.page()
    assert [item["name"] for item in page["tools"]] == ["get", "y", "x"]
    (partial,) = page["_meta"]["mcp-stack/partial"]
    assert (partial["server"], partial["reason"], partial["retryable"]) == ("a", "name-collision", False)
    assert "tools get are left out" in partial["message"]
    assert await world.reached("get") == ("b", "get")
    assert await world.reached("x") == ("a", "x")


async def test_many_collisions_are_counted(world):
    names = [f"t{number}" for number in range(8)]
    world = world(names, names)
    world.virtual(tools=[tool("a", "*"), tool("b", "*")])
    (partial,) = (await world.page())["_meta"]["mcp-stack/partial"]
    assert "t0, t1, t2, t3, t4 and 3 more are left out" in partial["message"]


async def test_a_name_of_the_configuration_goes_before_any_pattern(world):
    world = world(["find", "x"], ["search"])
    world.virtual(tools=[tool("a", "*"), tool("b", "search", name="find")])
    page = await world.page()
    assert [item["name"] for item in page["tools"]] == ["x", "find"]
    assert page["_meta"]["mcp-stack/partial"][0]["server"] == "a"
    assert await world.reached("find") == ("b", "search")


async def test_a_server_that_fails_is_named_and_harms_no_other(world):
    world = world(["x"], ["y"])
    world.servers["a"].fault = GONE
    world.virtual(tools=[tool("a", "*"), tool("b", "*")])
    page = await world.page()
    assert [item["name"] for item in page["tools"]] == ["y"]
    assert [(one["server"], one["reason"]) for one in page["_meta"]["mcp-stack/partial"]] == [("a", "upstream-unreachable")]
    assert page["ttlMs"] == 0
    assert await world.reached("y") == ("b", "y")
    with pytest.raises(UpstreamError, match="gone") as caught:
        await world.offer.call(call("tools/call", name="x"))
    assert caught.value.server == "a", "it may be what that server has"


async def test_a_lost_servers_names_do_not_become_anothers(world):
    """Who saw `drop` in the list saw the first server's; the call must not be carried out by the second."""
    world = world(["drop"], ["drop", "y"])
    world.virtual(tools=[tool("a", "*"), tool("b", "*")])
    await world.page()
    world.servers["a"].pages["tools/list"] = [GONE]
    world.lists["a"].forget("tools")
    page = await world.page()
    assert [item["name"] for item in page["tools"]] == ["y"]
    assert [one["reason"] for one in page["_meta"]["mcp-stack/partial"]] == ["upstream-unreachable", "name-collision"]
    assert await world.reached("drop") == ("a", "drop")
    assert await world.reached("y") == ("b", "y")


async def test_only_servers_of_which_something_is_selected_are_asked(world):
    world = world(["x"], ["y"])
    world.virtual(tools=[tool("a", "x")], prompts=[{"server": "b", "prompt": "*"}])
    assert await world.names_of() == ["x"]
    assert world.servers["b"].hellos == 0
    assert await world.names_of("prompts/list", "prompts") == []
    assert world.servers["b"].count("prompts/list") == 1
    assert world.servers["a"].count("prompts/list") == 0
    await world.reached("x")
    assert world.servers["b"].calls == [], "one that alone can have a name is not asked for its list"


async def test_pages_go_on_where_they_ended(world):
    world = world(["x", "get", "z"], ["get", "y", "w"])
    world.virtual(tools=[tool("a", "*"), tool("b", "*"), tool("b", "y", name="also")])
    world.offer._merged._page_size = 2
    seen, cursor = [], None
    while True:
        page = await world.page(**({} if cursor is None else {"cursor": cursor}))
        seen += [item["name"] for item in page["tools"]]
        if (cursor := page.get("nextCursor")) is None:
            break
    assert seen == ["x", "get", "z", "also", "w"]


async def test_a_page_that_another_process_began_goes_on_without_names_that_are_taken(world):
    virtual, began, goes_on = {"tools": [tool("a", "*"), tool("b", "*")]}, *(world(["get"], ["y", "get", "z"]) for _ in range(2))
    for one in (began, goes_on):
        one.virtual(**virtual)._merged._page_size = 2
    cursor = (await began.page())["nextCursor"]
    assert [item["name"] for item in (await goes_on.page(cursor=cursor))["tools"]] == ["z"]


async def test_a_list_is_made_once_of_what_a_server_gave(world):
    world = world(["x"], ["y"])
    world.virtual(tools=[tool("a", "*"), tool("b", "*")])
    view = world.offer._selected["a"]
    await world.page()
    first = view.fresh(TOOLS)
    await world.page()
    assert view.fresh(TOOLS) is first
    world.lists["a"].forget("tools")
    assert view.fresh(TOOLS) is None
    assert view.last(TOOLS) is first
    await world.page()
    assert view.fresh(TOOLS) is not first


@pytest.mark.parity("aggregate.namespaced-resources")
async def test_resources_have_the_uris_of_the_endpoint_of_all_servers_as_far_as_they_are_selected(tasks):
    pages = {"resources": [uris("docs://1", "file:///x")], "resourceTemplates": [uris("docs://{p}", "x://{p}", key="uriTemplate")]}
    world = World(tasks, a=Server(**pages), b=Server())
    world.virtual(resources=[{"server": "a", "uri": "docs://*"}])
    assert await world.names_of("resources/list", "resources", "uri") == ["a+docs://1"]
    assert await world.names_of("resources/templates/list", "resourceTemplates", "uriTemplate") == ["a+docs://{p}"]
    contents = {"contents": [{"uri": "docs://1", "text": "t"}]}
    world.servers["a"].answers["resources/read"] = answering(contents)
    answer = await world.offer.call(call("resources/read", uri="a+docs://7"))
    assert json.loads(bytes(answer.value))["contents"][0]["uri"] == "a+docs://1"
    assert json.loads(bytes(world.servers["a"].calls[-1].params["uri"])) == "docs://7"
    for uri in ("a+file:///x", "b+docs://1", "docs://1"):
        for era, code in ((Era.MODERN, -32602), (Era.LEGACY, -32002)):
            with pytest.raises(RpcError, match="not found") as caught:
                await world.offer.call(call("resources/read", era, uri=uri))
            assert caught.value.code == code


async def test_links_in_results_lead_to_where_they_can_be_read(world):
    world = world(["x"])
    world.virtual(tools=[tool("a", "x", name="y")], resources=[{"server": "a", "uri": "*"}])
    world.servers["a"].answers["tools/call"] = answering({"content": [{"type": "resource_link", "uri": "docs://1"}]})
    result = json.loads(bytes((await world.offer.call(call("tools/call", name="y"))).value))
    (link,) = result["content"]
    world.servers["a"].answers["resources/read"] = answering({"contents": []})
    await world.offer.call(call("resources/read", uri=link["uri"]))
    assert json.loads(bytes(world.servers["a"].calls[-1].params["uri"])) == "docs://1"


async def test_prompts_and_completions_are_routed_by_the_names_here(tasks):
    world = World(tasks, a=Server(prompts=[listed("ask")]), b=Server(prompts=[listed("ask", "tell")]))
    prompts = [{"server": "a", "prompt": "ask", "name": "question", "description": "New."}, {"server": "b", "prompt": "[at]*"}]
    world.virtual(prompts=prompts, resources=[{"server": "b", "uri": "docs://*"}])
    assert await world.names_of("prompts/list", "prompts") == ["question", "ask", "tell"]
    assert await world.reached("question", "prompts/get") == ("a", "ask")
    with pytest.raises(RpcError, match="Unknown prompt: none"):
        await world.offer.call(call("prompts/get", name="none"))
    for reference, server, native in [
        ({"type": "ref/prompt", "name": "question", "x": 1}, "a", {"type": "ref/prompt", "name": "ask", "x": 1}),
        ({"type": "ref/resource", "uri": "b+docs://{p}"}, "b", {"type": "ref/resource", "uri": "docs://{p}"}),
    ]:
        world.servers[server].answers["completion/complete"] = answering({})
        await world.offer.call(call("completion/complete", ref=reference))
        assert json.loads(bytes(world.servers[server].calls[-1].params["ref"])) == native
    for reference in ({"type": "ref/resource", "uri": "b+file:///x"}, {"type": "ref/resource", "uri": "docs://{p}"}):
        with pytest.raises(RpcError, match="Unknown reference"):
            await world.offer.call(call("completion/complete", ref=reference))


async def test_an_ambiguous_name_that_no_server_has_is_unknown(world):
    world = world(["x"], ["y"])
    world.virtual(tools=[tool("a", "*"), tool("b", "*")])
    with pytest.raises(UnknownTool, match="z"):
        await world.offer.call(call("tools/call", name="z"))


async def test_what_a_server_does_not_know_is_told_under_the_name_here(world):
    world = world(["x"])

    def unknown(_call):
        raise UnknownTool("x")

    world.virtual(tools=[tool("a", "x", name="y")])
    world.servers["a"].answers["tools/call"] = unknown
    with pytest.raises(UnknownTool, match="y"):
        await world.offer.call(call("tools/call", name="y"))


async def test_other_methods_are_not_found(world):
    world = world(["x"])
    world.virtual(tools=[tool("a", "x")])
    with pytest.raises(RpcError, match="Method not found"):
        await world.offer.call(call("tasks/all"))


async def test_notifications_pass(world):
    world = world(["x"])
    world.virtual(tools=[tool("a", "x")])

    async def parts(_call):
        yield Notification("notifications/progress", {})
        yield Answer(raw({"content": []}))

    world.servers["a"].answers["tools/call"] = parts
    heard = [part async for part in await world.offer.call(call("tools/call", name="x"))]
    assert [type(part) for part in heard] == [Notification, Answer]


@pytest.mark.parametrize(
    ("config", "capabilities", "server"),
    [
        ({"tools": [tool("a", "*")]}, {"tools", "logging", "tasks", "extensions"}, {"name": "v"}),
        ({"prompts": [{"server": "a", "prompt": "*"}]}, {"prompts", "completions", "logging"}, {"name": "v"}),
        (
            {"resources": [{"server": "a", "uri": "*"}], "title": "T", "instructions": "Read."},
            {"resources", "completions", "logging"},
            {"name": "v", "title": "T"},
        ),
    ],
)
async def test_it_introduces_itself_and_what_it_has(world, config, capabilities, server):
    hello = await world().virtual(**config).introduce(soon())
    assert set(hello.capabilities) == capabilities
    told = json.loads(bytes(hello.server))
    assert told.pop("version")
    assert told == server
    assert (None if hello.instructions is None else json.loads(bytes(hello.instructions))) == config.get("instructions")


async def test_changes_are_told_where_something_of_theirs_is_selected(world):
    virtual, told = world().virtual(tools=[tool("a", "x")], resources=[{"server": "b", "uri": "*"}]), []
    virtual.watch(told.append)
    for server in "ab":
        for kind in ("tools", "prompts", "resources"):
            virtual.changed(server, kind)
    assert told == ["tools", "resources"]
