"""The list of a caller's tasks: page by page over all servers, nobody else's, and saying which server is missing."""

import json

import pytest

from mcp_stack_proxy.catalog import task_lists
from mcp_stack_proxy.catalog.cursors import Cursor, encode_cursor
from mcp_stack_proxy.catalog.merged import META_PARTIAL
from mcp_stack_proxy.catalog.task_book import Made, TaskBook
from mcp_stack_proxy.catalog.task_lists import TaskLists, together
from mcp_stack_proxy.catalog.task_peer import TaskPeer
from mcp_stack_proxy.errors import Reason, UpstreamError
from mcp_stack_proxy.upstream.peer import Answer, Hello
from mcp_stack_proxy.wire.envelope import raw
from mcp_stack_proxy.wire.errors import INVALID_PARAMS, METHOD_NOT_FOUND, RpcError
from mcp_stack_proxy.wire.revisions import Era
from mcp_stack_proxy.wire.sealing import KEY_BYTES, Keyring
from mcp_stack_proxy.wire.task_ids import TaskIds
from tests.catalog.scripted import Server, call

IDS = TaskIds(Keyring([bytes(KEY_BYTES)]))
OWNER = ("session", None)


def working(asked):
    return Answer(raw({"taskId": json.loads(bytes(asked.params["taskId"])), "status": "working", "_meta": {"x": 1}}))


def refused(code):
    return lambda _asked: Answer(raw({"code": code, "message": "m"}), is_error=True)


class World:
    """Two servers that have tasks, and what was made there."""

    def __init__(self):
        self.book = TaskBook()
        self.servers = {name: Server() for name in "ab"}
        for server in self.servers.values():
            server.answers["tasks/get"] = working
        self.peers = {name: TaskPeer(name, server, IDS, self.book) for name, server in self.servers.items()}
        self.lists = TaskLists(self.book, self.peers)

    def made(self, *named, owner=OWNER):
        """Tasks by `server native created`."""
        for one in named:
            server, native, created = one.split()
            self.book.note(owner, Made(server, "t", f"{server}+{native}", created))

    async def page(self, cursor=None):
        asked = call("tasks/list", Era.LEGACY, **({} if cursor is None else {"cursor": cursor}))
        return json.loads(bytes((await self.lists.page(asked)).value))

    async def ids(self):
        return [task["taskId"] for task in (await self.page())["tasks"]]


@pytest.fixture
def world():
    return World()


@pytest.mark.requirement("tasks:list")
async def test_the_tasks_of_all_servers_in_the_order_of_their_making(world):
    world.made("b 1 2026-01-02", "a 2 2026-01-03", "a 1 2026-01-01")
    world.made("a 9 2026-01-01", owner=("subject", "somebody"))
    page = await world.page()
    assert page == {"tasks": [{"taskId": id_, "status": "working"} for id_ in ("a+1", "b+1", "a+2")]}
    assert [json.loads(bytes(one.params["taskId"])) for one in world.servers["a"].calls] == ["1", "2"]


async def test_pages_follow_each_other_though_tasks_come_and_go(world, monkeypatch):
    monkeypatch.setattr(task_lists, "PAGE", 2)
    world.made("a 1 1", "b 1 2", "a 2 3", "b 2 3", "a 3 5")
    first = await world.page()
    assert [task["taskId"] for task in first["tasks"]] == ["a+1", "b+1"]
    world.book.forget(OWNER, "b+1")
    world.made("a 0 0")
    second = await world.page(first["nextCursor"])
    assert [task["taskId"] for task in second["tasks"]] == ["a+2", "b+2"]
    last = await world.page(second["nextCursor"])
    assert last == {"tasks": [{"taskId": "a+3", "status": "working"}]}


@pytest.mark.requirement("lists:cursor.invalid")
@pytest.mark.parametrize(
    "cursor",
    ["", "x", encode_cursor(Cursor("a", "1 a+1", 0)), encode_cursor(Cursor("", "1 a+1", 1)), encode_cursor(Cursor("", "", 0))],
)
async def test_a_cursor_that_was_not_given_out_is_refused(world, cursor):
    with pytest.raises(RpcError) as caught:
        await world.page(cursor)
    assert caught.value.code == INVALID_PARAMS


