"""A configuration compiled into endpoints and servers: built once, never changed, closed as a whole."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from ..catalog.aggregate import Aggregate
from ..catalog.kinds import TOOLS
from ..catalog.merged import MergedLists
from ..catalog.names import Namespaces
from ..catalog.offer import Offer, Watchers
from ..catalog.server_lists import ServerLists
from ..catalog.single import SingleServer
from ..catalog.task_book import TaskBook
from ..catalog.virtual import Virtual
from ..config import Limits, ProxyConfig, namespace_of
from ..errors import UpstreamError
from ..observe.families import Sources, Upstream
from ..observe.observation import Observation, by_name
from ..observe.recorder import Recorder
from ..upstream.peer import Peer
from ..upstream.stdio_peer import StdioPeer
from ..upstream.stdio_sessions import StdioSessions
from ..upstream.sweep import Sweep
from ..upstream.tasks import Tasks
from ..upstream.vitals import Vitals
from ..wire.task_ids import TaskIds
from .answering import Answering
from .asking import Asking
from .attendance import Attendance
from .endpoint import Endpoint
from .http import Served
from .legacy import LegacyFront
from .modern import ModernFront
from .parking import Parking
from .place import Place
from .relay import Relay
from .replicas import Replicas
from .resuming import Resuming
from .servers import Server, Servers, headers_of
from .sessions import Sessions
from .sharing import Sharing
from .sse_front import SseFront
from .starting import Starting
from .streams import Streams
from .vigil import Vigil


class Gateway:
    """All endpoints of a process by path."""

    def __init__(self, config: ProxyConfig, source: str = "serve:http", place: Place | None = None) -> None:
        """`source` says in audit records how calls come; `place` is that of a worker among several."""
        self.config = config
        self.tasks = Tasks()
        self.vigil = Vigil()
        self.streams = Streams()
        self.sharing = Sharing(config.sessions, self.tasks, place)
        self.sessions = Sessions(self.sharing.keys, self.sharing.address, ended=self._session_ended)
        self.replicas = Replicas(self.sharing, config.limits, self.tasks)
        self._task_ids = TaskIds(self.sharing.keys)
        self._book = TaskBook()
        self._sweep = Sweep(self.tasks)
        self.observation = Observation(config, self._listed, self._learn, source)
        self.parking = Parking(self.replicas.tickets("input"), config.limits, self.tasks)
        self._asking = Asking(self.replicas.tickets("question"), config.limits.input_seconds, self.tasks)
        self._resuming = Resuming(self.replicas.tickets("replay"), self.replicas)
        self._namespaces = Namespaces({name: namespace_of(name, server) for name, server in config.servers.items()})
        self._everyone = Watchers()
        self._relays: list[Relay] = []
        attendance = Attendance(self.sessions, self._asking, config.virtual_servers)
        common = self.tasks, self._sweep, self._namespaces, self._task_ids, self._book, self._changed, attendance
        servers = Servers(config, *common)
        self.servers = {name: servers.make(name) for name in config.servers}
        self._starting = Starting(self._awaited(), place)
        self.virtual = {name: self._virtual(name) for name in config.virtual_servers}
        self.everything = self._aggregate()
        everywhere = by_name(self._namespaces.resolve_name, self._namespaces.resolve_uri, self.everything.known_task)
        self._recorder = self.observation.recorder(route=everywhere)
        self.endpoints: dict[str, Served] = self._endpoints("", self.everything, None, config.limits, self._recorder)
        for server in self.servers.values():
            self.endpoints |= self._single(server)
        for name, virtual in self.virtual.items():
            recorder = self.observation.recorder(route=by_name(virtual.known_tool, virtual.known_uri, virtual.known_task))
            self.endpoints |= self._endpoints(f"/servers/{name}", virtual, None, config.limits, recorder)

    def begin(self) -> None:
        """Start what starts with the process: the audit, and servers whose process does not wait for the first call."""
        self.observation.start()
        self._starting.begin()

    def started(self) -> bool:
        """Whether each server whose process starts with this one has answered once."""
        return self._starting.done()

    def fronts(self) -> tuple[ModernFront, LegacyFront]:
        """Both faces of all servers together, whatever they are reached by."""
        return self._fronts(self.everything, self.config.limits, self._recorder)

    def _fronts(self, offer: Offer, limits: Limits, recorder: Recorder | None) -> tuple[ModernFront, LegacyFront]:
        asking, replicas = self._asking, self.replicas
        answering = Answering(self.vigil, self.tasks, asking, self.parking, recorder)
        modern = ModernFront(offer, limits, answering, self.streams, self.parking, replicas)
        server = self.servers.get(offer.name or "")
        bound = server is not None and isinstance(server.connection, StdioSessions)
        common = offer, limits, answering, self.streams
        return modern, LegacyFront(*common, self.sessions, asking, replicas, self._resuming, bound=bound)

    def tools(self) -> int:
        """Tools known so far."""
        lists = (server.lists.known(TOOLS) for server in self.servers.values())
        return sum(len(known.keys) for known in lists if known is not None)

    def connected(self) -> int:
        """Servers that have been reached and not been lost since."""
        return sum(server.peer.connected for server in self.servers.values())

    def vitals(self) -> dict[str, Vitals]:
        """The processes of each server that speaks stdio."""
        processes = ((name, server.connection) for name, server in self.servers.items())
        return {name: one.vitals() for name, one in processes if isinstance(one, StdioPeer | StdioSessions)}

    def clients(self) -> int:
        """Open sessions, and calls in flight that belong to none."""
        relayed = self.replicas.in_flight + sum(relay.in_flight for relay in self._relays)
        return max(len(self.sessions), len(self.vigil) + len(self.streams) + relayed)

    def metrics(self) -> Callable[[], Iterator[str]] | None:
        """The text of all metrics, in slices; None where there are none."""
        upstreams = {
            name: Upstream(server.is_connected, partial(self._listed, name), server.connects, server.lists.record)
            for name, server in self.servers.items()
        }
        seen = self.observation
        sessions, streams = self.sessions.__len__, self.streams.__len__
        refused = seen.refusals.counts
        return seen.metrics(Sources(seen.counts, upstreams, self.vitals, sessions, streams, refused, seen.lag, seen.logs))

    def _listed(self, server: str) -> Sequence[str] | None:
        known = self.servers[server].lists.known(TOOLS)
        return None if known is None else known.keys

    def _learn(self, server: str) -> None:
        self.tasks.spawn(self._fetch_tools(server), f"tools of {server}")

    async def _fetch_tools(self, server: str) -> None:
        deadline = asyncio.get_running_loop().time() + self.config.limits.discovery_seconds
        with contextlib.suppress(UpstreamError):  # its calls say what is wrong with it
            await self.servers[server].lists.get(TOOLS, deadline)

    async def aclose(self, grace: float, forced: asyncio.Event | None = None) -> None:
        """End streams, sessions and processes, all servers at once. They get `grace` seconds, and no more once `forced` is set."""
        self.streams.close()
        await self._starting.aclose()
        await self.parking.aclose()
        self._sweep.close()
        self._resuming.close()
        closing = Tasks()
        closed = closing.spawn(self._close(grace), "close the servers")
        impatience = closing.spawn((forced or asyncio.Event()).wait(), "no more patience")
        await asyncio.wait({closed, impatience}, return_when=asyncio.FIRST_COMPLETED)
        await closing.aclose()
        await self.replicas.aclose()
        await self.tasks.aclose()
        await self.observation.aclose()

    async def _close(self, grace: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace + 1), asyncio.TaskGroup() as group:
                for server in self.servers.values():
                    group.create_task(server.peer.aclose(grace))

    def _changed(self, name: str, kind: str) -> None:
        """A list of server `name` is another than it was."""
        server = self.servers[name]
        server.lists.forget(kind)
        server.watchers.tell(kind)
        self._everyone.tell(kind)
        for virtual in self.virtual.values():
            virtual.changed(name, kind)

    def _session_ended(self, session: str) -> None:
        self._resuming.forget(session)
        for server in self.servers.values():
            server.peer.left(session)

    def _awaited(self) -> Iterator[tuple[str, StdioPeer | StdioSessions, float]]:
        for name, server in self.servers.items():
            at_once = self.config.servers[name].process.start == "startup"
            if at_once and isinstance(server.connection, StdioPeer | StdioSessions):
                yield name, server.connection, server.limits.discovery_seconds

    def _aggregate(self) -> Aggregate:
        return Aggregate(
            self._peers(),
            self._namespaces,
            MergedLists(self._lists(), self._discovery_seconds()),
            self._everyone,
            self._task_ids,
            self._book,
            title=self.config.name,
            instructions=self.config.instructions,
        )

    def _virtual(self, name: str) -> Virtual:
        config = self.config.virtual_servers[name]
        common = self._peers(), self._namespaces, self._lists(), self._task_ids, self._book
        return Virtual(name, config, *common, self._discovery_seconds())

    def _peers(self) -> dict[str, Peer]:
        return {name: server.peer for name, server in self.servers.items()}

    def _lists(self) -> dict[str, ServerLists]:
        return {name: server.lists for name, server in self.servers.items()}

    def _discovery_seconds(self) -> float:
        """For the lists of several servers: what the slowest may take."""
        return max(server.limits.discovery_seconds for server in self.servers.values())

    def _single(self, server: Server) -> dict[str, Served]:
        relay = None
        recorder = self.observation.recorder(server=server.name)
        if server.relayed is not None:
            own = headers_of(self.config.servers[server.name])
            relay = Relay(server.relayed, own, server.limits, self.streams, self.sessions, server.gate, recorder)
            self._relays.append(relay)
        offer = SingleServer(server.name, server.peer, server.watchers)
        return self._endpoints(f"/servers/{server.name}", offer, relay, server.limits, recorder)

    def _endpoints(
        self, base: str, offer: Offer, relay: Relay | None, limits: Limits, recorder: Recorder | None
    ) -> dict[str, Served]:
        modern, legacy = self._fronts(offer, limits, recorder)
        pair = SseFront(offer, limits, legacy, self.streams, self.sessions, self.replicas, f"{base}/messages")
        return {
            f"{base}/mcp": Endpoint(offer, limits, modern, legacy, relay),
            f"{base}/sse": pair,
            f"{base}/messages": pair,
        }
