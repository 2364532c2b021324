"""Servers that speak only the HTTP+SSE pair of 2024-11-05, called like any other; and such that misbehave."""

import asyncio
import secrets
import warnings
from contextlib import asynccontextmanager

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPDeprecationWarning, MCPError

from tests.serve.running import SOON, hosted, running
from tests.serve.sample import sample
from tests.serve.sse_pair import Scripted, opened, said, text

ERAS = ("legacy", "2026-07-28")
CALLERS = {"authorization": "Bearer callers", "cookie": "callers=1", "x-api-key": "callers"}


@asynccontextmanager
async def fronted(app, **options):
    """A gateway in front of `app`, whose stream is at the configured URL."""
    async with hosted(app) as url:
        server = {"url": url if isinstance(app, Scripted) else url.replace("/mcp", "/sse"), **options.pop("server", {})}
        async with running({"old": server}, **options) as gateway:
            yield gateway


def client(url, mode="2026-07-28", **options):
    return Client(url, mode=mode, read_timeout_seconds=SOON, cache=None, **options)


async def fault(connected, name="x", **arguments):
    """What the client is told about a call that fails on the way."""
    with pytest.raises(MCPError) as caught:
        await connected.call_tool(name, arguments)
    return caught.value.error.data["reason"], caught.value.error.message


@pytest.mark.parity("aggregate.backend-http")
@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("route", ["one", "all"])
async def test_a_server_of_the_older_pair_is_called_like_any_other(era, route):
    named = (lambda name: name) if route == "one" else (lambda name: f"old__{name}")
    heard = []

    async def hear(progress, total, message):
        heard.append(progress)

    async with fronted(sample("old").sse_app()) as gateway:
        async with client(gateway.mcp("old" if route == "one" else None), era) as connected:
            assert named("echo") in {tool.name for tool in (await connected.list_tools()).tools}
            nonces = [secrets.token_hex(4) for _ in range(20)]
            results = await asyncio.gather(*(connected.call_tool(named("echo"), {"nonce": nonce}) for nonce in nonces))
            assert [result.content[0].text for result in results] == [f"old: {nonce}" for nonce in nonces]
            await connected.call_tool(named("steps"), {"count": 3}, progress_callback=hear)
            assert heard == [1, 2, 3]
            with pytest.raises(MCPError) as caught:
                await connected.call_tool(named("refuse"), {"nonce": "n"})
            assert caught.value.error.data == {"nonce": "n", "deep": {"list": [1, 2.5, None]}}
        await gateway.quiet()


@pytest.mark.parity("aggregate.backend-http")
@pytest.mark.parametrize("transport", ["streamable_http_app", "sse_app"])
async def test_whichever_transport_a_url_serves_calls_share_connections_and_carry_the_servers_headers_alone(transport):
    app = getattr(sample("old"), transport)()
    async with hosted(app) as url:
        server = {"url": url.replace("/mcp", "/sse") if transport == "sse_app" else url, "headers": {"authorization": "Bearer own"}}
        async with running({"old": server}) as gateway, httpx2.AsyncClient(headers=CALLERS, timeout=SOON) as http:
            async with client(streamable_http_client(gateway.mcp(), http_client=http)) as connected:
                for _ in range(10):
                    seen = (await connected.call_tool("old__seen")).structured_content
                    assert seen["authorization"] == "Bearer own"
                    assert not {"cookie", "x-api-key"} & set(seen)
            assert gateway.peer("old").pool.connected <= 2


@pytest.mark.parametrize("era", ERAS)
async def test_a_cancelled_call_is_cancelled_at_the_server(era):
    async with fronted(sample("old").sse_app()) as gateway, client(gateway.mcp("old"), era) as connected:

        async def until(what):
            async with asyncio.timeout(SOON):
                while "k" not in (await connected.call_tool("calls_state")).structured_content[what]:
                    pass

        call = asyncio.create_task(connected.call_tool("hang", {"key": "k"}))
        await until("hanging")
        call.cancel()
        await asyncio.wait([call])
        await until("cancelled")


