"""A configuration compiled into endpoints and servers: built once, never changed, closed as a whole."""

import asyncio
import contextlib
from dataclasses import dataclass

from ..catalog.aggregate import Aggregate
from ..catalog.kinds import TOOLS, Kind
from ..catalog.merged import MergedLists
from ..catalog.names import Namespaces
from ..catalog.offer import Offer, Watchers
from ..catalog.server_lists import ServerLists
from ..catalog.single import SingleServer
from ..config import ProxyConfig, ServerConfig, namespace_of
from ..guard.compiled import guarded
from ..upstream.http import HttpPool, Origin
from ..upstream.http_peer import HttpPeer
from ..upstream.peer import Peer
from ..upstream.stdio_peer import StdioPeer
from ..upstream.tasks import Tasks
from .answering import Answering
from .endpoint import Endpoint
from .http import Header, Served
from .legacy import LegacyFront
from .modern import ModernFront
from .relay import Relay
from .replicas import Replicas
from .sessions import Sessions
from .sharing import Sharing
from .sse_front import SseFront
from .streams import Streams
from .vigil import Vigil


@dataclass(frozen=True, slots=True)
class Server:
    """One configured server."""

    name: str
    peer: Peer
    lists: ServerLists
    watchers: Watchers


class Gateway:
    """All endpoints of a process by path."""

    def __init__(self, config: ProxyConfig) -> None:
        self.config = config
        self.tasks = Tasks()
        self.vigil = Vigil()
        self.streams = Streams()
        self.sharing = Sharing(config.sessions, self.tasks)
        self.sessions = Sessions(self.sharing.keys, self.sharing.address)
        self.replicas = Replicas(self.sharing, config.limits, self.tasks)
        self._answering = Answering(self.vigil, self.tasks)
        self._namespaces = Namespaces({name: namespace_of(name, server) for name, server in config.servers.items()})
        self._everyone = Watchers()
        self._relays: list[Relay] = []
        self.servers = {name: self._server(name, server) for name, server in config.servers.items()}
        self.endpoints: dict[str, Served] = self._endpoints("", self._aggregate(), None)
        for server in self.servers.values():
            self.endpoints |= self._single(server)

    def tools(self) -> int:
        """Tools known so far."""
        lists = (server.lists.known(TOOLS) for server in self.servers.values())
        return sum(len(known.keys) for known in lists if known is not None)

    def connected(self) -> int:
        """Servers that have been reached and not been lost since."""
        return sum(server.peer.connected for server in self.servers.values())

    def clients(self) -> int:
        """Open sessions, and calls in flight that belong to none."""
        relayed = self.replicas.in_flight + sum(relay.in_flight for relay in self._relays)
        return max(len(self.sessions), len(self.vigil) + len(self.streams) + relayed)

    async def aclose(self, grace: float, forced: asyncio.Event | None = None) -> None:
        """End streams, sessions and processes, all servers at once. They get `grace` seconds, and no more once `forced` is set."""
        self.streams.close()
        closing = Tasks()
        closed = closing.spawn(self._close(grace), "close the servers")
        impatience = closing.spawn((forced or asyncio.Event()).wait(), "no more patience")
        await asyncio.wait({closed, impatience}, return_when=asyncio.FIRST_COMPLETED)
        await closing.aclose()
        await self.replicas.aclose()
        await self.tasks.aclose()

    async def _close(self, grace: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace + 1), asyncio.TaskGroup() as group:
                for server in self.servers.values():
                    group.create_task(server.peer.aclose(grace))

    def _server(self, name: str, config: ServerConfig) -> Server:
        watchers = Watchers()

        def changed(kind: str) -> None:
            self.servers[name].lists.forget(kind)
            watchers.tell(kind)
            self._everyone.tell(kind)

        limits = self.config.limits
        if config.url is not None:
            pool = HttpPool(Origin.parse(config.url), limits=limits)
            peer: Peer = HttpPeer(name, pool, _headers(config), limits, self.tasks, changed)
        else:
            peer = StdioPeer(name, config, limits, self.tasks, changed)

        def rename(kind: Kind, key: str) -> str:
            return self._namespaces.name(name, key) if kind.key == "name" else self._namespaces.uri(name, key)

        guard, lists = guarded(name, config, peer, lambda seen: ServerLists(seen, rename, limits, self.tasks, name))
        return Server(name, guard, lists, watchers)

    def _aggregate(self) -> Offer:
        lists = {name: server.lists for name, server in self.servers.items()}
        return Aggregate(
            {name: server.peer for name, server in self.servers.items()},
            self._namespaces,
            MergedLists(lists, self.config.limits.discovery_seconds),
            self._everyone,
            title=self.config.name,
            instructions=self.config.instructions,
        )

    def _single(self, server: Server) -> dict[str, Served]:
        relay = None  # nor is there one for a guarded server: what is passed through unseen cannot be checked
        if isinstance(server.peer, HttpPeer):
            own = _headers(self.config.servers[server.name])
            relay = Relay(server.peer, own, self.config.limits, self.streams, self.sessions)
            self._relays.append(relay)
        offer = SingleServer(server.name, server.peer, server.watchers)
        return self._endpoints(f"/servers/{server.name}", offer, relay)

    def _endpoints(self, base: str, offer: Offer, relay: Relay | None) -> dict[str, Served]:
        limits = self.config.limits
        modern = ModernFront(offer, limits, self._answering, self.streams)
        legacy = LegacyFront(offer, limits, self._answering, self.streams, self.sessions, self.replicas)
        pair = SseFront(offer, limits, legacy, self.streams, self.sessions, self.replicas, f"{base}/messages")
        return {
            f"{base}/mcp": Endpoint(offer, limits, modern, legacy, relay),
            f"{base}/sse": pair,
            f"{base}/messages": pair,
        }


def _headers(config: ServerConfig) -> list[Header]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in config.headers.items()]
