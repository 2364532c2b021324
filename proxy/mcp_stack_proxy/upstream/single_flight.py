"""One attempt for all who wait: the value is kept until forgotten, a failure is told to everyone waiting and then forgotten.

An attempt gets to know a server, and has `limits.discovery_seconds` for it; whoever waits has a deadline of its own.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from ..errors import Reason, UpstreamError, of_discovery
from .tasks import Tasks

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """A value that is costly to make. Many callers, one attempt at a time, each caller with a deadline of its own."""

    def __init__(self, name: str, tasks: Tasks, make: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self._name = name
        self._tasks = tasks
        self._make = make
        self._attempt: asyncio.Task[T | UpstreamError] | None = None
        self.value: T | None = None
        """The last value made, None before the first and after `forget`."""
        self.made = 0
        """Values made so far."""

    async def get(self, deadline: float) -> T:
        """The value, made now if need be. Whatever `make` raises; UpstreamError TIMEOUT when `deadline` passes first."""
        if self.value is not None:
            return self.value
        if self._attempt is None or self._attempt.done():
            self._attempt = self._tasks.spawn(self._run(), self._name)
        try:
            async with asyncio.timeout_at(deadline):
                outcome = await asyncio.shield(self._attempt)
        except TimeoutError:
            raise UpstreamError(Reason.TIMEOUT, "did not become ready in time", retryable=True) from None
        if isinstance(outcome, UpstreamError):
            raise outcome
        return outcome

    def forget(self) -> None:
        """The value no longer holds; the next caller makes it again."""
        self.value = None

    async def _run(self) -> T | UpstreamError:
        try:
            self.value = await self._make()
            self.made += 1
        except UpstreamError as error:
            return of_discovery(error)  # each waiting caller raises it; a task that nobody waits for any more has nothing to report
        return self.value
