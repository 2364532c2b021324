"""What is at which path: health, and the endpoints of a gateway."""

from collections.abc import Callable, Mapping

from ..observe.health import Health
from .doorman import Doorman
from .http import JSON, Refusal, Request, Served

_MCP = ("GET", "POST", "DELETE")


class App:
    """Routes by exact path. Health is told to everyone, MCP only to those whom the doorman admits."""

    def __init__(self, endpoints: Mapping[str, Served], doorman: Doorman, health: Health) -> None:
        self._endpoints = dict(endpoints)
        self._doorman = doorman
        self._pages = {path: _Page(page) for path, page in health.pages.items()}
        self._preflight = _Preflight(doorman)

    def admit(self, request: Request) -> Served:
        """See Application."""
        endpoint = self._endpoints.get(request.path)
        if endpoint is None:
            return self._elsewhere(request)
        self._doorman.admit(request)
        if request.method != "POST":
            if request.method == "OPTIONS" and request.extra:
                return self._preflight
            if request.method not in _MCP:
                raise Refusal(405, "MCP uses GET, POST and DELETE", [(b"allow", ", ".join(_MCP).encode())])
        endpoint.admit(request)
        return endpoint

    def _elsewhere(self, request: Request) -> Served:
        """Health, or nothing. Only who is admitted learns which servers there are not."""
        page = self._pages.get(request.path)
        if page is not None:
            page.admit(request)
            return page
        if request.path.startswith("/servers/"):
            self._doorman.admit(request)
            if request.method == "OPTIONS" and request.extra:
                return self._preflight
        raise Refusal(404, "no such path; MCP is at /mcp and /servers/{name}/mcp")


class _Page:
    """A page of health."""

    def __init__(self, page: Callable[[], tuple[int, bytes]]) -> None:
        self._page = page

    def admit(self, request: Request) -> None:
        if request.method not in ("GET", "HEAD"):
            raise Refusal(405, "health is read by GET", [(b"allow", b"GET, HEAD")])

    async def handle(self, request: Request) -> None:
        status, body = self._page()
        await request.respond(status, body, [JSON, (b"cache-control", b"no-store")])


class _Preflight:
    """A browser's question whether a page may call."""

    def __init__(self, doorman: Doorman) -> None:
        self._doorman = doorman

    def admit(self, request: Request) -> None:
        self._doorman.admit(request)

    async def handle(self, request: Request) -> None:
        await request.respond(204, headers=self._doorman.preflight(request))
