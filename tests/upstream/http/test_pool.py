"""Which connection a request gets, and what becomes of it."""

import asyncio
from contextlib import suppress

import pytest

from mcp_stack_proxy.errors import Reason, UpstreamError
from tests.deadlines import SOON

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


async def echo(peer):
    """Answers each request with its body."""
    while True:
        _, _, body = await peer.request()
        await peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))


async def ask(pool, deadline, body=b"{}", **more):
    response = await pool.send(b"POST", b"/mcp", [], body, deadline=deadline, **more)
    return await response.read(1 << 20)


@pytest.fixture
def kept(monkeypatch):
    """Idle connections outlive the test: the end of one gives its slot to whoever waits, and would hide a turn that was lost."""
    monkeypatch.setattr("mcp_stack_proxy.upstream.http.connection.IDLE_SECONDS", 10 * SOON)


async def test_requests_one_after_another_share_a_connection(serve, connect, soon, kept):
    server = await serve(echo)
    pool = connect(server.url)
    for number in range(5):
        assert await ask(pool, soon(), b"%d" % number) == b"%d" % number
    assert len(server.peers) == pool.connected == 1


async def test_requests_at_once_get_connections_of_their_own_and_their_own_answers(serve, connect, soon, kept):
    server = await serve(echo)
    pool = connect(server.url)
    for _ in range(3):
        bodies = [b"%d" % number for number in range(20)]
        assert await asyncio.gather(*(ask(pool, soon(), body) for body in bodies)) == bodies
    assert len(server.peers) == pool.connected == 20


async def test_a_connection_grows_old_however_busy_it_is_and_no_call_is_lost_by_that(serve, connect, soon, kept):
    """A pod that ends pauses before its server closes its connections: whoever used them on would send into the close."""
    server = await serve(echo)
    pool = connect(server.url, max_connection_age_seconds=0.3)
    number = 0
    while len(server.peers) < 3:
        number += 1
        assert await ask(pool, soon(), b"%d" % number) == b"%d" % number
        await asyncio.sleep(0.01)
    assert pool.connected == 1
    assert number > 2 * len(server.peers)  # each has carried many


async def test_an_old_connection_is_not_used_again_whenever_the_sweep_comes(serve, connect, soon, kept, monkeypatch):
    monkeypatch.setattr("mcp_stack_proxy.upstream.http.pool.TICK", 10 * SOON)
    server = await serve(echo)
    pool = connect(server.url, max_connection_age_seconds=0.05)
    await ask(pool, soon())
    await asyncio.sleep(0.1)
    await ask(pool, soon())
    assert len(server.peers) == 2


async def test_by_default_where_a_server_is_says_how_old_a_connection_to_it_grows(serve, connect, soon, kept, monkeypatch):
    asked = []

    def aged(host, address):
        asked.append((host, address))
        return 0.05

    monkeypatch.setattr("mcp_stack_proxy.upstream.http.pool.default_connection_age", aged)
    server = await serve(echo)
    pool = connect(server.url.replace("127.0.0.1", "localhost"))
    await ask(pool, soon())
    await asyncio.sleep(0.1)
    await ask(pool, soon())
    assert asked == [("localhost", "127.0.0.1")] * 2
    assert len(server.peers) == 2


async def test_an_old_connection_that_nobody_uses_is_closed(serve, connect, soon, kept):
    server = await serve(echo)
    pool = connect(server.url, max_connection_age_seconds=0.1)
    await ask(pool, soon())
    async with asyncio.timeout(SOON):
        while pool.connected:
            await asyncio.sleep(0.01)


async def test_the_last_connection_used_is_used_next(serve, connect, soon, kept):
    served = []

    async def talk(peer):
        while True:
            await peer.request()
            served.append(peer.number)
            await peer.say(OK)

    server = await serve(talk)
    pool = connect(server.url)
    await asyncio.gather(*(ask(pool, soon()) for _ in range(5)))
    served.clear()
    for _ in range(5):
        await ask(pool, soon())
    assert len(set(served)) == 1


