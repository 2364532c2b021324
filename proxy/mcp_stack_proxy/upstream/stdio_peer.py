"""A server that speaks stdio: one supervised process, its requests multiplexed by id for all callers."""

import asyncio
import logging
from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress

from ..config import Limits, ServerConfig
from ..errors import Reason, UpstreamError
from ..wire import envelope
from ..wire.envelope import raw
from ..wire.errors import RpcError
from ..wire.questions import MAY_ASK
from ..wire.revisions import Era
from .bridging import UPDATED, error_in
from .child import Child, Exit
from .conversation import Conversation, number
from .handshake import discover_params, hello_of_discover, hello_of_initialize, initialize_params, listen_params, updates_params
from .http_exchange import Header
from .inbox import Inbox
from .listening import announced
from .peer import Call, Caller, Changed, Hello, Reply
from .program import Program
from .rounds import in_rounds
from .single_flight import SingleFlight
from .subscriptions import Stop, Subscriptions
from .supervisor import Supervisor
from .tasks import Tasks

log = logging.getLogger(__name__)

PROBE_SECONDS = 5.0
"""How long a server may think about `server/discover` before it is taken for one that ignores what it does not know."""


class StdioPeer:
    """See Peer. The process starts with the first call, and again after it died, within its restart budget."""

    def __init__(
        self, name: str, config: ServerConfig, limits: Limits, tasks: Tasks, changed: Changed, caller: Caller | None = None
    ) -> None:
        """`caller` is the only one whose calls the process serves, and it may be asked what it has declared; None: everyone's."""
        self.name = name
        self._caller = caller
        program = Program(config.command or "", tuple(config.args), config.env, config.cwd)
        self._conversation = Conversation(name, self._write, limits, tasks, self._changed, caller)
        self._announce = changed
        self._subscriptions = Subscriptions(name, self._subscribe, tasks)
        self._tasks = tasks
        self._supervisor = Supervisor(program, limits=limits, on_line=self._conversation.hear, on_exit=self._ended)
        self._limits = limits
        self._hello: SingleFlight[Hello] = SingleFlight(f"connect {name}", tasks, self._negotiate)

    @property
    def connected(self) -> bool:
        """See Peer."""
        return self._hello.value is not None

    async def hello(self, deadline: float) -> Hello:
        """See Peer."""
        return await self._hello.get(deadline)

    async def call(self, call: Call) -> Reply:
        """See Peer."""
        hello = self._hello.value or await self._hello.get(call.deadline)
        if hello.era is Era.MODERN and call.era is Era.LEGACY and call.method in MAY_ASK:
            return await in_rounds(call, lambda again: self._conversation.call(again, hello))
        return await self._conversation.call(call, hello)

    async def subscribe(self, uri: str, told: Callable[[str], None], deadline: float) -> Callable[[], None]:
        """See Peer."""
        return await self._subscriptions.add(uri, told, deadline)

    def told(self, session: Hashable, notification: bytes) -> None:
        """See Peer."""
        if self._caller is not None:
            self._tell(notification)

    def left(self, session: Hashable) -> None:
        """See Peer: the process is kept for no session in particular."""

    async def aclose(self, grace: float) -> None:
        """See Peer."""
        self._hello.forget()
        await self._supervisor.stop(grace)

    def _changed(self, kind: str) -> None:
        if kind.startswith(UPDATED):
            self._subscriptions.updated(kind.removeprefix(UPDATED))
        else:
            self._announce(kind)

    async def _subscribe(self, uri: str) -> Stop | RpcError:
        deadline = asyncio.get_running_loop().time() + self._limits.discovery_seconds
        hello = await self._hello.get(deadline)
        if hello.era is Era.MODERN:
            id_, _ = self._conversation.open()
            self._conversation.close(id_)  # its answer is the end of the process's changes, which nobody waits for
            await self._write(envelope.request(id_, "subscriptions/listen", updates_params(uri)), deadline)
            return lambda: self._tell(envelope.notification("notifications/cancelled", {"requestId": id_}))
        answer = await self._conversation.ask("resources/subscribe", {"uri": raw(uri)}, deadline)
        return error_in(answer) or (lambda: self._unsubscribe(uri))

    def _unsubscribe(self, uri: str) -> None:
        id_, _ = self._conversation.open()
        self._conversation.close(id_)
        self._tell(envelope.request(id_, "resources/unsubscribe", {"uri": uri}))

    def _tell(self, message: bytes) -> None:
        async def tell() -> None:
            with suppress(UpstreamError):  # a process that has ended has forgotten it
                await self._write(message, asyncio.get_running_loop().time() + self._limits.connect_seconds)

        if self.connected:
            with suppress(RuntimeError):  # the gateway is closing, and ends the process itself
                self._tasks.spawn(tell(), f"tell {self.name}")

    def _ended(self, end: Exit) -> None:
        self._hello.forget()
        for line in end.stderr:
            log.warning("server %s: stderr: %s", self.name, line)
        log.warning("server %s %s", self.name, end)
        self._conversation.ended(end.fault or UpstreamError(Reason.UNREACHABLE, f"its process {end} before it answered"))

    async def _write(
        self,
        message: bytes,
        deadline: float,
        headers: Sequence[Header] = (),
        *,
        replay_safe: bool = False,
        id_: int | None = None,
    ) -> None:
        child: Child = await self._supervisor.ensure()
        child.write(message)
        await child.drain()

    # --- negotiation

    async def _negotiate(self) -> Hello:
        """Modern if it answers `server/discover`; otherwise the handshake. A late answer to the first counts, too."""
        deadline = asyncio.get_running_loop().time() + self._limits.discovery_seconds
        await self._supervisor.ensure()
        id_, inbox = self._conversation.open()
        try:
            await self._write(envelope.request(id_, "server/discover", discover_params()), deadline)
            probe = min(deadline, asyncio.get_running_loop().time() + PROBE_SECONDS)
            try:
                hello = hello_of_discover(await self._conversation.next(inbox, probe))
            except UpstreamError as error:
                if error.reason is not Reason.TIMEOUT:
                    raise
                hello = None
            hello = hello or await self._initialize(inbox, id_, deadline)
        finally:
            self._conversation.close(id_)
        if hello.era is Era.MODERN and (kinds := announced(hello)):
            id_, _ = self._conversation.open()
            self._conversation.close(id_)  # its answer is the end of the process's changes, which nobody waits for
            await self._write(envelope.request(id_, "subscriptions/listen", listen_params(kinds)), deadline)
        self._subscriptions.again()
        return hello

    async def _initialize(self, probe: Inbox, probe_id: int, deadline: float) -> Hello:
        id_, inbox = self._conversation.open(probe)
        try:
            await self._write(envelope.request(id_, "initialize", initialize_params(self._caller)), deadline)
            while True:
                message = await self._conversation.next(inbox, deadline)
                if number(message.id) == probe_id:
                    if (hello := hello_of_discover(message)) is not None:
                        return hello
                    continue
                hello = hello_of_initialize(message)
                await self._write(envelope.notification("notifications/initialized"), deadline)
                return hello
        finally:
            self._conversation.close(id_)
