"""What the worker processes of one proxy say as one: each asks the others for their numbers."""

import asyncio
import secrets
from dataclasses import replace

import msgspec

from ..config import Limits
from ..errors import UpstreamError
from ..observe.exposition import labelled, merged
from ..observe.pages import Ask, Page
from ..upstream.http import HttpPool, Origin
from .app import page_served
from .http import Refusal, Request, Served
from .http.hub import Application
from .place import Place

TOKEN = b"mcp-stack-sibling"
"""Header by which a worker knows another one."""

SECONDS = 2.0
"""Time that a sibling has to tell its numbers; those of one that takes longer are left out."""


class Siblings:
    """See Together: numbers of all workers. And an Application: what is served at the worker's own address."""

    def __init__(self, place: Place, limits: Limits) -> None:
        self._place = place
        others = [address for address in place.addresses if address != place.address]
        self._others = [HttpPool(Origin.parse(f"http://{address}/"), limits=limits) for address in others]
        self._limits = limits
        self._app: Application | None = None
        self._told: dict[str, Served] = {}

    def health(self, own: Ask) -> Ask:
        """`/health` of all: clients are added up, of servers and tools the worker that knows most is believed."""
        self._told["/health"] = page_served(own)

        async def ask() -> Page:
            page = await own()
            numbers = msgspec.json.decode(page.body)
            for body in await self._ask("/health"):
                theirs = msgspec.json.decode(body)
                numbers["active_clients"] += theirs["active_clients"]
                for key in ("backends_connected", "tools"):
                    numbers[key] = max(numbers[key], theirs[key])
            return replace(page, body=msgspec.json.encode(numbers))

        return ask

    def metrics(self, own: Ask) -> Ask:
        """`/metrics` of all: every series has the label `worker`."""

        async def told() -> Page:
            page = await own()
            return replace(page, body=labelled(page.body.decode(), "worker", str(self._place.number)).encode())

        async def ask() -> Page:
            page = await told()
            texts = [page.body, *await self._ask("/metrics")]
            return replace(page, body=merged(text.decode() for text in texts).encode())

        self._told["/metrics"] = page_served(told)
        return ask

    def beside(self, app: Application) -> "Siblings":
        """Itself; `app` is what is served beside the numbers."""
        self._app = app
        return self

    def admit(self, request: Request) -> Served:
        """See Application."""
        told = self._told.get(request.path)
        if told is not None and secrets.compare_digest(request.headers.get(TOKEN, b""), self._place.token):
            return told
        if self._app is None:
            raise Refusal(503, "the worker is starting")
        return self._app.admit(request)

    async def aclose(self) -> None:
        """Close every connection."""
        for pool in self._others:
            await pool.aclose()

    async def _ask(self, path: str) -> list[bytes]:
        answers = await asyncio.gather(*(self._one(pool, path) for pool in self._others))
        return [answer for answer in answers if answer is not None]

    async def _one(self, pool: HttpPool, path: str) -> bytes | None:
        deadline = asyncio.get_running_loop().time() + SECONDS
        try:
            response = await pool.send(
                b"GET", path.encode(), [(TOKEN, self._place.token)], b"", deadline=deadline, replay_safe=True
            )
            return await response.read(self._limits.max_message_bytes) if response.status == 200 else None
        except UpstreamError:
            return None
