"""A session with the server for each client that it may ask: who gets which, how many, and how long."""

import asyncio

import pytest
from msgspec import Raw

from mcp_stack_proxy.errors import Reason, UpstreamError
from mcp_stack_proxy.upstream import own_sessions as module
from mcp_stack_proxy.upstream.http_exchange import SessionLost
from mcp_stack_proxy.upstream.own_sessions import OwnSessions
from mcp_stack_proxy.upstream.peer import Answer, Call, Notification
from mcp_stack_proxy.upstream.tasks import Tasks
from mcp_stack_proxy.wire.envelope import raw
from mcp_stack_proxy.wire.revisions import Era
from tests.deadlines import SOON

DONE = Answer(Raw(b"{}"))
CAPABILITIES = {"roots": raw({}), "tasks": raw({})}


class Session:
    def __init__(self, caller):
        self.caller = caller
        self.calls = []
        self.ended = False
        self.lost = False
        self.reply = DONE

    async def call(self, call):
        self.calls.append(call)
        if self.lost:
            raise SessionLost(404)
        return self.reply() if callable(self.reply) else self.reply

    def tell(self, notification):
        self.calls.append(notification)

    async def end(self, deadline):
        self.ended = True


class Server:
    def __init__(self):
        self.opened = []
        self.fault = None
        self.gate = asyncio.Event()
        self.gate.set()

    async def open(self, caller, updated):
        await self.gate.wait()
        if self.fault is not None:
            raise self.fault
        self.opened.append(Session(caller))
        return self.opened[-1]


@pytest.fixture
def server():
    return Server()


@pytest.fixture
def tasks():
    return Tasks()


@pytest.fixture
def sessions(server, tasks):
    return OwnSessions("s", server.open, tasks)


def legacy(session="one", deadline=None, **more):
    return call(Era.LEGACY, session, deadline, **more)


def modern(subject="ann", deadline=None, **more):
    return call(Era.MODERN, None, deadline, subject=subject, **more)


def call(era, session, deadline, method="tools/call", capabilities=CAPABILITIES, **more):
    deadline = asyncio.get_running_loop().time() + SOON if deadline is None else deadline
    return Call(method, {}, era, deadline, raw({"name": "c"}), capabilities=capabilities, session=session, **more)


async def settled(tasks):
    async with asyncio.timeout(SOON):
        while len(tasks):
            await asyncio.sleep(0)


async def parts():
    yield Notification("n", None)
    yield DONE


async def test_calls_that_need_one():
    assert OwnSessions.serve(legacy())
    assert OwnSessions.serve(legacy(method="tools/list"))
    assert OwnSessions.serve(modern())
    assert OwnSessions.serve(modern(method="tools/list"))
    assert not OwnSessions.serve(modern(method="tasks/get"))
    assert not OwnSessions.serve(legacy(capabilities={}))


async def test_a_legacy_client_has_one_with_what_it_declared(server, sessions):
    await asyncio.gather(*(sessions.call(legacy()) for _ in range(3)), sessions.call(legacy("two")))
    assert [len(session.calls) for session in server.opened] == [3, 1]
    assert server.opened[0].caller.capabilities == {"roots": raw({})}
    assert server.opened[0].caller.client == raw({"name": "c"})


async def test_each_call_of_a_modern_client_has_one_for_itself_while_it_lasts(server, sessions):
    server.gate.clear()
    calls = asyncio.gather(*(sessions.call(modern()) for _ in range(2)))
    server.gate.set()
    await calls
    assert len(server.opened) == 2
    await sessions.call(modern())
    assert len(server.opened) == 2


@pytest.mark.parametrize("other", [{"subject": "ben"}, {"capabilities": {"roots": raw({"x": 1})}}])
async def test_what_one_caller_used_is_never_anothers(server, sessions, other):
    await sessions.call(modern())
    await sessions.call(modern(**other))
    assert len(server.opened) == 2


async def test_it_is_in_use_until_the_last_part(server, sessions):
    await sessions.call(modern())
    server.opened[0].reply = parts
    reply = await sessions.call(modern())
    await sessions.call(modern())
    assert len(server.opened) == 2
    assert [part async for part in reply][-1] is DONE
    await sessions.call(modern())
    await sessions.call(modern())
    assert len(server.opened) == 2


async def test_one_that_the_server_has_forgotten_is_opened_anew_once(server, sessions, tasks):
    await sessions.call(legacy())
    server.opened[0].lost = True
    assert await sessions.call(legacy()) is DONE
    await settled(tasks)
    assert [session.ended for session in server.opened] == [True, False]
    server.opened[1].lost = True
    server.open, opening = None, server.open

    async def lost(caller, updated):
        session = await opening(caller, updated)
        session.lost = True
        return session

    sessions._open = lost
    with pytest.raises(UpstreamError, match="404"):
        await sessions.call(legacy())


async def test_one_that_cannot_be_opened_is_not_kept(server, sessions):
    server.fault = UpstreamError(Reason.UNREACHABLE, "gone")
    for caller in (legacy(), modern()):
        with pytest.raises(UpstreamError, match="gone"):
            await sessions.call(caller)
    assert len(sessions) == 0
    assert not sessions._by_session
    assert not sessions._resting


async def test_what_the_client_says_reaches_its_session_alone(server, sessions):
    await sessions.call(legacy())
    await sessions.call(legacy("two"))
    sessions.told("two", b"n")
    sessions.told("three", b"n")
    assert [session.calls.count(b"n") for session in server.opened] == [0, 1]


