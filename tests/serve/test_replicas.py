"""Two real processes behind a balancer that gives each request to the next one, and a client that does not notice."""

import asyncio
import base64
import itertools
import json
import sys
import time
from pathlib import Path

import pytest
import pytest_asyncio
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from mcp_stack_proxy.config.api_keys import entries_text, new_key
from mcp_stack_proxy.config.session_keys import new_session_key
from mcp_stack_proxy.wire.sealing import Keyring
from mcp_stack_proxy.wire.session_ids import SessionState, session_ids
from mcp_stack_proxy.wire.sse import EventParser
from tests.serve.asking import LegacyAsker, events, http, messages
from tests.serve.balanced import balanced, soon, write_keys
from tests.serve.eras import legacy_only, modern_only
from tests.serve.running import SOON, hosted, until_found
from tests.serve.sample import sample
from tests.serve.scripted import Scripted

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROUTES = {"all": None, "relayed": "legacy", "bridged": "modern", "stdio": "child"}
ANN, BOB = new_key("ann"), new_key("bob")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def servers():
    legacy, modern = sample("legacy").streamable_http_app(), sample("modern").streamable_http_app()
    async with hosted(legacy_only(legacy)) as first, hosted(modern_only(modern)) as second:
        stdio = {"command": sys.executable, "args": [str(Path(__file__).parent / "sample.py")]}
        stdio["env"] = {"PYTHONPATH": str(Path(__file__).parents[2])}
        program = Path(__file__).parents[1] / "upstream" / "stateful.py"
        memory = {"command": sys.executable, "args": [str(program)], "process": {"sharing": "session"}}
        yield {"legacy": {"url": first}, "modern": {"url": second}, "child": stdio, "memory": memory}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def pair(servers, tmp_path_factory):
    """Two replicas that ask nobody who calls."""
    directory = tmp_path_factory.mktemp("pair")
    keys = directory / "keys"
    write_keys(keys, key := new_session_key())
    async with balanced(directory, {"servers": servers}, keys) as found:
        found.keys, found.key = keys, key
        yield found


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def guarded(servers, tmp_path_factory):
    """Two replicas whose callers show a key."""
    directory = tmp_path_factory.mktemp("guarded")
    keys, callers = directory / "keys", directory / "api-keys.yaml"
    write_keys(keys, new_session_key())
    callers.write_text(entries_text(entry for _, entry in (ANN, BOB)))
    async with balanced(directory, {"servers": servers, "authentication": {"api_keys": str(callers)}}, keys) as found:
        yield found


@pytest.fixture(params=ROUTES)
def route(request):
    return ROUTES[request.param]


@pytest_asyncio.fixture(loop_scope="module")
async def client():
    async with http() as found:
        yield found


def echo(route):
    return "child__echo" if route is None else "echo"


def text(result):
    return "".join(block.text for block in result.content if block.type == "text")


async def begun(client, url, headers=None):
    asker = LegacyAsker(client, url)
    asker.headers |= headers or {}
    return await asker.begin()


async def echoed(asker, route, url=None):
    """Whether the session of `asker` is good at `url`."""
    asker.url = url or asker.url
    answer = await asker.result("tools/call", {"name": echo(route), "arguments": {"nonce": "n"}})
    return answer["content"][0]["text"].endswith(": n")


async def refused(asker, url=None):
    """Status and error of a call."""
    asker.url = url or asker.url
    response = await asker.ask("tools/list")
    return response.status_code, messages(response)[-1]["error"]["message"]


@pytest.mark.parity("aggregate.scaling")
@pytest.mark.parametrize("mode", ["legacy", "2026-07-28"])
async def test_a_client_of_the_sdk_notices_nothing(pair, route, mode):
    async with Client(streamable_http_client(pair.mcp(route)), mode=mode, read_timeout_seconds=SOON, cache=None) as found:
        for turn in range(6):
            assert text(await found.call_tool(echo(route), {"nonce": str(turn)})).endswith(f": {turn}")
            assert echo(route) in [tool.name for tool in (await found.list_tools()).tools]


async def test_what_one_replica_began_the_other_goes_on_with(pair, client, route):
    first, second = pair.replicas
    asker = await begun(client, first.mcp(route))
    for replica in (second, first, second):
        assert await echoed(asker, route, replica.mcp(route))


