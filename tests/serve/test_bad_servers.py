"""Servers that are down, slow, broken or lying: the exact error, and no other server is disturbed."""

import asyncio
import itertools
import socket
import time
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.ports import reserved
from tests.serve.asking import LegacyAsker, ModernAsker, http
from tests.serve.beside import DISCOVERY_TIMEOUT, INVALID, REFUSED, SILENT, TIMEOUT, UNREACHABLE, assert_told, beside, failing
from tests.serve.running import hosted, running
from tests.serve.scripted import Scripted

HERE = Path(__file__).parent
HTML = b"<html>It works!</html>"


async def silent(peer):
    await peer.reader.read()


async def hangs_up(peer):
    await peer.request()


async def no_http(peer):
    await peer.say(b"SSH-2.0-OpenSSH_9.6\r\n")
    await peer.reader.read()


async def endless_headers(peer):
    await peer.request()
    await peer.say(b"HTTP/1.1 200 OK\r\n")
    for number in itertools.count():
        await peer.say(b"x-%d: %b\r\n" % (number, b"y" * 1000))


async def too_short(peer):
    await peer.request()
    await peer.respond(200, b'{"jsonrpc"', length=100)


async def header_with_break(peer):
    await peer.request()
    await peer.say(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-a: b\r\n folded\r\n\r\n{}")
    await peer.reader.read()


async def too_long(peer):
    await peer.request()
    await peer.respond(200, b'"' + b"x" * 300_000 + b'"')


async def trickles(peer):
    """Bytes all the time, and never a whole answer."""
    await peer.request()
    await peer.say(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n")
    while True:
        await peer.say(b" ")
        await asyncio.sleep(0.05)


def saying(status, body, content=b"text/html"):
    async def talk(peer):
        while True:
            await peer.request()
            await peer.respond(status, body, content)

    return talk


def repeating(response):
    async def talk(peer):
        while True:
            await peer.request()
            await peer.say(response)

    return talk


REDIRECT = b"HTTP/1.1 307 X\r\nlocation: http://10.0.0.1:8000/secret/\r\ncontent-length: 0\r\n\r\n"
CHALLENGE = b'HTTP/1.1 401 X\r\nwww-authenticate: Bearer realm="internal.example"\r\ncontent-length: 6\r\n\r\ndenied'


BROKEN = {
    "silent": (silent, SILENT, "no answer within 0.6 s"),
    "hangs up": (hangs_up, UNREACHABLE, "the connection was closed before the answer"),
    "no http": (no_http, INVALID, "the server sent no valid HTTP: Expected HTTP/, RTSP/ or ICE/"),
    "html": (saying(200, HTML), INVALID, "answered with something that is no MCP message"),
    "other json": (saying(200, b'{"detail":"ok"}', b"application/json"), INVALID, "answered with something that is no MCP message"),
    "no json": (saying(200, b"{nope", b"application/json"), INVALID, "answered with something that is no MCP message"),
    "empty": (saying(200, b""), INVALID, "answered with something that is no MCP message"),
    "500": (saying(500, b"Traceback: /srv/app.py"), INVALID, "answered with HTTP status 500"),
    "503": (saying(503, HTML), INVALID, "answered with HTTP status 503"),
    "404": (saying(404, b"Not Found"), INVALID, "answered with HTTP status 404"),
    "redirect": (repeating(REDIRECT), INVALID, "answered with a redirect (HTTP status 307)"),
    "401": (repeating(CHALLENGE), REFUSED, "refused the proxy's credentials"),
    "403": (saying(403, HTML), REFUSED, "refused the proxy's credentials"),
    "too short": (too_short, UNREACHABLE, "the connection was closed in the middle of the answer"),
    "too long": (too_long, INVALID, "the answer is larger than 200000 bytes"),
    "trickles": (trickles, DISCOVERY_TIMEOUT, ""),
    "endless headers": (endless_headers, INVALID, "more than 65536 bytes of headers"),
    "header with line break": (
        header_with_break,
        INVALID,
        "the server sent no valid HTTP: Unexpected whitespace after header value",
    ),
}


PATIENCE = {
    "silent": {"exchange_seconds": 0.6},
    "trickles": {"request_seconds": 1.5, "discovery_seconds": 1.2},
    "hangs": {"exchange_seconds": 0.6},
}
"""Limits of those that are given up. The others say what they have to say however long that takes."""


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parity("aggregate.isolation")
async def test_a_broken_server_is_a_clear_error_everywhere(kind):
    talk, code, message = BROKEN[kind]
    async with beside(talk, **PATIENCE.get(kind, {})) as (gateway, client):
        cases = list(itertools.product(["modern", "legacy"], ["one", "all"]))
        if kind in ("no json", "other json"):
            cases.remove(("legacy", "one"))  # JSON is relayed unread
        for case, error in zip(cases, await asyncio.gather(*(failing(gateway, client, *case) for case in cases)), strict=True):
            passed_on = (kind, *case) == ("trickles", "legacy", "one")  # the handshake is the client's own request
            assert_told(error, TIMEOUT if passed_on else code, message)


async def test_a_server_that_is_not_there_may_be_asked_again():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}/mcp"
        async with beside({"url": url}) as (gateway, client):
            for era, route in itertools.product(["modern", "legacy"], ["one", "all"]):
                error = await failing(gateway, client, era, route)
                assert_told(error, UNREACHABLE, "connection refused", retryable=True)
                assert gateway.gateway.connected() == 1


async def test_a_name_without_address_is_said_without_the_name():
    async with beside({"url": "http://no-such-host.invalid/mcp"}) as (gateway, client):
        error = await failing(gateway, client, "modern", "all")
        assert_told(error, UNREACHABLE, "its name has no address", retryable=True)
        assert "no-such-host" not in str(error)


@pytest.mark.parity("aggregate.partial-list")
async def test_lists_hold_what_the_others_have_and_say_who_is_missing():
    async with beside(saying(500, b"x")) as (gateway, client):
        for asker in (ModernAsker(client, gateway.mcp()), await LegacyAsker(client, gateway.mcp()).begin()):
            listed = await asker.result("tools/list")
            assert [tool["name"] for tool in listed["tools"]] == ["good__t"]
            (missing,) = listed["_meta"]["mcp-stack/partial"]
            assert (missing["server"], missing["reason"]) == ("bad", "upstream-invalid")


@pytest.mark.parametrize(
    ("limit", "reason"), [("exchange_seconds", "upstream-silent"), ("discovery_seconds", "upstream-discovery-timeout")]
)
@pytest.mark.parity("aggregate.request-timeout")
async def test_a_server_that_never_answers_costs_a_list_its_own_time_only(limit, reason):
    """The others have half a minute."""
    async with beside(silent, **{limit: 0.6}) as (gateway, client):
        begun = time.monotonic()
        listed = await ModernAsker(client, gateway.mcp()).result("tools/list")
        assert time.monotonic() - begun < 20
        assert [tool["name"] for tool in listed["tools"]] == ["good__t"]
        assert listed["_meta"]["mcp-stack/partial"][0]["reason"] == reason


# --- servers that greet well and break afterwards


def html(params, request):
    return request.send(200, HTML, content_type="text/html")


def crashes(params, request):
    return request.send(500, b"Traceback: /srv/app.py", content_type="text/plain")


def crashes_properly(params, request):
    return request.rpc(error={"code": -32603, "message": "own words"}, status=500)


def redirects(params, request):
    return request.send(307, b"", location="http://10.0.0.1/")


def denies(params, request):
    return request.send(401, b"", www_authenticate="Bearer")


def refuses_method(params, request):
    return request.send(405, HTML, content_type="text/html")


async def hangs(params, request):
    await request.left()


async def stream_without_end(params, request):
    await request.event(method="notifications/message", params={"level": "info", "data": "x"})
    await request.end()


async def stream_breaks(params, request):
    await request.event(method="notifications/message", params={"level": "info", "data": "x"})
    raise ConnectionError("gone")  # uvicorn cuts the connection


async def stream_of_garbage(params, request):
    await request.start(200, {"content-type": "text/event-stream"})
    await request._send({"type": "http.response.body", "body": b"data: {nope\n\n", "more_body": True})
    await request.left()


LATER = {
    "html": (html, INVALID, "answered with something that is no MCP message"),
    "500": (crashes, INVALID, "answered with HTTP status 500"),
    "redirect": (redirects, INVALID, "answered with a redirect (HTTP status 307)"),
    "401": (denies, REFUSED, "refused the proxy's credentials"),
    "hangs": (hangs, SILENT, "no answer within 0.6 s"),
    "stream breaks": (stream_breaks, UNREACHABLE, "the connection was closed in the middle of the answer"),
    "stream without end": (stream_without_end, UNREACHABLE, "ended the exchange without an answer"),
    "stream of garbage": (stream_of_garbage, INVALID, "sent an event that is no MCP message: the body is not valid JSON"),
}


@pytest.mark.parametrize("era", ["modern", "legacy"])
@pytest.mark.parametrize("kind", LATER)
async def test_a_server_that_breaks_in_a_call_is_a_clear_error(kind, era):
    """`era` is the server's; both eras of clients call it, on both routes."""
    answer, code, message = LATER[kind]
    server = Scripted(era, tools_call=answer)
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(hosted(server))
        gateway, client = await stack.enter_async_context(beside({"url": url}, **PATIENCE.get(kind, {})))
        cases = list(itertools.product(["modern", "legacy"], ["one", "all"]))
        if kind in ("stream without end", "stream of garbage"):
            cases.remove((era, "one"))  # a stream is relayed as it comes
        for error in await asyncio.gather(*(failing_later(gateway, client, *case) for case in cases)):
            assert_told(error, code, message)


async def failing_later(gateway, client, era, route):
    asker = (ModernAsker if era == "modern" else LegacyAsker)(client, gateway.mcp("bad" if route == "one" else None))
    if era == "legacy":
        await asker.begin()
    return await asker.error("tools/call", {"name": "bad__t" if route == "all" else "t"})


async def test_a_server_error_in_proper_form_is_the_servers_own():
    server = Scripted("modern", tools_call=crashes_properly)
    async with hosted(server) as url, running({"bad": {"url": url}}) as gateway, http() as client:
        for route, status in (("bad", 500), (None, 200)):
            response = await ModernAsker(client, gateway.mcp(route)).ask("tools/call", {"name": "t" if route else "bad__t"})
            assert response.status_code == status
            assert response.json()["error"] == {"code": -32603, "message": "own words"}


async def test_a_server_that_dies_is_called_again_when_it_is_back():
    server = Scripted("modern", tools_call={"content": []}, tools_list={"tools": [{"name": "t"}]})
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(AsyncExitStack())
        port = stack.enter_context(reserved())
        url = await first.enter_async_context(hosted(server, port))
        gateway = await stack.enter_async_context(running({"bad": {"url": url}}))
        client = await stack.enter_async_context(http())
        asker = ModernAsker(client, gateway.mcp("bad"))
        await asker.result("tools/call", {"name": "t"})
        assert gateway.gateway.connected() == 1
        await first.aclose()
        assert_told(await asker.error("tools/call", {"name": "t"}), UNREACHABLE, "connection refused", retryable=True)
        assert gateway.gateway.connected() == 0, "a relayed call tells, too"
        await stack.enter_async_context(hosted(server, port))
        assert await asker.result("tools/call", {"name": "t"}) == {"content": []}
        assert gateway.gateway.connected() == 1
