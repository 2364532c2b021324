"""A server within its limits: who gets a place, and when it is free again."""

import asyncio
from contextlib import aclosing

import pytest

from mcp_stack_proxy.config import ServerLimits
from mcp_stack_proxy.errors import Overloaded, Reason, UpstreamError
from mcp_stack_proxy.guard.gate import Gate, gate_of
from mcp_stack_proxy.guard.limited import LimitedPeer, limited
from mcp_stack_proxy.upstream.peer import Answer, Notification
from mcp_stack_proxy.wire.envelope import raw
from tests.catalog.scripted import Server, answering, call, soon

NOTE, END = Notification("notifications/progress", {}), Answer(raw({}))


async def parts(*values):
    for value in values:
        if isinstance(value, BaseException):
            raise value
        yield value


def streaming(*values):
    return lambda _call: parts(*values)


def gated(method="tools/call", answer=None):
    server = Server()
    server.answers[method] = answer or answering({})
    gate = Gate(1, 0, 1)
    return server, gate, LimitedPeer(server, gate, None)


def test_a_server_without_such_limits_is_left_alone():
    server = Server()
    assert limited(server, None, None) is server
    assert limited(server, ServerLimits(exchange_seconds=5), None) is server
    assert limited(server, ServerLimits(request_seconds=5), None) is not server
    own = ServerLimits(max_concurrent=1)
    assert limited(server, own, gate_of(own)) is not server


@pytest.mark.parametrize("method", ["tools/call", "prompts/get", "resources/read", "completion/complete"])
async def test_a_call_has_a_place_until_it_is_answered(method):
    server, gate, peer = gated(method)
    server.gate.clear()
    first = asyncio.create_task(peer.call(call(method)))
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await peer.call(call(method))
    server.gate.set()
    assert isinstance(await first, Answer)
    assert gate.inside == 0
    await peer.call(call(method))


async def test_a_call_waits_for_its_turn():
    server, _, _ = gated()
    peer = LimitedPeer(server, gate := Gate(1, 1, 60), None)
    gate.enter(soon())
    task = asyncio.create_task(peer.call(call("tools/call")))
    await asyncio.sleep(0)
    assert (server.calls, gate.waiting) == ([], 1)
    gate.leave()
    assert isinstance(await task, Answer)
    assert gate.inside == 0


async def test_what_is_no_call_passes_a_gate_that_is_full():
    _, gate, peer = gated("tools/list", answering({"tools": []}))
    gate.enter(soon())
    assert isinstance(await peer.call(call("tools/list")), Answer)
    assert (await peer.hello(soon())).version == "2026-07-28"
    assert peer.connected
    await peer.aclose(0)
    assert not peer.connected
    assert gate.inside == 1


async def test_a_call_that_fails_gives_its_place_back():
    def fail(_call):
        raise UpstreamError(Reason.UNREACHABLE, "gone")

    _, gate, peer = gated(answer=fail)
    with pytest.raises(UpstreamError):
        await peer.call(call("tools/call"))
    assert gate.inside == 0


async def test_a_call_that_is_cancelled_gives_its_place_back():
    server, gate, peer = gated()
    server.gate.clear()
    task = asyncio.create_task(peer.call(call("tools/call")))
    await asyncio.sleep(0)
    assert gate.inside == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert gate.inside == 0


async def test_a_stream_has_its_place_until_the_answer():
    _, gate, peer = gated(answer=streaming(NOTE, NOTE, END))
    async with aclosing(await peer.call(call("tools/call"))) as reply:
        held = [gate.inside async for _ in reply]
    assert held == [1, 1, 0]


@pytest.mark.parametrize(
    "end", ["closed unread", "closed", "broken", "ended early", "thrown at"], ids=lambda end: end.replace(" ", "-")
)
async def test_a_stream_gives_its_place_back_however_it_ends(end):
    last = {"broken": [UpstreamError(Reason.INVALID, "no")], "ended early": []}.get(end, [NOTE, END])
    _, gate, peer = gated(answer=streaming(NOTE, *last))
    reply = await peer.call(call("tools/call"))
    assert gate.inside == 1
    if end == "closed unread":
        await reply.aclose()
    else:
        assert await anext(reply) is NOTE
        if end == "closed":
            await reply.aclose()
        elif end == "thrown at":
            with pytest.raises(KeyError):
                await reply.athrow(KeyError())
        else:
            with pytest.raises((UpstreamError, StopAsyncIteration)):
                await anext(reply)
    assert gate.inside == 0
    await reply.aclose()
    assert gate.inside == 0, "only once"


async def test_a_stream_that_answers_what_is_thrown_at_it_keeps_its_place():
    async def stubborn(_call):
        try:
            yield NOTE
        except KeyError:
            yield NOTE

    _, gate, peer = gated(answer=stubborn)
    reply = await peer.call(call("tools/call"))
    await anext(reply)
    assert await reply.athrow(KeyError()) is NOTE
    assert gate.inside == 1
    await reply.aclose()


@pytest.mark.parametrize("seconds", [1.0, 500.0])
async def test_a_call_has_the_time_that_its_server_gets(seconds):
    server = Server()
    server.answers |= {"tools/call": answering({}), "tools/list": answering({"tools": []})}
    peer = LimitedPeer(server, None, seconds)
    given, listing, now = call("tools/call"), call("tools/list"), asyncio.get_running_loop().time
    before, begun = given.deadline, now()
    await peer.call(given)
    ended = now()
    await peer.call(listing)
    assert begun + seconds <= server.calls[0].deadline <= ended + seconds
    assert given.deadline == before, "the caller's own is not touched"
    assert server.calls[1].deadline == listing.deadline
