"""Arrays of messages, for clients of 2025-03-26 and nobody else."""

import json
from contextlib import AsyncExitStack

import httpx2
import pytest
import pytest_asyncio

from tests.serve.eras import modern_only
from tests.serve.running import SOON, hosted, running
from tests.serve.sample import sample

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Batching:
    """A server of 2025-03-26 with arrays, as far as the relay is concerned: it writes down what it gets."""

    def __init__(self):
        self.bodies = []
        self.sessions = []

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return
        body = (await receive()).get("body", b"")
        self.bodies.append(body)
        self.sessions.append(dict(scope["headers"]).get(b"mcp-session-id"))
        message = json.loads(body or b"{}")
        headers = [(b"content-type", b"application/json"), (b"mcp-session-id", b"its-own")]
        if isinstance(message, list):
            answer, status = [{"jsonrpc": "2.0", "id": part["id"], "result": {}} for part in message if "id" in part], 200
        elif message.get("method") == "initialize":
            result = {"protocolVersion": "2025-03-26", "capabilities": {}, "serverInfo": {"name": "b", "version": "0"}}
            answer, status = {"jsonrpc": "2.0", "id": message["id"], "result": result}, 200
        else:
            answer, status = {}, 400
        body = json.dumps(answer).encode()
        headers.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


class Caller:
    def __init__(self, http, url):
        self.http = http
        self.url = url
        self.headers = {"content-type": "application/json", "accept": "application/json, text/event-stream"}

    async def post(self, body, **headers):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.http.post(self.url, content=body, headers={**self.headers, **headers})

    async def initialize(self, version):
        params = {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "c", "version": "0"}}
        answer = await self.post(request(0, "initialize", **params))
        assert answer.json()["result"]["protocolVersion"] == version
        self.headers["mcp-session-id"] = answer.headers["mcp-session-id"]
        return self


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def gateway():
    async with AsyncExitStack() as stack:
        modern = await stack.enter_async_context(hosted(modern_only(sample("modern").streamable_http_app())))
        batching = Batching()
        servers = {"modern": {"url": modern}, "batching": {"url": await stack.enter_async_context(hosted(batching))}}
        running_ = await stack.enter_async_context(running(servers))
        running_.batching = batching
        yield running_


@pytest_asyncio.fixture(loop_scope="module")
async def caller(gateway):
    async with httpx2.AsyncClient(timeout=SOON) as http:
        yield lambda server=None: Caller(http, gateway.mcp(server))


def request(id_, method, **params):
    return {"jsonrpc": "2.0", "id": id_, "method": method, "params": params}


def call(id_, tool, **arguments):
    return request(id_, "tools/call", name=tool, arguments=arguments)


NOTE = {"jsonrpc": "2.0", "method": "notifications/initialized"}
ANSWER = {"jsonrpc": "2.0", "id": 9, "result": {}}


@pytest.mark.parity("aggregate.transport-http")
@pytest.mark.requirement("base:batch.answered")
@pytest.mark.parametrize("server", ["modern", None])
async def test_the_requests_of_a_batch_are_answered_in_one_array(caller, server):
    client = await caller(server).initialize("2025-03-26")
    echo = "echo" if server else "modern__echo"
    batch = [call("a", echo, nonce="1"), NOTE, request(2, "ping"), ANSWER, request("x", "none/such"), 17]
    answer = await client.post(batch)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    answers = {part["id"]: part for part in answer.json()}
    assert set(answers) == {"a", 2, "x", None}
    assert answers["a"]["result"]["content"][0]["text"] == "modern: 1"
    assert answers[2]["result"] == {}
    assert answers["x"]["error"]["code"] == -32601
    assert answers[None]["error"]["code"] == -32600


@pytest.mark.requirement("base:batch.answered")
async def test_what_comes_before_the_answers_makes_a_stream_of_them(caller):
    client = await caller("modern").initialize("2025-03-26")
    steps = call("s", "steps", count=2)
    steps["params"]["_meta"] = {"progressToken": "t"}
    answer = await client.post([request(1, "ping"), steps, call("n", "nap", seconds=0.1)])
    assert answer.headers["content-type"].startswith("text/event-stream")
    messages = [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: ")]
    assert [message["params"]["progress"] for message in messages if "method" in message] == [1, 2]
    assert {message["id"] for message in messages if "id" in message} == {1, "s", "n"}


async def test_a_slow_batch_is_kept_alive(caller, monkeypatch):
    monkeypatch.setattr("mcp_stack_proxy.serve.reply.BEAT", 0.1)
    client = await caller("modern").initialize("2025-03-26")
    answer = await client.post([call(1, "nap", seconds=0.8)])
    assert ": keep-alive" in answer.text
    assert '"id":1' in answer.text


async def test_a_batch_that_asks_nothing_is_accepted(caller):
    client = await caller("modern").initialize("2025-03-26")
    answer = await client.post([NOTE, ANSWER])
    assert (answer.status_code, answer.content) == (202, b"")


async def test_a_call_of_a_batch_is_cancelled_alone(caller):
    client = await caller("modern").initialize("2025-03-26")
    cancel = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": "h"}}
    answer = await client.post([call("h", "hang", key="batch"), call("n", "nap", seconds=0.1), cancel])
    found = answer.json() if answer.headers["content-type"] == "application/json" else answer.text
    assert "batch" not in json.dumps(found)
    assert '"n"' in answer.text


@pytest.mark.requirement("base:batch.refused")
@pytest.mark.parametrize(
    ("body", "code"), [([], -32600), ([request(1, "initialize")], -32600), (b"[{]", -32700), ([NOTE] * 1001, -32600)]
)
async def test_a_batch_that_must_not_be_is_refused_whole(caller, body, code):
    client = await caller("modern").initialize("2025-03-26")
    answer = await client.post(body)
    assert (answer.status_code, answer.json()["error"]["code"], answer.json()["id"]) == (400, code, None)


@pytest.mark.parity("aggregate.transport-http")
@pytest.mark.requirement("base:batch.refused")
@pytest.mark.parametrize("version", ["2024-11-05", "2025-06-18", "2025-11-25"])
@pytest.mark.parametrize("says_so", [True, False])
async def test_no_other_revision_has_batches(caller, version, says_so):
    client = await caller("modern").initialize(version)
    answer = await client.post([request(1, "ping")], **({"mcp-protocol-version": version} if says_so else {}))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, -32600)


async def test_a_modern_request_is_never_a_batch(caller):
    answer = await caller("modern").post([request(1, "ping")], **{"mcp-protocol-version": "2026-07-28"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, -32600)


async def test_without_a_session_there_is_no_batch(caller):
    assert (await caller().post([request(1, "ping")])).status_code == 400
    answer = await caller().post([request(1, "ping")], **{"mcp-session-id": "unknown"})
    assert answer.status_code == 404


async def test_a_session_of_the_servers_own_has_its_batches_passed_on(gateway, caller):
    client = await caller("batching").initialize("2025-03-26")
    assert client.headers["mcp-session-id"] != "its-own"
    batch = [{**request(1, "ping"), "x": {"kept": [1.5, None]}}, NOTE, request("two", "tools/list")]
    answer = await client.post(batch)
    assert json.loads(gateway.batching.bodies[-1]) == batch
    assert gateway.batching.sessions[-1] == b"its-own"
    assert answer.headers["mcp-session-id"] == client.headers["mcp-session-id"], "the server names its session in every answer"
    assert [part["id"] for part in answer.json()] == [1, "two"]
    refused = await client.post(batch, **{"mcp-protocol-version": "2025-06-18"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, -32600)
