"""One server's lists: fetched whole, fetched once, and kept no longer than they hold."""

import asyncio
import json
import sys
from contextlib import suppress

import pytest
from msgspec import Raw

from mcp_stack_proxy.catalog import server_lists
from mcp_stack_proxy.catalog.audiences import EVERYONE, MAX_AUDIENCES, audience_of
from mcp_stack_proxy.catalog.kinds import KINDS, PROMPTS, RESOURCES, TEMPLATES, TOOLS
from mcp_stack_proxy.catalog.server_lists import ServerLists
from mcp_stack_proxy.errors import Reason, UpstreamError
from mcp_stack_proxy.upstream.peer import Answer, Notification
from mcp_stack_proxy.wire.bridge import meta_of
from mcp_stack_proxy.wire.envelope import raw
from mcp_stack_proxy.wire.errors import INVALID_PARAMS, RpcError
from mcp_stack_proxy.wire.revisions import META_VERSION
from tests.catalog.scripted import LIMITS, Server, answering, listed, lists_of, refusing, soon
from tests.deadlines import SOON

EVERY_KIND = pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.member)


async def fault_of(lists, kind=TOOLS):
    with pytest.raises(UpstreamError) as caught:
        await lists.get(kind, soon())
    return caught.value


@pytest.mark.requirement("lists:pages.followed")
@EVERY_KIND
async def test_all_pages_are_fetched_in_order_under_public_names(kind, tasks):
    server = Server(**{kind.member: [[{kind.key: "a"}, {kind.key: "日本"}], [], [{kind.key: "b", "own": 1.5}]]})
    listing = await lists_of(server, tasks).get(kind, soon())
    assert listing.keys == ("a", "日本", "b")
    assert [json.loads(item) for item in listing.items] == [{kind.key: "a/a"}, {kind.key: "a/日本"}, {kind.key: "a/b", "own": 1.5}]
    assert [bytes(call.params.get("cursor", b"")) for call in server.calls] == [b"", b"1", b"2"]


@pytest.mark.requirement("lists:cursor.opaque")
@pytest.mark.parametrize("cursor", ['""', '"a\\u0062"', '"日本"', "7", '{"any": [1.0]}'])
async def test_a_servers_cursor_goes_back_to_it_byte_for_byte(cursor, tasks):
    server = Server()

    def page(call):
        first = Raw(b'{"tools":[],"nextCursor":' + cursor.encode() + b"}")
        return Answer(Raw(b'{"tools":[]}') if "cursor" in call.params else first)

    server.answers["tools/list"] = page
    await lists_of(server, tasks).get(TOOLS, soon())
    assert [bytes(call.params.get("cursor", b"")).decode() for call in server.calls] == ["", cursor]


async def test_a_cursor_that_is_null_is_none(tasks):
    server = Server(tools=[{"tools": [], "nextCursor": None}])
    await lists_of(server, tasks).get(TOOLS, soon())
    assert len(server.calls) == 1


async def test_a_server_is_asked_with_the_metadata_of_our_own_and_not_of_a_caller(tasks):
    server = Server()
    await lists_of(server, tasks).get(TOOLS, soon())
    assert bytes(meta_of(server.calls[0].params)[META_VERSION]) == b'"2026-07-28"'


async def test_a_server_that_never_stops_paging_is_given_up(tasks, monkeypatch):
    monkeypatch.setattr(server_lists, "MAX_PAGES", 5)
    server = Server()
    server.answers["tools/list"] = answering({"tools": [], "nextCursor": "again"})
    fault = await fault_of(lists_of(server, tasks))
    assert (fault.reason, fault.message) == (Reason.INVALID, "lists tools on more than 5 pages")
    assert len(server.calls) == 5


async def test_as_many_pages_as_are_allowed_are_read(tasks, monkeypatch):
    monkeypatch.setattr(server_lists, "MAX_PAGES", 3)
    listing = await lists_of(Server(tools=[listed("a"), listed("b"), listed("c")]), tasks).get(TOOLS, soon())
    assert listing.keys == ("a", "b", "c")


