"""What a process has said to one call and nobody has read yet."""

import asyncio
import logging

from ..errors import UpstreamError
from ..wire.envelope import Message

log = logging.getLogger(__name__)

BACKLOG = 1024 * 1024
"""Bytes of notifications that may wait. A process cannot be made to speak slower without making it wait for all its callers."""


class Inbox:
    """Messages to one call, in order. Notifications beyond BACKLOG are left out; the answer never is."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[tuple[Message | UpstreamError, int]] = asyncio.Queue()
        self._waiting = 0

    def put(self, message: Message | UpstreamError, size: int = 0) -> None:
        """`message`, which came as `size` bytes."""
        if self._waiting + size > BACKLOG and isinstance(message, Message) and not message.is_response:
            log.debug("a notification was left out: its reader is too slow")
            return
        self._waiting += size
        self._queue.put_nowait((message, size))

    async def get(self) -> Message:
        """The next one; UpstreamError where that is what the call has come to."""
        message, size = await self._queue.get()
        self._waiting -= size
        if isinstance(message, UpstreamError):
            raise message
        return message
