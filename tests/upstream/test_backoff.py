import pytest

from mcp_stack_proxy.upstream.backoff import BUDGET, Backoff


def crashing(backoff, times, now=0.0, run=0.0):
    """Starts as soon as allowed, ends after `run` seconds; the waits between."""
    waits = []
    for _ in range(times):
        waits.append(backoff.wait(now))
        now += waits[-1]
        backoff.started(now)
        now += run
        backoff.ended(now)
    return waits


def test_the_first_start_is_immediate():
    assert Backoff().wait(123.0) == 0


def test_waits_double_up_to_a_minute():
    assert crashing(Backoff(jitter=lambda: 0), 5) == [0, 1, 2, 4, 8]
    assert crashing(Backoff(jitter=lambda: 0), 12)[7:] == [60] * 5


@pytest.mark.parametrize(("jitter", "wait"), [(0.0, 4.0), (0.5, 3.0), (0.999999, pytest.approx(2.0, abs=0.01))])
def test_a_wait_is_shortened_by_up_to_a_half(jitter, wait):
    assert crashing(Backoff(jitter=lambda: jitter), 4)[3] == wait


def test_a_long_run_counts_as_success():
    backoff = Backoff(jitter=lambda: 0)
    crashing(backoff, 4)
    backoff.started(100)
    backoff.ended(160)
    assert backoff.wait(160) == 0
    assert crashing(backoff, 2, now=160) == [0, 1]


def test_the_budget_bounds_the_starts_of_any_minute():
    backoff = Backoff(jitter=lambda: 1)
    now, starts = 0.0, []
    for _ in range(30):
        now += backoff.wait(now)
        starts.append(now)
        backoff.started(now)
        now += 3
        backoff.ended(now)
    for start in starts:
        assert sum(start <= other < start + 60 for other in starts) <= BUDGET


def test_waiting_longer_than_asked_changes_nothing():
    backoff = Backoff(jitter=lambda: 0)
    backoff.started(0)
    backoff.ended(1)
    assert [backoff.wait(now) for now in (1, 1.5, 2, 50)] == [1, 0.5, 0, 0]
