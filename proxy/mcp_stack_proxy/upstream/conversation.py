"""Requests over a channel that carries messages both ways, multiplexed by id for all callers: stdio, and the HTTP+SSE pair."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from msgspec import Raw

from ..config import Limits
from ..errors import Reason, UpstreamError
from ..wire import envelope
from ..wire.envelope import Members, Message, decode_message, raw
from ..wire.errors import METHOD_NOT_FOUND, RpcError
from ..wire.revisions import REPLAY_SAFE, Era
from .bridging import LIST_CHANGED, answer_for, more_verbose, notification_for, params_for, with_token
from .http_exchange import Header, SessionLost
from .inbox import Inbox
from .peer import Call, Changed, Hello, Parts, Reply
from .tasks import Tasks

log = logging.getLogger(__name__)

GARBLED = 5
"""Messages that are logged for being none: a server that writes what it likes must not fill the log."""


class Send(Protocol):
    """Writes one message to the server: UpstreamError, or SessionLost where the server surely did not act on it."""

    async def __call__(self, message: bytes, deadline: float, headers: Sequence[Header] = (), *, replay_safe: bool = False) -> None:
        """`headers` and `replay_safe` mean something to HTTP alone."""
        ...


class Conversation:
    """What is asked through `send` is answered through `hear`."""

    def __init__(self, name: str, send: Send, limits: Limits, tasks: Tasks, changed: Changed) -> None:
        self._name = name
        self._send = send
        self._limits = limits
        self._tasks = tasks
        self._changed = changed
        self._inboxes: dict[int, Inbox] = {}
        self._last_id = 0
        self._log_level: str | None = None
        self._garbled = 0

    async def call(self, call: Call, hello: Hello) -> Reply:
        """See Peer."""
        if hello.era is Era.LEGACY:
            await self._want_log_level(call, hello)
        id_, inbox = self.open()
        params, token = with_token(params_for(call, hello.era), id_)
        try:
            body = envelope.request(id_, call.method, params)
            await self._send(body, call.deadline, call.headers, replay_safe=call.method in REPLAY_SAFE)
            first = await self.next(inbox, call.deadline)
            if not first.is_response:
                return self._parts(call, hello.era, first, id_, token)
            self.close(id_)
            return answer_for(call, hello.era, first)
        except BaseException as error:
            self._give_up(id_, error)
            raise

    async def ask(self, method: str, params: Members, deadline: float) -> Message:
        """The response to a request of ours."""
        id_, inbox = self.open()
        try:
            await self._send(envelope.request(id_, method, params), deadline, replay_safe=method in REPLAY_SAFE)
            while True:
                message = await self.next(inbox, deadline)
                if message.is_response:
                    return message
        finally:
            self.close(id_)

    def hear(self, data: bytes) -> None:
        """The server said `data`."""
        try:
            message = decode_message(data)
        except RpcError as error:
            self._not_understood(error)
            return
        size = len(data)
        if message.is_response:
            self._deliver(number(message.id), message, size)
        elif message.is_request:
            self._decline(message)
        elif message.method in LIST_CHANGED:
            self._changed(LIST_CHANGED[message.method])
        elif message.method == "notifications/progress":
            self._deliver(number(_params(message).get("progressToken")), message, size)
        elif message.method == "notifications/message" and len(self._inboxes) == 1:
            # A line of log names no request: with one call in flight it is that call's, with several it is nobody's to see.
            self._deliver(next(iter(self._inboxes)), message, size)

    def ended(self, fault: UpstreamError) -> None:
        """The server is gone: calls in flight fail with `fault`, and everything may be another when it is back."""
        self._log_level = None
        self._garbled = 0
        for inbox in self._inboxes.values():
            inbox.put(fault)
        for kind in LIST_CHANGED.values():
            self._changed(kind)

    def rested(self) -> None:
        """The server is gone because nobody asked it anything; it will be back as it was."""
        self._log_level = None
        self._garbled = 0

    # --- waiting

    @property
    def open_calls(self) -> int:
        """Requests that wait for an answer."""
        return len(self._inboxes)

    def open(self, inbox: Inbox | None = None) -> tuple[int, Inbox]:
        """A new id, and where its messages arrive: a new inbox, or one that waits for another id already."""
        self._last_id += 1
        inbox = inbox or Inbox()
        self._inboxes[self._last_id] = inbox
        return self._last_id, inbox

    def close(self, id_: int) -> None:
        """Nobody waits for `id_` any more."""
        del self._inboxes[id_]

    async def next(self, inbox: Inbox, deadline: float) -> Message:
        """The next message of a call; UpstreamError where the server ends, stays silent for too long, or time is up."""
        loop = asyncio.get_running_loop()
        silent = loop.time() + self._limits.exchange_seconds
        try:
            async with asyncio.timeout_at(min(deadline, silent)):
                return await inbox.get()
        except TimeoutError:
            what = f"said nothing for {self._limits.exchange_seconds:g} s" if silent <= deadline else "did not answer in time"
            raise UpstreamError(Reason.TIMEOUT, what) from None

    # --- one call

    async def _parts(self, call: Call, era: Era, message: Message, id_: int, token: Raw | None) -> Parts:
        inbox = self._inboxes[id_]
        try:
            while not message.is_response:
                if (notification := notification_for(call, message, token)) is not None:
                    yield notification
                message = await self.next(inbox, call.deadline)
            answer = answer_for(call, era, message)
        except BaseException as error:
            self._give_up(id_, error)
            raise
        self.close(id_)
        yield answer

    def _give_up(self, id_: int, error: BaseException) -> None:
        """Nobody waits for call `id_` any more; the server is told, unless it is the one that ended."""
        known = self._inboxes.pop(id_, None) is not None
        gone = isinstance(error, SessionLost) or (isinstance(error, UpstreamError) and error.reason is not Reason.TIMEOUT)
        if known and not gone:
            self._tell(envelope.notification("notifications/cancelled", {"requestId": id_}))

    async def _want_log_level(self, call: Call, hello: Hello) -> None:
        wanted = call.log_level
        if wanted is None or "logging" not in hello.capabilities or not more_verbose(wanted, self._log_level):
            return
        self._log_level = wanted
        await self.ask("logging/setLevel", {"level": raw(wanted)}, call.deadline)

    def _deliver(self, id_: int | None, message: Message, size: int) -> None:
        inbox = self._inboxes.get(id_) if id_ is not None else None
        if inbox is not None:
            inbox.put(message, size)
        else:
            log.debug("server %s answered a call that nobody waits for any more", self._name)

    def _not_understood(self, error: RpcError) -> None:
        self._garbled += 1
        if self._garbled <= GARBLED:
            more = "; more of them are not reported" if self._garbled == GARBLED else ""
            log.warning("server %s wrote a line that is no MCP message: %s%s", self._name, error.message, more)

    # --- what the server is told

    def _decline(self, message: Message) -> None:
        if message.id is None:
            return
        if message.method == "ping":
            self._tell(envelope.result(message.id, {}))
        else:
            self._tell(RpcError(METHOD_NOT_FOUND, "no client capability was declared").body(message.id))

    def _tell(self, message: bytes) -> None:
        self._tasks.spawn(self._quietly(message), f"tell {self._name}")

    async def _quietly(self, message: bytes) -> None:
        with suppress(UpstreamError, SessionLost):  # a server that has ended needs to be told nothing
            await self._send(message, asyncio.get_running_loop().time() + self._limits.connect_seconds)


def number(id_: Raw | None) -> int | None:
    """An id of ours as it comes back; None for what cannot be one."""
    text = bytes(id_) if id_ is not None else b""
    return int(text) if text.isdigit() and len(text) < 16 else None


def _params(message: Message) -> Members:
    try:
        return message.params()
    except RpcError:
        return {}
