"""Requests over a channel that carries messages both ways, multiplexed by id for all callers: stdio, and the HTTP+SSE pair."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

from msgspec import Raw

from ..config import Limits
from ..errors import TIMEOUTS, UpstreamError
from ..wire import envelope, questions
from ..wire.envelope import Members, Message, decode_message, number_of, raw
from ..wire.errors import INTERNAL_ERROR, RpcError
from ..wire.revisions import REPLAY_SAFE, Era
from ..wire.trace import in_headers
from .bridging import LIST_CHANGED, answer_for, change_in, more_verbose, notification_for, params_for, with_token
from .http_exchange import Header, SessionLost
from .inbox import Inbox
from .peer import Answer, Call, Caller, Changed, Hello, Parts, Question, Reply
from .tasks import Tasks
from .turn import Turn

log = logging.getLogger(__name__)

_TO_ONE_CALLER = ("notifications/cancelled", "notifications/elicitation/complete")
"""Notifications that name no call, and concern a client that was asked something."""

GARBLED = 5
"""Messages that are logged for being none: a server that writes what it likes must not fill the log."""


class Send(Protocol):
    """Writes one message to the server: UpstreamError, or SessionLost where the server surely did not act on it."""

    async def __call__(
        self,
        message: bytes,
        deadline: float,
        headers: Sequence[Header] = (),
        *,
        replay_safe: bool = False,
        id_: int | None = None,
    ) -> None:
        """`headers`, `replay_safe` and `id_`, the request's own, mean something to HTTP alone."""
        ...


