"""Callers show a key, over real HTTP, in both eras, on both routes; whoever does not gets nothing."""

import asyncio
import json
import logging
import re
from contextlib import asynccontextmanager

import httpx2
import pytest
import pytest_asyncio
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from mcp_stack_proxy.config.api_keys import entries_text, new_key
from mcp_stack_proxy.serve.doorman import Doorman
from mcp_stack_proxy.serve.relay import Relay
from tests.serve.eras import legacy_only
from tests.serve.running import SOON, hosted, running, until
from tests.serve.sample import sample

pytestmark = pytest.mark.asyncio(loop_scope="module")

ERAS = ("legacy", "2026-07-28")
ANN, ANNS_NEXT, BOB, EVE = (new_key(name, ["reader"]) for name in ("ann", "ann", "bob", "eve"))
JSON_RPC = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
CHALLENGE = 'Bearer realm="mcp-stack"'
ROUTES = ("all", "legacy", "dual")


def bearer(key):
    return {"Authorization": f"Bearer {key[0]}"}


def write(path, *keys):
    """As an atomic writer does, which a mounted Secret has."""
    new = path.with_suffix(".new")
    new.write_text(entries_text(entry for _, entry in keys))
    new.replace(path)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def gateway(tmp_path_factory):
    file = tmp_path_factory.mktemp("keys") / "api-keys.yaml"
    write(file, ANN, BOB)
    dual, legacy = sample("dual").streamable_http_app(), legacy_only(sample("legacy").streamable_http_app())
    async with hosted(dual) as first, hosted(legacy) as second:
        servers = {"dual": {"url": first}, "legacy": {"url": second}}
        async with running(servers, authentication={"api_keys": str(file)}, allowed_origins=["https://app.example.com"]) as found:
            found.file = file
            yield found


@pytest_asyncio.fixture(loop_scope="module")
async def http():
    async with httpx2.AsyncClient(timeout=SOON) as client:
        yield client


@pytest.fixture(params=ROUTES)
def url(gateway, request):
    return gateway.mcp(None if request.param == "all" else request.param)


@asynccontextmanager
async def connected(url, headers, era):
    async with (
        httpx2.AsyncClient(headers=headers, timeout=SOON) as http,
        Client(streamable_http_client(url, http_client=http), mode=era) as client,
    ):
        yield client


def ask(method, params=None, **members):
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params or {}, **members})


INITIALIZE = ask("initialize", {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}})


async def session_of(http, url, key):
    answer = await http.post(url, content=INITIALIZE, headers={**JSON_RPC, **bearer(key)})
    assert answer.status_code == 200
    return answer.headers["mcp-session-id"]


@pytest.mark.parity("aggregate.auth-tokens")
@pytest.mark.parametrize("name", ["Authorization", "X-API-Key"])
@pytest.mark.parametrize("era", ERAS)
async def test_a_client_with_a_key_is_served_in_either_era_by_either_header(gateway, url, era, name):
    headers = bearer(ANN) if name == "Authorization" else {name: ANN[0]}
    async with connected(url, headers, era) as client:
        tools = {tool.name for tool in (await client.list_tools()).tools}
        echo = next(tool for tool in tools if tool.endswith("echo"))
        result = await client.call_tool(echo, {"nonce": "n1"})
        assert result.content[0].text.endswith(": n1")


@pytest.mark.requirement("security:no-passthrough")
@pytest.mark.parametrize("era", ERAS)
async def test_no_credential_goes_any_further(gateway, url, era):
    headers = {"X-API-Key": ANN[0], "Cookie": "session=s3cr3t", "Authorization": "Basic czNjcjN0"}
    async with connected(url, headers, era) as client:
        seen = next(tool.name for tool in (await client.list_tools()).tools if tool.name.endswith("seen"))
        shown = (await client.call_tool(seen, {})).structured_content
    assert {"authorization", "x-api-key", "cookie"}.isdisjoint(name.lower() for name in shown)
    assert ANN[0] not in json.dumps(shown)


REFUSED = [
    pytest.param({}, 401, CHALLENGE, id="none"),
    pytest.param({"Authorization": "Basic YTpi"}, 401, CHALLENGE, id="another scheme"),
    pytest.param({"Authorization": "Bearer"}, 401, CHALLENGE, id="empty"),
    pytest.param({"X-API-Key": ""}, 401, CHALLENGE, id="empty header"),
    pytest.param(bearer(EVE), 401, f'{CHALLENGE}, error="invalid_token"', id="unknown"),
    pytest.param({"Authorization": "Bearer x"}, 401, f'{CHALLENGE}, error="invalid_token"', id="short"),
    pytest.param({"Authorization": f"Bearer {ANN[0]} {BOB[0]}"}, 401, f'{CHALLENGE}, error="invalid_token"', id="two in one"),
    pytest.param({"X-API-Key": ANN[1].hash}, 401, f'{CHALLENGE}, error="invalid_token"', id="the hash"),
    pytest.param({**bearer(ANN), "X-API-Key": ANN[0]}, 400, f'{CHALLENGE}, error="invalid_request"', id="in both headers"),
    pytest.param([*bearer(ANN).items(), *bearer(EVE).items()], 400, f'{CHALLENGE}, error="invalid_request"', id="twice"),
]


