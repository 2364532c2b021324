"""How late the event loop is: what every call waits for that does not wait for its server."""

import asyncio

from .counts import Histogram

EVERY = 0.25
"""Seconds between two looks."""

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class LoopLag:
    """A timer that notes by how much it was late."""

    def __init__(self) -> None:
        self.histogram = Histogram("mcp_proxy_event_loop_lag_seconds", {}, BOUNDS)
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Look from now on."""
        self._plan(asyncio.get_running_loop())

    def close(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _plan(self, loop: asyncio.AbstractEventLoop) -> None:
        due = loop.time() + EVERY
        self._timer = loop.call_at(due, self._look, loop, due)

    def _look(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        self.histogram.add(max(loop.time() - due, 0.0))
        self._plan(loop)
