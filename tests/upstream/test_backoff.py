import pytest

from mcp_stack_proxy.upstream.backoff import Backoff


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


def patient(**more):
    """One whose budget is never used up."""
    return Backoff(max_starts=1000, jitter=lambda: 0, **more)


def test_waits_double_up_to_a_minute():
    assert crashing(patient(), 5) == [0, 1, 2, 4, 8]
    assert crashing(patient(), 12)[7:] == [60] * 5


@pytest.mark.parametrize(("jitter", "wait"), [(0.0, 4.0), (0.5, 3.0), (0.999999, pytest.approx(2.0, abs=0.01))])
def test_a_wait_is_shortened_by_up_to_a_half(jitter, wait):
    assert crashing(Backoff(jitter=lambda: jitter), 4)[3] == wait


def test_a_long_run_counts_as_success():
    backoff = Backoff(jitter=lambda: 0)
    crashing(backoff, 4)
    assert backoff.wait(15) == 0
    backoff.started(100)
    backoff.ended(160)
    assert backoff.wait(160) == 0
    assert crashing(backoff, 2, now=160) == [0, 1]


@pytest.mark.parametrize(("max_starts", "window", "run"), [(5, 60, 3), (1, 10, 0), (3, 30, 9), (50, 60, 0)])
def test_the_budget_bounds_the_starts_of_any_window(max_starts, window, run):
    backoff = Backoff(max_starts, window, 60, jitter=lambda: 1)
    now, starts = 0.0, []
    for _ in range(60):
        now += backoff.wait(now)
        starts.append(now)
        backoff.started(now)
        now += run
        backoff.ended(now)
    for start in starts:
        assert sum(start <= other < start + window for other in starts) <= max_starts


def test_a_budget_that_is_used_up_is_a_failure_until_a_success():
    backoff = Backoff(max_starts=3, window_seconds=60, cool_down_seconds=300, jitter=lambda: 0)
    assert crashing(backoff, 2) == [0, 1]
    assert not backoff.failed
    backoff.started(3)
    backoff.ended(4)
    assert (backoff.failed, backoff.wait(4), backoff.wait(303), backoff.wait(304)) == (True, 300, 1, 0)
    backoff.started(304)
    backoff.ended(305)
    assert (backoff.failed, backoff.wait(305)) == (True, 300), "one attempt after the cool-down, not a new budget"
    backoff.started(605)
    assert backoff.failed, "an attempt is no success yet"
    backoff.ended(665)
    assert (backoff.failed, backoff.wait(665)) == (False, 0)
    assert crashing(backoff, 3, now=665) == [0, 1, 2]


def test_starts_further_apart_than_the_window_use_no_budget_up():
    backoff = Backoff(max_starts=2, window_seconds=10, jitter=lambda: 0)
    for now in (0, 10, 20, 30):
        backoff.started(now)
        backoff.ended(now + 1)
        assert not backoff.failed


def test_a_rest_is_no_failure_and_its_start_does_not_count():
    backoff = Backoff(max_starts=2, window_seconds=60, jitter=lambda: 0)
    for now in range(10):
        backoff.started(now)
        backoff.rested(now + 0.5)
        assert (backoff.wait(now + 0.5), backoff.failed) == (0, False)


def test_waiting_longer_than_asked_changes_nothing():
    backoff = Backoff(jitter=lambda: 0)
    backoff.started(0)
    backoff.ended(1)
    assert [backoff.wait(now) for now in (1, 1.5, 2, 50)] == [1, 0.5, 0, 0]
