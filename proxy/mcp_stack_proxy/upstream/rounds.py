"""A call of a legacy client that a modern server answers with questions: asked, and sent again with the answers, until it is done.

Source: 2026-07-28, basic/patterns/mrtr.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import TypeAlias

from ..errors import Reason, UpstreamError
from ..wire.envelope import Members
from ..wire.questions import InputRequired, refusal, retried
from .peer import Answer, Call, Parts, Question, Reply

MAX_ROUNDS = 10
"""Times that one call is sent again: a server that is never content must not keep a client busy for ever."""

Send: TypeAlias = Callable[[Call], Awaitable[Reply]]
"""Sends a call once; InputRequired, at once or among the parts, where its answer is none yet."""


async def in_rounds(call: Call, send: Send) -> Reply:
    """The reply to `call`, which may have questions among its parts."""
    try:
        reply = await send(call)
    except InputRequired as wanted:
        return _rounds(call, send, wanted)
    return reply if isinstance(reply, Answer) else _rounds(call, send, reply)


async def _rounds(call: Call, send: Send, reply: Parts | InputRequired) -> Parts:
    for _ in range(MAX_ROUNDS):
        if not isinstance(reply, InputRequired):
            try:
                async with aclosing(reply) as parts:
                    async for part in parts:
                        yield part
            except InputRequired as wanted:
                reply = wanted
            else:
                return
        answers: dict[str, asyncio.Future[Answer]] = {}
        asked_at = asyncio.get_running_loop().time()
        for question in _questions(call, reply, answers):
            yield question
        responses: Members = {}
        for key, answer in answers.items():
            given = await answer
            if given.is_error:  # a modern client that cannot give the input would not send the call again
                yield given
                return
            responses[key] = given.value
        deadline = call.deadline + asyncio.get_running_loop().time() - asked_at
        call = call.with_params(retried(call.params, responses, reply.state), deadline)
        try:
            again = await send(call)
        except InputRequired as wanted:
            reply = wanted
            continue
        if isinstance(again, Answer):
            yield again
            return
        reply = again
    raise UpstreamError(Reason.INVALID, f"asked for input {MAX_ROUNDS} times in a row")


def _questions(call: Call, wanted: InputRequired, answers: dict[str, asyncio.Future[Answer]]) -> list[Question]:
    """What `wanted` asks, each with a place for its answer; UpstreamError if the client may not be asked one of them."""
    if any(refusal(method, params, call.capabilities) is not None for method, params in wanted.requests.values()):
        hint = "call it with a client that declares what the server asks for"
        raise UpstreamError(Reason.UNSUPPORTED, "asks the client for what it has not declared", hint=hint)
    loop = asyncio.get_running_loop()
    questions: list[Question] = []
    for key, (method, params) in wanted.requests.items():
        answers[key] = future = loop.create_future()
        questions.append(Question(method, params, _once(future)))
    return questions


def _once(future: asyncio.Future[Answer]) -> Callable[[Answer], None]:
    def answer(answer: Answer) -> None:
        if not future.done():
            future.set_result(answer)

    return answer