async def test_a_session_outlives_every_process_that_has_seen_it(pair, client, route):
    asker = await begun(client, pair.mcp(route))
    for replica in pair.replicas:
        await replica.restart()
    assert await echoed(asker, route)
    assert await echoed(asker, route)


@pytest.mark.requirement("tasks:list")
async def test_the_tasks_of_a_session_are_listed_whichever_replica_made_them(tmp_path, client):
    made = itertools.count(1)

    def call(params, request):
        number = next(made)
        return {"task": {"taskId": f"t-{number}", "status": "working", "createdAt": f"2026-01-01T00:00:0{number}Z"}}

    server = Scripted("legacy", tools_call=call, tasks_get=lambda params, request: {**params, "status": "working"})
    server.answers["tools/list"] = {"tools": [{"name": "t", "inputSchema": {"type": "object"}}]}
    write_keys(keys := tmp_path / "keys", new_session_key())
    async with hosted(server) as url, balanced(tmp_path, {"servers": {"s": {"url": url}}}, keys, 3) as trio:
        asker = await begun(client, trio.replicas[0].mcp())
        named = []
        for replica in (trio.replicas[1], trio.replicas[0], trio.replicas[2]):
            asker.url = replica.mcp()
            named.append((await asker.result("tools/call", {"name": "s__t", "task": {}}))["task"]["taskId"])
        for replica in trio.replicas:
            asker.url = replica.mcp()
            assert [task["taskId"] for task in (await asker.result("tasks/list"))["tasks"]] == named
        await trio.replicas[1].kill()
        asker.url = trio.replicas[2].mcp()
        page = await asker.result("tasks/list")
        assert [task["taskId"] for task in page["tasks"]] == named[1:]
        assert [one["reason"] for one in page["_meta"]["mcp-stack/partial"]] == ["replica-gone"]
        await trio.replicas[0].kill()
        page = await asker.result("tasks/list")
        assert [task["taskId"] for task in page["tasks"]] == named[2:]
        assert [one["reason"] for one in page["_meta"]["mcp-stack/partial"]] == ["replica-gone"]


async def test_keys_change_and_sessions_stay_until_theirs_is_gone(pair, client, route):
    asker = await begun(client, pair.mcp(route))
    old, pair.key = pair.key, new_session_key()
    write_keys(pair.keys, pair.key, old)
    ring = session_ids(Keyring([base64.b64decode(pair.key)]))
    for replica in pair.replicas:

        async def sealed(replica=replica):
            fresh = await begun(client, replica.mcp(route))
            return ring.open(fresh.headers["mcp-session-id"]) is not None

        await until_found(sealed, bool)
        assert await echoed(asker, route, replica.mcp(route))
    write_keys(pair.keys, pair.key)
    for replica in pair.replicas:

        async def gone(replica=replica):
            asker.url = replica.mcp(route)
            return (await asker.ask("tools/list")).status_code

        assert await until_found(gone, lambda status: status != 200) == 404
    assert (await refused(asker)) == (404, "Session not found: initialize again")


async def test_nobody_else_can_use_a_session(guarded, client, route):
    first, second = guarded.replicas
    asker = await begun(client, first.mcp(route), {"authorization": f"Bearer {ANN[0]}"})
    assert await echoed(asker, route, second.mcp(route))
    for key, status in ((BOB, 404), (ANN, 200)):
        asker.headers["authorization"] = f"Bearer {key[0]}"
        for replica in (first, second):
            asker.url = replica.mcp(route)
            assert (await asker.ask("tools/list")).status_code == status


async def test_ids_that_were_never_given_out_open_nothing(pair, client, route):
    asker = await begun(client, pair.mcp(route))
    good = asker.headers["mcp-session-id"]
    server = None if route is None else route
    state = SessionState(server or "", "2025-11-25", None, time.time())
    ours, theirs = (session_ids(Keyring([key])) for key in (base64.b64decode(pair.key), b"x" * 32))
    expired = SessionState(server or "", "2025-11-25", None, time.time() - 8 * 86400)
    elsewhere = SessionState("another", "2025-11-25", None, time.time())
    forged = {
        "": good[:-1],
        "altered": good[:30] + ("A" if good[30] != "A" else "B") + good[31:],
        "made up": "mcp-stack.unknown",
        "another key": theirs.seal(state),
        "over": ours.seal(expired),
        "another endpoint": ours.seal(elsewhere),
    }
    for what, id_ in forged.items():
        asker.headers["mcp-session-id"] = id_
        assert await refused(asker) == (404, "Session not found: initialize again"), what
    asker.headers["mcp-session-id"] = ours.seal(state)
    if route != "legacy":
        assert await echoed(asker, route), "the control: a good one is taken"


