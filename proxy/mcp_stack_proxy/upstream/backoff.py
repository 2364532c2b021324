"""When a process that ended may be started again. Arithmetic only: the clock is the caller's."""

import random
from collections import deque
from collections.abc import Callable

FIRST_SECONDS = 1.0
LONGEST_SECONDS = 60.0

STEADY_SECONDS = 60.0
"""A run this long counts as success: the next start is immediate, and the back-off begins anew."""

BUDGET = 5
BUDGET_SECONDS = 60.0
"""At most BUDGET starts in this time, whatever ended the runs."""


class Backoff:
    """1, 2, 4 … 60 seconds after runs that were short, each shortened by up to a half so that servers do not start in step."""

    def __init__(self, jitter: Callable[[], float] = random.random) -> None:
        self._jitter = jitter
        self._starts: deque[float] = deque(maxlen=BUDGET)
        self._failures = 0
        self._not_before = 0.0

    def started(self, now: float) -> None:
        """A start is attempted."""
        self._starts.append(now)

    def ended(self, now: float) -> None:
        """The run, or the attempt, is over."""
        if self._starts and now - self._starts[-1] >= STEADY_SECONDS:
            self._failures = 0
            self._not_before = now
            return
        seconds = min(FIRST_SECONDS * 2.0 ** min(self._failures, 16), LONGEST_SECONDS)
        self._failures += 1
        self._not_before = now + seconds * (1 - self._jitter() / 2)

    def wait(self, now: float) -> float:
        """Seconds until the next start is allowed, 0 for now."""
        budget = self._starts[0] + BUDGET_SECONDS if len(self._starts) == BUDGET else now
        return max(self._not_before - now, budget - now, 0.0)
