"""The servers of a configuration: what each is reached by, and what stands around that, from the inside out.

A call comes from the outside: ids of tasks, checks of the tool's contract, headers that repeat arguments, limits, connection.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from ..catalog.kinds import TOOLS, Kind
from ..catalog.names import Namespaces
from ..catalog.offer import Watchers
from ..catalog.server_lists import ServerLists, ToldApart, is_for_lists
from ..catalog.task_book import TaskBook
from ..catalog.task_peer import TaskPeer
from ..config import Limits, ProxyConfig, ServerConfig, limits_of
from ..guard.compiled import guarded, is_guarded
from ..guard.gate import Gate, gate_of
from ..guard.limited import limited
from ..guard.mirrored import MirroredPeer
from ..upstream.greeting import Greeting
from ..upstream.http import HttpPool, Origin
from ..upstream.http_peer import HttpPeer
from ..upstream.peer import Attending, Call, Caller, Changed, Peer
from ..upstream.stdio_peer import StdioPeer
from ..upstream.stdio_sessions import StdioSessions
from ..upstream.sweep import Sweep
from ..upstream.tasks import Tasks
from ..upstream.vitals import Counters
from ..wire.questions import legacy_capabilities
from ..wire.task_ids import TaskIds
from .http import Header

if TYPE_CHECKING:
    from ..upstream.cli.peer import CliPeer

Connection: TypeAlias = "HttpPeer | CliPeer | StdioPeer | StdioSessions"


@dataclass(frozen=True, slots=True)
class Server:
    """One configured server."""

    name: str
    peer: Peer
    connection: Connection
    """`peer`, without what stands around it."""
    lists: ServerLists
    watchers: Watchers
    limits: Limits
    """Those in force for it."""
    relayed: HttpPeer | None
    """Where its own endpoint passes requests through unseen; None where they have to be seen, or there is no HTTP."""
    gate: Gate | None
    """Bounds its calls, on every route; None where nothing does."""

    def is_connected(self) -> bool:
        """Whether it was reached and not lost since."""
        return self.connection.connected

    def connects(self) -> int:
        """Times that it was negotiated with."""
        return self.connection.connects


class Servers:
    """Makes them, each once."""

    def __init__(
        self,
        config: ProxyConfig,
        tasks: Tasks,
        sweep: Sweep,
        namespaces: Namespaces,
        task_ids: TaskIds,
        book: TaskBook,
        changed: Callable[[str, str], None],
        attending: Attending,
    ) -> None:
        """`changed` is told of a server and the kind of its list that is another than it was; `attending` reaches one client."""
        self._attending = attending
        self._config = config
        self._tasks = tasks
        self._sweep = sweep
        self._namespaces = namespaces
        self._task_ids = task_ids
        self._book = book
        self._changed = changed

    def make(self, name: str) -> Server:
        """The server that the configuration has under `name`."""
        config, limits = self._config.servers[name], limits_of(self._config, name)
        connection = self._connection(name, config, limits)
        gate = gate_of(config.limits)

        async def relist(deadline: float) -> None:
            lists.forget(TOOLS.capability)
            await lists.get(TOOLS, deadline)

        def rename(kind: Kind, key: str) -> str:
            return self._namespaces.name(name, key) if kind.key == "name" else self._namespaces.uri(name, key)

        peer = MirroredPeer(name, limited(connection, config.limits, gate), relist, over_http=config.url is not None)

        def lists_of(seen: Peer) -> ServerLists:
            return ServerLists(seen, rename, limits, self._tasks, name, told_apart=_told_apart(config))

        guard, lists = guarded(name, config, peer, lists_of)
        relayed = connection if isinstance(connection, HttpPeer) and not is_guarded(config) else None
        return Server(name, TaskPeer(name, guard, self._task_ids, self._book), connection, lists, Watchers(), limits, relayed, gate)

    def _connection(self, name: str, config: ServerConfig, limits: Limits) -> Connection:
        changed = partial(self._changed, name)
        if config.url is not None:
            pool = HttpPool(Origin.parse(config.url), limits=limits)
            return HttpPeer(name, pool, headers_of(config), limits, self._tasks, changed, self._attending)
        if config.cli is not None:
            from ..upstream.cli.peer import CliPeer  # fourteen modules, for whoever wraps a program

            return CliPeer(name, config, limits, self._tasks)
        return self._stdio(name, config, limits, changed)

    def _stdio(self, name: str, config: ServerConfig, limits: Limits, changed: Changed) -> StdioPeer | StdioSessions:
        tasks, sweep, attending = self._tasks, self._sweep, self._attending
        if config.process.sharing == "shared":
            return StdioPeer(name, config, limits, tasks, changed, sweep)

        greeting = Greeting()

        def make(call: Call | None, counters: Counters) -> StdioPeer:
            if call is None:
                return StdioPeer(name, config, limits, tasks, changed, sweep, counters=counters, greeting=greeting)
            told = changed if is_for_lists(call.session) else partial(attending.tell, call.session)
            caller = Caller(legacy_capabilities(call.capabilities), call.client, partial(attending.ask, call.session))
            return StdioPeer(name, config, limits, tasks, told, sweep, counters=counters, greeting=greeting, caller=caller)

        return StdioSessions(make, config.process.max_sessions, tasks)


def headers_of(config: ServerConfig) -> list[Header]:
    """Configured headers of every request to a server."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in config.headers.items()]


def _told_apart(config: ServerConfig) -> ToldApart | None:
    """Which clients the server knows apart: of those who keep no session, each call has one with a server at a URL."""
    if config.url is not None:
        return "all"
    return "settled" if config.cli is None and config.process.sharing == "session" else None