async def test_beyond_the_bound_callers_wait_in_order(serve, connect, soon):
    release, both = asyncio.Event(), asyncio.Event()
    order = []

    async def talk(peer):
        while True:
            _, _, body = await peer.request()
            order.append(body)
            if len(order) == 2:
                both.set()
            await release.wait()
            await peer.say(OK)

    server = await serve(talk)
    pool = connect(server.url, max_connections=2)
    calls = []
    async with asyncio.timeout(SOON):
        for number in range(10):
            calls.append(asyncio.ensure_future(ask(pool, soon(), b"%d" % number)))
            await asyncio.sleep(0)
        await both.wait()
        assert len(server.peers) == pool.connected == 2
        release.set()
        await asyncio.gather(*calls)
    assert sorted(order[:2]) == [b"0", b"1"]
    assert [int(body) for body in order[2:]] == list(range(2, 10))
    assert len(server.peers) == 2


async def test_a_caller_that_waits_for_a_connection_waits_no_longer_than_its_deadline(serve, connect, soon, quick):
    async def talk(peer):
        await peer.until_closed()

    pool = connect((await serve(talk)).url, max_connections=1)
    busy = asyncio.ensure_future(ask(pool, soon()))
    await asyncio.sleep(0)
    with pytest.raises(UpstreamError, match="all 1 connections stayed busy") as caught:
        await asyncio.wait_for(ask(pool, soon(0.1)), SOON)
    assert caught.value.reason is Reason.TIMEOUT
    assert caught.value.retryable
    busy.cancel()
    with pytest.raises(asyncio.CancelledError):
        await busy


@pytest.mark.parametrize("victims", [(0,), (1,), (0, 1), (1, 2, 3), (0, 1, 2, 3)])
async def test_cancelled_callers_take_no_slot_with_them(serve, connect, soon, victims):
    started = asyncio.Semaphore(0)
    release = asyncio.Event()

    async def talk(peer):
        while True:
            await peer.request()
            started.release()
            await release.wait()
            await peer.say(OK)

    pool = connect((await serve(talk)).url, max_connections=1)
    calls = [asyncio.ensure_future(ask(pool, soon())) for _ in range(4)]
    async with asyncio.timeout(SOON):
        await started.acquire()
        for victim in victims:
            calls[victim].cancel()
        release.set()
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        assert [isinstance(outcome, asyncio.CancelledError) for outcome in outcomes] == [n in victims for n in range(4)]
        assert await ask(pool, soon()) == b"ok"
    assert pool.connected <= 1