async def test_a_list_that_is_larger_than_a_message_may_be_is_given_up(tasks):
    limits = LIMITS.model_copy(update={"max_message_bytes": 1000})
    server = Server(tools=[listed("a", description="x" * 400)] * 9)
    fault = await fault_of(lists_of(server, tasks, limits=limits))
    assert (fault.reason, len(server.calls)) == (Reason.INVALID, 3)
    assert "more than 1000 bytes of tools (limits.max_message_bytes)" in fault.message


@pytest.mark.requirement("lists:capability")
@EVERY_KIND
async def test_a_server_without_the_capability_is_not_asked(kind, tasks):
    server = Server(*({"tools", "prompts", "resources", "logging"} - {kind.capability}))
    listing = await lists_of(server, tasks).get(kind, soon())
    assert (listing.keys, listing.items, listing.ttl_ms) == ((), (), None)
    assert (server.hellos, server.calls) == (1, [])


@EVERY_KIND
@pytest.mark.parametrize("item", [{}, {"title": "no name"}, {"name": 5, "uri": 5, "uriTemplate": 5}, {"name": None}])
async def test_an_item_without_a_name_is_the_servers_fault(kind, item, tasks):
    fault = await fault_of(lists_of(Server(**{kind.member: [[item]]}), tasks), kind)
    assert (fault.reason, fault.message) == (Reason.INVALID, f"lists {kind.member} without {kind.key}")


DEEP = Raw(b'{"tools":[{"name":"a","x":' + b"[" * sys.getrecursionlimit() + b"]" * sys.getrecursionlimit() + b"}]}")


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (Raw(b"[]"), "answers tools/list with something else"),
        (Raw(b"null"), "answers tools/list with something else"),
        (Raw(b"{}"), "answers tools/list without tools"),
        (Raw(b'{"tools":null}'), "answers tools/list without tools"),
        (Raw(b'{"tools":{}}'), "answers tools/list without tools"),
        (Raw(b'{"tools":["a"]}'), "answers tools/list without tools"),
        (DEEP, "answers tools/list with something else"),
    ],
    ids=range(7),
)
async def test_an_answer_that_is_no_list_is_the_servers_fault(result, message, tasks):
    server = Server()
    server.answers["tools/list"] = answering(result)
    fault = await fault_of(lists_of(server, tasks))
    assert (fault.reason, fault.message) == (Reason.INVALID, message)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (b'{"code":-32603,"message":"broken"}', "broken"),
        (b'{"code":-32603,"message":"%b"}' % (b"x" * 5000), "x" * 200),
        (b'{"code":-32601}', "no message"),
        (b'"broken"', "no message"),
    ],
)
async def test_an_error_instead_of_a_list_is_told_with_its_message(error, told, tasks):
    server = Server()
    server.answers["tools/list"] = lambda _call: Answer(Raw(error), is_error=True)
    fault = await fault_of(lists_of(server, tasks))
    assert (fault.reason, fault.message) == (Reason.INVALID, f"answers tools/list with an error: {told}")


async def test_resources_without_a_method_for_templates_have_none(tasks):
    server = Server()
    for kind in KINDS.values():
        server.answers[kind.method] = refusing(-32601, "Method not found")
    lists = lists_of(server, tasks)
    assert (await lists.get(TEMPLATES, soon())).keys == ()
    for kind in (TOOLS, PROMPTS, RESOURCES):
        assert (await fault_of(lists, kind)).reason is Reason.INVALID


@pytest.mark.parametrize("error", [b'{"code":-32603,"message":"m"}', b"{}", b"[]"])
async def test_templates_that_fail_otherwise_are_a_failure(error, tasks):
    server = Server()
    server.answers["resources/templates/list"] = lambda _call: Answer(Raw(error), is_error=True)
    assert (await fault_of(lists_of(server, tasks), TEMPLATES)).reason is Reason.INVALID


