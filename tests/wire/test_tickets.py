"""Tickets: good for one caller, one purpose and one time; everything else looks the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_stack_proxy.wire.sealing import Keyring
from mcp_stack_proxy.wire.tickets import Ticket, Tickets

KEYS = Keyring([bytes(range(32))])
A = Tickets(KEYS, "state", "10.0.0.1:8080", "a1")
B = Tickets(KEYS, "state", "10.0.0.2:8080", "b1")


@pytest.mark.requirement("mrtr:state.replicas")
@pytest.mark.parametrize("subject", [None, "alice"])
def test_any_replica_redeems_a_ticket_and_learns_who_keeps_what_it_stands_for(subject):
    text = A.issue("p7", subject, b"digest", 100.0)
    ticket = B.redeem(text, subject, b"digest", 99.9)
    assert ticket == Ticket("10.0.0.1:8080", "a1", "p7", subject, b"digest", 100.0)
    assert A.is_here(ticket)
    assert not B.is_here(ticket)
    assert not Tickets(KEYS, "state", "10.0.0.1:8080", "a2").is_here(ticket), "a process that was started since"


@pytest.mark.requirement("mrtr:state.bound")
@pytest.mark.parametrize(
    ("subject", "digest", "now"),
    [("mallory", b"digest", 0), (None, b"digest", 0), ("alice", b"other", 0), ("alice", b"", 0), ("alice", b"digest", 100)],
)
def test_a_ticket_of_somebody_else_for_something_else_or_from_before_is_none(subject, digest, now):
    text = A.issue("p7", "alice", b"digest", 100)
    assert B.redeem(text, subject, digest, now) is None
    assert B.redeem(text, "alice", b"digest", 0) is not None


def test_a_ticket_of_nobody_is_not_for_somebody():
    assert B.redeem(A.issue("p7", None, b"", 100), "alice", b"", 0) is None


def test_a_ticket_for_one_purpose_is_none_for_another():
    text = A.issue("p7", None, b"", 100)
    assert Tickets(KEYS, "question", "", "").redeem(text, None, b"", 0) is None


@pytest.mark.requirement("mrtr:state.hostile")
@given(st.text(max_size=100))
def test_made_up_text_is_no_ticket(text):
    assert B.redeem(text, None, b"", 0) is None
