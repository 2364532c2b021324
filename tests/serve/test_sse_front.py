"""Clients of 2024-11-05: one stream, to which everything comes, and a URI that takes messages."""

import asyncio
import json
import logging
import secrets
import socket
import sys
import warnings
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio
from mcp import Client
from mcp.client.sse import sse_client
from mcp.shared.exceptions import MCPDeprecationWarning, MCPError

from mcp_stack_proxy.serve import outbox
from mcp_stack_proxy.serve import sse_client as sse_clients
from tests.serve.eras import legacy_only, modern_only
from tests.serve.running import SOON, hosted, running
from tests.serve.sample import sample
from tests.serve.sse_pair import opened

pytestmark = pytest.mark.asyncio(loop_scope="module")

HERE = Path(__file__).parent
SERVERS = ("modern", "legacy", "stdio", "old")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def gateway():
    async with AsyncExitStack() as stack:
        modern, legacy = (sample(name).streamable_http_app() for name in ("modern", "legacy"))
        urls = {
            "modern": await stack.enter_async_context(hosted(modern_only(modern))),
            "legacy": await stack.enter_async_context(hosted(legacy_only(legacy))),
            "old": (await stack.enter_async_context(hosted(sample("old").sse_app()))).replace("/mcp", "/sse"),
        }
        servers = {name: {"url": url} for name, url in urls.items()}
        servers["stdio"] = {"command": sys.executable, "args": [str(HERE / "sample.py")]}
        yield await stack.enter_async_context(running(servers))


@pytest.fixture(params=SERVERS)
def server(request):
    return request.param


@pytest.fixture
def url(gateway, server, route):
    return f"{gateway.url}/servers/{server}/sse" if route == "one" else f"{gateway.url}/sse"


@pytest.fixture
def named(server, route):
    return lambda native: native if route == "one" else f"{server}__{native}"


def client(url, **options):
    return Client(sse_client(url), mode="legacy", read_timeout_seconds=SOON, **options)


@pytest.mark.parity("aggregate.transport-sse")
async def test_an_old_client_calls_any_server(url, named, server):
    async with client(url) as old:
        assert named("echo") in {tool.name for tool in (await old.list_tools()).tools}
        nonce = secrets.token_hex(8) + "é漢\u2028🎈"
        result = await old.call_tool(named("echo"), {"nonce": nonce})
        assert result.content[0].text == f"{'sample' if server == 'stdio' else server}: {nonce}"
        with pytest.raises(MCPError) as caught:
            await old.call_tool(named("refuse"), {"nonce": "x"})
        assert caught.value.error.code == 4711
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", MCPDeprecationWarning)
            await old.send_ping()


async def test_progress_and_long_answers_come_on_the_stream(url, named):
    heard = []

    async def hear(progress, total, message):
        heard.append(progress)

    async with client(url) as old:
        await old.call_tool(named("steps"), {"count": 3}, progress_callback=hear)
        assert heard == [1, 2, 3]
        assert len((await old.call_tool(named("big"), {"size": 50_000})).content[0].text) == 25_000


async def test_calls_are_answered_as_they_finish(url, named):
    async with opened(url) as pair:
        await pair.initialize()
        for id_, seconds in (("slow", 0.3), ("fast", 0.0)):
            nap = {"name": named("nap"), "arguments": {"seconds": seconds}}
            await pair.post({"id": id_, "method": "tools/call", "params": nap})
        assert [(await pair.message())["id"], (await pair.message())["id"]] == ["fast", "slow"]


@pytest.mark.parametrize("how", ["cancelled", "closed"])
async def test_a_call_is_cancelled_by_notification_or_with_its_stream(gateway, url, named, how):
    key = secrets.token_hex(4)
    async with client(url) as watching:

        async def until(what):
            async with asyncio.timeout(SOON):
                while key not in (await watching.call_tool(named("calls_state"))).structured_content[what]:
                    pass

        async with opened(url) as pair:
            await pair.initialize()
            await pair.post({"id": 7, "method": "tools/call", "params": {"name": named("hang"), "arguments": {"key": key}}})
            await until("hanging")
            if how == "cancelled":
                await pair.post({"method": "notifications/cancelled", "params": {"requestId": 7}})
                await until("cancelled")
                assert (await pair.ask(8, "ping"))["id"] == 8  # and the cancelled call was not answered
        await until("cancelled")
    await gateway.quiet()