async def test_it_ends_with_the_session_of_the_client(server, sessions, tasks):
    await sessions.call(legacy())
    sessions.left("another")
    sessions.left("one")
    await settled(tasks)
    assert server.opened[0].ended
    assert len(sessions) == 0


async def test_one_that_opens_after_its_client_has_left_is_ended(server, sessions, tasks):
    server.gate.clear()
    calling = asyncio.ensure_future(sessions.call(legacy()))
    await asyncio.sleep(0)
    sessions.left("one")
    server.gate.set()
    with pytest.raises(UpstreamError, match="left by the client"):
        await calling
    await settled(tasks)
    assert server.opened[0].ended


async def test_a_caller_who_waits_in_vain_leaves_the_opening_to_the_others(server, sessions):
    server.gate.clear()
    patient = asyncio.ensure_future(sessions.call(legacy()))
    await asyncio.sleep(0)
    with pytest.raises(UpstreamError):
        await sessions.call(legacy(deadline=0.0))
    server.gate.set()
    assert await patient is DONE


async def test_the_one_unused_for_longest_makes_room_unless_it_is_in_use(server, sessions, tasks, monkeypatch):
    monkeypatch.setattr(module, "MAX_SESSIONS", 2)
    await sessions.call(legacy("busy"))
    server.opened[0].reply = parts
    reply = await sessions.call(legacy("busy"))
    await anext(reply)
    await sessions.call(modern())
    await sessions.call(legacy("three"))
    await settled(tasks)
    assert [session.ended for session in server.opened] == [False, True, False]
    server.opened[2].reply = parts
    other = await sessions.call(legacy("three"))
    await anext(other)
    with pytest.raises(UpstreamError, match="2 sessions") as caught:
        await sessions.call(legacy("four"))
    assert caught.value.retryable
    await reply.aclose()
    await other.aclose()
    await sessions.call(legacy("four"))


async def test_idle_ones_are_closed_and_busy_ones_are_not(server, sessions, tasks, monkeypatch):
    monkeypatch.setattr(module, "SWEEP", 0.01)
    await sessions.call(legacy("busy"))
    server.opened[0].reply = parts
    reply = await sessions.call(legacy("busy"))
    await anext(reply)
    await sessions.call(modern())
    await sessions.call(modern("ben"))
    monkeypatch.setattr(module, "IDLE_SECONDS", 0.0)
    async with asyncio.timeout(SOON):
        while len(sessions) > 1:
            await asyncio.sleep(0.01)
    await settled(tasks)
    assert [session.ended for session in server.opened] == [False, True, True]
    await reply.aclose()
    async with asyncio.timeout(SOON):
        while len(sessions) or sessions._sweeping is not None:
            await asyncio.sleep(0.01)


async def test_another_server_and_the_end_close_all(server, sessions, tasks):
    await sessions.call(legacy())
    sessions.clear()
    await settled(tasks)
    await sessions.call(legacy())
    await sessions.call(modern())
    await sessions.aclose(0.0)
    assert all(session.ended for session in server.opened)
    assert len(sessions) == 0


async def test_another_server_does_not_end_a_call_that_the_one_before_has(server, sessions, tasks):
    go_on = asyncio.Event()

    async def parts():
        yield Notification("n", {})
        await go_on.wait()
        yield DONE

    await sessions.call(legacy())
    server.opened[0].reply = parts
    reply = await sessions.call(legacy())
    await anext(reply)
    sessions.clear()
    await sessions.call(legacy())
    await settled(tasks)
    assert (len(server.opened), server.opened[0].ended) == (2, False)
    go_on.set()
    assert [part async for part in reply] == [DONE]
    await settled(tasks)
    assert [session.ended for session in server.opened] == [True, False]


async def test_a_session_that_is_being_opened_while_the_server_changes_is_opened(server, sessions):
    server.gate.clear()
    call = asyncio.create_task(sessions.call(legacy()))
    await asyncio.sleep(0)
    sessions.clear()
    server.gate.set()
    assert await call is DONE
    assert await sessions.call(legacy()) is DONE
    assert len(server.opened) == 1


async def test_a_call_whose_session_was_forgotten_is_sent_once_more_although_the_server_has_changed(server, sessions, tasks):
    await sessions.call(legacy())
    lost = asyncio.Event()

    class Forgetful(Session):
        async def call(self, call):
            await lost.wait()
            raise SessionLost(404)

    server.opened[0].__class__ = Forgetful
    call = asyncio.create_task(sessions.call(legacy()))
    await asyncio.sleep(0)
    sessions.clear()
    lost.set()
    assert await call is DONE
    await settled(tasks)
    assert [session.ended for session in server.opened] == [True, True]
    assert len(sessions) == 0


async def test_one_that_follows_resources_asks_a_new_server_for_them_again(server, sessions, tasks):
    heard = []
    await sessions.subscribe(legacy(), "a://b", heard.append, asyncio.get_running_loop().time() + SOON)
    sessions.clear()
    await settled(tasks)
    assert [session.ended for session in server.opened] == [True, False]
    assert {call.method for call in server.opened[1].calls} == {"resources/subscribe"}
    assert "a://b" in heard, "it may have changed meanwhile"


async def test_one_that_follows_resources_is_the_last_to_make_room(server, sessions, monkeypatch):
    monkeypatch.setattr(module, "MAX_SESSIONS", 2)
    stop = await sessions.subscribe(legacy(), "a://b", print, asyncio.get_running_loop().time() + SOON)
    await sessions.call(legacy("two"))
    await sessions.call(legacy("three"))
    assert [session.ended for session in server.opened[:1]] == [False]
    stop()