@pytest.mark.parametrize("seen", [False, True], ids=["known to one", "known to both"])
@pytest.mark.parametrize("ends", [0, 1])
async def test_an_ended_session_is_over_on_every_replica(pair, client, ends, seen):
    asker = await begun(client, pair.replicas[0].mcp("modern"))
    if seen:
        assert await echoed(asker, "modern", pair.replicas[1].mcp("modern"))
    assert (await client.delete(pair.replicas[ends].mcp("modern"), headers=asker.headers)).status_code == 200
    for replica in pair.replicas:
        assert (await refused(asker, replica.mcp("modern")))[0] == 404


@pytest.mark.parametrize(("begins", "sets"), list(itertools.product((0, 1), repeat=2)))
async def test_a_log_level_is_heard_by_every_replica(pair, client, begins, sets):
    asker = await begun(client, pair.replicas[begins].mcp("child"))
    for level in ("error", "warning"):
        asker.url = pair.replicas[sets].mcp("child")
        assert await asker.result("logging/setLevel", {"level": level}) == {}
        for replica in pair.replicas:
            asker.url = replica.mcp("child")
            await asker.result("tools/call", {"name": "chatter", "arguments": {}})
            assert asker.heard[0]["params"]["level"] == level


async def test_a_session_goes_on_when_who_opened_it_is_gone_for_good(pair, client):
    first, second = pair.replicas
    asker = await begun(client, first.mcp())
    await first.kill()
    try:
        assert await echoed(asker, None, second.mcp())
        assert (await client.delete(second.mcp(), headers=asker.headers)).status_code == 200
        assert (await refused(asker))[0] == 404
    finally:
        await first.start()


async def called(asker, url):
    """Ids of the events of a call that says something before its answer."""
    asker.url = url
    response = await asker.ask("tools/call", {"name": "chatter", "arguments": {}})
    return [event.id for event in EventParser(10**6).feed(response.content)], messages(response)


async def back(asker, url, last):
    return await asker.http.get(url, headers={**asker.headers, "accept": "text/event-stream", "last-event-id": last})


@pytest.mark.requirement("sse:resumable")
async def test_a_stream_is_taken_up_on_any_replica(pair, client):
    first, second = (replica.mcp("child") for replica in pair.replicas)
    asker = await begun(client, first)
    for began in (first, second):
        ids, said = await called(asker, began)
        for url in (first, second):
            assert messages(await back(asker, url, ids[0])) == said
            assert messages(await back(asker, url, ids[1])) == said[1:]
            assert list(events((await back(asker, url, ids[-1])).text)) == []


async def test_a_stream_is_lost_with_the_replica_that_kept_it_and_its_client_is_told_so(pair, client):
    first, second = pair.replicas
    asker = await begun(client, first.mcp("child"))
    ids, _ = await called(asker, first.mcp("child"))
    await first.kill()
    try:
        response = await back(asker, second.mcp("child"), ids[0])
        assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    finally:
        await first.start()
    for replica in pair.replicas:
        assert (await back(asker, replica.mcp("child"), ids[0])).status_code == 400


async def test_nobody_else_takes_up_a_stream(guarded, client):
    url = guarded.replicas[0].mcp("child")
    ann, bob = [await begun(client, url, {"authorization": f"Bearer {key[0]}"}) for key in (ANN, BOB)]
    ids, said = await called(ann, url)
    for replica in guarded.replicas:
        assert (await back(bob, replica.mcp("child"), ids[0])).status_code == 400
        assert messages(await back(ann, replica.mcp("child"), ids[0])) == said


async def counted(asker, url):
    asker.url = url
    return (await asker.result("tools/call", {"name": "count", "arguments": {}}))["structuredContent"]["calls"]


