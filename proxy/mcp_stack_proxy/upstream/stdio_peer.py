"""A server that speaks stdio: one supervised process, its requests multiplexed by id for all callers."""

import asyncio
import logging
import sys
from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress

from ..config import Limits, ServerConfig, bytes_of
from ..errors import TIMEOUTS, Reason, UpstreamError
from ..wire import envelope
from ..wire.envelope import number_of, raw
from ..wire.errors import RpcError
from ..wire.questions import MAY_ASK
from ..wire.revisions import Era
from .backoff import Backoff
from .bridging import LIST_CHANGED, UPDATED, error_in
from .child import Exit
from .conversation import Conversation
from .greeting import Greeting
from .handshake import discover_params, hello_of_discover, hello_of_initialize, initialize_params, listen_params, updates_params
from .http_exchange import Header
from .idleness import Idleness
from .inbox import Inbox
from .listening import announced
from .peer import Answer, Call, Caller, Changed, Hello, Reply
from .program import Program
from .recall import LISTS, Recall
from .rounds import in_rounds
from .single_flight import SingleFlight
from .subscriptions import Stop, Subscriptions
from .supervisor import Supervisor
from .sweep import Sweep
from .tasks import Tasks
from .vitals import Cause, Counters, State, Vitals

log = logging.getLogger(__name__)

PROBE_SECONDS = 5.0
"""How long a server may think about `server/discover` before it is taken for one that ignores what it does not know."""

REST_SECONDS = 5.0
"""Time that an idle process gets to end by itself."""

UNREADY_SECONDS = 1.0
"""Time that a process gets to end by itself that is still starting."""


