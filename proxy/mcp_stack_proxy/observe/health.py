"""Health, for people (`/health`, the JSON of seed 001) and for probes, each with a question of its own.

`/startupz`: has the process begun to serve? `/livez`: does its event loop turn? `/readyz`: does it want requests? Servers that are
down make none of them fail: the others can still be served, and no restart would bring them back. Those whose process is to start
with this one are waited for, once.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec

from .. import __version__


class Counts(Protocol):
    """Where the numbers come from."""

    def connected(self) -> int:
        """Servers reached and not lost since."""
        ...

    def clients(self) -> int:
        """Clients at the moment."""
        ...

    def tools(self) -> int:
        """Tools known."""
        ...

    def started(self) -> bool:
        """Whether each server whose process starts with this one has answered once. Once true, it stays so."""
        ...


_OK = 200, b'{"status":"ok"}'
_STARTING = 503, b'{"status":"starting","reason":"a server whose process starts with the proxy has not answered yet, see its log"}'
_DRAINING = 503, b'{"status":"draining"}'


class Health:
    """Answers the four questions."""

    def __init__(self, configured: int, counts: Counts) -> None:
        self._configured = configured
        self._counts = counts
        self.draining = False
        self.pages: Mapping[str, Callable[[], tuple[int, bytes]]] = {
            "/health": self._health,
            "/livez": lambda: _OK,
            "/startupz": self._started,
            "/readyz": self._ready,
        }

    def _ready(self) -> tuple[int, bytes]:
        return _DRAINING if self.draining else self._started()

    def _started(self) -> tuple[int, bytes]:
        return _OK if self._counts.started() else _STARTING

    def _health(self) -> tuple[int, bytes]:
        body = {
            "status": "ok",
            "backends_configured": self._configured,
            "backends_connected": self._counts.connected(),
            "active_clients": self._counts.clients(),
            "tools": self._counts.tools(),
            "version": __version__,
        }
        return 200, msgspec.json.encode(body)
