"""Questions over two replicas: a call that waits is on one of them, and what its client says of it comes to the other."""

import asyncio
import itertools
import json
import sys
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from mcp_stack_proxy.config.api_keys import entries_text, new_key
from mcp_stack_proxy.config.session_keys import new_session_key
from tests.serve.asking import ModernAsker, http, messages
from tests.serve.balanced import balanced, soon, write_keys
from tests.serve.curious import curious
from tests.serve.eras import legacy_only, modern_only
from tests.serve.person import Person, text
from tests.serve.running import SOON, hosted, until_found
from tests.serve.test_asking import ACCEPTED, answer, begin, events

pytestmark = pytest.mark.asyncio(loop_scope="module")

ANN, BOB = new_key("ann"), new_key("bob")
BOTH_WAYS = [(0, 1), (1, 0)]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def servers():
    async with AsyncExitStack() as stack:
        guards = {"legacy": legacy_only, "modern": modern_only}
        apps = {name: guard(curious(name).streamable_http_app()) for name, guard in guards.items()}
        found = {name: {"url": await stack.enter_async_context(hosted(app))} for name, app in apps.items()}
        child = {"command": sys.executable, "args": [str(Path(__file__).parent / "curious.py"), "stdio"]}
        found["stdio"] = {**child, "process": {"sharing": "session"}}
        yield found


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def pair(servers, tmp_path_factory):
    """Two replicas whose callers show a key."""
    directory = tmp_path_factory.mktemp("pair")
    callers = directory / "api-keys.yaml"
    callers.write_text(entries_text(entry for _, entry in (ANN, BOB)))
    write_keys(directory / "keys", new_session_key())
    config = {"servers": servers, "authentication": {"api_keys": str(callers)}}
    async with balanced(directory, config, directory / "keys") as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def client():
    async with http() as found:
        found.headers["authorization"] = f"Bearer {ANN[0]}"
        yield found


@asynccontextmanager
async def without(replica):
    await replica.kill()
    try:
        yield
    finally:
        await replica.start()


# --- clients of the official SDK, each request of whom goes to the next replica


MODES = list(itertools.product(["legacy", "modern", None], ["legacy", "2026-07-28"]))


@pytest.mark.parametrize(("route", "mode"), [*MODES, ("stdio", "legacy")])
@pytest.mark.parity("aggregate.scaling")
async def test_a_client_of_the_sdk_is_asked_and_notices_nothing(pair, client, route, mode):
    ann, name = Person("Ann"), "ask" if route else "legacy__ask"
    transport = streamable_http_client(pair.mcp(route), http_client=client)
    async with Client(transport, mode=mode, read_timeout_seconds=SOON, cache=None, **ann.callbacks) as found:
        for turn in range(4):
            answered = await found.call_tool(name, {"kinds": "form,roots", "nonce": f"n{turn}"})
            assert text(answered) == "form: accept Ann; roots: ['file:///Ann']"
    assert sorted(ann.asked) == sorted([*(f"form {route or 'legacy'}: n{turn}" for turn in range(4)), *["roots"] * 4])


# --- a modern client's call is parked, and resumed where it is

MAY = {"io.modelcontextprotocol/clientCapabilities": {"elicitation": {"form": {}}, "roots": {}}}


class Parked:
    """A call of a modern client that waits at one replica."""

    def __init__(self, client, tool, arguments):
        self.client = client
        self.params = {"name": tool, "arguments": arguments}
        self.state = None

    async def begin(self, replica):
        self.hear(await self.post(replica, token="first"))
        assert self.result["resultType"] == "input_required"
        return self

    def hear(self, response):
        *self.heard, message = messages(response)
        self.result, self.error = message.get("result"), message.get("error")
        self.state = (self.result or {}).get("requestState", self.state)

    async def post(self, replica, token=None, caller=ANN, **more):
        asker = ModernAsker(self.client, replica.mcp("legacy"))
        asker.headers["authorization"] = f"Bearer {caller[0]}"
        meta = MAY if token is None else {**MAY, "progressToken": token}
        return await soon(asker.ask("tools/call", {**self.params, **more}, meta=meta))

    async def resume(self, replica, **more):
        """What comes back of a retry with every answer; None where that is no JSON-RPC."""
        answers = dict.fromkeys(self.result["inputRequests"], ACCEPTED)
        response = await self.post(replica, inputResponses=answers, requestState=self.state, **more)
        self.hear(response)
        return response

    @asynccontextmanager
    async def resuming(self, replica, token):
        """A retry whose events are read as they come."""
        given = {"inputResponses": dict.fromkeys(self.result["inputRequests"], ACCEPTED), "requestState": self.state}
        asker = ModernAsker(self.client, replica.mcp("legacy"))
        params = {**self.params, **given, "_meta": {**asker.meta(MAY), "progressToken": token}}
        body = {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params}
        mirrored = {name.replace("_", "-"): value for name, value in asker.mirrored("tools/call", self.params).items()}
        headers = {**asker.headers, **mirrored}
        async with self.client.stream("POST", asker.url, content=json.dumps(body), headers=headers) as response:
            yield events(response)


