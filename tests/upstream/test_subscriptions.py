"""One subscription at the server for all who follow a resource, made anew when the server has forgotten it."""

import asyncio

import pytest

from mcp_stack_proxy.errors import Reason, UpstreamError
from mcp_stack_proxy.upstream import subscriptions as module
from mcp_stack_proxy.upstream.subscriptions import Subscriptions
from mcp_stack_proxy.upstream.tasks import Tasks
from mcp_stack_proxy.wire.errors import RpcError
from tests.deadlines import SOON

URI = "note://a"


def soon():
    return asyncio.get_running_loop().time() + SOON


class Server:
    """Counts who begins and who stops; `outcome` is what it says to who begins, once the gate is open."""

    def __init__(self):
        self.begun = []
        self.stopped = []
        self.outcome = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.heard = []

    async def begin(self, uri):
        self.begun.append(uri)
        await self.gate.wait()
        if isinstance(self.outcome, UpstreamError):
            raise self.outcome
        return self.outcome or (lambda: self.stopped.append(uri))

    async def settled(self, tasks):
        async with asyncio.timeout(SOON):
            while len(tasks):
                await asyncio.sleep(0)


@pytest.fixture
def server():
    return Server()


@pytest.fixture
def tasks():
    return Tasks()


@pytest.fixture
def subscriptions(server, tasks):
    return Subscriptions("s", server.begin, tasks)


async def test_the_server_is_asked_once_and_told_when_the_last_has_gone(server, subscriptions):
    stop_one, stop_two = await asyncio.gather(*(subscriptions.add(URI, server.heard.append, soon()) for _ in range(2)))
    subscriptions.updated(URI)
    assert server.heard == [URI, URI]
    stop_one()
    stop_one()
    subscriptions.updated(URI)
    assert server.heard == [URI] * 3
    assert server.stopped == []
    stop_two()
    assert (server.begun, server.stopped, len(subscriptions)) == ([URI], [URI], 0)


@pytest.mark.parametrize(
    ("changed", "heard"), [(URI, True), (f"{URI}/b", True), (f"{URI}b", False), ("note://", False), ("note://b", False)]
)
async def test_a_resource_below_counts_and_no_other(server, subscriptions, changed, heard):
    await subscriptions.add(URI, server.heard.append, soon())
    subscriptions.updated(changed)
    assert server.heard == ([changed] if heard else [])


@pytest.mark.parametrize("fault", [RpcError(-32002, "no"), UpstreamError(Reason.UNREACHABLE, "gone")])
async def test_what_fails_is_told_to_all_who_wait_and_tried_anew_by_the_next(server, subscriptions, fault):
    server.outcome = fault
    outcomes = await asyncio.gather(
        *(subscriptions.add(URI, server.heard.append, soon()) for _ in range(2)), return_exceptions=True
    )
    assert outcomes == [fault, fault]
    assert len(subscriptions) == 0
    server.outcome = None
    await subscriptions.add(URI, server.heard.append, soon())
    assert server.begun == [URI, URI]


async def test_what_nobody_waits_for_any_more_is_ended_when_it_has_begun(server, subscriptions, tasks):
    server.gate.clear()
    with pytest.raises(UpstreamError):
        await subscriptions.add(URI, server.heard.append, 0.0)
    server.gate.set()
    await server.settled(tasks)
    assert server.stopped == [URI]


async def test_what_nobody_waits_for_is_not_ended_where_it_was_refused(server, subscriptions, tasks):
    server.gate.clear()
    server.outcome = RpcError(-32002, "no")
    with pytest.raises(UpstreamError):
        await subscriptions.add(URI, server.heard.append, 0.0)
    server.gate.set()
    await server.settled(tasks)
    assert server.stopped == []


async def test_after_a_gap_all_are_made_anew_and_count_as_changed(server, subscriptions, tasks):
    await subscriptions.add(URI, server.heard.append, soon())
    subscriptions.again()
    await server.settled(tasks)
    assert (server.begun, server.stopped, server.heard) == ([URI, URI], [], [URI])


async def test_one_that_cannot_be_made_anew_is_made_with_the_next_gap(server, subscriptions, tasks):
    await subscriptions.add(URI, server.heard.append, soon())
    server.outcome = UpstreamError(Reason.UNREACHABLE, "gone")
    subscriptions.again()
    await server.settled(tasks)
    assert server.heard == []
    server.outcome = None
    subscriptions.again()
    await server.settled(tasks)
    assert server.heard == [URI]


async def test_they_are_bounded(server, subscriptions, monkeypatch):
    monkeypatch.setattr(module, "MAX_SUBSCRIPTIONS", 1)
    await subscriptions.add(URI, server.heard.append, soon())
    with pytest.raises(RpcError, match="1 resources"):
        await subscriptions.add("note://b", server.heard.append, soon())
    await subscriptions.add(URI, server.heard.append, soon())
