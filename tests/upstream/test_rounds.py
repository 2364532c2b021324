"""A call that is sent again with what its client has answered, until it is done."""

import asyncio
import json

import pytest
from msgspec import Raw

from mcp_stack_proxy.errors import Reason, UpstreamError
from mcp_stack_proxy.upstream.peer import Answer, Call, Notification, Question
from mcp_stack_proxy.upstream.rounds import MAX_ROUNDS, in_rounds
from mcp_stack_proxy.wire.envelope import raw
from mcp_stack_proxy.wire.questions import InputRequired
from mcp_stack_proxy.wire.revisions import Era

DONE = Answer(Raw(b'{"done":true}'))
FORM = ("elicitation/create", {"message": raw("m")})


def call(deadline=1000.0):
    return Call("tools/call", {"name": raw("t")}, Era.LEGACY, deadline, capabilities={"elicitation": raw({}), "roots": raw({})})


class Server:
    """Says what `says` has for each time that it is asked: an answer, an exception, or parts."""

    def __init__(self, *says):
        self.says = list(says)
        self.calls = []

    async def __call__(self, call):
        self.calls.append(call)
        said = self.says.pop(0)
        if isinstance(said, Exception):
            raise said
        return self._parts(said) if isinstance(said, list) else said

    async def _parts(self, said):
        for part in said:
            if isinstance(part, Exception):
                raise part
            yield part

    def params(self, n):
        return {key: json.loads(bytes(value)) for key, value in self.calls[n].params.items()}


async def answered(server, call, answer=lambda question: Answer(raw({"to": question.method}))):
    reply = await in_rounds(call, server)
    if isinstance(reply, Answer):
        return [reply]
    parts = []
    async for part in reply:
        parts.append(part)
        if isinstance(part, Question):
            part.answer(answer(part))
            part.answer(Answer(raw("a second answer")))
    return parts


async def test_an_answer_at_once_is_passed_on():
    assert await answered(Server(DONE), call()) == [DONE]


async def test_parts_are_passed_on():
    progress = Notification("n", None)
    assert await answered(Server([progress, DONE]), call()) == [progress, DONE]


@pytest.mark.requirement("mrtr:asked.legacy")
@pytest.mark.parametrize("streamed", [False, True])
async def test_what_is_wanted_is_asked_and_sent_with_the_state(streamed):
    wanted = InputRequired({"a": FORM, "b": ("roots/list", {})}, raw("s"))
    server = Server([wanted] if streamed else wanted, [DONE] if streamed else DONE)
    one, two, last = await answered(server, call())
    assert (one.method, two.method, last) == ("elicitation/create", "roots/list", DONE)
    responses = {"a": {"to": "elicitation/create"}, "b": {"to": "roots/list"}}
    assert server.params(1) == {"name": "t", "inputResponses": responses, "requestState": "s"}


async def test_several_rounds_and_a_state_without_a_question():
    server = Server(InputRequired({"a": FORM}, None), InputRequired({}, raw("2")), [InputRequired({"c": FORM}, raw("3"))], DONE)
    assert [type(part) for part in await answered(server, call())] == [Question, Question, Answer]
    assert [set(server.params(n)) - {"name"} for n in range(4)] == [
        set(),
        {"inputResponses"},
        {"requestState"},
        {"inputResponses", "requestState"},
    ]


async def test_an_error_of_the_client_ends_the_call():
    refused = Answer(raw({"code": -1, "message": "no"}), is_error=True)
    server = Server(InputRequired({"a": FORM}, None))
    assert (await answered(server, call(), lambda _: refused))[-1] is refused
    assert len(server.calls) == 1


@pytest.mark.requirement("mrtr:declared")
async def test_what_the_client_has_not_declared_is_not_asked():
    server = Server(InputRequired({"a": FORM, "b": ("sampling/createMessage", {})}, None))
    with pytest.raises(UpstreamError) as caught:
        await answered(server, call())
    assert caught.value.reason is Reason.UNSUPPORTED


@pytest.mark.requirement("mrtr:rounds")
async def test_a_server_that_is_never_content_is_given_up():
    server = Server(*[InputRequired({}, raw("again"))] * (MAX_ROUNDS + 1))
    with pytest.raises(UpstreamError, match="10 times"):
        await answered(server, call())
    assert len(server.calls) == MAX_ROUNDS + 1


async def test_the_time_of_the_client_does_not_count():
    reply = await in_rounds(call(deadline=1000.0), server := Server(InputRequired({"a": FORM}, None), DONE))
    question = await anext(reply)
    going = asyncio.ensure_future(anext(reply))
    await asyncio.sleep(0.05)
    question.answer(DONE)
    assert await going is DONE
    assert server.calls[1].deadline > 1000.04
