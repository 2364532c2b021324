"""What a server asks while a task goes on, and what it is answered, under the ids that each of them knows."""

import json

import pytest

from mcp_stack_proxy.catalog.task_book import TaskBook
from mcp_stack_proxy.catalog.task_peer import TaskPeer
from mcp_stack_proxy.upstream.peer import Answer, Question
from mcp_stack_proxy.wire.envelope import members_of, raw
from mcp_stack_proxy.wire.revisions import Era
from mcp_stack_proxy.wire.sealing import KEY_BYTES, Keyring
from mcp_stack_proxy.wire.task_ids import RELATED, TaskIds
from tests.catalog.scripted import Server, call

IDS = TaskIds(Keyring([bytes(KEY_BYTES)]))


def meta(task):
    return {"_meta": {RELATED: {"taskId": task}}}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(raw({"action": "accept", **meta("a+t-1")})), {"action": "accept", **meta("t-1")}),
        (Answer(raw({"action": "accept", **meta("b+t-1")})), {"action": "accept", **meta("b+t-1")}),
        (Answer(raw({"code": 1, **meta("a+t-1")}), is_error=True), {"code": 1, **meta("a+t-1")}),
    ],
)
async def test_a_question_of_a_task_and_its_answer_name_it_as_each_side_does(answer, told):
    server, heard = Server(), []

    async def parts(_call):
        yield Question("elicitation/create", members_of(raw({"message": "m", **meta("t-1")})), heard.append)
        yield Answer(raw({"content": [], **meta("t-2")}))

    server.answers["tasks/result"] = parts
    peer = TaskPeer("a", server, IDS, TaskBook())
    question, result = [part async for part in await peer.call(call("tasks/result", Era.LEGACY, taskId="a+t-1"))]
    assert json.loads(bytes(question.params["_meta"])) == meta("a+t-1")["_meta"]
    assert json.loads(bytes(result.value)) == {"content": [], **meta("a+t-2")}
    question.answer(answer)
    assert json.loads(bytes(heard[0].value)) == told


async def test_an_error_stays_as_it_is():
    server = Server()
    server.answers["tasks/get"] = lambda _call: Answer(raw({"code": 1, "message": "m", "taskId": "t"}), is_error=True)
    reply = await TaskPeer("a", server, IDS, TaskBook()).call(call("tasks/get", Era.LEGACY, taskId="a+t"))
    assert json.loads(bytes(reply.value))["taskId"] == "t"
