"""Whose turn it is in one call: the server's, whose time is limited, or the client's, while it is asked something."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from ..errors import Reason, UpstreamError

T = TypeVar("T")


class Turn:
    """The server's time for one call: until `deadline`, and at most `silence` seconds between two messages.

    It stands still while the client has questions to answer, however many.
    """

    def __init__(self, deadline: float, silence: float) -> None:
        self._deadline = deadline
        self._silence = silence
        self._questions = 0
        self._asked_at = 0.0
        self._timeout: asyncio.Timeout | None = None

    @property
    def deadline(self) -> float:
        """When the call ends, if nothing more is asked."""
        return self._deadline

    def ask(self) -> None:
        """The client is asked something."""
        if not self._questions:
            self._asked_at = asyncio.get_running_loop().time()
        self._questions += 1

    def answered(self) -> None:
        """One of its questions is answered; after the last the server goes on."""
        self._questions -= 1
        if self._questions:
            return
        now = asyncio.get_running_loop().time()
        self._deadline += now - self._asked_at
        if self._timeout is not None:
            self._timeout.reschedule(min(self._deadline, now + self._silence))

    async def wait(self, next_: Awaitable[T]) -> T:
        """What the server says next; UpstreamError TIMEOUT or SILENT where it says nothing in its time."""
        now = asyncio.get_running_loop().time()
        silent = now + self._silence
        try:
            async with asyncio.timeout_at(None if self._questions else min(self._deadline, silent)) as self._timeout:
                return await next_
        except TimeoutError:
            end = self._timeout.when() if self._timeout is not None else None
            if end == self._deadline:
                raise UpstreamError(Reason.TIMEOUT, "did not answer in time") from None
            raise UpstreamError(Reason.SILENT, f"said nothing for {self._silence:g} s") from None
        finally:
            self._timeout = None