async def test_notifications_before_the_list_are_of_no_interest(tasks):
    server = Server()

    async def parts(_call):
        yield Notification("notifications/message", {"data": Raw(b"1")})
        yield Answer(Raw(b'{"tools":[{"name":"a"}]}'))

    server.answers["tools/list"] = parts
    assert (await lists_of(server, tasks).get(TOOLS, soon())).keys == ("a",)


async def test_a_notification_that_is_no_mcp_is_the_servers_fault_and_not_the_clients(tasks):
    server = Server()

    def malformed(_call):
        raise RpcError(INVALID_PARAMS, "params must be an object")

    server.answers["tools/list"] = malformed
    fault = await fault_of(lists_of(server, tasks))
    assert (fault.reason, fault.message) == (Reason.INVALID, "answers tools/list with what is no MCP: params must be an object")


# --- once for all


@pytest.mark.parity("aggregate.lazy-connect")
async def test_a_hundred_who_ask_at_once_cost_one_fetch(tasks):
    server = Server(tools=[listed("a"), listed("b")])
    server.gate.clear()
    lists = lists_of(server, tasks)
    async with asyncio.timeout(SOON), asyncio.TaskGroup() as group:
        waiting = [group.create_task(lists.get(TOOLS, soon())) for _ in range(100)]
        await server.asked(1)
        server.gate.set()
    assert {task.result().keys for task in waiting} == {("a", "b")}
    assert (server.hellos, server.count("tools/list")) == (1, 2)


async def test_one_who_leaves_takes_nothing_from_those_who_wait(tasks):
    server = Server(tools=[listed("a")])
    server.gate.clear()
    lists = lists_of(server, tasks)
    async with asyncio.timeout(SOON), asyncio.TaskGroup() as group:
        leaves, stays = (group.create_task(lists.get(TOOLS, soon())) for _ in range(2))
        await server.asked(1)
        leaves.cancel()
        with suppress(asyncio.CancelledError):
            await leaves
        server.gate.set()
    assert stays.result().keys == ("a",)
    assert server.hellos == 1


async def test_before_the_first_fetch_nothing_is_known(tasks):
    lists = lists_of(Server(tools=[listed("a")]), tasks)
    assert lists.known(TOOLS) is lists.fresh(TOOLS) is None
    listing = await lists.get(TOOLS, soon())
    assert lists.known(TOOLS) is lists.fresh(TOOLS) is listing
    assert lists.known(PROMPTS) is None


# --- for how long


@pytest.mark.requirement("caching:ttl")
@pytest.mark.parametrize(
    ("ttl", "told", "kept"),
    [
        (60_000, 60_000, 60),
        (500, 500, 0.5),
        (10**9, 10**9, 300),
        (0, 0, 300),
        (None, 0, 300),
        (-5, 0, 300),
        ("60000", 0, 300),
        (1.5, 0, 300),
        (10**30, 0, 300),
    ],
)
async def test_a_list_is_kept_as_long_as_its_server_allows_and_no_longer_than_is_configured(ttl, told, kept, tasks, clock):
    server = Server(tools=[{"tools": [], "ttlMs": ttl} if ttl is not None else {"tools": []}])
    lists = lists_of(server, tasks, clock=clock)
    assert (await lists.get(TOOLS, soon())).ttl_ms == told
    clock.now += kept - 0.01
    await lists.get(TOOLS, soon())
    assert len(server.calls) == 1
    clock.now += 0.01
    assert lists.fresh(TOOLS) is None
    assert lists.known(TOOLS) is not None
    await lists.get(TOOLS, soon())
    assert len(server.calls) == 2


@pytest.mark.requirement("caching:ttl")
@pytest.mark.parametrize(
    ("ttls", "told", "kept"), [([60_000, 5_000, 90_000], 5_000, 5), ([0, 60_000], 0, 60), ([60_000, 0], 0, 60), ([0, 0], 0, 300)]
)
async def test_of_several_pages_the_one_that_holds_for_the_shortest_time_counts(ttls, told, kept, tasks, clock):
    server = Server(tools=[{"tools": [], "ttlMs": ttl} for ttl in ttls])
    listing = await lists_of(server, tasks, clock=clock).get(TOOLS, soon())
    assert (listing.ttl_ms, listing.expires - clock.now) == (told, kept)


