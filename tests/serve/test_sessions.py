"""Sessions of legacy clients: sealed in their ids, and bounded in what a process keeps of them."""

import pytest
from msgspec import Raw

from mcp_stack_proxy.serve import sessions as module
from mcp_stack_proxy.serve.sessions import IDLE_SECONDS, LIFE_SECONDS, LOOKS, MAX_SESSIONS, Sessions
from mcp_stack_proxy.serve.streams import Stream
from mcp_stack_proxy.wire.sealing import Keyring

OLD, NEW = bytes(range(32)), bytes(range(32, 64))


class Owner:
    def __init__(self, name=None):
        self.name = name


OWNER = Owner()


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
    return Sessions(Keyring([OLD]), "10.0.0.1:8080", clock)


def another(clock, *keys):
    """Another replica, or the same one after a restart."""
    return Sessions(Keyring(keys or [OLD]), "10.0.0.2:8080", clock)


def opened(sessions, count=1):
    return [sessions.open(OWNER, "2025-11-25", None) for _ in range(count)]


def test_a_session_is_found_by_its_id_and_at_its_endpoint_only(sessions):
    session = sessions.open(OWNER, "2025-11-25", Raw(b'{"name":"c"}'))
    assert sessions.get(OWNER, session.id) is session
    assert sessions.get(Owner("clock"), session.id) is None
    assert sessions.get(OWNER, session.id + "x") is None
    assert sessions.get(OWNER, "made up") is None


@pytest.mark.requirement("legacy:session.bound")
def test_a_session_is_its_subjects_alone(sessions):
    session = sessions.open(OWNER, "2025-11-25", None, "ann")
    assert sessions.get(OWNER, session.id, "ann") is session
    assert sessions.get(OWNER, session.id, "bob") is sessions.get(OWNER, session.id) is None


def test_another_replica_goes_on_with_it(sessions, clock):
    client, capabilities = Raw(b'{"name":"c"}'), Raw(b'{"roots":{}}')
    session = sessions.open(OWNER, "2025-06-18", client, "ann", capabilities)
    found = another(clock).get(OWNER, session.id, "ann")
    assert (found.version, found.client, found.capabilities, found.subject) == ("2025-06-18", client, {"roots": Raw(b"{}")}, "ann")
    assert found.state.home == "10.0.0.1:8080"
    assert found.log_level == "info"
    assert another(clock).get(OWNER, session.id, "bob") is None


def test_a_client_that_tells_nothing_of_itself_has_a_session(sessions):
    session = sessions.open(OWNER, "2025-06-18", None)
    assert (session.client, session.capabilities) == (None, {})


def test_a_session_outlives_the_key_that_sealed_it_as_long_as_that_opens(clock):
    keys = Keyring([OLD])
    sessions = Sessions(keys, clock=clock)
    (session,) = opened(sessions)
    keys.renew([NEW, OLD])
    assert sessions.get(OWNER, session.id) is session
    assert another(clock, NEW, OLD).get(OWNER, session.id) is not None
    keys.renew([NEW])
    assert sessions.get(OWNER, session.id) is None
    assert another(clock, NEW).get(OWNER, session.id) is None


@pytest.mark.requirement("legacy:session.id")
def test_ids_cannot_be_guessed_and_differ(sessions):
    ids = {session.id for session in opened(sessions, 100)}
    assert len(ids) == 100


def test_a_session_is_over_after_a_week_on_every_replica(sessions, clock):
    (session,) = opened(sessions)
    clock.now += LIFE_SECONDS - 1
    assert sessions.get(OWNER, session.id) is not None
    clock.now += 1
    assert sessions.get(OWNER, session.id) is None
    assert another(clock).get(OWNER, session.id) is None


def test_an_idle_session_is_forgotten_and_its_id_brings_it_back(sessions, clock):
    (idle,) = opened(sessions)
    idle.log_level = "error"
    clock.now += IDLE_SECONDS
    (used,) = opened(sessions)
    assert len(sessions) == 1
    found = sessions.get(OWNER, idle.id)
    assert found is not idle
    assert found.log_level == "info"
    assert sessions.get(OWNER, used.id) is used


