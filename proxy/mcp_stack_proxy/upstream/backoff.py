"""When a process that ended may be started again. Arithmetic only: the clock is the caller's."""

import random
from collections import deque
from collections.abc import Callable

FIRST_SECONDS = 1.0
LONGEST_SECONDS = 60.0

STEADY_SECONDS = 60.0
"""A run this long counts as success: the next start is immediate, and everything begins anew."""


class Backoff:
    """1, 2, 4 … 60 seconds after runs that were short, each shortened by up to a half so that servers do not start in step.

    Whoever has started `max_starts` times within `window_seconds`, and ended again, has failed: nothing for `cool_down_seconds`,
    then one attempt at a time, until one is a success. An end that was wanted is no failure, and its start does not count.
    """

    def __init__(
        self,
        max_starts: int = 5,
        window_seconds: float = 60.0,
        cool_down_seconds: float = 60.0,
        *,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.max_starts = max_starts
        self.window_seconds = window_seconds
        self._cool_down = cool_down_seconds
        self._jitter = jitter
        self._starts: deque[float] = deque(maxlen=max_starts)
        self._failures = 0
        self._not_before = 0.0
        self.failed = False
        """Whether the budget is used up, and no attempt has been a success since."""

    def started(self, now: float) -> None:
        """A start is attempted."""
        self._starts.append(now)

    def ended(self, now: float) -> None:
        """The run, or the attempt, is over, and nobody wanted that."""
        if self._starts and now - self._starts[-1] >= STEADY_SECONDS:
            self._succeeded(now)
            return
        if self.failed or (len(self._starts) == self.max_starts and now - self._starts[0] < self.window_seconds):
            self.failed = True
            self._not_before = now + self._cool_down
            return
        seconds = min(FIRST_SECONDS * 2.0 ** min(self._failures, 16), LONGEST_SECONDS)
        self._failures += 1
        self._not_before = now + seconds * (1 - self._jitter() / 2)

    def rested(self, now: float) -> None:
        """The run is over because nobody needed it."""
        self._succeeded(now)

    def wait(self, now: float) -> float:
        """Seconds until the next start is allowed, 0 for now."""
        return max(self._not_before - now, 0.0)

    def _succeeded(self, now: float) -> None:
        self.failed = False
        self._failures = 0
        self._starts.clear()
        self._not_before = now
