"""Faults that are let pass, one line each, and never more lines than a log can bear."""

import logging
import time
from collections.abc import Callable, Iterable

from .payload import Fault

log = logging.getLogger(__name__)

WINDOW_SECONDS = 10.0
LINES = 20
"""Lines of one server within a window; the rest is counted."""


class FaultLog:
    """The faults of one server's tools."""

    def __init__(self, server: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._server = server
        self._clock = clock
        self._until = 0.0
        self._lines = 0
        self._withheld = 0

    def faults(self, tool: str, what: str, faults: Iterable[Fault]) -> None:
        """Faults in `what` (arguments, result) of `tool`, by their place."""
        for fault in faults:
            self.line(tool, f"{what} break the schema at {fault.pointer!r} ({fault.keyword})")

    def line(self, tool: str, text: str) -> None:
        """One line, if there is room."""
        now = self._clock()
        if now >= self._until:
            if self._withheld:
                log.warning("server %s: %d more faults were not logged", self._server, self._withheld)
            self._until, self._lines, self._withheld = now + WINDOW_SECONDS, 0, 0
        if self._lines < LINES:
            self._lines += 1
            log.warning("server %s: tool %.128r: %s", self._server, tool, text)
        else:
            self._withheld += 1
