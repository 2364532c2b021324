"""Everything that a server may answer with, well-behaved or not, over real sockets."""

import asyncio

import pytest

from mcp_stack_proxy.errors import Reason, UpstreamError
from tests.deadlines import SOON

LIMIT = 1 << 20
HEAD = b"HTTP/1.1 200 OK\r\n"


def answering(data, *, then="wait", repeat=False):
    """A server that answers the first request (or each) with `data`, and then waits or closes."""

    async def talk(peer):
        await peer.request()
        await peer.say(data)
        while repeat:
            await peer.request()
            await peer.say(data)
        if then == "wait":
            await peer.until_closed()

    return talk


async def exchange(pool, deadline, method=b"POST"):
    response = await pool.send(method, b"/mcp", [(b"accept", b"*/*")], b"" if method == b"HEAD" else b"{}", deadline=deadline)
    return response, await response.read(LIMIT)


@pytest.mark.parametrize(
    ("data", "then", "status", "body", "kept"),
    [
        (HEAD + b"Content-Length: 2\r\n\r\nhi", "wait", 200, b"hi", True),
        (HEAD + b"Content-Length: 0\r\n\r\n", "wait", 200, b"", True),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n3;x=y\r\n yo\r\n0\r\n\r\n", "wait", 200, b"hi yo", True),
        (HEAD + b"Transfer-Encoding: Chunked\r\n\r\n1\r\na\r\n0\r\nTrailer: x\r\n\r\n", "wait", 200, b"a", True),
        (HEAD + b"\r\nuntil the end", "close", 200, b"until the end", False),
        (HEAD + b"Connection: close\r\n\r\nuntil the end", "close", 200, b"until the end", False),
        (HEAD + b"Connection: close\r\nContent-Length: 2\r\n\r\nhi", "wait", 200, b"hi", False),
        (b"HTTP/1.0 200 OK\r\n\r\nold", "close", 200, b"old", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold", "wait", 200, b"old", False),
        (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nold", "wait", 200, b"old", True),
        (b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n", "wait", 202, b"", True),
        (b"HTTP/1.1 204 No Content\r\n\r\n", "wait", 204, b"", True),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n", "wait", 304, b"", True),
        (b"HTTP/1.1 307 T\r\nLocation: http://elsewhere/\r\nContent-Length: 0\r\n\r\n", "wait", 307, b"", True),
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy", "wait", 503, b"busy", True),
        (b"HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx", "wait", 200, b"x", True),
        (
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + HEAD + b"Content-Length: 1\r\n\r\nx",
            "wait",
            200,
            b"x",
            True,
        ),
        (HEAD + b"Keep-Alive: timeout=1\r\nContent-Length: 1\r\n\r\nx", "wait", 200, b"x", False),
        (HEAD + b"Content-Length: 1\r\n\r\nxHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged", "wait", 200, b"x", False),
        (HEAD + b"Content-Length: 1\r\n\r\nxgarbage", "wait", 200, b"x", False),
        (HEAD + b"Content-Length: 1\r\n\r\nxH", "wait", 200, b"x", False),
    ],
)
async def test_an_answer_has_its_status_and_body_and_the_connection_is_kept_where_it_may_be(
    serve, connect, soon, data, then, status, body, kept
):
    server = await serve(answering(data, then=then))
    pool = connect(server.url)
    response, read = await exchange(pool, soon())
    assert (response.status, read, response.complete) == (status, body, True)
    if not kept:
        assert pool._idle == []
        await asyncio.wait_for(server.peers[0].gone.wait(), SOON)
    assert pool.connected == (1 if kept else 0)


@pytest.mark.parametrize(
    ("data", "then", "reason", "says"),
    [
        (b"", "close", Reason.UNREACHABLE, "closed before the answer"),
        (b"HTTP/1.1 200 OK\r\nConte", "close", Reason.UNREACHABLE, "closed in the middle"),
        (HEAD + b"Content-Length: 10\r\n\r\nhi", "close", Reason.UNREACHABLE, "closed in the middle"),
        (HEAD + b"Connection: close\r\nContent-Length: 10\r\n\r\nhi", "close", Reason.UNREACHABLE, "closed in the middle"),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 10\r\n\r\nhi", "close", Reason.UNREACHABLE, "closed in the middle"),
        (
            HEAD + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n",
            "close",
            Reason.UNREACHABLE,
            "closed in the middle",
        ),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhi", "close", Reason.UNREACHABLE, "closed in the middle"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n", "close", Reason.UNREACHABLE, "closed in the middle"),
        (b"\x16\x03\x01\x02\x00garbage", "wait", Reason.INVALID, "no valid HTTP"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "wait", Reason.INVALID, "no valid HTTP"),
        (b"ICY 200 OK\r\n\r\n", "wait", Reason.INVALID, "no valid HTTP"),
        (HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nx", "wait", Reason.INVALID, "no valid HTTP"),
        (HEAD + b"Content-Length: 1, 2\r\n\r\nx", "wait", Reason.INVALID, "no valid HTTP"),
        (HEAD + b"Content-Length: -1\r\n\r\nx", "wait", Reason.INVALID, "no valid HTTP"),
        (HEAD + b"Content-Length: 99999999999999999999\r\n\r\nx", "wait", Reason.INVALID, "no valid HTTP"),
        (
            HEAD + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
            "wait",
            Reason.INVALID,
            "no valid HTTP",
        ),
        (
            HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n1\r\nx\r\n0\r\n\r\n",
            "wait",
            Reason.INVALID,
            "no valid HTTP",
        ),
        (HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", "wait", Reason.INVALID, "transfer coding"),
        (HEAD + b"Transfer-Encoding: gzip\r\n\r\nx", "wait", Reason.INVALID, "transfer coding"),
        (
            HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "wait",
            Reason.INVALID,
            "transfer coding",
        ),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", "wait", Reason.INVALID, "no valid HTTP"),
        (HEAD + b"A: b\nContent-Length: 1\r\n\r\nx", "wait", Reason.INVALID, "no valid HTTP"),
        (HEAD + b"A: b\r\n folded\r\n\r\n", "wait", Reason.INVALID, "no valid HTTP"),
        (HEAD + b"A : b\r\n\r\n", "wait", Reason.INVALID, "no valid HTTP"),
        (b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", "wait", Reason.INVALID, "status 101"),
        (b"HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n", "wait", Reason.INVALID, "status 99"),
        (b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n", "wait", Reason.INVALID, "status 999"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 3000, "wait", Reason.INVALID, "bytes of headers"),
        (HEAD + b"A: b\r\n" * 201 + b"Content-Length: 0\r\n\r\n", "wait", Reason.INVALID, "more than 200 headers"),
        (
            HEAD + b"A: " + b"b" * 70_000 + b"\r\nContent-Length: 0\r\n\r\n",
            "wait",
            Reason.INVALID,
            "more than 65536 bytes of headers",
        ),
        (HEAD + b"A: " + b"b" * 400_000, "wait", Reason.INVALID, "more than 65536 bytes of headers"),
        (b"HTTP/1.1 200 " + b"b" * 400_000, "wait", Reason.INVALID, "more than 65536 bytes of headers"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\nT: " + b"b" * 400_000, "wait", Reason.INVALID, "bytes of headers"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"b" * 400_000, "wait", Reason.INVALID, "bytes of headers"),
        (HEAD + b"Content-Length: %d\r\n\r\n" % (LIMIT + 1), "wait", Reason.INVALID, f"larger than {LIMIT} bytes"),
        (HEAD + b"\r\n" + b"x" * (LIMIT + 1), "wait", Reason.INVALID, f"larger than {LIMIT} bytes"),
    ],
    ids=lambda value: repr(value[:40]) if isinstance(value, bytes) else None,
)
async def test_what_is_no_answer_is_an_error_that_says_so_and_ends_the_connection(serve, connect, soon, data, then, reason, says):
    server = await serve(answering(data, then=then))
    pool = connect(server.url)
    with pytest.raises(UpstreamError) as caught:
        await asyncio.wait_for(exchange(pool, soon()), SOON)
    assert caught.value.reason is reason
    assert says in caught.value.message
    assert not caught.value.retryable
    assert "127.0.0.1" not in caught.value.message
    await asyncio.wait_for(server.peers[0].gone.wait(), SOON)
    assert pool.connected == 0


async def test_headers_keep_order_and_repetition_and_have_lower_case_names(serve, connect, soon):
    server = await serve(answering(HEAD + b"Set-Cookie: a\r\nX:\r\nset-cookie: b\r\nConnection: x\r\nContent-Length: 0\r\n\r\n"))
    response, _ = await exchange(connect(server.url), soon())
    assert response.headers == [
        (b"set-cookie", b"a"),
        (b"x", b""),
        (b"set-cookie", b"b"),
        (b"connection", b"x"),
        (b"content-length", b"0"),
    ]
    assert response.header(b"set-cookie") == b"a"
    assert response.header(b"missing") is None


async def test_an_answer_to_head_has_no_body_whatever_it_announces(serve, connect, soon):
    server = await serve(answering(HEAD + b"Content-Length: 500\r\n\r\n"))
    response, body = await exchange(connect(server.url), soon(), b"HEAD")
    assert (response.status, body, response.complete) == (200, b"", True)


async def test_the_request_arrives_as_it_was_meant(serve, connect, soon):
    seen = asyncio.get_running_loop().create_future()

    async def talk(peer):
        seen.set_result(await peer.request())
        await peer.say(HEAD + b"Content-Length: 0\r\n\r\n")

    server = await serve(talk)
    body = b"x" * 1_000_000
    response = await connect(server.url).send(b"POST", b"/mcp?a=b", [(b"authorization", b"Bearer t")], body, deadline=soon())
    await response.read(0)
    first, headers, received = await seen
    assert first == b"POST /mcp?a=b HTTP/1.1"
    assert headers == {
        b"host": server.url.removeprefix("http://").removesuffix("/mcp").encode(),
        b"authorization": b"Bearer t",
        b"content-length": b"1000000",
    }
    assert received == body


async def test_a_body_is_read_whole_as_often_as_asked(serve, connect, soon):
    server = await serve(answering(HEAD + b"Content-Length: 6\r\n\r\nabcdef"))
    response, body = await exchange(connect(server.url), soon())
    assert body == await response.read(6) == b"abcdef"
    with pytest.raises(UpstreamError, match="larger than 5"):
        await response.read(5)


async def test_chunks_come_as_the_server_sends_them(serve, connect, soon):
    more = asyncio.Event()

    async def talk(peer):
        await peer.request()
        await peer.say(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        for piece in (b"one", b"two", b"three"):
            await peer.say(b"%x\r\n%b\r\n" % (len(piece), piece))
            await more.wait()
            more.clear()
        await peer.say(b"0\r\n\r\n")
        await peer.until_closed()

    pool = connect((await serve(talk)).url)
    response = await pool.send(b"POST", b"/", [], b"", deadline=soon())
    pieces = []
    async with asyncio.timeout(SOON):
        async for piece in response:
            pieces.append(piece)
            more.set()
    assert pieces == [b"one", b"two", b"three"]
    assert pool.connected == 1


async def test_what_arrived_before_a_break_is_delivered_before_the_error(serve, connect, soon):
    server = await serve(answering(HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\none\r\n", then="close"))
    response = await connect(server.url).send(b"POST", b"/", [], b"", deadline=soon())
    assert await anext(response) == b"one"
    with pytest.raises(UpstreamError, match="in the middle"):
        await anext(response)


@pytest.mark.parity("aggregate.isolation")
async def test_a_reader_that_stops_slows_the_server_down_and_not_our_memory(serve, connect, soon, quick):
    sent = 0

    async def talk(peer):
        nonlocal sent
        await peer.request()
        await peer.say(HEAD + b"\r\n")
        while True:
            await peer.say(b"x" * 65536)
            sent += 65536

    pool = connect((await serve(talk)).url, exchange_seconds=0.2)
    response = await pool.send(b"POST", b"/", [], b"", deadline=soon(30))
    before = -1
    while sent != before:  # until the server is stuck
        before = sent
        await asyncio.sleep(0.3)  # longer than the silence allowed: a pause of ours is no silence of the server's
    assert response.buffered < 1 << 20
    assert response.fault is None
    read = 0
    async with asyncio.timeout(SOON):
        async for piece in response:
            read += len(piece)
            if read > sent // 2 and sent > before + 4_000_000:
                break
    response.abort()
    assert pool.connected <= 1


async def test_a_whole_body_larger_than_the_buffers_is_read(serve, connect, soon):
    body = bytes(range(256)) * 20_000
    server = await serve(answering(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body))
    pool = connect(server.url)
    response = await pool.send(b"POST", b"/", [], b"", deadline=soon())
    assert await response.read(len(body)) == body
    assert pool.connected == 1


async def test_an_answer_given_up_closes_the_connection(serve, connect, soon):
    server = await serve(answering(HEAD + b"Content-Length: 10\r\n\r\nhi"))
    pool = connect(server.url)
    response = await pool.send(b"POST", b"/", [], b"", deadline=soon())
    response.abort()
    await asyncio.wait_for(server.peers[0].gone.wait(), SOON)
    assert await anext(response) == b"hi"
    with pytest.raises(UpstreamError, match="given up"):
        await anext(response)


async def test_giving_up_a_complete_answer_keeps_the_connection(serve, connect, soon):
    server = await serve(answering(HEAD + b"Content-Length: 2\r\n\r\nhi", repeat=True))
    pool = connect(server.url)
    for _ in range(3):
        response, _ = await exchange(pool, soon())
        response.abort()
    assert len(server.peers) == 1