async def server_state(client, replica):
    called = await ModernAsker(client, replica.mcp("legacy")).result("tools/call", {"name": "state", "arguments": {}})
    return json.loads(called["content"][0]["text"])


@pytest.mark.requirement("mrtr:state.replicas")
@pytest.mark.parametrize(("parks", "resumes"), BOTH_WAYS)
async def test_a_call_that_is_parked_on_one_replica_is_resumed_by_the_other(pair, client, parks, resumes):
    here, there = pair.replicas[parks], pair.replicas[resumes]
    call = await Parked(client, "twice", {"nonce": f"n{parks}"}).begin(here)
    await call.resume(there, token="a")
    assert [(heard["method"], heard["params"]["progressToken"]) for heard in call.heard] == [("notifications/progress", "a")]
    assert call.result["inputRequests"]["input-2"]["params"]["message"] == f"n{parks} 2"
    before = call.state
    await call.resume(here)
    assert call.result["content"][0]["text"] == "form: accept Ann; form: accept Ann"
    call.state, call.result = before, {"inputRequests": {"input-2": {}}}
    for replica in (there, here):
        await call.resume(replica)
        assert (call.error["code"], call.error["data"]["reason"]) == (-31010, "not-parked"), "a state is good once"
        call.result = {"inputRequests": {"input-2": {}}}


async def test_nobody_else_resumes_a_call_on_any_replica(pair, client):
    call = await Parked(client, "ask", {"kinds": "form", "nonce": "mine"}).begin(pair.replicas[0])
    for replica in pair.replicas:
        asked = call.result
        await call.resume(replica, caller=BOB)
        assert call.error["code"] == -32602
        call.result = asked
    await call.resume(pair.replicas[1])
    assert call.result["content"][0]["text"] == "form: accept Ann"


async def test_a_client_that_leaves_the_other_replica_has_its_call_cancelled(pair, client):
    here, there = pair.replicas
    call = await Parked(client, "linger", {"nonce": "left", "chatty": True}).begin(here)
    async with call.resuming(there, "t") as said:
        assert (await soon(anext(said)))["params"]["progress"] == 1
    await until_found(lambda: server_state(client, there), lambda found: "left" in found["cancelled"])


@pytest.mark.parametrize(("parks", "resumes"), BOTH_WAYS)
async def test_a_call_whose_replica_is_gone_is_refused_and_may_be_made_anew(pair, client, parks, resumes):
    here, there = pair.replicas[parks], pair.replicas[resumes]
    call = await Parked(client, "ask", {"kinds": "form", "nonce": f"gone {parks}"}).begin(here)
    asked = call.result
    async with without(here):
        for _ in range(2):
            call.result = asked
            response = await call.resume(there)
            assert (response.status_code, response.headers["retry-after"]) == (503, "1")
            assert (call.error["code"], call.error["data"]["reason"]) == (-31009, "replica-gone")
            assert call.error["data"]["retryable"] is True
            assert "anew" in call.error["data"]["hint"]
            assert "127.0.0.1" not in response.text
    call.result = asked
    await call.resume(there)
    assert (call.error["code"], call.error["data"]["reason"]) == (-31010, "not-parked"), "another process at the same address"
    again = await Parked(client, "ask", {"kinds": "form", "nonce": f"again {parks}"}).begin(there)
    await again.resume(here)
    assert again.result["content"][0]["text"] == "form: accept Ann"


