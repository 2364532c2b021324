"""The management port: GET of a few pages, for probes and scrapers. It goes on while the main port drains, when somebody asks.

On loopback it answers to loopback's names only, so that no page in a browser reads it by a name of its own (DNS rebinding).
"""

import asyncio
import ipaddress
import logging
import socket
from collections.abc import Mapping

from ..observe.pages import Ask
from .app import page_served
from .doorman import Doorman
from .http import Refusal, Request, Served
from .http.hub import Hub

log = logging.getLogger(__name__)

_BODY = 4096
"""Bytes of a body that nobody reads."""


class ManagementPort:
    """Serves `pages`."""

    def __init__(self, pages: Mapping[str, Ask]) -> None:
        self._pages = {path: page_served(ask) for path, ask in pages.items()}
        self._doorman: Doorman | None = None
        self._hub: Hub | None = None
        self._server: asyncio.AbstractServer | None = None

    async def open(self, listener: socket.socket) -> None:
        """Serve on `listener` from now on."""
        host, port = listener.getsockname()[:2]
        if ipaddress.ip_address(host).is_loopback:
            self._doorman = Doorman(host, [], [])
        self._hub = Hub(self, _BODY)
        self._server = await self._hub.loop.create_server(self._hub.connect, sock=listener)
        log.info("health and metrics on http://%s:%d", f"[{host}]" if ":" in host else host, port)

    def admit(self, request: Request) -> Served:
        """See Application."""
        if self._doorman is not None:
            self._doorman.admit(request)
        page = self._pages.get(request.path)
        if page is None:
            raise Refusal(404, f"no such page; there are {', '.join(sorted(self._pages))}")
        page.admit(request)
        return page

    async def aclose(self) -> None:
        """Serve no more."""
        if self._server is not None and self._hub is not None:
            self._server.close()
            await self._hub.drain(0)