@pytest.mark.parametrize("code", [INVALID_PARAMS, METHOD_NOT_FOUND])
async def test_what_a_server_has_forgotten_is_no_more(world, code):
    world.made("a 1 1", "b 1 2")
    world.servers["a"].answers["tasks/get"] = refused(code)
    assert await world.ids() == ["b+1"]
    world.servers["a"].answers["tasks/get"] = working
    assert await world.ids() == ["b+1"]


async def test_a_task_whose_id_no_key_opens_any_more_is_no_more(world):
    world.book.note(OWNER, Made("a", "t", "sealed", "1"))
    assert await world.ids() == []
    assert not world.book.of(OWNER)


@pytest.mark.requirement("lists:partial")
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (refused(-32603), "upstream-invalid"),
        (lambda _asked: Answer(raw("text"), is_error=True), "upstream-invalid"),
        (lambda _asked: Answer(raw([])), "upstream-invalid"),
        (None, "upstream-unreachable"),
    ],
)
async def test_a_server_that_cannot_say_stands_in_meta_and_its_tasks_stay(world, answer, reason):
    def gone(_asked):
        raise UpstreamError(Reason.UNREACHABLE, "gone", retryable=True)

    world.made("a 1 1", "a 2 2", "b 1 3")
    world.servers["a"].answers["tasks/get"] = answer or gone
    page = await world.page()
    assert [task["taskId"] for task in page["tasks"]] == ["b+1"]
    assert [(one["server"], one["reason"]) for one in page["_meta"][META_PARTIAL]] == [("a", reason)]
    world.servers["a"].answers["tasks/get"] = working
    assert await world.ids() == ["a+1", "a+2", "b+1"]


async def test_the_tasks_of_tools_and_servers_that_are_not_offered_are_not_there(world):
    world.made("a 1 1", "b 1 2", "gone 1 3")
    world.book.note(OWNER, Made("a", "hidden", "a+3", "3"))
    world.lists = TaskLists(world.book, world.peers, lambda server, tool: (server, tool) == ("a", "t"))
    assert await world.ids() == ["a+1"]


@pytest.mark.parametrize(("era", "capabilities"), [(Era.MODERN, {"tasks": raw({})}), (Era.LEGACY, {})])
async def test_a_server_without_tasks_of_the_handshake_has_no_list_of_them(world, era, capabilities):
    async def hello(_deadline):
        return Hello(era, "", capabilities)

    world.servers["a"].hello = hello
    with pytest.raises(RpcError) as caught:
        await world.peers["a"].call(call("tasks/list", Era.LEGACY))
    assert caught.value.code == METHOD_NOT_FOUND


async def test_a_task_without_an_id_is_none(world):
    world.servers["a"].answers["tools/call"] = lambda _asked: Answer(raw({"task": {"status": "working"}}))
    await world.peers["a"].call(call("tools/call", Era.LEGACY, name="t", task={}))
    assert await world.ids() == []


def page(*tasks, following=None, failed=()):
    result = {"tasks": [{"taskId": id_, "createdAt": created} for id_, created in tasks]}
    if following is not None:
        result["nextCursor"] = encode_cursor(Cursor("", following, 0))
    if failed:
        result["_meta"] = {META_PARTIAL: list(failed)}
    return raw(result)


FAULT = UpstreamError(Reason.REPLICA_GONE, "gone", retryable=True)


@pytest.mark.parametrize(
    ("pages", "ids", "following"),
    [
        ([page(), page()], [], None),
        ([page(("a", "1"), ("c", "3")), page(("b", "2"))], ["a", "b", "c"], None),
        ([page(("a", "1"), following="1 a"), page(("b", "2"))], ["a"], "1 a"),
        ([page(("a", "1"), ("b", "2")), page(("c", "3"), ("d", "4"))], ["a", "b", "c"], "3 c"),
    ],
)
def test_pages_of_several_replicas_are_one(monkeypatch, pages, ids, following):
    monkeypatch.setattr(task_lists, "PAGE", 3)
    result = json.loads(bytes(together(pages, [])))
    assert [task["taskId"] for task in result["tasks"]] == ids
    assert result.get("nextCursor") == (None if following is None else encode_cursor(Cursor("", following, 0)))


def test_what_is_missing_of_any_replica_is_said():
    result = json.loads(bytes(together([page(failed=[{"server": "a"}]), page(failed=[{"server": "b"}])], [FAULT])))
    told = result["_meta"][META_PARTIAL]
    assert [(one.get("server"), one.get("reason")) for one in told] == [(None, "replica-gone"), ("a", None), ("b", None)]