@pytest.mark.parity("aggregate.auth-tokens")
@pytest.mark.parametrize(("headers", "status", "challenge"), REFUSED)
@pytest.mark.parametrize("method", ["POST", "GET", "DELETE", "PUT"])
async def test_whoever_shows_no_good_key_is_refused_before_anything_else_is_looked_at(
    gateway, http, url, method, headers, status, challenge
):
    given_headers = list(headers.items()) if isinstance(headers, dict) else headers
    answer = await http.request(method, url, content=b"no JSON at all", headers=[("content-type", "text/plain"), *given_headers])
    assert answer.status_code == status
    assert answer.headers["www-authenticate"] == challenge
    assert not answer.text.startswith("{")
    assert not re.search("ann|bob|eve", answer.text)


async def test_every_wrong_key_is_refused_with_the_same_answer(gateway, http, url):
    wrong = [EVE[0], "x", ANN[0][:-1], ANN[0] + "x", ANN[0].upper(), "y" * 10_000]
    answers = [await http.post(url, headers={"Authorization": f"Bearer {key}"}) for key in wrong]
    assert len({(answer.status_code, answer.content, tuple(answer.headers.items())) for answer in answers}) == 1


async def test_nobody_learns_without_a_key_which_servers_there_are(gateway, http):
    names = ("dual", "legacy", "nobody")
    strangers = [await http.post(gateway.mcp(name)) for name in names]
    assert [answer.status_code for answer in strangers] == [401] * 3
    asked = {"origin": "https://app.example.com", "access-control-request-method": "POST"}
    preflights = [await http.options(gateway.mcp(name), headers=asked) for name in names]
    assert len({(answer.status_code, answer.content, tuple(answer.headers.items())) for answer in preflights}) == 1
    assert (await http.post(gateway.mcp("nobody"), headers=bearer(ANN))).status_code == 404


@pytest.mark.parametrize("path", ["/health", "/livez", "/readyz", "/startupz"])
async def test_health_is_told_to_everyone(gateway, http, path):
    assert (await http.get(gateway.url + path)).status_code in (200, 503)
    assert "www-authenticate" not in (await http.get(gateway.url + path)).headers


async def test_host_and_origin_are_looked_at_first(gateway, http):
    foreign = await http.post(gateway.mcp(), headers={"host": "evil.example"})
    page = await http.post(gateway.mcp(), headers={"origin": "https://evil.example", **bearer(ANN)})
    assert (foreign.status_code, page.status_code) == (421, 403)
    assert "www-authenticate" not in foreign.headers


async def test_a_page_that_may_call_is_told_so_before_it_shows_a_key(gateway, http):
    origin = {"origin": "https://app.example.com"}
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type"}
    preflight = await http.options(gateway.mcp(), headers={**origin, **asked})
    assert (preflight.status_code, preflight.headers["access-control-allow-headers"]) == (204, "authorization,content-type")
    answer = await http.post(gateway.mcp(), headers=origin)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (401, origin["origin"])
    assert "www-authenticate" in answer.headers["access-control-expose-headers"]


@pytest.mark.requirement("legacy:session.bound")
async def test_a_session_is_only_for_who_opened_it(gateway, http, url):
    session = await session_of(http, url, ANN)

    def call(key, method="POST"):
        headers = [*JSON_RPC.items(), *bearer(key).items(), ("mcp-session-id", session)]
        return http.request(method, url, content=ask("tools/list") if method == "POST" else None, headers=headers)

    assert (await call(ANN)).status_code == 200
    for method in ("POST", "DELETE", "GET"):
        stolen = await call(BOB, method)
        assert (stolen.status_code, "Session not found" in stolen.text) == (404, True)
    assert (await call(ANN)).status_code == 200, "the thief's DELETE has not ended it"
    assert (await call(ANN, "DELETE")).status_code == 200


async def test_a_stream_of_the_older_transport_takes_messages_from_who_opened_it_alone(gateway, http):
    origin = gateway.mcp().removesuffix("/mcp")
    async with http.stream("GET", f"{origin}/sse", headers=bearer(ANN)) as stream:
        lines = stream.aiter_lines()
        assert await anext(lines) == "event: endpoint"
        messages = origin + (await anext(lines)).removeprefix("data: ")
        for key, status in ((BOB, 404), (ANN, 202)):
            answer = await http.post(messages, content=ask("ping"), headers={**JSON_RPC, **bearer(key)})
            assert answer.status_code == status
    assert (await http.get(f"{origin}/sse")).status_code == 401


