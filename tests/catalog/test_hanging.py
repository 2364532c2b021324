"""Servers that do not answer: bounded in time, then left alone for a while, and asked again."""

import asyncio

import pytest

from mcp_stack_proxy.catalog.kinds import KINDS, PROMPTS, TOOLS
from mcp_stack_proxy.errors import Reason, UpstreamError
from tests.catalog.scripted import LIMITS, Server, listed, lists_of, soon
from tests.deadlines import SOON

QUICK = LIMITS.model_copy(update={"discovery_seconds": 0.02})
SLOW = UpstreamError(Reason.TIMEOUT, "did not answer in time")


async def reason_of(lists, kind=TOOLS):
    with pytest.raises(UpstreamError) as caught:
        await lists.get(kind, soon())
    return caught.value.reason


@pytest.mark.parametrize("where", ["hello", "call"])
async def test_a_server_that_hangs_costs_no_more_than_its_own_time(where, tasks):
    server = Server()

    async def never(_argument):
        await asyncio.Event().wait()  # minds no deadline

    setattr(server, where, never)
    async with asyncio.timeout(SOON):
        with pytest.raises(UpstreamError, match=r"did not answer within 0\.02 s") as caught:
            await lists_of(server, tasks, limits=QUICK).get(TOOLS, soon())
    assert caught.value.reason is Reason.DISCOVERY_TIMEOUT
    assert caught.value.retryable


@pytest.mark.parity("aggregate.lazy-connect")
async def test_a_server_that_did_not_introduce_itself_is_left_alone_and_then_asked_again(tasks, clock):
    server = Server(tools=[listed("a")])
    server.fault = SLOW
    lists = lists_of(server, tasks, clock=clock)
    for attempt, pause in enumerate((30, 60, 120, 240, 300, 300), start=1):
        assert await reason_of(lists) is Reason.DISCOVERY_TIMEOUT
        assert server.hellos == attempt
        clock.now += pause - 0.1
        for kind in KINDS.values():
            assert await reason_of(lists, kind) is Reason.DISCOVERY_TIMEOUT
        assert server.hellos == attempt
        clock.now += 0.1
    server.fault = None
    assert (await lists.get(TOOLS, soon())).keys == ("a",)
    server.fault, server.connected = SLOW, False
    lists.forget("tools")
    for hellos in (8, 9):  # what it did before it answered is forgotten
        assert await reason_of(lists) is Reason.DISCOVERY_TIMEOUT
        assert server.hellos == hellos
        clock.now += 30


async def test_four_lists_of_one_hanging_server_count_as_one_failure(tasks, clock):
    server = Server()
    server.fault = SLOW
    server.gate.clear()
    lists = lists_of(server, tasks, clock=clock)
    async with asyncio.timeout(SOON), asyncio.TaskGroup() as group:
        for kind in KINDS.values():
            group.create_task(reason_of(lists, kind))
        await server.asked(len(KINDS))
        server.gate.set()
    clock.now += 30
    await reason_of(lists)
    assert server.hellos == 5


async def test_a_server_that_is_reached_by_a_call_is_asked_for_its_lists_at_once(tasks, clock):
    server = Server(tools=[listed("a")])
    server.fault = SLOW
    lists = lists_of(server, tasks, clock=clock)
    await reason_of(lists)
    server.fault, server.connected = None, True
    assert (await lists.get(TOOLS, soon())).keys == ("a",)


async def test_one_list_that_hangs_takes_no_other_with_it(tasks, clock):
    server = Server(tools=[SLOW], prompts=[listed("p")])
    lists = lists_of(server, tasks, clock=clock)
    assert await reason_of(lists) is Reason.DISCOVERY_TIMEOUT
    assert (await lists.get(PROMPTS, soon())).keys == ("p",)
    clock.now += 29.9
    assert await reason_of(lists) is Reason.DISCOVERY_TIMEOUT
    assert server.count("tools/list") == 1
    clock.now += 0.1
    server.pages["tools/list"] = [listed("a")]
    assert (await lists.get(TOOLS, soon())).keys == ("a",)


async def test_a_server_that_refused_the_connection_is_asked_again_after_a_second(tasks, clock):
    server = Server(tools=[listed("a")])
    server.fault = UpstreamError(Reason.UNREACHABLE, "refused the connection")
    lists = lists_of(server, tasks, clock=clock)
    for _ in range(3):
        assert await reason_of(lists) is Reason.UNREACHABLE
    assert server.hellos == 1
    clock.now += 1
    server.fault = None
    assert (await lists.get(TOOLS, soon())).keys == ("a",)


async def test_a_server_that_answered_wrongly_is_asked_each_time(tasks, clock):
    server = Server(tools=[UpstreamError(Reason.INVALID, "no")])
    lists = lists_of(server, tasks, clock=clock)
    for _ in range(3):
        assert await reason_of(lists) is Reason.INVALID
    assert server.count("tools/list") == 3


async def test_whoever_has_less_time_than_the_server_is_no_failure_of_the_server(tasks, clock):
    server = Server(tools=[listed("a")])
    server.gate.clear()
    lists = lists_of(server, tasks, clock=clock)
    with pytest.raises(UpstreamError, match="did not become ready in time"):
        await lists.get(TOOLS, asyncio.get_running_loop().time() + 0.01)
    server.gate.set()
    assert (await lists.get(TOOLS, soon())).keys == ("a",)
    assert server.hellos == 1


async def test_a_list_that_is_kept_is_shown_while_its_server_is_left_alone(tasks, clock):
    server = Server(tools=[listed("a")])
    lists = lists_of(server, tasks, clock=clock)
    await lists.get(TOOLS, soon())
    server.connected, server.fault = False, SLOW
    await reason_of(lists, PROMPTS)
    assert (await lists.get(TOOLS, soon())).keys == ("a",)
