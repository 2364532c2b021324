"""Sessions of legacy clients: bounded in number and idle time, at a constant cost."""

import pytest
from msgspec import Raw

from mcp_stack_proxy.serve import sessions as module
from mcp_stack_proxy.serve.sessions import IDLE_SECONDS, LOOKS, MAX_SESSIONS, Sessions
from mcp_stack_proxy.serve.streams import Stream

OWNER = object()


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def sessions(clock):
    return Sessions(clock)


def opened(sessions, count=1):
    return [sessions.open(OWNER, "2025-11-25", None) for _ in range(count)]


def test_a_session_is_found_by_its_id_and_at_its_endpoint_only(sessions):
    session = sessions.open(OWNER, "2025-11-25", Raw(b'{"name":"c"}'))
    assert sessions.get(OWNER, session.id) is session
    assert sessions.get(object(), session.id) is None
    assert sessions.get(OWNER, session.id + "x") is None


def test_ids_cannot_be_guessed_and_can_be_told_from_a_servers(sessions):
    ids = {session.id for session in opened(sessions, 100)}
    assert len(ids) == 100
    assert all(id_.startswith(module.PREFIX) and len(id_) - len(module.PREFIX) >= 32 and id_.isascii() for id_ in ids)


def test_a_session_that_is_idle_for_too_long_is_gone(sessions, clock):
    (idle,) = opened(sessions)
    clock.now += IDLE_SECONDS - 1
    (used,) = opened(sessions)
    clock.now += 2
    assert sessions.get(OWNER, idle.id) is None
    assert sessions.get(OWNER, used.id) is used
    assert len(sessions) == 1


def test_use_keeps_a_session(sessions, clock):
    (session,) = opened(sessions)
    for _ in range(5):
        clock.now += IDLE_SECONDS - 1
        assert sessions.get(OWNER, session.id) is session


@pytest.mark.parametrize("kind", ["stream", "call"])
def test_a_session_is_not_idle_while_somebody_waits(sessions, clock, kind):
    (session,) = opened(sessions)
    if kind == "stream":
        session.streams[Stream()] = None
    else:
        session.calls[b"1"] = lambda: None
    clock.now += 10 * IDLE_SECONDS
    assert sessions.get(OWNER, session.id) is session
    session.streams.clear()
    session.calls.clear()
    clock.now += IDLE_SECONDS
    assert sessions.get(OWNER, session.id) is None


def test_an_idle_session_is_gone_even_where_many_are_looked_at_first(sessions, clock):
    busy = opened(sessions, 3 * LOOKS)
    for session in busy:
        session.streams[Stream()] = None
    (idle,) = opened(sessions)
    clock.now += IDLE_SECONDS
    assert sessions.get(OWNER, idle.id) is None


def test_the_end_of_a_session_ends_what_is_open_in_it(sessions):
    (session,) = opened(sessions)
    stream, cancelled = Stream(), []
    session.streams[stream] = None
    session.calls[b"1"] = lambda: cancelled.append(1)
    sessions.close(session)
    assert stream._closed
    assert cancelled == [1]
    assert sessions.get(OWNER, session.id) is None


def test_the_one_that_was_not_used_for_longest_makes_room(sessions, clock):
    first, second, *_ = opened(sessions, MAX_SESSIONS)
    clock.now += 1
    assert sessions.get(OWNER, first.id) is first, "looking one up costs none of the others"
    assert len(sessions) == MAX_SESSIONS
    opened(sessions)
    assert len(sessions) == MAX_SESSIONS
    assert sessions.get(OWNER, second.id) is None
    assert sessions.get(OWNER, first.id) is first


def test_one_that_listens_is_kept_before_one_that_does_not(sessions):
    listening, idle, *_ = opened(sessions, MAX_SESSIONS)
    listening.streams[Stream()] = None
    opened(sessions)
    assert sessions.get(OWNER, listening.id) is listening
    assert sessions.get(OWNER, idle.id) is None


def test_where_all_listen_one_of_them_makes_room_and_no_call_is_cut_off(sessions):
    everyone = opened(sessions, MAX_SESSIONS)
    for session in everyone:
        session.streams[Stream()] = None
    everyone[LOOKS].calls[b"1"] = pytest.fail
    opened(sessions, 10)
    assert MAX_SESSIONS <= len(sessions) <= MAX_SESSIONS + 1
    assert sessions.get(OWNER, everyone[LOOKS].id) is not None


@pytest.mark.parametrize("busy", [False, True])
def test_ten_thousand_sessions_cost_no_more_than_ten(sessions, clock, busy, monkeypatch):
    """Counted, not timed: how many sessions are looked at for one request."""
    everyone = opened(sessions, MAX_SESSIONS)
    for session in everyone if busy else ():
        session.streams[Stream()] = None
    clock.now += IDLE_SECONDS + 1
    looks = 0

    class Counted(type(sessions._sessions)):
        def move_to_end(self, key):
            nonlocal looks
            looks += 1
            super().move_to_end(key)

        def pop(self, key, default=None):
            nonlocal looks
            looks += 1
            return super().pop(key, default)

    sessions._sessions = Counted(sessions._sessions)
    for session in everyone[-100:]:
        before = looks
        sessions.get(OWNER, session.id)
        assert looks - before <= LOOKS + 1