async def test_a_session_cannot_be_hidden_behind_ones_own(gateway, http):
    """Servers differ in which of two headers they take: they get the session that was judged, and no other."""
    url = gateway.mcp("legacy")
    anns, bobs = [await session_of(http, url, key) for key in (ANN, BOB)]
    for pair, status in (((anns, bobs), 200), ((bobs, anns), 404)):
        headers = [*JSON_RPC.items(), *bearer(BOB).items(), *(("mcp-session-id", one) for one in pair)]
        answer = await http.post(url, content=ask("tools/call", {"name": "seen", "arguments": {}}), headers=headers)
        assert answer.status_code == status
        if status == 200:
            assert "mcp-session-id" in answer.text
            assert bobs not in answer.text
            assert anns not in answer.text


async def test_a_session_survives_the_change_of_its_owners_key(gateway, http, url):
    session = await session_of(http, url, ANN)
    try:
        await rotated(gateway, http, ANNS_NEXT, ANNS_NEXT, BOB)
        headers = {**JSON_RPC, "mcp-session-id": session}
        assert (await http.post(url, content=ask("tools/list"), headers={**headers, **bearer(ANNS_NEXT)})).status_code == 200
        assert (await http.post(url, content=ask("tools/list"), headers={**headers, **bearer(ANN)})).status_code == 401
    finally:
        await rotated(gateway, http, ANN, ANN, BOB)


async def rotated(gateway, http, until, *keys):
    """Put `keys` into the file, and wait until `until` is one of those in force and every other is not."""
    write(gateway.file, *keys)
    gone = [key for key in (ANN, ANNS_NEXT, BOB, EVE) if key not in keys]
    async with asyncio.timeout(SOON):
        while [await status(gateway, http, key) for key in (until, *gone)] != [405, *[401] * len(gone)]:
            await asyncio.sleep(0.02)


async def status(gateway, http, key):
    return (await http.put(gateway.mcp(), headers=bearer(key))).status_code


@pytest.mark.parity("hangar.manager-credentials")
@pytest.mark.parametrize("era", ERAS)
async def test_no_call_is_lost_while_a_key_is_replaced(gateway, http, url, era):
    """The next key is added, clients change over, the last one is taken away; calls run all the time."""
    stop = asyncio.Event()

    async def calls(key, under_way):
        done = 0
        async with connected(url, bearer(key), era) as client:
            echo = next(tool.name for tool in (await client.list_tools()).tools if tool.name.endswith("echo"))
            slow = asyncio.ensure_future(client.call_tool(echo.replace("echo", "nap"), {"seconds": 0.3}))
            while not stop.is_set():
                result = await client.call_tool(echo, {"nonce": str(done)})
                assert result.content[0].text.endswith(f": {done}")
                done += 1
                under_way.set()
            assert (await slow).content[0].text == "rested"

    async def rotated_under_way(keys, *file):
        """A rotation that begins when each of `keys` has been good for a call, and calls on."""
        stop.clear()
        async with asyncio.timeout(SOON), asyncio.TaskGroup() as group:
            for under_way, key in [(asyncio.Event(), key) for key in keys]:
                group.create_task(calls(key, under_way))
                await under_way.wait()
            await rotated(gateway, http, ANNS_NEXT, *file)
            stop.set()

    try:
        await rotated_under_way([BOB, ANN], ANN, ANNS_NEXT, BOB)
        await rotated_under_way([ANNS_NEXT, BOB], ANNS_NEXT, BOB)
    finally:
        stop.set()
        await rotated(gateway, http, ANN, ANN, BOB)


async def test_a_file_that_breaks_shuts_nobody_out(gateway, http, caplog):
    with caplog.at_level(logging.ERROR):
        gateway.file.write_text("- {subject: ann, hash: broken}")
        await until(lambda: [record for record in caplog.records if "stay in force" in record.getMessage()])
    assert await status(gateway, http, ANN) == 405
    write(gateway.file, ANN, BOB)


async def test_no_key_is_ever_logged(gateway, http, url, caplog):
    with caplog.at_level(logging.DEBUG):
        for key in (ANN, EVE):
            await http.post(url, content=INITIALIZE, headers={**JSON_RPC, **bearer(key)})
            await http.post(url, content=b"{", headers={**JSON_RPC, "x-api-key": key[0]})
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("mcp_stack"))
    assert not any(text in ours for key, entry in (ANN, EVE) for text in (key, entry.hash))


async def test_a_gateway_that_asks_nobody_has_no_such_stage(http):
    async with hosted(sample().streamable_http_app()) as url, running({"one": {"url": url}}) as open_gateway:
        app = open_gateway.hub.admit.__self__
        assert type(app._doorman) is Doorman
        assert type(open_gateway.gateway.endpoints["/servers/one/mcp"]._relay) is Relay
        assert len(open_gateway.gateway.tasks) == 0
        answer = await http.post(open_gateway.mcp("one"), content=INITIALIZE, headers={**JSON_RPC, **bearer(EVE)})
        assert answer.status_code == 200
