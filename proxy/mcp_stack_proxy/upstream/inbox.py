"""What a process has said to one call and nobody has read yet."""

import asyncio
import logging

from ..wire.envelope import Message

log = logging.getLogger(__name__)

BACKLOG = 1024 * 1024
"""Bytes of notifications that may wait. A process cannot be made to speak slower without making it wait for all its callers."""


class Inbox:
    """Messages to one call, in order. Notifications beyond BACKLOG are left out; the answer never is."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[tuple[Message | Exception, int]] = asyncio.Queue()
        self._waiting = 0
        self._read = asyncio.Event()

    def put(self, message: Message | Exception, size: int = 0) -> None:
        """`message`, which came as `size` bytes."""
        if self._waiting + size > BACKLOG and isinstance(message, Message) and message.is_notification:
            log.debug("a notification was left out: its reader is too slow")
            return
        self._waiting += size
        self._queue.put_nowait((message, size))

    async def room(self, size: int) -> None:
        """Wait until `size` bytes more may wait: for a channel that is this call's alone, and can be made to wait."""
        while self._waiting and self._waiting + size > BACKLOG:
            self._read.clear()
            await self._read.wait()

    def unread(self) -> list[tuple[Message, int]]:
        """What nobody will read any more, each with its size."""
        left: list[tuple[Message, int]] = []
        while not self._queue.empty():
            message, size = self._queue.get_nowait()
            if isinstance(message, Message):
                left.append((message, size))
        return left

    async def get(self) -> Message:
        """The next one; an exception that was put is raised: it is what the call has come to."""
        message, size = await self._queue.get()
        self._waiting -= size
        self._read.set()
        if isinstance(message, Exception):
            raise message
        return message
