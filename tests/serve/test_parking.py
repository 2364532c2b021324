"""Calls that wait for their client: resumed by whoever may, and by nobody else; bounded, and cancelled when nobody comes back."""

import asyncio
import json

import pytest
from msgspec import Raw

from mcp_stack_proxy.config import Limits
from mcp_stack_proxy.errors import ClientError, Reason
from mcp_stack_proxy.serve.parking import Parked, Parking, digest
from mcp_stack_proxy.upstream.peer import Answer, Notification, Question
from mcp_stack_proxy.upstream.tasks import Tasks
from mcp_stack_proxy.wire.envelope import raw
from mcp_stack_proxy.wire.errors import RpcError
from mcp_stack_proxy.wire.sealing import KEY_BYTES, Keyring
from mcp_stack_proxy.wire.tickets import Tickets
from tests.serve.running import SOON

DONE = Answer(Raw(b'{"content":[]}'))
PARAMS = {"name": raw("t"), "arguments": raw({"a": 1, "b": [1.5, None]})}


class Reply:
    """What the client reads of one request."""

    def __init__(self):
        self.said = []

    async def notify(self, notification):
        self.said.append(notification)

    async def answer(self, answer):
        self.said.append(json.loads(bytes(answer.value)))

    @property
    def state(self):
        assert self.said[-1]["resultType"] == "input_required"
        return raw(self.said[-1]["requestState"])


class Upstream:
    """A call's parts: what it is asked to say, its questions' answers, and whether it was closed early."""

    def __init__(self, *says):
        self.answers = []
        self.closed = asyncio.Event()
        self.done = False
        self.parts = self._parts(says)

    def question(self, method="roots/list"):
        return Question(method, {}, lambda answer: self.answers.append(json.loads(bytes(answer.value))))

    async def _parts(self, says):
        try:
            for said in says:
                yield self.question(said) if isinstance(said, str) else said
            self.done = True
        finally:
            self.closed.set()


@pytest.fixture
def parking_with():
    tasks = Tasks()

    def make(process="p", **limits):
        return Parking(Tickets(Keyring([bytes(KEY_BYTES)]), "input", "", process), Limits(**limits), tasks)

    return make


@pytest.fixture
def parking(parking_with):
    return parking_with()


async def parked(parking, *says, subject=None, params=PARAMS):
    """A call of `subject` that says a question first; its upstream and the state that its client got."""
    upstream, reply = Upstream("roots/list", *says), Reply()
    await parking.follow(reply, Parked(upstream.parts, "tools/call", params, subject))
    return upstream, reply.state


def retry(state, params=PARAMS, **responses):
    return {**params, "requestState": state, "inputResponses": raw(responses)}


@pytest.mark.requirement("mrtr:asked")
async def test_a_question_ends_the_request_and_its_answer_resumes_the_call(parking):
    upstream, state = await parked(parking, DONE)
    assert len(parking) == 1
    assert not upstream.closed.is_set()
    again = retry(state, **{"input-1": {"roots": []}})
    call = parking.take("tools/call", again, None)
    reply = Reply()
    await parking.resume(reply, call, again)
    assert upstream.answers == [{"roots": []}]
    assert reply.said == [{"content": []}]
    assert upstream.closed.is_set()
    assert len(parking) == 0


@pytest.mark.requirement("mrtr:state.bound")
async def test_a_state_is_good_once(parking):
    _, state = await parked(parking)
    assert parking.take("tools/call", retry(state), None) is not None
    with pytest.raises(ClientError) as caught:
        parking.take("tools/call", retry(state), None)
    assert caught.value.reason is Reason.NOT_PARKED


@pytest.mark.requirement("mrtr:keys")
async def test_no_key_is_used_twice_and_the_next_question_parks_the_call_again(parking):
    _, state = await parked(parking, "roots/list", DONE)
    again, reply = retry(state, **{"input-1": {}}), Reply()
    await parking.resume(reply, parking.take("tools/call", again, None), again)
    assert list(reply.said[-1]["inputRequests"]) == ["input-2"]
    assert reply.state != state


@pytest.mark.requirement("mrtr:keys")
async def test_what_is_left_without_an_answer_is_asked_again(parking):
    upstream, state = await parked(parking, DONE)
    again, reply = retry(state, other={}), Reply()
    await parking.resume(reply, parking.take("tools/call", again, None), again)
    assert list(reply.said[-1]["inputRequests"]) == ["input-1"]
    assert upstream.answers == []
    assert len(parking) == 1


