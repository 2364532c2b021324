"""Noticing that a child has ended, while its process id still belongs to it.

The dead child stays a zombie until `ended` has run: only so long may its process group be signalled without the risk that the
id has gone to somebody else. The loop's own child watchers collect it first.
"""

import asyncio
import os
import subprocess
from collections.abc import Callable

POLL_SECONDS = 0.05
"""How often it is looked at where the kernel cannot tell (macOS)."""


class Reaper:
    """Watches one child. Calls `ended` once when it is dead and not collected yet, then collects it and calls `collected`."""

    def __init__(self, process: subprocess.Popen[bytes], ended: Callable[[], None], collected: Callable[[int], None]) -> None:
        self._process = process
        self._ended = ended
        self._collected = collected
        self._loop = asyncio.get_running_loop()
        self._descriptor = _pidfd(process.pid)
        if self._descriptor is not None:
            self._loop.add_reader(self._descriptor, self._finish)
        else:
            self._loop.call_later(POLL_SECONDS, self._look)

    def _look(self) -> None:
        """Without a pidfd: `ended` comes a moment after the collection, the best that is to be had."""
        if self._process.poll() is None:
            self._loop.call_later(POLL_SECONDS, self._look)
        else:
            self._finish()

    def _finish(self) -> None:
        if self._descriptor is not None:
            self._loop.remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = None
        self._ended()
        self._collected(self._process.wait())


def _pidfd(pid: int) -> int | None:
    """A descriptor that becomes readable when `pid` ends (Linux 5.3), or None."""
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return None
