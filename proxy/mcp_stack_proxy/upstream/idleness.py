"""How long a process that nobody calls is kept. Arithmetic only: the clock is the caller's."""

from ..config import ProcessConfig, seconds_of

HOT, WARM = 20.0, 5.0
"""Calls an hour above which a process is kept for longer (seed 001)."""

HOT_SECONDS, WARM_SECONDS, COLD_SECONDS = 300.0, 180.0, 60.0

SHORT_HOURS = 0.001
"""Below this age the calls of an hour are guessed as if all of them had come within a second (seed 001)."""


class Idleness:
    """The calls of one server over all its runs, and what follows from them: seed 001's adaptive times, or a fixed one."""

    def __init__(self, config: ProcessConfig) -> None:
        self._fixed = None if config.idle_timeout == "adaptive" else seconds_of(config.idle_timeout)
        self._shortest = seconds_of(config.min_idle_timeout)
        self._longest = seconds_of(config.max_idle_timeout)
        self._calls = 0
        self._first = 0.0
        self._last = 0.0

    def touched(self, now: float) -> None:
        """Something was done with the process that is no call."""
        self._last = now

    def called(self, now: float) -> None:
        """A call."""
        if not self._calls:
            self._first = now
        self._calls += 1
        self._last = now

    def seconds(self, now: float) -> float:
        """How long it is kept without a call."""
        if self._fixed is not None:
            return self._fixed
        if self._calls == 0:  # started for its lists alone: the first call is not far
            return self._longest
        if self._calls == 1:
            return self._shortest
        hours = (now - self._first) / 3600
        an_hour = self._calls / hours if hours > SHORT_HOURS else self._calls * 3600
        kept = HOT_SECONDS if an_hour > HOT else WARM_SECONDS if an_hour > WARM else COLD_SECONDS
        return min(max(kept, self._shortest), self._longest)

    def unused(self, now: float) -> float:
        """Seconds since something was last done with it."""
        return now - self._last

    def is_over(self, now: float) -> bool:
        """Whether it has been kept for long enough."""
        return self.unused(now) > self.seconds(now)