class StdioPeer:
    """See Peer. The process starts with the first need of it, and again after it died, within its restart budget.

    With an idle time it is stopped when nobody calls. Its server counts as connected all the same, and nothing is announced: what
    it is and what it lists are told from memory until the next call has started it again.
    """

    def __init__(
        self,
        name: str,
        config: ServerConfig,
        limits: Limits,
        tasks: Tasks,
        changed: Changed,
        sweep: Sweep,
        *,
        counters: Counters | None = None,
        greeting: Greeting | None = None,
        caller: Caller | None = None,
    ) -> None:
        """`counters` and `greeting` may be those of other processes, too. `caller` is the only one whose calls the process serves,
        and it may be asked what it has declared; None: everyone's."""
        self.name = name
        process = config.process
        self._conversation = Conversation(name, self._write, limits, tasks, self._heard, caller)
        self._caller = caller
        self._greeting = greeting or Greeting()
        self._subscriptions = Subscriptions(name, self._subscribe, tasks)
        self._tasks = tasks
        self._supervisor = Supervisor(
            Program(config.command or "", tuple(config.args), config.env, config.cwd),
            limits=limits,
            on_line=self._conversation.hear,
            on_exit=self._ended,
            backoff=Backoff(process.max_starts, process.start_window_seconds, process.cool_down_seconds),
            counters=counters,
            max_memory=None if process.max_memory is None else bytes_of(process.max_memory),
        )
        if process.max_memory is not None and sys.platform != "linux":
            log.warning("server %s: this system does not tell what its process occupies, `max_memory` is not watched", name)
        self._limits = limits
        self._changed = changed
        self._sweep = sweep
        self._hello: SingleFlight[Hello] = SingleFlight(f"connect {name}", tasks, self._connect)
        self._idleness = None if process.idle_timeout == "never" else Idleness(process)
        self._recall = Recall(limits.max_message_bytes)
        self._waiting = 0
        """Callers that wait for the process to be ready."""
        self._resting: Hello | None = None
        """What the server said of itself, while its process rests."""

    @property
    def connected(self) -> bool:
        """See Peer."""
        return self._hello.value is not None or self._resting is not None

    @property
    def busy(self) -> bool:
        """Whether somebody waits for it at this moment."""
        return self._waiting > 0 or self._conversation.open_calls > 0

    @property
    def pid(self) -> int | None:
        """See Swept."""
        return self._supervisor.pid

    def vitals(self) -> Vitals:
        """Its process in numbers."""
        supervisor = self._supervisor
        state, last = supervisor.state, supervisor.last_exit
        return Vitals(
            state=state,
            processes=int(supervisor.pid is not None),
            open_calls=self._conversation.open_calls,
            resident_bytes=supervisor.resident,
            retry_seconds=0.0 if state in (State.RUNNING, State.STARTING) else supervisor.retry_after(),
            last_exit=None if last is None else str(last),
            last_stderr=() if last is None else last.stderr,
            counters=supervisor.counters,
        )

    @property
    def connects(self) -> int:
        """See Peer."""
        return self._hello.made

    async def hello(self, deadline: float) -> Hello:
        """See Peer. A process that rests is not started for it."""
        return self._resting or await self._ready(deadline)

    async def call(self, call: Call) -> Reply:
        """See Peer."""
        return await (self._asked(call) if self._idleness is None else self._kept_awake(call, self._idleness))

    async def _asked(self, call: Call) -> Reply:
        hello = self._hello.value or await self._ready(call.deadline)
        if hello.era is Era.MODERN and call.era is Era.LEGACY and call.method in MAY_ASK:
            return await in_rounds(call, lambda again: self._conversation.call(again, hello))
        return await self._conversation.call(call, hello)

    async def subscribe(
        self, uri: str, told: Callable[[str], None], deadline: float, within: Call | None = None
    ) -> Callable[[], None]:
        """See Peer."""
        return await self._subscriptions.add(uri, told, deadline)

    def told(self, session: Hashable, notification: bytes) -> None:
        """See Peer."""
        if self._caller is not None:
            self._tell(notification)

    def left(self, session: Hashable) -> None:
        """Nothing is kept for a session: all share the process."""

    async def aclose(self, grace: float) -> None:
        """See Peer. A process that has not said yet what it is has nothing to finish, and does not get all of `grace`."""
        if not self.connected:
            grace = min(grace, UNREADY_SECONDS)
        self._hello.forget()
        self._resting = None
        await self._supervisor.stop(grace)

    def _heard(self, kind: str) -> None:
        if kind.startswith(UPDATED):
            self._subscriptions.updated(kind.removeprefix(UPDATED))
        else:
            self._listed_anew(kind)

    async def _subscribe(self, uri: str) -> Stop | RpcError:
        deadline = asyncio.get_running_loop().time() + self._limits.discovery_seconds
        hello = self._hello.value or await self._ready(deadline)
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

    # --- its rest

    async def _kept_awake(self, call: Call, idleness: Idleness) -> Reply:
        """A call that keeps the process from rest; one for a list is answered from memory while it rests."""
        loop = asyncio.get_running_loop()
        if call.method not in LISTS:
            idleness.called(loop.time())
            reply = await self._asked(call)
            idleness.touched(loop.time())  # of what is streamed, the sweep sees the end
            return reply
        if self._resting is not None and (told := self._recall.get(call)) is not None:
            return told
        idleness.touched(loop.time())
        if self._hello.value is None:
            await self._ready(call.deadline)  # which may find another server there
        changes = self._recall.changes
        reply = await self._asked(call)
        if isinstance(reply, Answer):
            self._recall.put(call, reply, changes)
        return reply

    def swept(self, resident: int | None, now: float) -> None:
        """See Swept: too large a process is ended, an idle one put to rest."""
        self._supervisor.measured(resident)
        idleness = self._idleness
        if idleness is None or self._supervisor.state is not State.RUNNING:
            return
        if self.busy or self._subscriptions:
            idleness.touched(now)
        elif idleness.is_over(now):
            log.info("server %s: nobody called for %.0f s, its process is put to rest", self.name, idleness.unused(now))
            self._resting = self._hello.value
            self._hello.forget()
            self._supervisor.rest(REST_SECONDS)

    def _ended(self, end: Exit, cause: Cause) -> None:
        self._sweep.forget(self)
        if cause is Cause.IDLE:
            self._conversation.rested()
            return
        self._hello.forget()
        self._log(end.stderr)
        log.warning("server %s %s", self.name, end)
        self._conversation.ended(end.fault or UpstreamError(Reason.UNREACHABLE, f"its process {end} before it answered"))

    def _listed_anew(self, kind: str) -> None:
        self._recall.forget(kind)
        self._changed(kind)

    def _log(self, stderr: Sequence[str]) -> None:
        for line in stderr:
            log.warning("server %s: stderr: %s", self.name, line)

    async def _write(
        self,
        message: bytes,
        deadline: float,
        headers: Sequence[Header] = (),
        *,
        replay_safe: bool = False,
        id_: int | None = None,
    ) -> None:
        child = self._supervisor.current()  # a process is started by the handshake alone
        child.write(message)
        await child.drain()

    # --- negotiation

    async def _ready(self, deadline: float) -> Hello:
        self._waiting += 1
        try:
            return await self._hello.get(deadline)
        finally:
            self._waiting -= 1

    async def _connect(self) -> Hello:
        """A process that has said what it is. If it is another server than the one that went to rest, whoever listens is told."""
        deadline = asyncio.get_running_loop().time() + self._limits.discovery_seconds
        try:
            hello = await self._started(deadline)
        except UpstreamError:
            self._lost()
            raise
        if self._resting not in (None, hello):
            self._lost()
        self._resting = None
        return hello

    async def _started(self, deadline: float) -> Hello:
        """What a new process says of itself. One that could not bear to be asked first is replaced by one that is greeted."""
        child = await self._supervisor.ensure()
        self._sweep.watch(self)
        if self._idleness is not None:
            self._idleness.touched(asyncio.get_running_loop().time())
        try:
            return await self._negotiate(deadline)
        except UpstreamError as fault:
            if not child.ended:  # else its end has been logged
                self._log(child.stderr_tail())
                log.warning("server %s did not become ready: %s", self.name, fault.message)
                raise
            if self._caller is not None or not self._greeting.was_fatal():
                raise
        self._supervisor.forgive()
        return await self._started(deadline)

    def _lost(self) -> None:
        """What is remembered of a server that rested holds no longer."""
        if self._resting is not None:
            self._resting = None
            for kind in LIST_CHANGED.values():
                self._listed_anew(kind)

    async def _negotiate(self, deadline: float) -> Hello:
        """Modern if it answers `server/discover`; otherwise the handshake. A late answer to the first counts, too."""
        hello = await (self._discover(deadline) if self._asks else self._greet(deadline))
        if hello.era is Era.MODERN and (kinds := announced(hello)):
            id_, _ = self._conversation.open()
            self._conversation.close(id_)  # its answer is the end of the process's changes, which nobody waits for
            await self._write(envelope.request(id_, "subscriptions/listen", listen_params(kinds)), deadline)
        self._subscriptions.again()
        return hello

    @property
    def _asks(self) -> bool:
        """Whether a process is asked which revisions it speaks. One that is a client's alone is greeted as this client, who keeps a
        session, would do it: there are servers of both eras that have other ways to ask a client in each."""
        return self._caller is None and self._greeting.asks

    async def _greet(self, deadline: float) -> Hello:
        try:
            return await self._initialize(None, deadline)
        except UpstreamError as fault:
            if fault.reason not in (Reason.INVALID, Reason.UNSUPPORTED):
                raise
        return await self._discover(deadline)  # perhaps it knows no handshake any more

    async def _discover(self, deadline: float) -> Hello:
        id_, inbox = self._conversation.open()
        try:
            await self._write(envelope.request(id_, "server/discover", discover_params()), deadline)
            probe = min(deadline, asyncio.get_running_loop().time() + PROBE_SECONDS)
            try:
                hello = hello_of_discover(await self._conversation.next(inbox, probe))
            except UpstreamError as error:
                if error.reason not in TIMEOUTS:
                    raise
                hello = await self._initialize((id_, inbox), deadline)
                if hello.era is Era.LEGACY:
                    self._greeting.was_ignored()
            return hello or await self._initialize((id_, inbox), deadline)
        finally:
            self._conversation.close(id_)

    async def _initialize(self, probe: tuple[int, Inbox] | None, deadline: float) -> Hello:
        """The handshake. A late answer to `probe`, the question before it, counts, too."""
        asked, inbox = probe or (None, None)
        id_, inbox = self._conversation.open(inbox)
        try:
            await self._write(envelope.request(id_, "initialize", initialize_params(self._caller)), deadline)
            while True:
                message = await self._conversation.next(inbox, deadline)
                if asked is not None and number_of(message.id) == asked:
                    if (hello := hello_of_discover(message)) is not None:
                        return hello
                    continue
                hello = hello_of_initialize(message)
                await self._write(envelope.notification("notifications/initialized"), deadline)
                return hello
        finally:
            self._conversation.close(id_)