@pytest.mark.parametrize("kind", ["stream", "call"])
def test_a_session_is_kept_while_somebody_waits(sessions, clock, kind):
    (session,) = opened(sessions)
    if kind == "stream":
        session.streams[Stream()] = None
    else:
        session.calls[b"1"] = lambda: None
    clock.now += 10 * IDLE_SECONDS
    opened(sessions)
    assert sessions.get(OWNER, session.id) is session
    session.streams.clear()
    session.calls.clear()
    clock.now += IDLE_SECONDS
    opened(sessions)
    assert sessions.get(OWNER, session.id) is not session


def test_an_idle_session_is_forgotten_even_where_many_are_looked_at_first(sessions, clock):
    for session in opened(sessions, 3 * LOOKS):
        session.streams[Stream()] = None
    opened(sessions)
    clock.now += IDLE_SECONDS
    for _ in range(4):
        (last,) = opened(sessions)
        sessions.close(last)
    assert len(sessions) == 3 * LOOKS


def test_the_end_of_a_session_ends_what_is_open_in_it(sessions):
    (session,) = opened(sessions)
    stream, cancelled = Stream(), []
    session.streams[stream] = None
    session.calls[b"1"] = lambda: cancelled.append(1)
    sessions.close(session)
    assert stream._closed
    assert cancelled == [1]
    assert sessions.get(OWNER, session.id) is None


def test_ended_ids_are_remembered_within_bounds(sessions, clock, monkeypatch):
    monkeypatch.setattr(module, "MAX_ENDED", 2)
    first, second, third = opened(sessions, 3)
    for session in (first, second, third):
        sessions.close(session)
    assert [sessions.get(OWNER, session.id) is None for session in (first, second, third)] == [False, True, True]
    clock.now += LIFE_SECONDS
    sessions.end("another")
    assert len(sessions._ended) == 1


def test_ids_that_were_opened_are_remembered_within_bounds(sessions, monkeypatch):
    monkeypatch.setattr(module, "MAX_OPENED", 2)
    everyone = opened(sessions, 5)
    assert len(sessions._opened) == 2
    assert all(sessions.get(OWNER, session.id) is session for session in everyone)


def test_a_servers_own_session_travels_inside_of_ours(sessions, clock):
    clock_server = Owner("clock")
    id_ = sessions.wrap(clock_server, "theirs-1", "ann")
    assert another(clock).state(clock_server, id_, "ann").upstream == "theirs-1"
    assert another(clock).state(clock_server, id_, "bob") is None
    assert another(clock).state(OWNER, id_, "ann") is None
    assert sessions.get(clock_server, id_, "ann") is None, "nothing of it is answered here"
    sessions.end(id_)
    assert sessions.state(clock_server, id_, "ann") is None


def test_a_servers_session_id_that_no_header_could_carry_is_none(sessions):
    assert sessions.wrap(OWNER, "x" * module.MAX_UPSTREAM) is not None
    assert sessions.wrap(OWNER, "x" * (module.MAX_UPSTREAM + 1)) is None


def test_the_one_that_was_not_used_for_longest_is_forgotten_first(sessions, clock):
    first, second, *_ = opened(sessions, MAX_SESSIONS)
    clock.now += 1
    assert sessions.get(OWNER, first.id) is first, "looking one up costs none of the others"
    assert len(sessions) == MAX_SESSIONS
    opened(sessions)
    assert len(sessions) == MAX_SESSIONS
    assert sessions.get(OWNER, second.id) is not second
    assert sessions.get(OWNER, first.id) is first


def test_one_that_listens_is_kept_before_one_that_does_not(sessions):
    listening, idle, *_ = opened(sessions, MAX_SESSIONS)
    listening.streams[Stream()] = None
    opened(sessions)
    assert sessions.get(OWNER, listening.id) is listening
    assert sessions.get(OWNER, idle.id) is not idle


def test_where_all_listen_one_of_them_makes_room_and_no_call_is_cut_off(sessions):
    everyone = opened(sessions, MAX_SESSIONS)
    for session in everyone:
        session.streams[Stream()] = None
    everyone[LOOKS].calls[b"1"] = pytest.fail
    opened(sessions, 10)
    assert MAX_SESSIONS <= len(sessions) <= MAX_SESSIONS + 1
    assert sessions.get(OWNER, everyone[LOOKS].id) is everyone[LOOKS]


@pytest.mark.parametrize("busy", [False, True])
def test_ten_thousand_sessions_cost_no_more_than_ten(sessions, clock, busy):
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
