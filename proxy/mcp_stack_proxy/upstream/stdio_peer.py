"""A server that speaks stdio: one supervised process, its requests multiplexed by id for all callers."""

import asyncio
import logging
from collections.abc import Awaitable
from contextlib import suppress

from msgspec import Raw

from ..config import Limits, ServerConfig
from ..errors import Reason, UpstreamError
from ..wire import envelope
from ..wire.envelope import Members, Message, decode_message, raw
from ..wire.errors import METHOD_NOT_FOUND, RpcError
from ..wire.revisions import Era
from .bridging import LIST_CHANGED, answer_for, more_verbose, notification_for, params_for, with_token
from .child import Child, Exit
from .handshake import discover_params, hello_of_discover, hello_of_initialize, initialize_params, listen_params
from .inbox import Inbox
from .listening import announced
from .peer import Call, Changed, Hello, Parts, Reply
from .program import Program
from .single_flight import SingleFlight
from .supervisor import Supervisor
from .tasks import Tasks

log = logging.getLogger(__name__)

PROBE_SECONDS = 5.0
"""How long a server may think about `server/discover` before it is taken for one that ignores what it does not know."""

GARBLED = 5
"""Lines of one run that are logged for being no MCP: a process that prints what it likes must not fill the log."""


class StdioPeer:
    """See Peer. The process starts with the first call, and again after it died, within its restart budget."""

    def __init__(self, name: str, config: ServerConfig, limits: Limits, tasks: Tasks, changed: Changed) -> None:
        self.name = name
        program = Program(config.command or "", tuple(config.args), config.env, config.cwd)
        self._supervisor = Supervisor(program, limits=limits, on_line=self._heard, on_exit=self._ended)
        self._limits = limits
        self._tasks = tasks
        self._changed = changed
        self._hello: SingleFlight[Hello] = SingleFlight(f"connect {name}", tasks, self._negotiate)
        self._inboxes: dict[int, Inbox] = {}
        self._last_id = 0
        self._log_level: str | None = None
        self._garbled = 0

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
        if hello.era is Era.LEGACY:
            await self._want_log_level(call, hello)
        id_, inbox = self._open()
        params, token = with_token(params_for(call, hello.era), id_)
        try:
            await self._write(envelope.request(id_, call.method, params))
            first = await self._next(inbox, call.deadline)
            if not first.is_response:
                return self._parts(call, hello.era, first, id_, token)
            del self._inboxes[id_]
            return answer_for(call, hello.era, first)
        except BaseException as error:
            self._give_up(id_, error)
            raise

    async def _parts(self, call: Call, era: Era, message: Message, id_: int, token: Raw | None) -> Parts:
        inbox = self._inboxes[id_]
        try:
            while not message.is_response:
                if (notification := notification_for(call, message, token)) is not None:
                    yield notification
                message = await self._next(inbox, call.deadline)
            answer = answer_for(call, era, message)
        except BaseException as error:
            self._give_up(id_, error)
            raise
        del self._inboxes[id_]
        yield answer

    def _give_up(self, id_: int, error: BaseException) -> None:
        """Nobody waits for call `id_` any more; the process is told, unless it is the one that ended."""
        if self._inboxes.pop(id_, None) is not None and not (
            isinstance(error, UpstreamError) and error.reason is not Reason.TIMEOUT
        ):
            self._tell(envelope.notification("notifications/cancelled", {"requestId": id_}))

    async def aclose(self, grace: float) -> None:
        """See Peer."""
        self._hello.forget()
        await self._supervisor.stop(grace)

    # --- what the process says

    def _heard(self, line: bytes) -> None:
        try:
            message = decode_message(line)
        except RpcError as error:
            self._not_understood(error)
            return
        size = len(line)
        if message.is_response:
            self._deliver(_number(message.id), message, size)
        elif message.is_request:
            self._decline(message)
        elif message.method in LIST_CHANGED:
            self._changed(LIST_CHANGED[message.method])
        elif message.method == "notifications/progress":
            self._deliver(_number(_params(message).get("progressToken")), message, size)
        elif message.method == "notifications/message" and len(self._inboxes) == 1:
            # A line of log names no request: with one call in flight it is that call's, with several it is nobody's to see.
            self._deliver(next(iter(self._inboxes)), message, size)

    def _deliver(self, id_: int | None, message: Message, size: int) -> None:
        inbox = self._inboxes.get(id_) if id_ is not None else None
        if inbox is not None:
            inbox.put(message, size)
        else:
            log.debug("server %s answered a call that nobody waits for any more", self.name)

    def _not_understood(self, error: RpcError) -> None:
        self._garbled += 1
        if self._garbled <= GARBLED:
            more = "; more of them are not reported" if self._garbled == GARBLED else ""
            log.warning("server %s wrote a line that is no MCP message: %s%s", self.name, error.message, more)

    def _ended(self, end: Exit) -> None:
        self._hello.forget()
        self._log_level = None
        self._garbled = 0
        for line in end.stderr:
            log.warning("server %s: stderr: %s", self.name, line)
        log.warning("server %s %s", self.name, end)
        fault = end.fault or UpstreamError(Reason.UNREACHABLE, f"its process {end} before it answered")
        for inbox in self._inboxes.values():
            inbox.put(fault)
        for kind in ("tools", "prompts", "resources"):
            self._changed(kind)

    # --- what it is told

    async def _want_log_level(self, call: Call, hello: Hello) -> None:
        wanted = call.log_level
        if wanted is None or "logging" not in hello.capabilities or not more_verbose(wanted, self._log_level):
            return
        self._log_level = wanted
        await self._ask("logging/setLevel", {"level": raw(wanted)}, call.deadline)

    def _decline(self, message: Message) -> None:
        if message.id is None:
            return
        if message.method == "ping":
            self._tell(envelope.result(message.id, {}))
        else:
            self._tell(RpcError(METHOD_NOT_FOUND, "no client capability was declared").body(message.id))

    def _tell(self, line: bytes) -> None:
        self._tasks.spawn(self._quietly(self._write(line)), f"tell {self.name}")

    async def _quietly(self, writing: Awaitable[None]) -> None:
        with suppress(UpstreamError):  # a process that has ended needs to be told nothing
            await writing

    async def _write(self, line: bytes) -> None:
        child: Child = await self._supervisor.ensure()
        child.write(line)
        await child.drain()

    # --- negotiation

    async def _negotiate(self) -> Hello:
        """Modern if it answers `server/discover`; otherwise the handshake. A late answer to the first counts, too."""
        deadline = asyncio.get_running_loop().time() + self._limits.discovery_seconds
        await self._supervisor.ensure()
        id_, inbox = self._open()
        try:
            await self._write(envelope.request(id_, "server/discover", discover_params()))
            probe = min(deadline, asyncio.get_running_loop().time() + PROBE_SECONDS)
            try:
                hello = hello_of_discover(await self._next(inbox, probe))
            except UpstreamError as error:
                if error.reason is not Reason.TIMEOUT:
                    raise
                hello = None
            hello = hello or await self._initialize(inbox, id_, deadline)
        finally:
            del self._inboxes[id_]
        if hello.era is Era.MODERN and (kinds := announced(hello)):
            self._last_id += 1  # its answer is the end of the process's changes, which nobody waits for
            await self._write(envelope.request(self._last_id, "subscriptions/listen", listen_params(kinds)))
        return hello

    async def _initialize(self, probe: Inbox, probe_id: int, deadline: float) -> Hello:
        id_, inbox = self._open(probe)
        try:
            await self._write(envelope.request(id_, "initialize", initialize_params()))
            while True:
                message = await self._next(inbox, deadline)
                if _number(message.id) == probe_id:
                    if (hello := hello_of_discover(message)) is not None:
                        return hello
                    continue
                hello = hello_of_initialize(message)
                await self._write(envelope.notification("notifications/initialized"))
                return hello
        finally:
            del self._inboxes[id_]

    async def _ask(self, method: str, params: Members, deadline: float) -> Message:
        id_, inbox = self._open()
        try:
            await self._write(envelope.request(id_, method, params))
            while True:
                message = await self._next(inbox, deadline)
                if message.is_response:
                    return message
        finally:
            del self._inboxes[id_]

    # --- waiting

    def _open(self, inbox: Inbox | None = None) -> tuple[int, Inbox]:
        self._last_id += 1
        inbox = inbox or Inbox()
        self._inboxes[self._last_id] = inbox
        return self._last_id, inbox

    async def _next(self, inbox: Inbox, deadline: float) -> Message:
        """The next message of a call; UpstreamError where the process ends, stays silent for too long, or time is up."""
        loop = asyncio.get_running_loop()
        silent = loop.time() + self._limits.exchange_seconds
        try:
            async with asyncio.timeout_at(min(deadline, silent)):
                return await inbox.get()
        except TimeoutError:
            what = f"said nothing for {self._limits.exchange_seconds:g} s" if silent <= deadline else "did not answer in time"
            raise UpstreamError(Reason.TIMEOUT, what) from None


def _number(id_: Raw | None) -> int | None:
    text = bytes(id_) if id_ is not None else b""
    return int(text) if text.isdigit() and len(text) < 16 else None


def _params(message: Message) -> Members:
    try:
        return message.params()
    except RpcError:
        return {}
