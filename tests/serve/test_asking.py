"""Questions on the wire of a legacy client: who may answer, how long, and what a server hears of a client that does not."""

import asyncio
import json
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from mcp_stack_proxy.serve.asking import MAX_OPEN
from tests.serve.asking import LegacyAsker, ModernAsker, http, messages
from tests.serve.curious import curious
from tests.serve.eras import legacy_only
from tests.serve.running import hosted, running, until, until_found
from tests.serve.scripted import Scripted
from tests.serve.sse_pair import opened

ALL = {"sampling": {}, "elicitation": {"form": {}, "url": {}}, "roots": {"listChanged": True}}


@asynccontextmanager
async def asked(capabilities=ALL, **limits):
    """A gateway before a legacy server that asks, and a session of a client that declares `capabilities`."""
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(hosted(legacy_only(curious().streamable_http_app())))
        gateway = await stack.enter_async_context(running({"c": {"url": url}}, limits=limits))
        client = await stack.enter_async_context(http())
        yield gateway, await begin(client, gateway.mcp(), capabilities)


async def begin(client, url, capabilities=ALL):
    asker = LegacyAsker(client, url)
    params = {"protocolVersion": "2025-11-25", "capabilities": capabilities, "clientInfo": {"name": "raw", "version": "0"}}
    response = await asker.ask("initialize", params)
    asker.headers |= {"mcp-protocol-version": "2025-11-25", "mcp-session-id": response.headers["mcp-session-id"]}
    return asker


@asynccontextmanager
async def calling(asker, id_=5, **arguments):
    """A call whose stream is read event by event."""
    params = {"name": "c__ask", "arguments": {"kinds": "form", "nonce": "n", **arguments}}
    body = json.dumps({"jsonrpc": "2.0", "id": id_, "method": "tools/call", "params": params})
    async with asker.http.stream("POST", asker.url, content=body, headers=asker.headers) as response:
        yield events(response)


async def events(response):
    if response.headers["content-type"] == "application/json":
        yield json.loads(await response.aread())
    async for line in response.aiter_lines():
        if line.startswith("data:") and line != "data: ":
            yield json.loads(line[5:])


def result(message):
    return message["result"]["content"][0]["text"]


async def answer(asker, id_, **outcome):
    response = await asker.post({"jsonrpc": "2.0", "id": id_, **outcome})
    assert response.status_code == 202


ACCEPTED = {"action": "accept", "content": {"name": "Ann"}}


@pytest.mark.requirement("legacy:responses")
async def test_a_question_is_answered_by_a_message_of_its_own():
    async with asked() as (_, ann), calling(ann) as said:
        question = await anext(said)
        assert (question["method"], question["params"]["message"]) == ("elicitation/create", "curious: n")
        await answer(ann, question["id"], result=ACCEPTED)
        assert result(await anext(said)) == "form: accept Ann"


async def test_only_the_session_that_was_asked_can_answer():
    async with asked() as (gateway, ann), calling(ann) as said:
        question = await anext(said)
        ben = await begin(ann.http, gateway.mcp())
        await answer(ben, question["id"], result={"action": "accept", "content": {"name": "Ben"}})
        await answer(ann, "something else", result=ACCEPTED)
        await answer(ann, 7, result=ACCEPTED)
        await answer(ann, question["id"], result=ACCEPTED)
        await answer(ann, question["id"], result={"action": "decline"})
        assert result(await anext(said)) == "form: accept Ann"


async def test_an_error_passes_unchanged():
    async with asked() as (_, ann), calling(ann) as said:
        question = await anext(said)
        await answer(ann, question["id"], error={"code": -77, "message": "not now"})
        assert result(await anext(said)) == "form: error -77 not now"


@pytest.mark.parametrize("kinds", ["form", "sample", "visit", "form,sample"])
async def test_what_is_not_declared_is_not_asked(kinds):
    async with asked({"roots": {}}) as (_, ann), calling(ann, kinds=kinds) as said:
        assert "error -32601" in result(await anext(said))


async def test_a_mode_that_is_not_declared_is_an_invalid_parameter():
    async with asked({"elicitation": {}}) as (_, ann), calling(ann, kinds="visit") as said:
        assert "error -32602" in result(await anext(said))


async def test_a_client_that_does_not_answer_in_time_is_told_so_and_its_server_gets_an_error():
    async with asked(input_seconds=0.1) as (_, ann), calling(ann) as said:
        question = await anext(said)
        first, second = sorted([await anext(said), await anext(said)], key=str)
        withdrawn, last = (first, second) if "method" in first else (second, first)
        assert withdrawn["method"] == "notifications/cancelled"
        assert withdrawn["params"]["requestId"] == question["id"]
        assert "limits.input_seconds" in result(last)


async def test_the_clients_time_is_not_the_servers():
    async with asked(exchange_seconds=0.7, request_seconds=1) as (_, ann), calling(ann) as said:
        question = await anext(said)
        await asyncio.sleep(1.5)
        await answer(ann, question["id"], result=ACCEPTED)
        assert result(await anext(said)) == "form: accept Ann"


async def state(asker):
    return json.loads((await asker.result("tools/call", {"name": "c__state"}))["content"][0]["text"])


async def test_a_cancelled_call_is_cancelled_at_the_server_and_its_question_is_over():
    async with asked() as (gateway, ann):
        async with calling(ann, 5) as said:
            question = await anext(said)
            await ann.post({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 5}})
            assert [left async for left in said] == []
        await until_found(lambda: state(ann), lambda found: found["cancelled"] == ["n"])
        await answer(ann, question["id"], result=ACCEPTED)
        (session,) = gateway.gateway.sessions._sessions.values()
        assert session.questions == {}