class Conversation:
    """What is asked through `send` is answered through `hear`."""

    def __init__(
        self,
        name: str,
        send: Send,
        limits: Limits,
        tasks: Tasks,
        changed: Changed,
        caller: Caller | None = None,
        given_up: Callable[[int], None] | None = None,
    ) -> None:
        """`caller` is the only one to speak, and may be asked what it has declared; without one nobody may be asked anything.

        `given_up` is told the id of each request that nobody waits for any more.
        """
        self._name = name
        self._capabilities: Members = {} if caller is None else caller.capabilities
        self._one_client = caller is not None
        self._ask = None if caller is None else caller.ask
        self._given_up = given_up
        self._send = send
        self._limits = limits
        self._tasks = tasks
        self._changed = changed
        self._inboxes: dict[int, Inbox] = {}
        self._calls: dict[int, Turn] = {}
        self._loose: set[bytes] = set()
        self._last_id = 0
        self._log_level: str | None = None
        self._garbled = 0

    async def call(self, call: Call, hello: Hello) -> Reply:
        """See Peer."""
        if hello.era is Era.LEGACY:
            await self._want_log_level(call, hello)
        params = params_for(call, hello.era)
        id_, inbox = self.open()
        turn = self._calls[id_] = Turn(call.deadline, self._limits.exchange_seconds)
        try:
            params, token = with_token(params, id_)
            body = envelope.request(id_, call.method, params)
            headers = in_headers(call.headers, call.params)
            await self._send(body, call.deadline, headers, replay_safe=call.method in REPLAY_SAFE, id_=id_)
            first = await turn.wait(inbox.get())
            if not first.is_response:
                return self._parts(call, hello.era, first, id_, token, turn)
            self.close(id_)
            return answer_for(call, hello.era, first)
        except BaseException as error:
            self._give_up(id_, error)
            raise

    async def ask(self, method: str, params: Members, deadline: float) -> Message:
        """The response to a request of ours."""
        id_, inbox = self.open()
        try:
            await self._send(envelope.request(id_, method, params), deadline, replay_safe=method in REPLAY_SAFE, id_=id_)
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
        self.take(message, len(data))

    def take(self, message: Message, size: int, id_: int | None = None) -> None:
        """The server said `message`, of `size` bytes, in answer to request `id_` where the channel tells."""
        if message.is_response:
            self._deliver(number_of(message.id) if id_ is None else id_, message, size)
        elif message.is_request:
            self._asked(message, size, id_)
        elif (change := _change(message)) is not None:
            self._changed(change)
        elif message.method == "notifications/progress":
            self._deliver(number_of(_params(message).get("progressToken")), message, size)
        elif id_ is not None:
            self._deliver(id_, message, size)
        elif message.method == "notifications/message" and (len(self._inboxes) == 1 or self._one_client):
            # A line of log names no request: with several in flight it is nobody's to see, unless all of them are one client's.
            self._deliver(self._newest() or next(iter(self._inboxes), None), message, size)
        elif message.method in _TO_ONE_CALLER and self._capabilities:
            self._deliver(self._newest(), message, size)

    def fail(self, id_: int, fault: Exception) -> None:
        """Request `id_` has come to nothing: UpstreamError, or SessionLost."""
        if (inbox := self._inboxes.get(id_)) is not None:
            inbox.put(fault)

    def ended(self, fault: UpstreamError, *, changed: bool = True) -> None:
        """The server is gone: calls in flight fail with `fault`, and everything may be another when it is back, if it `changed`."""
        self._log_level = None
        self._garbled = 0
        for inbox in self._inboxes.values():
            inbox.put(fault)
        for kind in LIST_CHANGED.values() if changed else ():
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
        self._calls.pop(id_, None)
        self._hand_over(self._inboxes.pop(id_))

    async def room(self, id_: int, size: int) -> None:
        """Wait until the reader of `id_` is not too far behind, if there is one."""
        if (inbox := self._inboxes.get(id_)) is not None:
            await inbox.room(size)

    async def next(self, inbox: Inbox, deadline: float) -> Message:
        """The next message of a call; UpstreamError where the server ends, stays silent for too long, or time is up."""
        return await Turn(deadline, self._limits.exchange_seconds).wait(inbox.get())

    # --- one call

    async def _parts(self, call: Call, era: Era, message: Message, id_: int, token: Raw | None, turn: Turn) -> Parts:
        inbox = self._inboxes[id_]
        try:
            while not message.is_response:
                if message.id is not None:
                    yield self._question(message, message.id, id_, turn)
                elif (notification := notification_for(call, message, token)) is not None:
                    yield notification
                message = await turn.wait(inbox.get())
        except BaseException as error:
            self._give_up(id_, error)
            raise
        self.close(id_)
        yield answer_for(call, era, message)

    def _give_up(self, id_: int, error: BaseException) -> None:
        """Nobody waits for call `id_` any more; the server is told, unless it is the one that ended."""
        self._calls.pop(id_, None)
        inbox = self._inboxes.pop(id_, None)
        known = inbox is not None
        if inbox is not None:
            self._hand_over(inbox)
            if self._given_up is not None:
                self._given_up(id_)
        gone = isinstance(error, SessionLost) or (isinstance(error, UpstreamError) and error.reason not in TIMEOUTS)
        if known and not gone:
            self.tell(envelope.notification("notifications/cancelled", {"requestId": id_}))

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

    def _asked(self, message: Message, size: int, id_: int | None) -> None:
        """The server asks the client something; for the newest call where the channel does not tell: all are of one client.

        With no call in flight the client is asked where it listens: servers ask for its roots whenever it says that it has others.
        """
        if message.method == "ping":
            self.tell(envelope.result(message.id or Raw(b"null"), {}))
            return
        refusal = questions.refusal(message.method or "", _params(message), self._capabilities)
        if id_ is None:
            self._loose.add(bytes(message.id or b""))
            id_ = self._newest()
        if refusal is None and id_ is None and self._ask is not None and self._ask(self._unbound(message)):
            self._loose.discard(bytes(message.id or b""))
            return
        if refusal is None and id_ is None:
            refusal = RpcError(INTERNAL_ERROR, "the client waits for nothing, and so cannot be asked anything")
        if refusal is not None:
            self._loose.discard(bytes(message.id or b""))
            self.tell(refusal.body(message.id))
        else:
            self._deliver(id_, message, size)

    def _question(self, message: Message, own: Raw, id_: int, turn: Turn) -> Question:
        """A request of the server, within call `id_`, for the client. One answer counts, and only while the call is on."""
        open_ = [True]
        loose = bytes(own) in self._loose
        turns = list(self._calls.values()) if loose else [turn]

        def answer(answer: Answer) -> None:
            if open_ and (loose or id_ in self._inboxes):
                for turn in turns:
                    turn.answered()
                body = envelope.error(own, answer.value) if answer.is_error else envelope.result(own, answer.value)
                self._tasks.spawn(self._pass_on(body, id_), f"tell {self._name} what its client answers")
            open_.clear()

        self._loose.discard(bytes(own))
        for turn in turns:
            turn.ask()
        return Question(message.method or "", _params(message), answer, own, loose)

    def _unbound(self, message: Message) -> Question:
        """A request of the server that belongs to no call, for the client. One answer counts."""
        own = message.id or Raw(b"null")
        open_ = [True]

        def answer(answer: Answer) -> None:
            if open_:
                self.tell(envelope.error(own, answer.value) if answer.is_error else envelope.result(own, answer.value))
            open_.clear()

        return Question(message.method or "", _params(message), answer, own, loose=True)

    def _hand_over(self, inbox: Inbox) -> None:
        """What the server asks of a call that is over is perhaps meant for another one."""
        for message, size in inbox.unread():
            if message.is_request and bytes(message.id or b"") in self._loose:
                self._asked(message, size, None)

    def _newest(self) -> int | None:
        return next(reversed(self._calls), None)

    async def _pass_on(self, body: bytes, id_: int) -> None:
        """Give the client's answer to the server; one that does not take it has given up the call."""
        try:
            await self._send(body, asyncio.get_running_loop().time() + self._limits.connect_seconds)
        except (UpstreamError, SessionLost) as fault:
            self.fail(id_, fault if isinstance(fault, UpstreamError) else fault.fault())

    def tell(self, message: bytes) -> None:
        """Send what gets no answer."""
        self._tasks.spawn(self._quietly(message), f"tell {self._name}")

    async def _quietly(self, message: bytes) -> None:
        with suppress(UpstreamError, SessionLost):  # a server that has ended needs to be told nothing
            await self._send(message, asyncio.get_running_loop().time() + self._limits.connect_seconds)


def _change(message: Message) -> str | None:
    try:
        return change_in(message)
    except UpstreamError:
        return None


def _params(message: Message) -> Members:
    try:
        return message.params()
    except RpcError:
        return {}
