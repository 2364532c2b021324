"""When a connection has let us wait for long enough: by table, without a clock."""

import pytest

from mcp_stack_proxy.serve.http.patience import LOOK, SECONDS, Patience, Waiting

ENOUGH = {waiting: int(seconds / LOOK) for waiting, seconds in SECONDS.items()}


def ends(looks):
    """Number of the look, from 1, at which patience ends; None if it does not."""
    patience = Patience()
    for number, (waiting, heard, unsent) in enumerate(looks, 1):
        if patience.ends(waiting, heard=heard, unsent=unsent):
            return number
    return None


@pytest.mark.parametrize("waiting", SECONDS)
def test_waiting_for_nothing_ends_after_its_time(waiting):
    assert ends([(waiting, False, 7)] * 100) == ENOUGH[waiting] + 1


@pytest.mark.parametrize("waiting", [Waiting.BODY, Waiting.IDLE, Waiting.UNREAD, Waiting.NOT])
def test_a_client_that_is_heard_of_is_waited_for(waiting):
    assert ends([(waiting, True, 7)] * 1000) is None


def test_the_bytes_of_a_head_count_for_nothing():
    assert ends([(Waiting.HEAD, True, 0)] * 100) == ENOUGH[Waiting.HEAD] + 1


def test_reading_a_little_is_reading():
    assert ends([(Waiting.UNREAD, False, 10_000 - number) for number in range(1000)]) is None
    assert ends([(Waiting.UNREAD, False, 10_000 + number) for number in range(1000)]) == ENOUGH[Waiting.UNREAD] + 1


def test_our_own_time_is_not_charged_to_the_client():
    assert ends([(Waiting.NOT, False, 0)] * 10_000) is None


def test_each_state_has_a_time_of_its_own():
    almost = ENOUGH[Waiting.IDLE] * [(Waiting.IDLE, False, 0)]
    assert ends([*almost, *ENOUGH[Waiting.HEAD] * [(Waiting.HEAD, False, 0)]]) is None
    assert ends([*almost, (Waiting.IDLE, True, 0), *almost[1:]]) is None
    assert ends([*almost, (Waiting.IDLE, False, 0)]) == ENOUGH[Waiting.IDLE] + 1