@pytest.mark.requirement("mrtr:state.bound")
@pytest.mark.parametrize(
    ("subject", "method", "params"),
    [
        ("ben", "tools/call", PARAMS),
        (None, "tools/call", PARAMS),
        ("ann", "prompts/get", PARAMS),
        ("ann", "tools/call", {**PARAMS, "name": raw("u")}),
        ("ann", "tools/call", {**PARAMS, "arguments": raw({"a": 2, "b": [1.5, None]})}),
        ("ann", "tools/call", {"name": raw("t")}),
    ],
)
async def test_nobody_else_resumes_it_and_no_other_request(parking, subject, method, params):
    _, state = await parked(parking, subject="ann")
    assert parking.take(method, retry(state, params), subject) is None
    assert parking.take("tools/call", retry(state), "ann") is not None


@pytest.mark.parametrize("state", ["", "1AAAA", 7, None])
async def test_a_state_of_somebody_elses_is_left_to_the_server(parking, state):
    assert parking.take("tools/call", retry(raw(state)), None) is None


async def test_another_process_keeps_nothing_for_it(parking, parking_with):
    _, state = await parked(parking)
    with pytest.raises(ClientError):
        parking_with("q").take("tools/call", retry(state), None)


async def test_a_call_that_nobody_resumes_is_cancelled(parking_with):
    parking = parking_with(input_seconds=0.02)
    upstream, state = await parked(parking, DONE, subject="ann")
    async with asyncio.timeout(SOON):
        await upstream.closed.wait()
    assert not upstream.done
    assert len(parking) == 0
    assert not parking._owners
    with pytest.raises(ClientError, match="is over"):
        parking.take("tools/call", retry(state), "ann")


@pytest.mark.parametrize(
    ("limits", "subjects", "named"),
    [
        ({"max_parked_calls": 2}, ["ann", "ben", "cem"], "max_parked_calls)"),
        ({"max_parked_calls": 2}, [None, None, None], "max_parked_calls)"),
        ({"max_parked_calls_per_caller": 1}, ["ann", "ben", "ann"], "max_parked_calls_per_caller)"),
    ],
)
async def test_they_are_bounded_for_each_caller_too(parking_with, limits, subjects, named):
    parking = parking_with(**limits)
    *fine, last = subjects
    for subject in fine:
        await parked(parking, subject=subject)
    upstream = Upstream("roots/list")
    with pytest.raises(ClientError, match="limits") as caught:
        await parking.follow(Reply(), Parked(upstream.parts, "tools/call", PARAMS, last))
    assert caught.value.message.endswith(named)
    assert upstream.closed.is_set()
    assert len(parking) == len(fine)


@pytest.mark.requirement("mrtr:responses")
async def test_answers_that_are_no_map_cancel_the_call(parking):
    upstream, state = await parked(parking)
    again = {**PARAMS, "requestState": state, "inputResponses": raw([1])}
    with pytest.raises(RpcError):
        await parking.resume(Reply(), parking.take("tools/call", again, None), again)
    assert upstream.closed.is_set()


async def test_progress_has_the_token_of_the_request_that_is_answered(parking):
    def progress(token):
        return Notification("notifications/progress", {"progressToken": raw(token), "progress": raw(1)})

    other, withdrawn = Notification("notifications/message", {}), Notification("notifications/cancelled", {})
    for meta, wanted in ((raw({"progressToken": "new"}), [progress("new"), other]), (raw({}), [other])):
        _, state = await parked(parking, progress("old"), other, withdrawn, DONE)
        again, reply = {**retry(state, **{"input-1": {}}), "_meta": meta}, Reply()
        await parking.resume(reply, parking.take("tools/call", again, None), again)
        assert reply.said == [*wanted, {"content": []}]


async def test_at_the_end_all_are_cancelled(parking):
    upstreams = [(await parked(parking))[0] for _ in range(3)]
    await parking.aclose()
    assert all(upstream.closed.is_set() for upstream in upstreams)
    assert len(parking) == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (b'{"a":1,"b":"\\u00e9"}', '{ "b" : "é", "a":1}'.encode(), True),
        (b'{"a":1}', b'{"a":1.5}', False),
        (b"[" * 2000 + b"]" * 2000, b"[" * 2000 + b"]" * 2000, True),
        (b"[" * 2000 + b"]" * 2000, b"[" * 2001 + b"]" * 2001, False),
    ],
)
def test_a_request_is_the_same_however_it_is_written(one, other, same):
    assert (digest("m", {"x": Raw(one)}) == digest("m", {"x": Raw(other), "_meta": raw(1), "requestState": raw(2)})) is same
