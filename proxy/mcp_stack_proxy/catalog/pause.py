"""How long a server that did not answer is left alone, so that it does not delay every list.

Arithmetic only: the clock is the caller's.
"""

from ..errors import TIMEOUTS, UNREACHED, Reason, UpstreamError

FIRST_SECONDS = 30.0
LONGEST_SECONDS = 300.0
"""After timeouts: 30, 60, 120, 240, then always 300."""
REFUSED_SECONDS = 1.0
"""Without a connection: finding that out again costs next to nothing, a storm of clients aside."""


class Pause:
    """What is known of a server's last failure, and until when that will do instead of asking."""

    def __init__(self) -> None:
        self._fault: UpstreamError | None = None
        self._until = 0.0
        self._timeouts = 0

    def check(self, now: float) -> None:
        """Raise the last failure once more while its pause lasts."""
        if self._fault is not None and now < self._until:
            raise _copy(self._fault)

    def failed(self, fault: UpstreamError, now: float) -> None:
        """Asking ended in `fault`. One that is told during a pause began before it, and counts as the same failure."""
        if self._fault is not None and now < self._until:
            return
        self._timeouts = self._timeouts + 1 if fault.reason in TIMEOUTS else 0
        self._fault = _copy(fault)
        self._until = now + self._seconds(fault.reason)

    def succeeded(self) -> None:
        """The server answered."""
        self._fault = None
        self._timeouts = 0

    def _seconds(self, reason: Reason) -> float:
        if reason in TIMEOUTS:
            return min(FIRST_SECONDS * 2.0 ** min(self._timeouts - 1, 16), LONGEST_SECONDS)
        return REFUSED_SECONDS if reason in UNREACHED else 0.0


def _copy(fault: UpstreamError) -> UpstreamError:
    """Without traceback and cause: raising one exception again and again makes both grow."""
    return UpstreamError(fault.reason, fault.message, retryable=fault.retryable, hint=fault.hint, status=fault.status)
