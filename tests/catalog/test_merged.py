"""Several servers' lists as one: whole, in order, page by page, and honest about who is missing."""

import asyncio
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw

from mcp_stack_proxy.catalog.cursors import Cursor, encode_cursor
from mcp_stack_proxy.catalog.kinds import KINDS, PROMPTS, TOOLS
from mcp_stack_proxy.catalog.merged import META_PARTIAL, PAGE, MergedLists
from mcp_stack_proxy.errors import Reason, UpstreamError
from mcp_stack_proxy.upstream.tasks import Tasks
from mcp_stack_proxy.wire.errors import INVALID_PARAMS, RpcError
from tests.catalog.scripted import LIMITS, Clock, Server, answering, listed, lists_of, soon
from tests.deadlines import SOON


class Stack:
    """Servers by name, their lists, and the lists merged."""

    def __init__(self, tasks, servers, *, page_size=PAGE, limits=LIMITS, clock=None):
        self.clock = clock or Clock()
        self.servers = servers
        self.lists = {
            name: lists_of(server, tasks, clock=self.clock, limits=limits, prefix=name) for name, server in servers.items()
        }
        self.merged = MergedLists(self.lists, limits.discovery_seconds, page_size=page_size, clock=self.clock)

    async def page(self, cursor=None, kind=TOOLS):
        return json.loads(bytes(await self.merged.page(kind, cursor, soon())))

    async def pages(self, kind=TOOLS):
        """All pages, one after the other, as a client reads them."""
        pages = [await self.page(None, kind)]
        while "nextCursor" in pages[-1]:
            assert len(pages) < 1000
            pages.append(await self.page(pages[-1]["nextCursor"], kind))
        return pages

    async def names(self):
        return [item["name"] for page in await self.pages() for item in page["tools"]]


async def refused(stack, cursor):
    with pytest.raises(RpcError) as caught:
        await stack.page(cursor)
    return caught.value.code


@pytest.mark.parity("aggregate.all-methods")
@pytest.mark.requirement("lists:order")
@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.member)
async def test_every_servers_items_are_listed_in_the_order_of_the_stack(kind, tasks):
    first = {kind.key: "z", "title": "日本", "own": {"x": 1.0}}
    servers = {"two": Server(**{kind.member: [[first], [{kind.key: "a"}]]}), "one": Server(**{kind.member: [[{kind.key: "b"}]]})}
    assert await Stack(tasks, servers).page(kind=kind) == {
        kind.member: [{**first, kind.key: "two/z"}, {kind.key: "two/a"}, {kind.key: "one/b"}],
        "resultType": "complete",
        "ttlMs": 0,
        "cacheScope": "private",
    }


@pytest.mark.parity("aggregate.lossless")
async def test_what_a_server_says_of_an_item_arrives_to_the_byte(tasks):
    item = (
        b'"title":"T","outputSchema":{"$defs": {"a": {"minimum": 1.0}}},"icons":[ ],"_meta":{"x/y": 1e2},'
        b'"annotations":{"readOnlyHint":true},"nobody knows":[null, "\\u0041"]'
    )
    server = Server()
    server.answers["tools/list"] = answering(Raw(b'{"tools":[{"name":"n",' + item + b"}]}"))
    page = bytes(await Stack(tasks, {"a": server}).merged.page(TOOLS, None, soon()))
    assert b'{"tools":[{"name":"a/n",' + item + b"}]," in page


# --- pages


@pytest.mark.requirement("lists:cursor.opaque")
@pytest.mark.parametrize(
    ("size", "sizes"), [(1, [1] * 7), (2, [2, 2, 2, 1]), (3, [3, 3, 1]), (4, [4, 3]), (6, [6, 1]), (7, [7]), (8, [7]), (PAGE, [7])]
)
async def test_pages_run_across_servers_and_the_last_one_has_no_cursor(size, sizes, tasks):
    servers = {"a": Server(tools=[listed("1", "2", "3")]), "none": Server(), "b": Server(tools=[listed("1", "2", "3", "4")])}
    stack = Stack(tasks, servers, page_size=size)
    pages = await stack.pages()
    assert [len(page["tools"]) for page in pages] == sizes
    assert await stack.names() == ["a/1", "a/2", "a/3", "b/1", "b/2", "b/3", "b/4"]
    assert all(server.count("tools/list") == 1 for server in servers.values())


@given(st.lists(st.lists(st.sampled_from(["a", "b", "日", ""]), max_size=5), min_size=1, max_size=4), st.integers(1, 6))
@settings(max_examples=60)
def test_every_item_is_on_exactly_one_page_even_if_a_server_gives_one_twice(tools, size):
    async def names():
        tasks = Tasks()
        servers = {f"s{number}": Server(tools=[listed(*names)]) for number, names in enumerate(tools)}
        try:
            return await Stack(tasks, servers, page_size=size).names()
        finally:
            await tasks.aclose()

    assert asyncio.run(names()) == [f"s{number}/{name}" for number, own in enumerate(tools) for name in own]


