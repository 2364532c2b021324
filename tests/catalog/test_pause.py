"""How long a server is left alone after it failed."""

import pytest

from mcp_stack_proxy.catalog.pause import Pause
from mcp_stack_proxy.errors import Reason, UpstreamError

SLOW = UpstreamError(Reason.TIMEOUT, "was slow", retryable=True, hint="wait", status=504)
GONE = UpstreamError(Reason.UNREACHABLE, "is gone")


def lasts(pause, now):
    """Seconds from `now` during which the failure is told again."""
    seconds = 0.0
    while True:
        try:
            pause.check(now + seconds)
        except UpstreamError:
            seconds += 0.5
        else:
            return seconds


@pytest.mark.parity("aggregate.lazy-connect")
def test_each_timeout_in_a_row_doubles_the_pause_up_to_five_minutes():
    pause, now, pauses = Pause(), 7.0, []
    for _ in range(40):
        pause.failed(SLOW, now)
        pauses.append(lasts(pause, now))
        now += pauses[-1]
    assert pauses[:6] == [30, 60, 120, 240, 300, 300]
    assert set(pauses[6:]) == {300}


@pytest.mark.parametrize(
    ("reason", "seconds"), [(Reason.UNREACHABLE, 1), (Reason.INVALID, 0), (Reason.REFUSED, 0), (Reason.UNSUPPORTED, 0)]
)
def test_a_server_that_answers_or_refuses_at_once_is_soon_asked_again(reason, seconds):
    pause = Pause()
    for now in (0.0, 100.0, 200.0):
        pause.failed(UpstreamError(reason, "no"), now)
        assert lasts(pause, now) == seconds


@pytest.mark.parametrize("between", [lambda pause: pause.succeeded(), lambda pause: pause.failed(GONE, 100.0)])
def test_after_anything_but_a_timeout_the_pauses_begin_anew(between):
    pause = Pause()
    pause.failed(SLOW, 0.0)
    between(pause)
    pause.failed(SLOW, 200.0)
    assert lasts(pause, 200.0) == 30


def test_failures_of_attempts_that_ran_side_by_side_count_once():
    pause = Pause()
    for moment in (0.0, 0.0, 0.1, 29.0):
        pause.failed(SLOW, moment)
    assert lasts(pause, 0.0) == 30
    pause.failed(SLOW, 30.0)
    assert lasts(pause, 30.0) == 60


def test_the_failure_is_told_as_it_was_and_by_an_error_of_its_own_each_time():
    pause = Pause()
    pause.failed(SLOW, 0.0)
    told = []
    for _ in range(3):
        with pytest.raises(UpstreamError) as caught:
            pause.check(1.0)
        told.append(caught.value)
    for error in told:
        assert (error.reason, error.message, error.retryable, error.hint, error.status) == (
            Reason.TIMEOUT,
            "was slow",
            True,
            "wait",
            504,
        )
    assert len({id(error) for error in [*told, SLOW]}) == 4


def test_nothing_is_told_where_nothing_failed():
    pause = Pause()
    assert lasts(pause, 0.0) == 0
    pause.failed(SLOW, 0.0)
    pause.succeeded()
    assert lasts(pause, 0.0) == 0
