"""Deadlines, silence, idleness: what takes too long ends, and only that."""

import asyncio
import time

import pytest

from mcp_stack_proxy.errors import Reason, UpstreamError
from mcp_stack_proxy.upstream.http.connection import idle_seconds
from tests.deadlines import SOON

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
HEAD = b"HTTP/1.1 200 OK\r\n\r\n"


def dripping(pieces, seconds):
    async def talk(peer):
        await peer.request()
        for piece in pieces:
            await peer.say(piece)
            await asyncio.sleep(seconds)
        await peer.until_closed()

    return talk


async def ask(pool, deadline, **more):
    response = await pool.send(b"POST", b"/mcp", [], b"{}", deadline=deadline, **more)
    return await response.read(1 << 20)


@pytest.mark.parametrize("pieces", [[], [b"H"], [HEAD], [HEAD + b"some"]])
@pytest.mark.parity("aggregate.isolation")
async def test_a_silent_server_is_given_up_after_the_time_allowed_between_two_bytes(serve, connect, soon, quick, pieces):
    server = await serve(dripping(pieces, 0))
    pool = connect(server.url, exchange_seconds=0.2)
    begun = asyncio.get_running_loop().time()
    with pytest.raises(UpstreamError, match=r"no answer within 0\.2 s") as caught:
        await asyncio.wait_for(ask(pool, soon()), SOON)
    assert caught.value.reason is Reason.SILENT
    assert not caught.value.retryable
    assert asyncio.get_running_loop().time() - begun >= 0.2
    await asyncio.wait_for(server.peers[0].gone.wait(), SOON)


async def test_a_byte_at_a_time_is_no_silence_but_still_ends_at_the_deadline(serve, connect, soon, quick):
    server = await serve(dripping([HEAD, *[b"x"] * 1000], 0.01))
    pool = connect(server.url, exchange_seconds=0.3)
    begun = asyncio.get_running_loop().time()
    with pytest.raises(UpstreamError, match="no complete answer after") as caught:
        await asyncio.wait_for(ask(pool, soon(0.5)), SOON)
    assert caught.value.reason is Reason.TIMEOUT
    assert asyncio.get_running_loop().time() - begun >= 0.5


async def test_a_stream_that_may_rest_outlives_any_silence(serve, connect, soon, quick):
    server = await serve(dripping([HEAD, b"one", b"two"], 0.4))
    response = await connect(server.url, exchange_seconds=0.05).send(b"GET", b"/", [], b"", deadline=float("inf"), quiet=True)
    async with asyncio.timeout(SOON):
        assert [await anext(response), await anext(response)] == [b"one", b"two"]
    response.abort()


async def test_an_idle_connection_is_closed_before_the_server_would(serve, connect, soon, quick, monkeypatch):
    monkeypatch.setattr("mcp_stack_proxy.upstream.http.connection.IDLE_SECONDS", 0.1)

    async def talk(peer):
        await peer.request()
        await peer.say(OK)
        await peer.until_closed()

    server = await serve(talk)
    pool = connect(server.url)
    await ask(pool, soon())
    assert pool.connected == 1
    await asyncio.wait_for(server.peers[0].gone.wait(), SOON)
    assert pool.connected == 0


async def test_the_sweep_rests_while_nothing_is_open(serve, connect, soon, quick, monkeypatch):
    monkeypatch.setattr("mcp_stack_proxy.upstream.http.connection.IDLE_SECONDS", 0.05)
    server = await serve(dripping([OK], 0))
    pool = connect(server.url)
    assert pool._sweeping is None
    for _ in range(2):
        await ask(pool, soon())
        assert pool._sweeping is not None
        async with asyncio.timeout(SOON):
            while pool._sweeping is not None:
                await asyncio.sleep(0.02)
        assert pool.connected == 0


async def test_a_machine_that_slept_does_not_blame_the_servers(serve, connect, soon, quick):
    """A loop that stood still longer than the time allowed has not been listening: the answer may be on its way."""

    async def talk(peer):
        await peer.request()
        time.sleep(0.5)  # noqa: ASYNC251 - that is what is tested
        await asyncio.sleep(0.05)
        await peer.say(OK)
        await peer.until_closed()

    pool = connect((await serve(talk)).url, exchange_seconds=0.3)
    assert await asyncio.wait_for(ask(pool, soon()), SOON) == b"ok"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (b"timeout=5", 4),
        (b"timeout=5, max=100", 4),
        (b"max=100, Timeout = 30", 29),
        (b'timeout="5"', 4),
        (b"timeout=1", 0),
        (b"timeout=0", -1),
        (b"timeout=99999", 60),
        (b"max=5", 4.0),
        (b"timeout=x", 4.0),
        (b"timeout=99999999999999999999999", 60),
    ],
)
def test_the_server_says_how_long_a_connection_may_rest(value, seconds):
    assert idle_seconds([(b"content-length", b"0"), (b"keep-alive", value)]) == seconds


def test_a_server_that_does_not_say_is_taken_for_one_with_five_seconds():
    assert idle_seconds([]) == 4.0
