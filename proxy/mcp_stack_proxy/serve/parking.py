"""Calls of modern clients that wait for their input: a legacy server asks, the client is told so by an incomplete result, and the
retry with the answers resumes the very same call (2026-07-28, basic/patterns/mrtr).

A parked call lives in this process: its `requestState` is a ticket that leads here, bound to who calls, to the request and in time.
"""

import asyncio
import hashlib
import time
from collections import Counter
from dataclasses import dataclass, field

import msgspec
from msgspec import Raw

from ..config import Limits
from ..errors import ClientError, Reason
from ..upstream.peer import Answer, Notification, Parts, Question
from ..upstream.tasks import Tasks
from ..wire.bridge import meta_of
from ..wire.envelope import Members, string_of
from ..wire.questions import RETRY, input_required, input_responses
from ..wire.tickets import Ticket, Tickets
from .asking import CANCELLED
from .reply import Reply


@dataclass(slots=True, eq=False)
class Parked:
    """One call that may be parked, or is."""

    parts: Parts
    method: str
    params: Members
    subject: str | None
    questions: dict[str, Question] = field(default_factory=dict[str, Question])
    """Those without an answer, by their keys."""
    asked: int = 0
    """Questions so far: no key is used twice."""
    retry: Members | None = None
    """Params of the request that it is answered to, where that is not the first."""
    timer: asyncio.TimerHandle | None = None


class Parking:
    """Bounded in number, for each caller too, and in time: what is not resumed is cancelled."""

    def __init__(self, tickets: Tickets, limits: Limits, tasks: Tasks) -> None:
        self._tickets = tickets
        self._seconds = limits.input_seconds
        self._most = limits.max_parked_calls
        self._most_of_one = limits.max_parked_calls_per_caller
        self._tasks = tasks
        self._parked: dict[str, Parked] = {}
        self._owners: Counter[str] = Counter()
        self._count = 0

    def __len__(self) -> int:
        return len(self._parked)

    async def follow(self, reply: Reply, call: Parked) -> None:
        """Write a call's parts as they come. A question ends the request, and parks the call."""
        kept = False
        try:
            async for part in call.parts:
                if isinstance(part, Question):
                    call.asked += 1
                    call.questions[f"input-{call.asked}"] = part
                    state = self._park(call)
                    kept = True
                    await reply.answer(_asks(call, state))
                    return
                if isinstance(part, Answer):
                    await reply.answer(part)
                elif part.method != CANCELLED and (notification := _for_retry(call, part)) is not None:
                    await reply.notify(notification)
        finally:
            if not kept:
                await call.parts.aclose()

    def elsewhere(self, method: str, params: Members, subject: str | None) -> str | None:
        """Address of the replica that keeps the call that a request resumes; None where it is this one, or no other is known."""
        ticket = self._redeem(method, params, subject)
        return None if ticket is None else self._tickets.elsewhere(ticket)

    def take(self, method: str, params: Members, subject: str | None) -> Parked | None:
        """The call that a request resumes; None where its `requestState` is none of ours, or over.

        ClientError for a call that was parked, and is not any more.
        """
        ticket = self._redeem(method, params, subject)
        if ticket is None:
            return None
        call = self._leave(ticket.park) if self._tickets.is_here(ticket) else None
        if call is None:
            hint = "send the request again without requestState and inputResponses"
            raise ClientError(Reason.NOT_PARKED, "the call that waited for this input is over", hint=hint)
        return call

    def _redeem(self, method: str, params: Members, subject: str | None) -> Ticket | None:
        state = string_of(params.get("requestState"))
        return None if state is None else self._tickets.redeem(state, subject, digest(method, params), time.time())

    async def resume(self, reply: Reply, call: Parked, params: Members) -> None:
        """Answer the questions of `call`, and go on. Those that are left without an answer are asked again."""
        kept = False
        try:
            responses = input_responses(params)
            for key in tuple(call.questions):
                if key in responses:
                    call.questions.pop(key).answer(Answer(responses[key]))
            call.retry = params
            if call.questions:
                state = self._park(call)
                kept = True
                await reply.answer(_asks(call, state))
                return
        except BaseException:
            if not kept:
                await call.parts.aclose()
            raise
        await self.follow(reply, call)

    async def aclose(self) -> None:
        """Cancel all of them."""
        for park in tuple(self._parked):
            if (call := self._leave(park)) is not None:
                await call.parts.aclose()

    def _park(self, call: Parked) -> str:
        """Keep `call`; the ticket to it."""
        owned = 0 if call.subject is None else self._owners[call.subject]
        if len(self._parked) >= self._most or owned >= self._most_of_one:
            which = "max_parked_calls" if len(self._parked) >= self._most else "max_parked_calls_per_caller"
            most = self._most if which == "max_parked_calls" else self._most_of_one
            raise ClientError(Reason.NOT_PARKED, f"{most} calls wait for input already (limits.{which})")
        self._count += 1
        park = str(self._count)
        self._parked[park] = call
        if call.subject is not None:
            self._owners[call.subject] += 1
        call.timer = asyncio.get_running_loop().call_later(self._seconds, self._expire, park)
        expires = time.time() + 2 * self._seconds  # who comes late is told so, instead of that there is no such ticket
        return self._tickets.issue(park, call.subject, digest(call.method, call.params), expires)

    def _leave(self, park: str) -> Parked | None:
        call = self._parked.pop(park, None)
        if call is None:
            return None
        if call.timer is not None:
            call.timer.cancel()
        if call.subject is not None:
            self._owners[call.subject] -= 1
            if not self._owners[call.subject]:
                del self._owners[call.subject]
        return call

    def _expire(self, park: str) -> None:
        if (call := self._leave(park)) is not None:
            self._tasks.spawn(call.parts.aclose(), "cancel a call whose client has not come back")


def digest(method: str, params: Members) -> bytes:
    """What a retry has to repeat: the method and its params, however they are written down, without what is a request's own."""
    told = {key: _canonical(value) for key, value in params.items() if key not in RETRY and key != "_meta"}
    return hashlib.sha256(msgspec.json.encode([method, told], order="sorted")).digest()


def _canonical(value: Raw) -> object:
    try:
        return msgspec.json.decode(value)
    except (RecursionError, msgspec.DecodeError):  # nested too deeply, or a number beyond all measure
        return bytes(value)


def _asks(call: Parked, state: str) -> Answer:
    return Answer(input_required({key: (asked.method, asked.params) for key, asked in call.questions.items()}, state))


def _for_retry(call: Parked, notification: Notification) -> Notification | None:
    """Progress of a resumed call has the token of the request that it is answered to; that may want none."""
    if call.retry is None or notification.method != "notifications/progress":
        return notification
    token = meta_of(call.retry).get("progressToken")
    return None if token is None else Notification(notification.method, {**(notification.params or {}), "progressToken": token})