@pytest.mark.parametrize("server", ["modern", "old"], indirect=True)
async def test_the_client_hears_of_changed_lists(url, named):
    async with opened(url) as pair:
        await pair.initialize()
        await pair.ask(1, "tools/list")
        tool = "t" + secrets.token_hex(4)
        await pair.post({"id": 2, "method": "tools/call", "params": {"name": named("grow"), "arguments": {"tool": tool}}})
        heard = set()
        async with asyncio.timeout(SOON):
            while heard != {"notifications/tools/list_changed", 2}:
                message = await pair.message()
                heard.add(message.get("method", message.get("id")))


@pytest.mark.parity("aggregate.transport-sse")
async def test_the_first_event_names_the_path_and_every_message_is_accepted_before_it_is_answered(gateway, monkeypatch):
    monkeypatch.setattr(outbox, "BEAT", 0.05)
    async with opened(f"{gateway.url}/sse") as pair, opened(f"{gateway.url}/sse") as other:
        assert pair.endpoint.startswith(f"{gateway.url}/messages?session_id=")
        assert len(pair.endpoint.partition("=")[2]) >= 32
        assert pair.endpoint != other.endpoint
        assert (await pair.event())[0] is None  # a comment
        monkeypatch.setattr(outbox, "BEAT", 15.0)
        answer = await pair.post({"id": 0, "method": "ping"})
        assert (answer.status_code, answer.content) == (202, b"")


async def test_one_revision_of_the_handshake_is_agreed_on(gateway):
    async with opened(f"{gateway.url}/sse") as pair:
        assert (await pair.initialize("2024-11-05"))["protocolVersion"] == "2024-11-05"
        again = await pair.initialize("1999-01-01")  # a new session in place of the first
        assert again["protocolVersion"] == "2025-11-25"
    await gateway.quiet()
    assert len(gateway.gateway.sessions) == 0


async def test_before_the_handshake_there_is_no_session(gateway):
    async with opened(f"{gateway.url}/sse") as pair:
        answer = await pair.ask(1, "tools/list")
        assert (answer["id"], answer["error"]["code"]) == (1, -32600)


@pytest.mark.parametrize(
    ("message", "options", "status"),
    [
        (b"{", {}, 400),
        (b"[]", {}, 400),
        (b'[{"jsonrpc":"2.0","id":1,"method":"ping"}]', {}, 400),
        (b'{"jsonrpc":"1.0","id":1,"method":"ping"}', {}, 400),
        (b"{}", {"headers": {"content-type": "text/plain"}}, 415),
        (b"{}", {"headers": {"origin": "https://evil.example"}}, 403),
        (b"{}", {"headers": {"host": "evil.example"}}, 421),
        (b" " * (4 * 2**20 + 1), {}, 413),
    ],
)
async def test_a_message_that_is_none_is_refused_at_once(gateway, message, options, status):
    async with opened(f"{gateway.url}/sse") as pair:
        assert (await pair.post(message, **options)).status_code == status
        assert (await pair.ask(1, "ping"))["id"] == 1


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("POST", "/sse", {}, 405),
        ("DELETE", "/sse", {}, 405),
        ("GET", "/messages", {}, 405),
        ("GET", "/sse", {"accept": "application/json"}, 406),
        ("GET", "/sse", {"host": "evil.example"}, 421),
        ("GET", "/sse", {"origin": "https://evil.example"}, 403),
        ("GET", "/servers/nobody/sse", {}, 404),
        ("POST", "/messages", {}, 404),
        ("POST", "/messages?session_id=", {}, 404),
        ("POST", "/messages?session_id=guess", {}, 404),
        ("POST", "/messages?" + "a=1&" * 100, {}, 404),
    ],
)
async def test_what_leads_nowhere_is_refused(gateway, method, path, headers, status):
    async with httpx2.AsyncClient() as http:
        assert (await http.request(method, gateway.url + path, headers=headers)).status_code == status


