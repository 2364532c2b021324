"""How long a process is kept: the arithmetic of seed 001."""

import pytest

from mcp_stack_proxy.config import ProcessConfig
from mcp_stack_proxy.upstream.idleness import Idleness

pytestmark = pytest.mark.parity("aggregate.idle-stop")

HOUR = 3600.0


def kept(calls, over, **config):
    """Seconds that a process is kept after `calls` calls, evenly spread `over` seconds."""
    idleness = Idleness(ProcessConfig.model_validate({"idle_timeout": "adaptive", **config}))
    for number in range(calls):
        idleness.called(1000.0 + number * over / max(calls - 1, 1))
    return idleness.seconds(1000.0 + over)


@pytest.mark.parametrize(
    ("calls", "over", "seconds"),
    [
        (0, HOUR, 300),
        (1, HOUR, 60),
        (2, HOUR, 60),
        (5, HOUR, 60),
        (6, HOUR, 180),
        (20, HOUR, 180),
        (21, HOUR, 300),
        (1000, HOUR, 300),
        (10, 2 * HOUR, 60),
        (11, 2 * HOUR, 180),
        (2, 3.0, 300),
        (2, 60.0, 300),
        (2, 0.5 * HOUR, 60),
    ],
)
def test_the_more_calls_an_hour_the_longer(calls, over, seconds):
    assert kept(calls, over) == seconds


@pytest.mark.parametrize(
    ("calls", "shortest", "longest", "seconds"),
    [
        (0, "1m", "10m", 600),
        (1, "90s", "10m", 90),
        (1000, "1m", "2m", 120),
        (1000, "10m", "1h", 600),
        (2, "2m", "5m", 120),
        (6, "10s", "20s", 20),
    ],
)
def test_within_the_bounds_that_are_given(calls, shortest, longest, seconds):
    assert kept(calls, HOUR, min_idle_timeout=shortest, max_idle_timeout=longest) == seconds


@pytest.mark.parametrize("calls", [0, 1, 1000])
def test_a_fixed_time_asks_for_no_calls(calls):
    assert kept(calls, HOUR, idle_timeout="2m") == 120


def test_it_is_over_when_it_was_kept_for_long_enough():
    idleness = Idleness(ProcessConfig(idle_timeout="10s"))
    idleness.touched(100)
    assert not idleness.is_over(110)
    assert idleness.is_over(110.1)
    idleness.called(105)
    assert (idleness.unused(112), idleness.is_over(112), idleness.is_over(116)) == (7, False, True)
