"""Which resources of one server clients want to hear of: the server is asked once for each, however many they are."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from ..errors import UpstreamError
from ..wire.errors import INTERNAL_ERROR, RpcError
from .single_flight import SingleFlight
from .tasks import Tasks

MAX_SUBSCRIPTIONS = 1000
"""Resources of one server that are subscribed to at once."""

RENEWAL = 60.0
"""Seconds within which a subscription is made anew, or given up until the server is met again."""

Stop: TypeAlias = Callable[[], None]
Told: TypeAlias = Callable[[str], None]
"""Takes the URI that changed: the one that was subscribed to, or one below it."""
Begin: TypeAlias = Callable[[str], Awaitable[Stop | RpcError]]
"""Has the server announce changes of one resource; the server's error, where it refuses."""


class Subscriptions:
    """Whom to tell of what."""

    def __init__(self, name: str, begin: Begin, tasks: Tasks) -> None:
        self._name = name
        self._begin = begin
        self._tasks = tasks
        self._told: dict[str, dict[object, Told]] = {}
        self._flights: dict[str, SingleFlight[Stop | RpcError]] = {}

    def __len__(self) -> int:
        return len(self._told)

    async def add(self, uri: str, told: Told, deadline: float) -> Stop:
        """Tell `told` of changes until it is stopped. RpcError where the server refuses, UpstreamError where it is lost."""
        flight = self._flights.get(uri) or self._flight(uri)
        key = object()
        self._told.setdefault(uri, {})[key] = told
        try:
            begun = await flight.get(deadline)
        except BaseException:
            self._remove(uri, key)
            raise
        if isinstance(begun, RpcError):
            self._remove(uri, key)
            raise begun
        return lambda: self._remove(uri, key)

    def updated(self, uri: str) -> None:
        """The server says that `uri` changed."""
        for subscribed, told in tuple(self._told.items()):
            if uri == subscribed or uri.startswith(subscribed.rstrip("/") + "/"):
                for tell in tuple(told.values()):
                    tell(uri)

    def again(self) -> None:
        """The server has forgotten them all: it is asked anew, and everything counts as changed meanwhile."""
        for uri, flight in tuple(self._flights.items()):
            flight.forget()
            self._tasks.spawn(self._renew(uri, flight), f"subscribe again at {self._name}")

    async def _renew(self, uri: str, flight: SingleFlight[Stop | RpcError]) -> None:
        try:
            await flight.get(asyncio.get_running_loop().time() + RENEWAL)
        except UpstreamError:
            return  # its next negotiation renews them again
        self.updated(uri)

    def _flight(self, uri: str) -> SingleFlight[Stop | RpcError]:
        if len(self._flights) >= MAX_SUBSCRIPTIONS:
            raise RpcError(INTERNAL_ERROR, f"{MAX_SUBSCRIPTIONS} resources of this server are subscribed to already")

        async def make() -> Stop | RpcError:
            begun = await self._begin(uri)
            if self._flights.get(uri) is not flight and not isinstance(begun, RpcError):
                begun()  # nobody wants it any more
            return begun

        flight = self._flights[uri] = SingleFlight(f"subscribe at {self._name}", self._tasks, make)
        return flight

    def _remove(self, uri: str, key: object) -> None:
        told = self._told.get(uri)
        if told is None or told.pop(key, None) is None or told:
            return
        del self._told[uri]
        begun = self._flights.pop(uri).value
        if begun is not None and not isinstance(begun, RpcError):
            begun()
