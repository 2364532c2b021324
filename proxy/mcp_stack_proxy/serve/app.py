"""What is at which path: health, and the endpoints of a gateway."""

from collections.abc import Mapping

from ..observe.pages import Ask, Pages
from ..observe.recorder import Refusals
from .doorman import Doorman
from .http import Refusal, Request, Served

_MCP = ("GET", "POST", "DELETE")


class App:
    """Routes by path. A slash at an endpoint's end makes no difference: frameworks differ, and so do the URLs that people paste.

    Health is told to everyone, metrics and MCP only to those whom the doorman admits."""

    def __init__(self, endpoints: Mapping[str, Served], doorman: Doorman, pages: Pages, refusals: Refusals) -> None:
        self._endpoints = dict(endpoints)
        self._doorman = doorman
        self._pages = {path: _Page(page) for path, page in pages.open.items()}
        self._admitted = {path: _Page(page) for path, page in pages.admitted.items()}
        self._refusals = refusals
        self._preflight = _Preflight(doorman)

    def admit(self, request: Request) -> Served:
        """See Application."""
        try:
            endpoint = self._endpoints.get(request.path)
            if endpoint is None and (endpoint := self._with_slash(request)) is None:
                return self._elsewhere(request)
            self._doorman.admit(request)
            if request.method not in _MCP:
                return self._otherwise(request)
            endpoint.admit(request)
        except Refusal as refusal:
            self._refusals.refused(refusal.status, refusal.text)
            raise
        return endpoint

    def _with_slash(self, request: Request) -> Served | None:
        path = request.path.removesuffix("/")
        endpoint = self._endpoints.get(path)
        if endpoint is not None:
            request.path = path
        return endpoint

    def _otherwise(self, request: Request) -> Served:
        if request.method == "OPTIONS" and request.extra:
            return self._preflight
        raise Refusal(405, "MCP uses GET, POST and DELETE", [(b"allow", ", ".join(_MCP).encode())])

    def _elsewhere(self, request: Request) -> Served:
        """Health, or nothing. Only who is admitted learns which servers there are not."""
        page = self._pages.get(request.path)
        if page is None and (page := self._admitted.get(request.path)) is not None:
            self._doorman.admit(request)
        if page is not None:
            page.admit(request)
            return page
        if request.path.startswith("/servers/"):
            self._doorman.admit(request)
            if request.method == "OPTIONS" and request.extra:
                return self._preflight
        raise Refusal(404, "no such path; MCP is at /mcp and /servers/{name}/mcp")


def page_served(ask: Ask) -> Served:
    """A page of health or numbers, as something that is served."""
    return _Page(ask)


class _Page:
    """A page of health or metrics."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def admit(self, request: Request) -> None:
        if request.method not in ("GET", "HEAD"):
            raise Refusal(405, "health is read by GET", [(b"allow", b"GET, HEAD")])

    async def handle(self, request: Request) -> None:
        page = await self._ask()
        await request.respond(page.status, page.body, [(b"content-type", page.content_type), (b"cache-control", b"no-store")])


class _Preflight:
    """A browser's question whether a page may call."""

    def __init__(self, doorman: Doorman) -> None:
        self._doorman = doorman

    def admit(self, request: Request) -> None:
        self._doorman.admit(request)

    async def handle(self, request: Request) -> None:
        await request.respond(204, headers=self._doorman.preflight(request))
