"""What a GET is answered with, beside MCP: who is told what, and on which port."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from .exposition import CONTENT_TYPE
from .health import Health

JSON = b"application/json"


@dataclass(frozen=True, slots=True)
class Page:
    """One answer."""

    status: int
    body: bytes
    content_type: bytes = JSON


Ask = Callable[[], Awaitable[Page]]


@dataclass(frozen=True, slots=True)
class Pages:
    """Pages of one port by path: `open` ones for everyone, `admitted` ones for those who may call."""

    open: Mapping[str, Ask]
    admitted: Mapping[str, Ask]


class Together(Protocol):
    """Several processes that answer as one: each page as this process has it -> the page of all."""

    def health(self, own: Ask) -> Ask:
        """`/health`."""
        ...

    def metrics(self, own: Ask) -> Ask:
        """`/metrics`."""
        ...


def pages(
    health: Health, metrics: Callable[[], Iterator[str]] | None, *, apart: bool, together: Together | None = None
) -> tuple[Pages, Pages]:
    """Pages of the main port and of the management port. `apart`: there is one; otherwise everything is on the main port.

    A load balancer in front can ask the main port for `/health` in either case: where there is a management port it is told the
    status alone. `metrics` makes the text of all metrics, piece by piece. `together`: this is one process of several.
    """
    told: dict[str, Ask] = {path: _plain(page) for path, page in health.pages.items()}
    measured: dict[str, Ask] = {} if metrics is None else {"/metrics": _sliced(metrics)}
    if together is not None:
        told["/health"] = together.health(told["/health"])
        measured |= {path: together.metrics(page) for path, page in measured.items()}
    if not apart:
        return Pages(told, measured), Pages({}, {})
    return Pages({"/health": told["/readyz"]}, {}), Pages({**told, **measured}, {})


def _plain(page: Callable[[], tuple[int, bytes]]) -> Ask:
    async def ask() -> Page:
        return Page(*page())

    return ask


def _sliced(text: Callable[[], Iterator[str]]) -> Ask:
    """The whole text, made in slices between which calls are served. A thread would hold them up for longer: each time that the
    event loop wakes up it would wait for the interpreter's lock, 5 ms at worst."""

    async def ask() -> Page:
        slices: list[bytes] = []
        for piece in text():
            slices.append(piece.encode())
            await asyncio.sleep(0)
        return Page(200, b"".join(slices), CONTENT_TYPE)

    return ask
