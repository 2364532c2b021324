"""What stands around a peer and is one itself: what it does not change passes."""

from collections.abc import Awaitable, Callable, Hashable

from .peer import Call, Hello, Peer, Reply


class PeerAround:
    """See Peer."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    @property
    def connected(self) -> bool:
        """See Peer."""
        return self._peer.connected

    async def hello(self, deadline: float) -> Hello:
        """See Peer."""
        return await self._peer.hello(deadline)

    def call(self, call: Call) -> Awaitable[Reply]:
        """See Peer."""
        return self._peer.call(call)

    async def subscribe(
        self, uri: str, told: Callable[[str], None], deadline: float, within: Call | None = None
    ) -> Callable[[], None]:
        """See Peer."""
        return await self._peer.subscribe(uri, told, deadline, within)

    def told(self, session: Hashable, notification: bytes) -> None:
        """See Peer."""
        self._peer.told(session, notification)

    def left(self, session: Hashable) -> None:
        """See Peer."""
        self._peer.left(session)

    async def aclose(self, grace: float) -> None:
        """See Peer."""
        await self._peer.aclose(grace)