async def test_the_age_of_a_list_counts_from_when_it_was_asked_for(tasks, clock):
    server = Server()

    def slow(_call):
        clock.now += 7
        return Answer(Raw(b'{"tools":[],"ttlMs":10000}'))

    server.answers["tools/list"] = slow
    assert (await lists_of(server, tasks, clock=clock).get(TOOLS, soon())).expires == clock.now + 3


@pytest.mark.requirement("caching:list-changed")
@EVERY_KIND
async def test_a_change_that_is_announced_makes_the_list_be_fetched_again(kind, tasks):
    server = Server(**{kind.member: [[{kind.key: "old"}]]})
    lists = lists_of(server, tasks)
    others = [other for other in KINDS.values() if other.capability != kind.capability]
    for each in (kind, *others):
        await lists.get(each, soon())
    server.pages[kind.method] = [[{kind.key: "new"}]]
    asked = len(server.calls)
    lists.forget(kind.capability)
    assert (await lists.get(kind, soon())).keys == ("new",)
    for other in others:
        await lists.get(other, soon())
    assert len(server.calls) == asked + 1


@pytest.mark.requirement("caching:list-changed")
async def test_a_change_that_is_announced_during_a_fetch_is_not_missed(tasks):
    server = Server()
    lists = lists_of(server, tasks)

    def page(_call):
        if len(server.calls) > 1:
            return Answer(Raw(b'{"tools":[{"name":"new"}]}'))
        lists.forget("tools")
        lists.forget("prompts")
        return Answer(Raw(b'{"tools":[{"name":"old"}]}'))

    server.answers["tools/list"] = page
    assert (await lists.get(TOOLS, soon())).keys == ("new",)
    await lists.get(TOOLS, soon())
    assert len(server.calls) == 2


async def test_a_list_that_changes_whenever_it_is_asked_for_is_shown_but_not_kept(tasks):
    server = Server()
    lists = lists_of(server, tasks)

    def page(_call):
        lists.forget("tools")
        return Answer(Raw(b'{"tools":[{"name":"t%d"}],"ttlMs":60000}' % len(server.calls)))

    server.answers["tools/list"] = page
    assert (await lists.get(TOOLS, soon())).keys == ("t3",)
    assert lists.fresh(TOOLS) is None
    assert (await lists.get(TOOLS, soon())).keys == ("t6",)


async def test_lists_for_more_audiences_than_are_kept_take_the_room_of_the_one_unused_for_longest(tasks):
    server, left = Server("tools", tools=[listed("t")]), []
    server.left = left.append
    lists = ServerLists(server, lambda _kind, key: key, LIMITS, tasks, "s", told_apart="all")
    audiences = [audience_of({"roots": raw({"n": number})}, None) for number in range(MAX_AUDIENCES + 1)]
    first = lists.of(audiences[0])
    assert lists.of(audiences[0]) is first
    for audience in audiences[1:]:
        lists.of(audience)
    assert left == [("lists", audiences[0].asked)]
    assert lists.of(audiences[0]) is not first


async def test_a_modern_server_has_one_list_for_all(tasks):
    server = Server("tools", tools=[listed("t")])
    lists = ServerLists(server, lambda _kind, key: key, LIMITS, tasks, "s", told_apart="all")
    await lists.get(TOOLS, soon())
    assert lists.of(audience_of({"roots": raw({})}, None)) is lists


async def test_a_server_with_a_process_for_each_session_lists_for_those_apart_who_keep_one(tasks):
    server = Server("tools", tools=[listed("t")])
    lists = ServerLists(server, lambda _kind, key: key, LIMITS, tasks, "s", told_apart="settled")
    asked = {"roots": raw({})}
    assert lists.of(audience_of(asked, None)) is lists
    own = lists.of(audience_of(asked, "session"))
    assert own is not lists
    assert lists.of(audience_of(asked, "another")) is own
    assert lists.of(EVERYONE) is lists