async def test_a_list_that_grows_between_two_pages_loses_nothing(tasks):
    server = Server(tools=[listed("b", "d", "f")])
    stack = Stack(tasks, {"a": server}, page_size=2)
    first = await stack.page()
    server.pages["tools/list"] = [listed("a", "b", "c", "d", "e", "f", "g")]
    stack.lists["a"].forget("tools")
    rest = await stack.page(first["nextCursor"])
    assert [item["name"] for item in (*first["tools"], *rest["tools"])] == ["a/b", "a/d", "a/e", "a/f"]


@pytest.mark.requirement("lists:cursor.invalid")
async def test_a_cursor_whose_place_is_gone_is_refused(tasks):
    server = Server(tools=[listed("b", "d", "f")])
    stack = Stack(tasks, {"a": server}, page_size=2)
    first = await stack.page()
    server.pages["tools/list"] = [listed("b", "f")]
    stack.lists["a"].forget("tools")
    assert await refused(stack, first["nextCursor"]) == INVALID_PARAMS


@pytest.mark.parity("aggregate.all-methods")
@pytest.mark.requirement("lists:cursor.invalid")
@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "garbage",
        encode_cursor(Cursor("gone", "t", 0)),
        encode_cursor(Cursor("a", "gone", 0)),
        encode_cursor(Cursor("a", "t", 1)),
        encode_cursor(Cursor("a", "t", 10**30)),
        encode_cursor(Cursor("", "", 0)),
    ],
)
async def test_a_cursor_that_fits_no_list_is_refused(cursor, tasks):
    assert await refused(Stack(tasks, {"a": Server(tools=[listed("t")])}), cursor) == INVALID_PARAMS


async def test_servers_before_a_cursor_are_not_asked_again(tasks):
    servers = {"a": Server(tools=[listed("1")]), "b": Server(tools=[listed("1", "2")])}
    stack = Stack(tasks, servers, page_size=2)
    cursor = (await stack.page())["nextCursor"]
    stack.lists["a"].forget("tools")
    assert [item["name"] for item in (await stack.page(cursor))["tools"]] == ["b/2"]
    assert servers["a"].count("tools/list") == 1


async def test_ten_thousand_tools_are_ten_pages_and_one_fetch(tasks):
    names = [f"tool-{number}" for number in range(10_000)]
    server = Server(
        tools=[listed(*names[start : start + 2500], inputSchema={"type": "object"}) for start in range(0, 10_000, 2500)]
    )
    stack = Stack(tasks, {"a": server, "b": Server(tools=[listed("last")])})
    pages = await stack.pages()
    assert [len(page["tools"]) for page in pages] == [1000] * 10 + [1]
    assert [item["name"] for page in pages for item in page["tools"]] == [*(f"a/{name}" for name in names), "b/last"]
    assert server.count("tools/list") == 4


# --- servers that fail


@pytest.mark.parity("aggregate.partial-list")
@pytest.mark.requirement("lists:partial")
@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (
            UpstreamError(Reason.UNREACHABLE, "refused the connection", retryable=True),
            {"reason": "upstream-unreachable", "retryable": True, "message": "refused the connection"},
        ),
        (
            UpstreamError(Reason.REFUSED, "refused the proxy's credentials", hint="look at its headers", status=401),
            {
                "reason": "upstream-refused",
                "retryable": False,
                "message": "refused the proxy's credentials",
                "hint": "look at its headers",
            },
        ),
    ],
)
async def test_a_server_that_fails_is_named_with_its_reason_and_the_others_are_all_there(fault, told, tasks):
    broken = Server()
    broken.fault = fault
    servers = {"a": Server(tools=[{"tools": listed("1"), "ttlMs": 9000}]), "broken": broken}
    servers["c"] = Server(tools=[{"tools": listed("2"), "ttlMs": 9000}])
    page = await Stack(tasks, servers).page()
    assert [item["name"] for item in page["tools"]] == ["a/1", "c/2"]
    assert page["_meta"] == {META_PARTIAL: [{"server": "broken", **told}]}
    assert page["ttlMs"] == 0


@pytest.mark.parity("aggregate.partial-list")
async def test_where_all_fail_the_list_is_empty_and_says_why(tasks):
    servers = {name: Server(tools=[UpstreamError(Reason.INVALID, f"{name} is broken")]) for name in "ab"}
    page = await Stack(tasks, servers).page()
    assert page["tools"] == []
    assert [(entry["server"], entry["message"]) for entry in page["_meta"][META_PARTIAL]] == [
        ("a", "a is broken"),
        ("b", "b is broken"),
    ]


async def test_a_server_that_fails_between_two_pages_does_not_end_the_paging(tasks):
    servers = {name: Server(tools=[listed("1", "2", "3")]) for name in "ab"}
    stack = Stack(tasks, servers, page_size=2)
    first = await stack.page()
    servers["a"].pages["tools/list"] = [UpstreamError(Reason.INVALID, "is broken")]
    stack.lists["a"].forget("tools")
    second = await stack.page(first["nextCursor"])
    assert [item["name"] for item in second["tools"]] == ["b/1", "b/2"]
    assert second["_meta"][META_PARTIAL][0]["server"] == "a"
    assert [item["name"] for item in (await stack.page(second["nextCursor"]))["tools"]] == ["b/3"]


