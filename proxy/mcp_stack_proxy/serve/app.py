"""The ASGI application: health, and the endpoints of a gateway."""

import logging
from collections.abc import Awaitable, Callable, Mapping

from ..observe.health import Health
from .asgi import JSON, Gone, Receive, Refusal, Request, Scope, Send, Served
from .doorman import Doorman

log = logging.getLogger(__name__)

_NOWHERE = Refusal(404, "no such path; MCP is at /mcp and /servers/{name}/mcp")
_MCP = ("GET", "POST", "DELETE")


class App:
    """Routes by exact path. Health is told to everyone, MCP only to those whom the doorman admits."""

    def __init__(self, endpoints: Mapping[str, Served], doorman: Doorman, health: Health) -> None:
        self._endpoints = dict(endpoints)
        self._doorman = doorman
        self._health: Mapping[str, Callable[[], tuple[int, bytes]]] = health.pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One HTTP request."""
        raw: list[tuple[bytes, bytes]] = list(scope["headers"])
        request = Request(scope["method"], scope["path"], raw, dict(raw), receive, send, [], scope.get("query_string", b""))
        try:
            endpoint = self._endpoints.get(request.path)
            if endpoint is not None:
                self._doorman.admit(request)
                if request.method == "POST":
                    await endpoint.handle(request)
                else:
                    await self._other_than_post(endpoint, request)
            elif request.path in self._health:
                await self._tell(request)
            else:
                await self._nowhere(request)
        except Refusal as refusal:
            await request.refuse(refusal)
        except Gone:
            log.debug("a client left before its request was complete")

    async def _other_than_post(self, endpoint: Served, request: Request) -> None:
        if request.method == "OPTIONS" and request.extra:
            await request.respond(204, headers=self._doorman.preflight(request))
        elif request.method not in _MCP:
            raise Refusal(405, "MCP uses GET, POST and DELETE", [(b"allow", ", ".join(_MCP).encode())])
        else:
            await endpoint.handle(request)

    async def _nowhere(self, request: Request) -> None:
        """Only who is admitted learns which servers there are not."""
        if request.path.startswith("/servers/"):
            self._doorman.admit(request)
            if request.method == "OPTIONS" and request.extra:
                await request.respond(204, headers=self._doorman.preflight(request))
                return
        await request.refuse(_NOWHERE)

    async def _tell(self, request: Request) -> None:
        if request.method not in ("GET", "HEAD"):
            raise Refusal(405, "health is read by GET", [(b"allow", b"GET, HEAD")])
        status, body = self._health[request.path]()
        await request.respond(status, b"" if request.method == "HEAD" else body, [JSON, (b"cache-control", b"no-store")])


Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]
