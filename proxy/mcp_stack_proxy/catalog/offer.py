"""What an endpoint offers its clients: an introduction, and an answer to every call."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from msgspec import Raw

from ..upstream.peer import Call, Reply
from ..wire.envelope import Members

Unsubscribe: TypeAlias = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Introduction:
    """What `initialize` and `server/discover` tell."""

    capabilities: Members
    server: Raw
    instructions: Raw | None


class Called(Protocol):
    """What answers calls."""

    name: str | None
    """The server's name in errors; None where there are many."""

    async def call(self, call: Call) -> Reply:
        """As Peer.call; RpcError for what is refused here."""
        ...


class Offer(Called, Protocol):
    """One server, or many as one."""

    async def introduce(self, deadline: float) -> Introduction:
        """Who is here and what can be asked."""
        ...

    async def subscribe(self, uri: str, told: Callable[[str], None], deadline: float, within: Call | None = None) -> Unsubscribe:
        """As Peer.subscribe, with the names that clients know."""
        ...

    def told(self, session: Hashable, notification: bytes) -> None:
        """As Peer.told."""
        ...

    def watch(self, changed: Callable[[str], None]) -> Unsubscribe:
        """Tell `changed` the kind of each list that changes, until unsubscribed."""
        ...


class Watchers:
    """Those who want to hear of changed lists."""

    def __init__(self) -> None:
        self._watchers: dict[object, Callable[[str], None]] = {}

    def add(self, changed: Callable[[str], None]) -> Unsubscribe:
        """Tell `changed` from now on."""
        key = object()
        self._watchers[key] = changed

        def unsubscribe() -> None:
            self._watchers.pop(key, None)

        return unsubscribe

    def tell(self, kind: str) -> None:
        """The list of `kind` changed."""
        for changed in tuple(self._watchers.values()):
            changed(kind)
