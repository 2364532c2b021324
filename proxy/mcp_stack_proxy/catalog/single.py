"""One server as it is: its names, its capabilities, its pages."""

from collections.abc import Callable, Hashable

from ..upstream.handshake import OURSELVES
from ..upstream.peer import Call, Peer, Reply
from .offer import Introduction, Unsubscribe, Watchers


class SingleServer:
    """An Offer of one server, for clients that cannot be relayed to it unseen: another era, or stdio."""

    def __init__(self, name: str, peer: Peer, watchers: Watchers) -> None:
        self.name: str | None = name
        self._peer = peer
        self._watchers = watchers

    async def introduce(self, deadline: float) -> Introduction:
        """The server's own words."""
        hello = await self._peer.hello(deadline)
        return Introduction(hello.capabilities, hello.server or OURSELVES, hello.instructions)

    async def call(self, call: Call) -> Reply:
        """See Peer."""
        return await self._peer.call(call)

    async def subscribe(self, uri: str, told: Callable[[str], None], deadline: float, within: Call | None = None) -> Unsubscribe:
        """See Offer."""
        return await self._peer.subscribe(uri, told, deadline, within)

    def told(self, session: Hashable, notification: bytes) -> None:
        """See Offer."""
        self._peer.told(session, notification)

    def watch(self, changed: Callable[[str], None]) -> Unsubscribe:
        """See Offer."""
        return self._watchers.add(changed)