async def test_a_call_whose_replica_dies_while_it_goes_on_ends_with_an_error_that_promises_nothing(pair, client):
    here, there = pair.replicas
    call = await Parked(client, "linger", {"nonce": "dies"}).begin(here)
    going = asyncio.create_task(call.resume(there))
    await until_found(lambda: server_state(client, there), lambda found: "dies" in found["waiting"])
    async with without(here):
        await soon(going)
    assert_nobody_knows(call.error)


async def test_a_stream_whose_replica_dies_ends_with_such_an_error_too(pair, client):
    here, there = pair.replicas
    call = await Parked(client, "linger", {"nonce": "breaks off", "chatty": True}).begin(here)
    async with call.resuming(there, "t") as said:
        assert (await soon(anext(said)))["params"]["progressToken"] == "t"
        async with without(here):
            message = await soon(anext(said))
    assert message["id"] == 7
    assert_nobody_knows(message["error"])


def assert_nobody_knows(error):
    assert (error["data"]["reason"], error["data"]["retryable"]) == ("upstream-unreachable", False)
    assert "server" not in error["data"], "it is no server that failed"
    assert "nobody knows whether the server acted" in error["message"]


# --- a legacy client's answer comes to another replica than its call


class Asked:
    """A legacy client's session, opened at one replica, and a call at another."""

    def __init__(self, asker, said):
        self.asker = asker
        self.said = said

    async def next(self):
        return await soon(anext(self.said))


@asynccontextmanager
async def asking(client, opens, calls, server="legacy", tool="ask", **arguments):
    asker = await begin(client, opens.mcp(server))
    body = {"jsonrpc": "2.0", "id": 5, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
    async with client.stream("POST", calls.mcp(server), content=json.dumps(body), headers=asker.headers) as response:
        yield Asked(asker, events(response))


PLACES = [("modern", *places) for places in itertools.product((0, 1), repeat=3)]


@pytest.mark.parametrize(("server", "opens", "calls", "answers"), [*PLACES, ("stdio", 0, 1, 0), ("stdio", 0, 1, 1)])
async def test_an_answer_reaches_the_call_wherever_either_is(pair, client, server, opens, calls, answers):
    at = pair.replicas
    nonce = f"{opens}{calls}{answers}"
    async with asking(client, at[opens], at[calls], server, kinds="form", nonce=nonce) as asked:
        question = await asked.next()
        assert question["params"]["message"] == f"{server}: {nonce}"
        asked.asker.url = at[answers].mcp(server)
        await answer(asked.asker, question["id"], result=ACCEPTED)
        assert (await asked.next())["result"]["content"][0]["text"] == "form: accept Ann"


async def test_nobody_elses_answer_counts_on_any_replica(pair, client):
    first, second = pair.replicas
    async with asking(client, first, first, "modern", kinds="form", nonce="ann's") as asked:
        question = await asked.next()
        other = await begin(client, second.mcp("modern"))
        for replica in (first, second):
            other.url = replica.mcp("modern")
            await answer(other, question["id"], result={"action": "decline"})
        asked.asker.url = second.mcp("modern")
        await answer(asked.asker, question["id"], result=ACCEPTED)
        assert (await asked.next())["result"]["content"][0]["text"] == "form: accept Ann"


async def test_an_answer_to_a_replica_that_is_gone_may_be_sent_again(pair, client):
    first, second = pair.replicas
    async with asking(client, second, first, "modern", kinds="form", nonce="late") as asked:
        question = await asked.next()
        async with without(first):
            asked.asker.url = second.mcp("modern")
            response = await asked.asker.post({"jsonrpc": "2.0", "id": question["id"], "result": ACCEPTED})
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    message = response.json()
    assert (message["id"], message["error"]["code"], message["error"]["data"]["retryable"]) == (None, -31009, True)
    response = await asked.asker.post({"jsonrpc": "2.0", "id": question["id"], "result": ACCEPTED})
    assert response.status_code == 202, "nobody asks any more"


async def test_a_call_that_another_replica_keeps_ends_with_an_error_when_that_dies(pair, client):
    first, second = pair.replicas
    async with asking(client, first, second, "stdio", kinds="form", nonce="doomed") as asked:
        await asked.next()
        async with without(first):
            message = await asked.next()
            assert message["id"] == 5
            assert_nobody_knows(message["error"])
            asked.asker.url = second.mcp("stdio")
            assert (await asked.asker.ask("tools/list")).status_code == 404, "and its session with it"
