"""Long-lived streams of list changes: a legacy client's GET, and a modern client's `subscriptions/listen`."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from ..catalog.offer import Offer
from ..wire.sse import KEEP_ALIVE, frame
from .http import Request
from .reply import BEAT, STREAM


class Endless(Protocol):
    """What would go on for ever if nobody ended it."""

    def end(self) -> None:
        """End it soon, and properly."""
        ...


class Stream:
    """One client that listens. What it has not read yet is a set of kinds, so that a slow reader costs no memory."""

    def __init__(self) -> None:
        self._pending: dict[str, None] = {}
        self._said: list[bytes] = []
        self._wake = asyncio.Event()
        self._closed = False

    def tell(self, kind: str) -> None:
        """The list of `kind` changed."""
        self._pending[kind] = None
        self._wake.set()

    def say(self, frames: bytes) -> None:
        """Write `frames`. Whoever says something bounds how much of it can be unread."""
        self._said.append(frames)
        self._wake.set()

    def said(self) -> bytes:
        """What was said since the last call."""
        said, self._said = b"".join(self._said), []
        return said

    def end(self) -> None:
        """Nothing more will come."""
        self._closed = True
        self._wake.set()

    async def next(self) -> list[str] | None:
        """Kinds that changed since the last call, empty where something was said, or nothing for BEAT seconds; None at the end."""
        if not self._pending and not self._said and not self._closed:
            try:
                async with asyncio.timeout(BEAT):
                    await self._wake.wait()
            except TimeoutError:
                return []
        self._wake.clear()
        if self._closed:
            return None
        kinds = list(self._pending)
        self._pending.clear()
        return kinds


class Streams:
    """All that are open, so that a drain can end them."""

    def __init__(self) -> None:
        self._open: set[Endless] = set()

    def __len__(self) -> int:
        return len(self._open)

    def open(self, stream: Endless) -> None:
        """Remember `stream` until it has ended."""
        self._open.add(stream)

    def ended(self, stream: Endless) -> None:
        """`stream`, if it was one, needs no end any more."""
        self._open.discard(stream)

    async def serve(
        self,
        request: Request,
        offer: Offer,
        wants: Callable[[str], bool],
        message: Callable[[str], bytes],
        *,
        first: bytes | None = None,
        last: bytes | None = None,
        stream: Stream | None = None,
    ) -> None:
        """Send `first`, then `message(kind)` for each change of a kind that it `wants`, then `last` if it is we who end it."""
        stream = stream or Stream()
        self.open(stream)
        stop = offer.watch(lambda kind: stream.tell(kind) if wants(kind) else None)
        request.client.watch(stream.end)
        try:
            await request.begin(STREAM, frame(first) if first is not None else KEEP_ALIVE)
            while (changed := await stream.next()) is not None:
                news = b"".join(frame(message(kind)) for kind in changed)
                await request.out.part(news + stream.said() or KEEP_ALIVE)
            await request.out.end(frame(last) if last is not None else b"")
        finally:
            stop()
            self.ended(stream)

    def close(self) -> None:
        """End all of them."""
        for stream in tuple(self._open):
            stream.end()
