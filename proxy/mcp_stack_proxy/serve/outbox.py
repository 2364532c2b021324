"""What one client has not read yet: bounded, in order, with a sign of life while there is nothing to say."""

import asyncio
from collections import deque

from ..wire.sse import KEEP_ALIVE
from .reply import BEAT


class Outbox:
    """Pieces of a stream. At most `limit` bytes wait, or one piece of any size."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._pieces: deque[tuple[bytes, str | None]] = deque()
        self._keys: set[str] = set()
        self._size = 0
        self._wake = asyncio.Event()
        self.closed = False

    def put(self, piece: bytes, key: str | None = None) -> bool:
        """Add `piece`, unless one of the same `key` waits already. False where it finds no room: the client does not read."""
        if self.closed or (key is not None and key in self._keys):
            return True
        if self._pieces and self._size + len(piece) > self._limit:
            return False
        if key is not None:
            self._keys.add(key)
        self._pieces.append((piece, key))
        self._size += len(piece)
        self._wake.set()
        return True

    def close(self) -> None:
        """Nothing more is added. What waits is still read."""
        self.closed = True
        self._wake.set()

    async def next(self) -> bytes | None:
        """The next piece, a comment after BEAT seconds without one; None at the end."""
        if not self._pieces and not self.closed:
            try:
                async with asyncio.timeout(BEAT):
                    await self._wake.wait()
            except TimeoutError:
                return KEEP_ALIVE
        self._wake.clear()
        if not self._pieces:
            return None
        piece, key = self._pieces.popleft()
        self._size -= len(piece)
        if key is not None:
            self._keys.discard(key)
        if self._pieces or self.closed:
            self._wake.set()
        return piece
