"""What servers ask of legacy clients: requests on the stream of the call that they belong to, each answered by a message."""

import asyncio
import hashlib
import time
from contextlib import aclosing
from typing import Protocol

from msgspec import Raw
from msgspec.structs import replace

from ..errors import Reason, UpstreamError
from ..upstream.peer import Answer, Notification, Parts, Question
from ..upstream.tasks import Tasks
from ..wire import envelope
from ..wire.envelope import Members, Message, raw, string_of
from ..wire.errors import INTERNAL_ERROR, RpcError
from ..wire.sse import frame
from ..wire.tickets import Tickets
from .reply import Reply
from .sessions import Listening, Session

CANCELLED = "notifications/cancelled"

MAX_OPEN = 100
"""Questions that one session may have without an answer. A server that asks more is a flood, and its call ends."""


class Asking:
    """Asks, and brings the answers back to who asked. Only the session that a question went to can answer it.

    Ids of questions are tickets: a replica that gets an answer to another one's question can tell whose it is.
    """

    def __init__(self, tickets: Tickets, seconds: float, tasks: Tasks) -> None:
        """`seconds`: how long a client may think about one question."""
        self._tickets = tickets
        self._seconds = seconds
        self._tasks = tasks
        self._count = 0

    async def follow(self, reply: Reply, parts: Parts, session: Session) -> None:
        """Write a call's parts as they come, to a client that is asked in between."""
        asked = _Asked(reply, session, self._tasks)
        try:
            async with aclosing(parts):
                async for part in parts:
                    if isinstance(part, Question):
                        if len(session.questions) >= MAX_OPEN:
                            text = f"asks the client more than {MAX_OPEN} questions at a time"
                            await parts.athrow(UpstreamError(Reason.INVALID, text))  # where it is known which server that is
                        await reply.ask(self._opened(asked, part))
                    elif isinstance(part, Answer):
                        await asked.withdraw_all()
                        await reply.answer(part)
                    elif part.method == CANCELLED:
                        await asked.withdraw(part.params or {})
                    else:
                        await reply.notify(part)
        finally:
            asked.forget_all()

    def elsewhere(self, session: Session, message: Message) -> str | None:
        """Address of the replica that has asked what `message` answers; None where it was this one, or nobody."""
        id_ = string_of(message.id) or ""
        if id_ in session.questions:
            return None
        ticket = self._tickets.redeem(id_, session.subject, question_digest(session.id), time.time())
        return None if ticket is None else self._tickets.elsewhere(ticket)

    @staticmethod
    def answered(session: Session, message: Message) -> None:
        """The client of `session` has answered. What nobody asked, or asks any more, is dropped."""
        take = session.questions.get(string_of(message.id) or "")
        if take is not None:
            error = message.error
            take(Answer(message.result) if error is None else Answer(error, is_error=True))

    def outside(self, session: Session, question: Question) -> bool:
        """Ask what belongs to no call, on the stream that the client listens on. False where it has none here, or enough to answer.

        (2025-11-25, basic/transports, listening for messages from the server)
        """
        stream = next(reversed(session.streams), None)
        if stream is None or len(session.questions) >= MAX_OPEN:
            return False
        asked = _Asked(_OnStream(stream), session, self._tasks)
        stream.say(frame(self._opened(asked, question)))
        return True

    def _opened(self, asked: "_Asked", question: Question) -> bytes:
        """The request that asks `question`, whose answer is waited for from now on."""
        session = asked.session
        self._count += 1
        expires = time.time() + self._seconds
        id_ = self._tickets.issue(str(self._count), session.subject, question_digest(session.id), expires)
        asked.open(id_, question, self._seconds)
        return envelope.request(id_, question.method, question.params)


class _Told(Protocol):
    """A way to the client."""

    async def notify(self, notification: Notification) -> None: ...


class _OnStream:
    """The stream that the client listens on."""

    def __init__(self, stream: Listening) -> None:
        self._stream = stream

    async def notify(self, notification: Notification) -> None:
        self._stream.say(frame(envelope.notification(notification.method, notification.params)))


class _Asked:
    """The open questions of one call, or one that belongs to none."""

    def __init__(self, reply: _Told, session: Session, tasks: Tasks) -> None:
        self.reply = reply
        self.session = session
        self._tasks = tasks
        self._over = False
        self._open: dict[str, tuple[Question, asyncio.TimerHandle]] = {}

    def open(self, id_: str, question: Question, seconds: float) -> None:
        timer = asyncio.get_running_loop().call_later(seconds, self._expire, id_, seconds)
        self._open[id_] = replace(question, params={}), timer  # they are with the client, and may be large
        self.session.questions[id_] = lambda answer: self._settle(id_, answer)

    async def withdraw(self, params: Members) -> None:
        """The server does not want to know any more."""
        own = params.get("requestId")
        for id_, (question, _) in tuple(self._open.items()):
            if own is not None and question.id == own:
                self._forget(id_)
                await self._tell(id_, params.get("reason"))

    async def withdraw_all(self) -> None:
        """The call has its answer without them."""
        for id_, (question, _) in tuple(self._open.items()):
            if not question.loose:
                self._forget(id_)
                await self._tell(id_, None)

    def forget_all(self) -> None:
        """The call is over, and nobody waits for the answers. Questions that may be another call's stay open, each for its time."""
        self._over = True
        for id_, (question, _) in tuple(self._open.items()):
            if not question.loose:
                self._forget(id_)

    def _settle(self, id_: str, answer: Answer) -> None:
        question = self._forget(id_)
        question.answer(answer)

    def _expire(self, id_: str, seconds: float) -> None:
        text = f"the client did not answer within {seconds:g} s (limits.input_seconds)"
        self._settle(id_, error_answer(RpcError(INTERNAL_ERROR, text)))
        if not self._over:
            self._tasks.spawn(self._tell(id_, raw("no answer in time")), "withdraw a question")

    def _forget(self, id_: str) -> Question:
        question, timer = self._open.pop(id_)
        timer.cancel()
        del self.session.questions[id_]
        return question

    async def _tell(self, id_: str, reason: Raw | None) -> None:
        params = {"requestId": raw(id_)} | ({} if reason is None else {"reason": reason})
        await self.reply.notify(Notification(CANCELLED, params))


def question_digest(session: str) -> bytes:
    """What the id of a question is bound to: the session that it goes to."""
    return hashlib.sha256(session.encode()).digest()


def error_answer(error: RpcError) -> Answer:
    """An error of ours in place of a client's answer."""
    return Answer(raw({"code": error.code, "message": error.message}), is_error=True)