async def test_a_session_with_a_process_of_its_own_stays_where_that_is_and_ends_with_it(pair, client):
    first, second = (replica.mcp("memory") for replica in pair.replicas)
    asker, other = await begun(client, first), await begun(client, second)
    assert [await counted(asker, url) for url in (second, first, second)] == [1, 2, 3]
    assert await counted(other, first) == 1
    await pair.replicas[0].kill()
    try:
        assert await refused(asker, second) == (404, "Session not found: initialize again")
    finally:
        await pair.replicas[0].start()


async def calls(asker):
    return json.loads((await asker.result("tools/call", {"name": "calls_state"}))["content"][0]["text"])


@pytest.mark.parametrize(("begins", "calls_at", "cancels"), list(itertools.product((0, 1), repeat=3)))
async def test_a_call_is_cancelled_wherever_it_is(pair, client, begins, calls_at, cancels):
    key = f"cancel-{begins}{calls_at}{cancels}"
    begin, call, cancel = (pair.replicas[index].mcp("modern") for index in (begins, calls_at, cancels))
    asker = await begun(client, begin)
    hanging = LegacyAsker(client, call)
    hanging.headers = asker.headers
    waiting = asyncio.create_task(hanging.ask("tools/call", {"name": "hang", "arguments": {"key": key}}, id_="h"))
    looking = await begun(client, begin)
    await until_found(lambda: calls(looking), lambda found: key in found["hanging"])
    asker.url = cancel

    async def cancelled():
        note = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": "h"}}
        assert (await asker.post(note)).status_code == 202
        return await calls(looking)

    await until_found(cancelled, lambda found: key in found["cancelled"])
    await soon(waiting)


async def test_a_message_of_the_older_pair_finds_the_replica_that_has_its_stream(pair, client):
    first, second = pair.replicas
    async with client.stream("GET", f"{first.url}/servers/child/sse", headers={"accept": "text/event-stream"}) as stream:
        lines = stream.aiter_lines()

        async def event():
            seen = []
            while (line := await anext(lines)) or not seen:
                seen += [line] if line and not line.startswith(":") else []
            return "\n".join(line.partition(": ")[2] for line in seen if line.startswith("data"))

        endpoint = await soon(event())
        hello = {"protocolVersion": "2024-11-05", "capabilities": {}, "clientInfo": {"name": "t", "version": "0"}}
        for id_, (replica, method, params) in enumerate(
            [
                (second, "initialize", hello),
                (second, "tools/call", {"name": "echo", "arguments": {"nonce": "n"}}),
                (first, "ping", {}),
            ]
        ):
            body = {"jsonrpc": "2.0", "id": id_, "method": method, "params": params}
            assert (await client.post(replica.url + endpoint, json=body)).status_code == 202
            answer = json.loads(await soon(event()))
            assert (answer["id"], "result" in answer) == (id_, True)
        looped = {"mcp-stack-hop": "1"}
        assert (await client.post(second.url + endpoint, json=body, headers=looped)).status_code == 503, "one hop at most"
        await first.kill()
        response = await client.post(second.url + endpoint, json=body)
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    error = response.json()["error"]
    assert (error["code"], error["data"]["reason"], error["data"]["retryable"]) == (-31009, "replica-gone", True)
    assert "127.0.0.1" not in response.text
    await first.start()
    assert (await client.post(first.url + endpoint, json=body)).status_code == 503, "another process at the same address"


async def test_a_stream_of_the_older_pair_is_its_owners_on_every_replica(guarded, client):
    first, second = guarded.replicas
    headers = {"accept": "text/event-stream", "authorization": f"Bearer {ANN[0]}"}
    async with client.stream("GET", f"{first.url}/sse", headers=headers) as stream:
        lines = stream.aiter_lines()
        endpoint = ""
        while not endpoint.startswith("data: "):
            endpoint = await soon(anext(lines))
        endpoint = endpoint.removeprefix("data: ")
        body = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        for key, status in ((ANN, 202), (BOB, 404)):
            for replica in (first, second):
                sent = {"authorization": f"Bearer {key[0]}"}
                assert (await client.post(replica.url + endpoint, json=body, headers=sent)).status_code == status