async def test_a_session_is_good_for_its_own_path_and_as_long_as_its_stream(gateway):
    async with opened(f"{gateway.url}/sse") as pair:
        elsewhere = pair.endpoint.replace("/messages", "/servers/old/messages")
        assert (await pair.post({"id": 1, "method": "ping"}, endpoint=elsewhere)).status_code == 404
        endpoint = pair.endpoint
    await gateway.quiet()
    async with httpx2.AsyncClient() as http:
        answer = await http.post(endpoint, content=b"{}", headers={"content-type": "application/json"})
        assert answer.status_code == 404


async def test_a_client_that_sends_more_calls_than_it_waits_for_is_told_to_wait(gateway, monkeypatch):
    monkeypatch.setattr(sse_clients, "MAX_CALLS", 2)
    async with opened(f"{gateway.url}/servers/modern/sse") as pair:
        await pair.initialize()
        call = {"method": "tools/call", "params": {"name": "hang", "arguments": {"key": secrets.token_hex(4)}}}
        assert [(await pair.post({"id": id_, **call})).status_code for id_ in range(3)] == [202, 202, 429]
    await gateway.quiet()


async def test_a_client_that_does_not_read_is_cut_off_and_costs_no_more_than_the_limit(caplog):
    caplog.set_level(logging.WARNING)
    async with hosted(sample("one").streamable_http_app()) as url:
        async with (
            running({"one": {"url": url}}, limits={"max_message_bytes": 1_000_000}) as gateway,
            deaf(f"{gateway.url}/servers/one/sse") as endpoint,
            httpx2.AsyncClient(timeout=SOON, headers={"content-type": "application/json"}) as http,
        ):

            async def post(**message):
                return (await http.post(endpoint, content=json.dumps({"jsonrpc": "2.0", **message}))).status_code

            params = {"protocolVersion": "2024-11-05", "capabilities": {}, "clientInfo": {"name": "deaf", "version": "0"}}
            await post(id=0, method="initialize", params=params)
            id_ = 0
            async with asyncio.timeout(SOON):
                while await post(id=id_, method="tools/call", params={"name": "big", "arguments": {"size": 60_000}}) == 202:
                    id_ += 1
                while len(gateway.gateway.streams):  # the client still holds its end
                    assert await post(id=0, method="ping") == 404
        assert "does not read: over 1000000 bytes wait for it (limits.max_message_bytes)" in caplog.text


@asynccontextmanager
async def deaf(url):
    """A stream of which nothing but the first event is read; the URL for its messages."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        client.setblocking(False)
        loop = asyncio.get_running_loop()
        parsed = httpx2.URL(url)
        await loop.sock_connect(client, (parsed.host, parsed.port))
        await loop.sock_sendall(client, b"GET %b HTTP/1.1\r\nhost: localhost\r\n\r\n" % parsed.raw_path)
        heard = b""
        async with asyncio.timeout(SOON):
            while b"data: " not in heard:
                heard += await loop.sock_recv(client, 4096)
        yield str(parsed.join(heard.partition(b"data: ")[2].split()[0].decode()))


async def test_a_stream_ends_with_the_process_but_not_before_the_calls_in_flight_are_answered():
    async with hosted(sample("one").streamable_http_app()) as url, running({"one": {"url": url}}) as gateway:
        async with opened(f"{gateway.url}/sse") as pair, opened(f"{gateway.url}/sse") as idle:
            await pair.initialize()
            nap = {"name": "one__nap", "arguments": {"seconds": 0.5}}
            await pair.post({"id": 1, "method": "tools/call", "params": nap})
            gateway.gateway.streams.close()
            assert await idle.event() is None
            assert (await pair.post({"id": 2, "method": "ping"})).status_code == 503
            assert (await pair.message())["id"] == 1
            assert await pair.event() is None
        await gateway.quiet()
