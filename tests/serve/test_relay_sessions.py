"""Whose session it is, within bounds."""

import pytest

from mcp_stack_proxy.serve import relay_sessions
from mcp_stack_proxy.serve.relay_sessions import Owners
from mcp_stack_proxy.serve.sessions import IDLE_SECONDS, Sessions


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_a_session_is_its_owners_and_nobody_elses(clock):
    owners = Owners(clock)
    owners.opened(b"one", "ann")
    assert [owners.owns(b"one", who) for who in ("ann", "bob", None)] == [True, False, False]
    assert not owners.owns(b"two", "ann")
    assert not owners.owns(b"two", None)


def test_what_is_somebodys_stays_so(clock):
    owners = Owners(clock)
    owners.opened(b"one", "ann")
    owners.opened(b"one", "bob")
    assert owners.owns(b"one", "ann")


def test_an_idle_session_is_forgotten_and_a_used_one_is_not(clock):
    owners = Owners(clock)
    for name in (b"idle", b"used"):
        owners.opened(name, "ann")
    clock.now = IDLE_SECONDS - 1
    assert owners.owns(b"used", "ann")
    clock.now = IDLE_SECONDS + 1
    assert [owners.owns(name, "ann") for name in (b"idle", b"used")] == [False, True]
    assert len(owners) == 1


def test_the_one_unused_for_longest_makes_room(clock, monkeypatch):
    monkeypatch.setattr(relay_sessions, "MAX_SESSIONS", 2)
    owners = Owners(clock)
    for name in (b"1", b"2"):
        owners.opened(name, "ann")
    assert owners.owns(b"1", "ann")
    owners.opened(b"3", "ann")
    assert [owners.owns(name, "ann") for name in (b"1", b"2", b"3")] == [True, False, True]


def test_our_own_sessions_are_bound_in_the_same_way():
    sessions, endpoint = Sessions(), object()
    session = sessions.open(endpoint, "2025-11-25", None, "ann")
    assert sessions.get(endpoint, session.id, "ann") is session
    assert sessions.get(endpoint, session.id, "bob") is sessions.get(endpoint, session.id) is None