async def test_log_messages_come_from_the_level_that_was_asked_for():
    heard = []

    async def hear(params):
        heard.append(params.level)

    async with (
        fronted(sample("old").sse_app()) as gateway,
        client(gateway.mcp("old"), "legacy", logging_callback=hear) as connected,
    ):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", MCPDeprecationWarning)
            await connected.set_logging_level("critical")
        await connected.call_tool("chatter")
        assert heard == ["critical", "alert", "emergency"]
        assert (await connected.call_tool("calls_state")).structured_content["levels"] == ["critical"]


@pytest.mark.parity("aggregate.backend-http")
async def test_the_server_gets_its_own_headers_and_none_of_the_callers():
    server = Scripted(answers={"tools/call": lambda message: [text("called", message["id"])]})
    async with (
        fronted(server, server={"headers": {"authorization": "Bearer own"}}) as gateway,
        opened(f"{gateway.url}/servers/old/sse", authorization="Bearer callers", cookie="callers=1") as pair,
    ):
        await pair.initialize()
        answer = await pair.ask(1, "tools/call", name="x", arguments={})
        assert answer["result"]["content"][0]["text"] == "called"
    assert server.methods()[:2] == ["initialize", "notifications/initialized"]
    assert {headers[b"authorization"] for _, headers in server.heard} == {b"Bearer own"}
    assert all(b"callers" not in value for _, headers in server.heard for value in headers.values())
    assert {len(server.streams)} == {1}


async def test_requests_of_the_server_are_declined_and_its_pings_answered():
    def asks(message):
        return [
            said(id="p", method="ping"),
            said(id="s", method="sampling/createMessage", params={}),
            b"event: message\ndata: {garbage\n\n",
            b"event: unheard-of\ndata: {}\n\n",
            b": a comment\n\n",
            text("asked", message["id"]),
        ]

    server = Scripted(answers={"tools/call": asks})
    async with fronted(server) as gateway, client(gateway.mcp("old")) as connected:
        assert (await connected.call_tool("x")).content[0].text == "asked"
        await server.until(lambda: server.methods().count(None) == 2)
    answers = {message["id"]: message for message, _ in server.heard if "method" not in message}
    assert answers["p"]["result"] == {}
    assert answers["s"]["error"]["code"] == -32601


async def test_changed_lists_are_heard():
    server = Scripted()
    async with fronted(server) as gateway, opened(f"{gateway.url}/sse") as pair:
        await pair.initialize()
        await pair.ask(1, "tools/list")
        server.streams[-1].put_nowait(said(method="notifications/tools/list_changed"))
        assert (await pair.message())["method"] == "notifications/tools/list_changed"


async def test_a_stream_that_ends_fails_the_calls_in_flight_and_the_next_call_begins_anew():
    said_to = {"tools/call": lambda message: [] if message["params"]["name"] == "hang" else [text("back", message["id"])]}
    server = Scripted(answers=said_to)
    async with fronted(server) as gateway, client(gateway.mcp("old")) as connected:
        calls = [asyncio.create_task(fault(connected, "hang")) for _ in range(3)]
        await server.until(lambda: server.methods().count("tools/call") == 3)
        server.streams[-1].put_nowait(None)
        async with asyncio.timeout(SOON):
            assert {reason for reason, _ in await asyncio.gather(*calls)} == {"upstream-unreachable"}
        assert not gateway.peer("old").connected
        assert (await connected.call_tool("x")).content[0].text == "back"
        assert len(server.streams) == 2


async def test_a_session_that_the_server_forgot_is_opened_anew_and_the_call_sent_once_more():
    forgotten = []

    def posted(message):
        if message.get("method") == "tools/call" and not forgotten:
            forgotten.append(message)
            return 404
        return 202

    server = Scripted(posted=posted, answers={"tools/call": lambda message: [text("back", message["id"])]})
    async with fronted(server) as gateway, client(gateway.mcp("old")) as connected:
        assert (await connected.call_tool("x")).content[0].text == "back"
        assert (len(forgotten), len(server.streams)) == (1, 2)