@pytest.mark.parity("aggregate.lazy-connect", "aggregate.partial-list")
async def test_a_server_that_hangs_delays_a_list_by_its_own_time_and_then_no_more(tasks):
    limits = LIMITS.model_copy(update={"discovery_seconds": 0.05})
    hangs = Server(tools=[listed("late")])
    hangs.gate.clear()
    stack = Stack(tasks, {"a": Server(tools=[listed("1")]), "hangs": hangs}, limits=limits)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    page = await stack.page()
    assert loop.time() - begun >= 0.05
    assert [item["name"] for item in page["tools"]] == ["a/1"]
    (entry,) = page["_meta"][META_PARTIAL]
    assert (entry["server"], entry["reason"], entry["retryable"]) == ("hangs", "upstream-discovery-timeout", True)
    if tasks._running:  # the fetch has the same time, begun a moment later
        await asyncio.wait(tasks._running, timeout=SOON)
    for kind in (TOOLS, PROMPTS, TOOLS):
        again = await stack.page(kind=kind)
        assert again["_meta"][META_PARTIAL][0]["reason"] == "upstream-discovery-timeout"
    assert hangs.hellos == 1
    hangs.gate.set()
    stack.clock.now += 30
    assert await stack.names() == ["a/1", "hangs/late"]


async def test_who_asks_with_less_time_than_a_server_has_gets_the_others_in_that_time(tasks):
    hangs = Server()
    hangs.gate.clear()
    stack = Stack(tasks, {"hangs": hangs, "b": Server(tools=[listed("1")])})
    result = await stack.merged.page(TOOLS, None, asyncio.get_running_loop().time() + 0.3)
    page = json.loads(bytes(result))
    assert [item["name"] for item in page["tools"]] == ["b/1"]
    assert page["_meta"][META_PARTIAL][0]["server"] == "hangs"


async def test_a_fault_of_our_own_is_not_hidden_as_one_of_a_server(tasks, caplog):
    server = Server()
    server.answers["tools/list"] = lambda _call: 1 / 0
    with pytest.raises(ZeroDivisionError):
        await Stack(tasks, {"a": server}).page()
    assert "list tools of a" in caplog.text


# --- how long a client may keep it


@pytest.mark.requirement("caching:merged")
@pytest.mark.parametrize(
    ("ttls", "ttl"), [([60_000], 60_000), ([60_000, 5_000], 5_000), ([60_000, 0], 0), ([60_000, None], 60_000), ([None], 0)]
)
async def test_a_page_holds_no_longer_than_what_any_server_allowed(ttls, ttl, tasks):
    """None: a server without tools, which has nothing to say on them."""
    servers = {
        f"s{number}": Server("prompts") if ttl is None else Server(tools=[{"tools": [], "ttlMs": ttl}])
        for number, ttl in enumerate(ttls)
    }
    page = await Stack(tasks, servers).page()
    assert (page["ttlMs"], page["cacheScope"]) == (ttl, "private")


@pytest.mark.requirement("caching:merged")
async def test_the_time_that_we_kept_it_is_not_given_to_a_client_once_more(tasks):
    server = Server(tools=[{"tools": [], "ttlMs": 60_000}])
    stack = Stack(tasks, {"a": server})
    assert (await stack.page())["ttlMs"] == 60_000
    stack.clock.now += 45
    assert (await stack.page())["ttlMs"] == 15_000
    stack.clock.now += 15
    assert (await stack.page())["ttlMs"] == 60_000
    assert server.count("tools/list") == 2


@pytest.mark.requirement("caching:merged")
async def test_what_expires_while_another_server_is_waited_for_is_not_for_clients_to_keep(tasks):
    slow = Server()
    stack = Stack(tasks, {"a": Server(tools=[{"tools": [], "ttlMs": 5_000}]), "slow": slow})

    def page(_call):
        stack.clock.now += 7
        return answering({"tools": [], "ttlMs": 60_000})(_call)

    slow.answers["tools/list"] = page
    assert (await stack.page())["ttlMs"] == 0


async def test_a_list_that_was_too_restless_to_keep_is_not_for_clients_to_keep(tasks):
    server = Server()
    stack = Stack(tasks, {"a": server})

    def page(_call):
        stack.lists["a"].forget("tools")
        stack.clock.now += 1
        return answering({"tools": [], "ttlMs": 60_000})(_call)

    server.answers["tools/list"] = page
    assert (await stack.page())["ttlMs"] == 0


async def test_a_hundred_clients_cost_one_fetch_per_server(tasks):
    servers = {name: Server(tools=[listed("1")]) for name in "abc"}
    for server in servers.values():
        server.gate.clear()
    stack = Stack(tasks, servers)
    async with asyncio.timeout(SOON), asyncio.TaskGroup() as group:
        pages = [group.create_task(stack.page()) for _ in range(100)]
        for server in servers.values():
            await server.asked(1)
            server.gate.set()
    assert {len(page.result()["tools"]) for page in pages} == {3}
    assert [(server.hellos, server.count("tools/list")) for server in servers.values()] == [(1, 1)] * 3
