"""HTTP as clients send it: in pieces, in one piece with the next, old-fashioned, with offers, broken; and how a connection ends."""

import asyncio
import json
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from tests.serve.running import SOON, hosted, running
from tests.serve.scripted import Scripted
from tests.serve.wire import line, request

pytestmark = pytest.mark.asyncio(loop_scope="module")

HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "0"}}
INITIALIZE = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": HELLO}).encode()
LIMIT = 100_000


async def nap(params, _request):
    await asyncio.sleep(0.15)
    return {"content": [], "n": params["arguments"]}


async def counts(params, request):
    for number in range(3):
        await request.event(method="notifications/message", params={"level": "error", "data": number})
    await request.event(id=request.id, result={"content": []})
    await request.end()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def gateway():
    async with AsyncExitStack() as stack:
        server = Scripted("modern", tools_call=lambda p, r: (nap if p["name"] == "nap" else counts)(p, r))
        url = await stack.enter_async_context(hosted(server))
        yield await stack.enter_async_context(running({"s": {"url": url}}, limits={"max_body_bytes": LIMIT}))


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def nothing_is_left(gateway):
    yield
    await gateway.quiet()


def call(number, name="nap", **headers):
    """A modern call, as bytes."""
    meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}
    params = {"name": name, "arguments": number, "_meta": {**meta, "io.modelcontextprotocol/logLevel": "error"}}
    body = json.dumps({"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}).encode()
    mirrored = {"mcp_protocol_version": b"2026-07-28", "mcp_method": b"tools/call", "mcp_name": name.encode()}
    return request(body, path=b"/servers/s/mcp", **mirrored, **headers)


async def answered(client):
    status, _headers, body = await client.response()
    assert status == 200, body
    return json.loads(body)


async def test_requests_in_one_piece_are_answered_in_their_order(gateway):
    async with line(gateway.port) as client:
        await client.send(call(1) + request(method=b"GET", path=b"/livez") + call(2) + request(INITIALIZE))
        assert (await answered(client))["id"] == 1
        assert await answered(client) == {"status": "ok"}
        assert (await answered(client))["id"] == 2
        assert (await answered(client))["result"]["serverInfo"]["name"] == "mcp-stack"


async def test_a_request_in_single_bytes_is_a_request(gateway):
    async with line(gateway.port) as client:
        for byte in request(INITIALIZE):
            await client.send(bytes([byte]))
        assert "result" in await answered(client)
        await client.send(request(INITIALIZE))
        assert "result" in await answered(client), "the connection is kept"


async def test_a_client_that_asks_before_it_sends_is_told_to_go_on(gateway):
    async with line(gateway.port) as client:
        whole = request(INITIALIZE, expect=b"100-continue")
        await client.send(whole.removesuffix(INITIALIZE))
        assert (await client.response())[0] == 100
        await client.send(INITIALIZE)
        assert "result" in await answered(client)


async def test_a_body_that_is_too_large_is_refused_before_it_is_sent(gateway):
    async with line(gateway.port) as client:
        await client.send(request(b"x" * 100_000_000, expect=b"100-continue").partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
        status, headers, body = await client.response()
        assert (status, body) == (413, b"the body exceeds 100000 bytes (limits.max_body_bytes)\n")
        assert headers[b"connection"] == b"close"
        assert await client.until_closed() == b""


async def test_a_body_of_unknown_length_is_refused_when_it_is_too_large(gateway):
    async with line(gateway.port) as client:
        await client.send(request(content_length=None, transfer_encoding=b"chunked"))
        piece = b"8000\r\n" + b" " * 0x8000 + b"\r\n"
        for _ in range(4):  # 128 KiB, and no end in sight
            await client.send(piece)
        status, headers, body = await client.response()
        assert (status, body) == (413, b"the body exceeds 100000 bytes (limits.max_body_bytes)\n")
        assert headers[b"connection"] == b"close"


async def test_a_client_that_sends_on_and_on_can_read_why_it_was_refused(gateway):
    """100 MB, and the refusal is not lost in the reset of a connection that was closed with unread bytes."""
    async with line(gateway.port) as client, asyncio.timeout(SOON):
        whole = request(b" " * 100_000_000)
        sending = asyncio.create_task(client.send(whole))
        status, _, _ = await client.response()
        assert status == 413
        sending.cancel()
        await asyncio.wait([sending])


@pytest.mark.parametrize(("path", "status"), [(b"/nowhere", 404), (b"/mcp", 415)])
async def test_a_refusal_before_the_body_ends_the_connection(gateway, path, status):
    async with line(gateway.port) as client:
        await client.send(request(b"x" * 1000, path=path, content_type=b"text/plain")[:-500])
        found, headers, _ = await client.response()
        assert (found, headers[b"connection"]) == (status, b"close")
        assert await client.until_closed() == b""


async def test_a_refusal_after_the_body_keeps_the_connection(gateway):
    async with line(gateway.port) as client:
        await client.send(request(b"x" * 1000, path=b"/nowhere") + request(INITIALIZE))
        assert (await client.response())[0] == 404
        assert "result" in await answered(client)


async def test_blanks_around_a_value_are_not_part_of_it(gateway):
    async with line(gateway.port) as client:
        await client.send(call(1).replace(b": nap\r\n", b": \t nap \t \r\n"))
        assert (await answered(client))["id"] == 1


async def test_the_whole_address_as_target_is_understood(gateway):
    async with line(gateway.port) as client:
        await client.send(request(method=b"GET", path=b"http://127.0.0.1/livez?x=1"))
        assert await answered(client) == {"status": "ok"}
        await client.send(request(method=b"GET", path=b"http://127.0.0.1"))
        assert (await client.response())[0] == 404
        await client.send(request(method=b"OPTIONS", path=b"*"))
        assert (await client.response())[0] == 404


async def test_a_path_is_compared_as_it_was_sent(gateway):
    for path in (b"/servers/../mcp", b"/%6Dcp", b"/mcp/.", b"//mcp", b"/mcp\xc3\xa9"):
        async with line(gateway.port) as client:
            await client.send(request(INITIALIZE, path=path))
            assert (await client.response())[0] in (400, 404)


async def test_an_answer_to_http_1_0_ends_with_the_connection(gateway):
    async with line(gateway.port) as client:
        await client.send(call(1).replace(b"HTTP/1.1", b"HTTP/1.0"))
        status, headers, body = await client.response()
        assert (status, json.loads(body)["id"], headers[b"connection"]) == (200, 1, b"close")
        assert await client.until_closed() == b""


async def test_a_stream_to_http_1_0_has_no_chunks(gateway):
    async with line(gateway.port) as client:
        await client.send(call(1, "counts").replace(b"HTTP/1.1", b"HTTP/1.0"))
        status, headers, here = await client.response()  # as a whole, where the server's came in one piece
        assert status == 200
        assert b"transfer-encoding" not in headers
        body = here + await client.until_closed()
        assert body.count(b"data: ") == 4
        assert body.endswith(b'"result": {"content": []}}\r\n\r\n')


async def test_a_stream_is_sent_as_it_comes(gateway):
    async with line(gateway.port) as client:
        await client.send(call(7, "counts"))
        _status, headers, body = await client.response()
        assert headers[b"content-type"] == b"text/event-stream"
        assert headers[b"x-accel-buffering"] == b"no"
        assert body.count(b"data: ") == 4


@pytest.mark.parametrize("pieces", [1, 2, 3])
async def test_an_offer_to_upgrade_is_ignored(gateway, pieces):
    """As Java's client makes it with each request."""
    offer = {"upgrade": b"h2c", "connection": b"Upgrade, HTTP2-Settings", "http2_settings": b"AAEAAEAAAAIAAAAB"}
    whole = request(INITIALIZE, **offer)
    cuts = {1: [len(whole)], 2: [whole.index(b"\r\n\r\n") + 4, len(whole)], 3: [10, len(whole) - 20, len(whole)]}[pieces]
    async with line(gateway.port) as client:
        for begin, end in zip([0, *cuts], cuts, strict=False):
            await client.send(whole[begin:end])
            await asyncio.sleep(0.02)
        status, headers, body = await client.response()
        assert (status, headers[b"connection"]) == (200, b"close")
        assert json.loads(body)["result"]["protocolVersion"] == "2025-11-25"
        assert await client.until_closed() == b""


async def test_an_offer_with_a_body_in_chunks_is_ignored_too(gateway):
    async with line(gateway.port) as client:
        head = request(content_length=None, transfer_encoding=b"chunked", upgrade=b"h2c", connection=b"Upgrade")
        await client.send(head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(INITIALIZE), INITIALIZE))
        assert "result" in await answered(client)


@pytest.mark.parametrize("upgrade", [b"websocket", b"h2c"])
async def test_a_request_without_body_may_offer_an_upgrade(gateway, upgrade):
    async with line(gateway.port) as client:
        await client.send(request(method=b"GET", path=b"/livez", upgrade=upgrade, connection=b"Upgrade", content_length=None))
        assert await answered(client) == {"status": "ok"}


async def test_an_offer_with_a_broken_body_is_refused(gateway):
    async with line(gateway.port) as client:
        head = request(content_length=None, transfer_encoding=b"chunked", upgrade=b"h2c", connection=b"Upgrade")
        await client.send(head + b"no chunk\r\n")
        assert (await client.response())[0] == 400
        assert await client.until_closed() == b""


async def test_a_body_that_is_broken_off_by_garbage_is_refused(gateway):
    async with line(gateway.port) as client:
        await client.send(request(content_length=None, transfer_encoding=b"chunked") + b"2\r\n{}\r\n")
        await asyncio.sleep(0.02)
        await client.send(b"no chunk\r\n")
        assert (await client.response())[0] == 400
        assert await client.until_closed() == b""


@pytest.mark.parametrize(
    "data",
    [
        b"nonsense\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nhost: a\r\nbad header: x\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nhost: 127.0.0.1\r\n folded\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nhost: 127.0.0.1\nx: y\r\n\r\n",
        b"POST /mcp HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        b"POST /mcp HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
        b"POST /mcp HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: -1\r\n\r\n",
        b"G\xff\xff\r\n" * 30_000,
    ],
)
async def test_what_is_no_http_is_told_so(gateway, data):
    async with line(gateway.port) as client:
        await client.send(data)
        status, headers, body = await client.response()
        assert (status, headers[b"connection"], body) == (400, b"close", b"this is no HTTP request\n")
        assert await client.until_closed() == b""


async def test_garbage_behind_a_request_does_not_spoil_its_answer(gateway):
    async with line(gateway.port) as client:
        await client.send(call(1))
        await asyncio.sleep(0.05)
        await client.send(b"\x00\x00garbage\r\n\r\n")
        assert (await answered(client))["id"] == 1
        assert await client.until_closed() == b""


@pytest.mark.parametrize("piece", [b"x-%d: " + b"y" * 1000 + b"\r\n", b"z%d" + b"y" * 1000])
async def test_a_head_without_end_is_refused(gateway, piece):
    async with line(gateway.port) as client, asyncio.timeout(SOON):
        await client.send(b"GET /livez HTTP/1.1\r\nhost: 127.0.0.1\r\n")
        for number in range(100):
            await client.send(piece % number)
            await asyncio.sleep(0)
        status, _, body = await client.response()
        assert (status, body) == (431, b"the head of a request may have 65536 bytes\n")


async def test_a_head_in_pieces_may_be_as_long_as_that(gateway):
    async with line(gateway.port) as client:
        for _ in range(3):
            whole = request(INITIALIZE, x=b"y" * 40_000)
            await client.send(whole[:30_000])
            await asyncio.sleep(0.01)
            await client.send(whole[30_000:])
            assert "result" in await answered(client)


async def test_health_may_be_asked_for_by_head(gateway):
    async with line(gateway.port) as client:
        await client.send(request(method=b"HEAD", path=b"/health", content_length=None))
        async with asyncio.timeout(SOON):
            head = await client.reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 OK\r\n")
        await client.send(request(method=b"GET", path=b"/livez"))
        assert await answered(client) == {"status": "ok"}


async def test_a_connection_that_is_to_be_closed_is_closed(gateway):
    async with line(gateway.port) as client:
        await client.send(request(method=b"GET", path=b"/livez", connection=b"close"))
        status, headers, _ = await client.response()
        assert (status, headers[b"connection"]) == (200, b"close")
        assert await client.until_closed() == b""