@pytest.mark.parametrize(
    ("first", "says"),
    [
        (b"event: endpoint\ndata: http://127.0.0.2:1/post\n\n", "another host"),
        (b"event: endpoint\ndata: //evil.example/post\n\n", "another host"),
        (b"event: endpoint\ndata: https://127.0.0.1/post\n\n", "another host"),
        (b"event: endpoint\ndata: file:///etc/passwd\n\n", "no URI"),
        (b"event: endpoint\ndata: http://user:pw@127.0.0.1/post\n\n", "no URI"),
        (b"event: endpoint\ndata: http://[/post\n\n", "no URI"),
        (b"event: endpoint\ndata: \xff\n\n", "no URI"),
        (b"event: endpoint\ndata: /" + b"x" * 9000 + b"\n\n", "more than 8192 bytes"),
        (b"event: message\ndata: {}\n\n", "does not begin with `endpoint`"),
        (b"garbage\n\n\n\ndata: garbage\n\n", "does not begin with `endpoint`"),
    ],
)
async def test_a_server_that_names_no_endpoint_of_its_own_is_not_asked(first, says):
    server = Scripted(first)
    async with fronted(server) as gateway, client(gateway.mcp("old")) as connected:
        reason, message = await fault(connected)
        assert reason == "upstream-invalid"
        assert says in message
        assert "evil" not in message
        assert server.heard == []
    await server.until(server.left)


async def test_a_server_that_says_nothing_is_not_waited_for_for_ever():
    server = Scripted(b": patience\n\n")
    async with fronted(server, limits={"exchange_seconds": 0.7}) as gateway, client(gateway.mcp("old")) as connected:
        assert (await fault(connected))[0] == "upstream-silent"
    await server.until(server.left)


@pytest.mark.parametrize(("status", "reason"), [(404, "upstream-invalid"), (500, "upstream-invalid"), (401, "upstream-refused")])
async def test_an_endpoint_that_takes_no_messages_is_a_fault_of_the_server(status, reason):
    server = Scripted(posted=status)
    async with fronted(server) as gateway, client(gateway.mcp("old")) as connected:
        assert (await fault(connected))[0] == reason
    await server.until(server.left)


async def test_an_event_beyond_the_limit_ends_the_session_and_the_call():
    server = Scripted(answers={"tools/call": lambda message: [text("x" * 200_000, message["id"])]})
    async with fronted(server, limits={"max_message_bytes": 100_000}) as gateway, client(gateway.mcp("old")) as connected:
        reason, message = await fault(connected)
        assert reason == "upstream-invalid"
        assert "100000 bytes" in message


async def test_an_answer_to_nobody_is_dropped():
    def answers(message):
        return [text("other", 4711), said(id="abc", result={}), said(id=int("9" * 30), result={}), text("right", message["id"])]

    server = Scripted(answers={"tools/call": answers})
    async with fronted(server) as gateway, client(gateway.mcp("old")) as connected:
        assert (await connected.call_tool("x")).content[0].text == "right"


async def test_a_client_with_a_session_from_before_is_told_to_begin_anew():
    async with fronted(Scripted()) as gateway, httpx2.AsyncClient() as http:
        headers = {"content-type": "application/json", "mcp-session-id": "before"}
        body = b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}'
        assert (await http.post(gateway.mcp("old"), content=body, headers=headers)).status_code == 404


async def test_a_server_that_is_neither_shows_what_it_answered():
    async def nothing(scope, receive, send):
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b""})

    async with hosted(nothing) as url, running({"old": {"url": url}}) as gateway, client(gateway.mcp("old")) as connected:
        reason, message = await fault(connected)
        assert reason == "upstream-invalid"
        assert "404" in message