@pytest.mark.parametrize("answer", [OK, OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")], ids=["connection", "slot"])
async def test_a_caller_cancelled_at_the_moment_of_its_turn_passes_it_on(serve, connect, soon, kept, monkeypatch, answer):
    first = asyncio.Event()

    async def talk(peer):
        while True:
            await peer.request()
            await first.wait()
            await peer.say(answer)

    pool = connect((await serve(talk)).url, max_connections=1)
    calls = [asyncio.ensure_future(ask(pool, soon())) for _ in range(3)]
    await asyncio.sleep(0.05)
    released, lost = pool.released, pool.lost

    def then_cancelled(told):
        def tell(connection):
            told(connection)
            calls[1].cancel()  # its turn has come, and it does not know yet

        return tell

    monkeypatch.setattr(pool, "released", then_cancelled(released))
    monkeypatch.setattr(pool, "lost", then_cancelled(lost))
    first.set()
    async with asyncio.timeout(SOON):
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [bytes, asyncio.CancelledError, bytes]


async def test_a_connection_that_dies_while_it_is_handed_over_is_replaced(serve, connect, soon, kept, monkeypatch):
    server = await serve(echo)
    pool = connect(server.url, max_connections=1)
    released = pool.released

    def then_closed(connection):
        released(connection)
        connection.close()

    monkeypatch.setattr(pool, "released", then_closed)
    async with asyncio.timeout(SOON):
        outcomes = await asyncio.gather(*(ask(pool, soon(), b"%d" % number) for number in range(4)))
    assert outcomes == [b"0", b"1", b"2", b"3"]
    assert len(server.peers) == 4


async def test_a_connection_that_is_closed_while_it_is_opened_is_no_connection(serve, connect, soon, monkeypatch):
    pool = connect((await serve(echo)).url, max_connections=1)
    dial = pool._dialer.connect

    async def closed(make, deadline):
        connection = await dial(make, deadline)
        connection.close()
        await asyncio.sleep(0.05)
        return connection

    monkeypatch.setattr(pool._dialer, "connect", closed)
    for _ in range(3):
        with pytest.raises(UpstreamError, match="closed at once") as caught:
            await asyncio.wait_for(ask(pool, soon()), SOON)
        assert caught.value.retryable
    assert pool._slots == pool.connected == 0


async def test_a_connection_that_opens_after_the_pool_was_closed_is_closed_too(serve, connect, soon, monkeypatch):
    pool = connect((await serve(echo)).url)
    dial = pool._dialer.connect

    async def late(make, deadline):
        await pool.aclose()
        return await dial(make, deadline)

    monkeypatch.setattr(pool._dialer, "connect", late)
    with pytest.raises(UpstreamError, match="no longer connects"):
        await asyncio.wait_for(ask(pool, soon()), SOON)
    async with asyncio.timeout(SOON):
        while pool.connected:
            await asyncio.sleep(0)


async def test_a_cancelled_call_closes_its_connection(serve, connect, soon):
    arrived = asyncio.Event()

    async def talk(peer):
        await peer.request()
        arrived.set()
        await peer.until_closed()

    server = await serve(talk)
    pool = connect(server.url)
    call = asyncio.ensure_future(ask(pool, soon()))
    async with asyncio.timeout(SOON):
        await arrived.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await server.peers[0].gone.wait()
    assert pool.connected == 0


@pytest.mark.parametrize("how", ["read", "iterate"])
async def test_a_cancelled_reader_closes_its_connection(serve, connect, soon, how):
    async def talk(peer):
        await peer.request()
        await peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
        await peer.until_closed()

    server = await serve(talk)
    response = await connect(server.url).send(b"POST", b"/", [], b"", deadline=soon())
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(response.read(100) if how == "read" else anext(response), 0.05)
    await asyncio.wait_for(server.peers[0].gone.wait(), SOON)


async def test_a_caller_cancelled_when_its_answer_has_come_leaves_the_connection_to_the_next(serve, connect, soon):
    asked = asyncio.Queue()

    async def talk(peer):
        while True:
            _, _, body = await peer.request()
            asked.put_nowait(body)
            if body == b"second":
                await peer.say(OK)

    server = await serve(talk)
    pool = connect(server.url)
    async with asyncio.timeout(SOON):
        first = asyncio.create_task(ask(pool, soon(), b"first"))
        assert await asked.get() == b"first"
        (connection,) = pool._open
        second = asyncio.create_task(ask(pool, soon(), b"second"))  # takes the connection before the first hears of its end
        connection.data_received(OK)
        first.cancel()
        assert await second == b"ok"
        with pytest.raises(asyncio.CancelledError):
            await first
    assert len(server.peers) == 1


async def test_who_waits_on_a_connection_that_is_closed_is_told(serve, connect, soon):
    asked = asyncio.Event()

    async def talk(peer):
        await peer.request()
        asked.set()
        await asyncio.Event().wait()

    pool = connect((await serve(talk)).url)
    waiting = asyncio.create_task(ask(pool, soon()))
    async with asyncio.timeout(SOON):
        await asked.wait()
        (connection,) = pool._open
        connection.close()
        with pytest.raises(UpstreamError, match="given up"):
            await waiting


async def test_a_connection_that_the_server_closed_while_idle_is_not_used(serve, connect, soon):
    async def talk(peer):
        await peer.request()
        await peer.say(OK)

    server = await serve(talk)
    pool = connect(server.url)
    for _ in range(5):
        assert await ask(pool, soon()) == b"ok"
        await asyncio.wait_for(server.peers[-1].gone.wait(), SOON)
    assert len(server.peers) == 5


@pytest.mark.parametrize("stray", [b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged", b"x", b"\r\n"])
async def test_bytes_that_nobody_asked_for_never_answer_the_next_request(serve, connect, soon, stray):
    more = asyncio.Event()
    sent = asyncio.Event()

    async def talk(peer):
        if peer.number > 0:
            await echo(peer)
        await peer.request()
        await peer.say(OK)
        await more.wait()
        await peer.say(stray)
        sent.set()
        await peer.until_closed()

    server = await serve(talk)
    pool = connect(server.url)
    assert await ask(pool, soon()) == b"ok"
    more.set()
    async with asyncio.timeout(SOON):
        await sent.wait()  # in the socket; whether the loop has seen it is left to chance
        assert await ask(pool, soon(), b"mine") == b"mine"
    assert len(server.peers) == 2


@pytest.mark.parametrize(("safe", "outcome"), [(True, b"again"), (False, None)])
async def test_only_a_request_that_reads_is_sent_again_when_a_reused_connection_dies(serve, connect, soon, safe, outcome):
    received = []

    async def talk(peer):
        if peer.number > 0:
            await echo(peer)
        await peer.request()
        await peer.say(OK)
        received.append((await peer.request())[2])  # read, and maybe acted upon

    server = await serve(talk)
    pool = connect(server.url)
    await ask(pool, soon())
    if outcome:
        assert await ask(pool, soon(), b"again", replay_safe=True) == outcome
        assert len(server.peers) == 2
    else:
        with pytest.raises(UpstreamError, match="closed before the answer") as caught:
            await ask(pool, soon(), b"again")
        assert caught.value.reason is Reason.UNREACHABLE
        assert not caught.value.retryable
        assert len(server.peers) == 1
    assert received == [b"again"]


async def test_a_replay_happens_once_and_skips_all_old_connections(serve, connect, soon):
    closing = asyncio.Event()

    async def talk(peer):
        await peer.request()
        await peer.say(OK)
        await peer.request()
        await closing.wait()

    server = await serve(talk)
    pool = connect(server.url, max_connections=3)
    await asyncio.gather(*(ask(pool, soon()) for _ in range(3)))
    closing.set()
    assert await ask(pool, soon(), replay_safe=True) == b"ok"
    assert len(server.peers) == 4


@pytest.mark.parametrize("partial", [b"H", b"HTTP/1.1 100 Continue\r\n\r\n"])
async def test_nothing_is_replayed_once_the_server_has_begun_to_answer(serve, connect, soon, partial):
    async def talk(peer):
        await peer.request()
        await peer.say(OK)
        await peer.request()
        await peer.say(partial)

    server = await serve(talk)
    pool = connect(server.url)
    await ask(pool, soon())
    with pytest.raises(UpstreamError, match="in the middle"):
        await ask(pool, soon(), replay_safe=True)
    assert len(server.peers) == 1


async def test_nothing_is_replayed_on_a_connection_that_was_new(serve, connect, soon):
    async def talk(peer):
        await peer.request()

    server = await serve(talk)
    with pytest.raises(UpstreamError, match="closed before"):
        await ask(connect(server.url), soon(), replay_safe=True)
    assert len(server.peers) == 1


async def test_what_a_server_took_before_it_went_away_is_not_called_unsent(connect, soon):
    """The first connection has the request when it closes, and the replay finds nobody: whether it was acted upon is not known."""

    async def talk(reader, writer):
        with suppress(asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(OK)
            await reader.readuntil(b"\r\n\r\n")
        server.close()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    pool = connect(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/mcp")
    assert await ask(pool, soon()) == b"ok"
    with pytest.raises(UpstreamError, match="closed before the answer") as caught:
        await ask(pool, soon(), replay_safe=True)
    assert not caught.value.retryable


async def test_an_answer_that_comes_before_the_request_is_sent_ends_the_connection(serve, connect, soon):
    async def talk(peer):
        await peer.reader.readexactly(10)
        await peer.say(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        await asyncio.sleep(30)  # reads no more

    server = await serve(talk)
    pool = connect(server.url)
    response = await pool.send(b"POST", b"/", [], b"x" * 30_000_000, deadline=soon())
    assert response.status == 413
    await asyncio.sleep(0)
    assert pool.connected == 0


async def test_closing_the_pool_ends_calls_in_flight_and_in_the_queue(serve, connect, soon):
    async def talk(peer):
        await peer.until_closed()

    pool = connect((await serve(talk)).url, max_connections=1)
    calls = [asyncio.ensure_future(ask(pool, soon())) for _ in range(3)]
    await asyncio.sleep(0.05)
    async with asyncio.timeout(SOON):
        await pool.aclose()
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        assert [outcome.reason for outcome in outcomes] == [Reason.UNREACHABLE] * 3
        assert [outcome.retryable for outcome in outcomes] == [False, True, True]
        with pytest.raises(UpstreamError, match="no longer connects"):
            await ask(pool, soon())
    assert pool.connected == 0


async def test_a_pool_may_be_closed_twice_and_unused(serve, connect, soon):
    server = await serve(echo)
    used, unused = connect(server.url), connect(server.url)
    await ask(used, soon())
    async with asyncio.timeout(SOON):
        await asyncio.gather(used.aclose(), used.aclose(), unused.aclose())