async def test_the_end_of_a_session_ends_the_one_with_the_server():
    async with asked() as (gateway, ann):
        async with calling(ann) as said:
            await anext(said)
            own = gateway.gateway.servers["c"].connection._own
            assert len(own) == 1
            await ann.http.delete(ann.url, headers=ann.headers)
            async for _ in said:
                pass
        assert len(own) == 0


@pytest.mark.parametrize("apart", [False, True])
async def test_a_client_of_the_older_pair_is_asked_on_its_stream(apart):
    async with asked() as (gateway, _), opened(f"{gateway.url}/sse") as pair:
        info = {"name": "old", "version": "0"}
        await pair.ask("i", "initialize", protocolVersion="2024-11-05", capabilities=ALL, clientInfo=info)
        arguments = {"kinds": "form,roots", "nonce": "o", "apart": apart}
        await pair.post({"id": 1, "method": "tools/call", "params": {"name": "c__ask", "arguments": arguments}})
        for _ in range(2):
            question = await pair.message()
            given = {"roots": []} if question["method"] == "roots/list" else ACCEPTED
            assert (await pair.post({"id": question["id"], "result": given})).status_code == 202
        assert result(await pair.message()) == "form: accept Ann; roots: []"


async def test_news_of_roots_reaches_the_server_that_may_ask_for_them():
    async with asked() as (_, ann):

        async def count():
            return result({"result": await ann.result("tools/call", {"name": "c__changed_roots"})})

        assert await count() == "0"
        await ann.post({"jsonrpc": "2.0", "method": "notifications/roots/list_changed"})
        await until_found(count, lambda found: found == "1")


@pytest.mark.parametrize("withdrawn", [True, False])
async def test_what_a_server_does_not_want_to_know_any_more_is_withdrawn(withdrawn):
    async def calls(_params, request):
        await request.event(id=77, method="elicitation/create", params={"message": "m", "requestedSchema": {}})
        if withdrawn:
            await request.event(method="notifications/cancelled", params={"requestId": 76})
            await request.event(method="notifications/cancelled", params={"requestId": 77, "reason": "enough"})
        await request.event(id=request.id, result={"content": [{"type": "text", "text": "done"}]})
        await request.end()

    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(hosted(Scripted("legacy", tools_call=calls)))
        gateway = await stack.enter_async_context(running({"c": {"url": url}}))
        ann = await begin(await stack.enter_async_context(http()), gateway.mcp())
        question, over, last = messages(await ann.ask("tools/call", {"name": "c__t"}))
        assert over["method"] == "notifications/cancelled"
        assert over["params"] == {"requestId": question["id"]} | ({"reason": "enough"} if withdrawn else {})
        assert result(last) == "done"
        (session,) = gateway.gateway.sessions._sessions.values()
        assert session.questions == {}


async def test_a_parked_call_that_is_not_resumed_is_cancelled_at_the_server():
    async with asked(input_seconds=0.1) as (gateway, ann):
        modern = ModernAsker(ann.http, gateway.mcp())
        meta = {"io.modelcontextprotocol/clientCapabilities": ALL}
        params = {"name": "c__ask", "arguments": {"kinds": "form", "nonce": "p"}}
        incomplete = await modern.result("tools/call", params, meta=meta)
        assert incomplete["resultType"] == "input_required"
        await until_found(lambda: state(ann), lambda found: found["cancelled"] == ["p"])
        again = {**params, "requestState": incomplete["requestState"], "inputResponses": {"input-1": ACCEPTED}}
        assert (await modern.error("tools/call", again, meta=meta))["code"] == -31010


async def test_a_parked_call_goes_on_question_by_question():
    async with asked() as (gateway, ann):
        modern = ModernAsker(ann.http, gateway.mcp())
        meta = {"io.modelcontextprotocol/clientCapabilities": ALL}
        params = {"name": "c__ask", "arguments": {"kinds": "form,sample", "nonce": "q"}}
        incomplete = await modern.result("tools/call", params, meta=meta)
        for _ in range(2):
            kinds = {key: asked["method"] for key, asked in incomplete["inputRequests"].items()}
            sampled = {"role": "assistant", "content": {"type": "text", "text": "S"}, "model": "m"}
            given = {key: ACCEPTED if method == "elicitation/create" else sampled for key, method in kinds.items()}
            again = {**params, "requestState": incomplete["requestState"], "inputResponses": given}
            response = await modern.ask("tools/call", again, meta=meta)
            incomplete = messages(response)[-1]["result"]
        assert result({"result": incomplete}) == "form: accept Ann; sample: S"
        assert len(gateway.gateway.parking) == 0


async def floods(params, request):
    """Asks, and asks, and asks."""
    for number in range(10 * MAX_OPEN):
        await request.event(id=f"q-{number}", method="roots/list", params={"pad": "x" * 1000})
    await request.event(id=request.id, result={"content": []})
    await request.end()


WANTS = {"resultType": "input_required", "inputRequests": {f"q-{n}": {"method": "roots/list"} for n in range(10 * MAX_OPEN)}}


@pytest.mark.parametrize(("era", "answer"), [("legacy", floods), ("modern", WANTS)])
async def test_a_server_that_floods_a_client_with_questions_is_given_up(era, answer):
    async with (
        hosted(Scripted(era, tools_call=answer)) as url,
        running({"c": {"url": url}}) as gateway,
        http() as client,
    ):
        asker = await begin(client, gateway.mcp())
        async with calling(asker) as said:
            *asked, last = [message async for message in said]
        assert {message["method"] for message in asked} == {"roots/list"}
        assert len(asked) == MAX_OPEN
        assert (last["error"]["data"]["reason"], last["error"]["data"]["server"]) == ("upstream-invalid", "c")
        await until(lambda: not any(session.questions for session in gateway.gateway.sessions._sessions.values()))
