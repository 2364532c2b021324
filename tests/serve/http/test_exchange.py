"""Responses as they go out, how they end where nobody ends them, and what a drain leaves of them."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from mcp_stack_proxy.serve.http import JSON, Refusal
from mcp_stack_proxy.serve.http import hub as hub_module
from mcp_stack_proxy.serve.http.hub import Hub
from tests.serve.running import SOON, until
from tests.serve.wire import line, request

GET = request(method=b"GET", path=b"/", content_length=None)


class Site:
    """Serves every request with one function."""

    def __init__(self, handle):
        self.handle = handle

    def admit(self, request):
        return self


@asynccontextmanager
async def site(handle):
    """A hub that serves with `handle`, and its port."""
    hub = Hub(Site(handle), 1000)
    server = await hub.loop.create_server(hub.connect, "127.0.0.1", 0)
    try:
        yield hub, server.sockets[0].getsockname()[1]
    finally:
        server.close()
        async with asyncio.timeout(SOON):
            await hub.drain(0)


async def test_a_response_that_is_never_given_cuts_the_connection():
    async def silent(request):
        pass

    async with site(silent) as (_, port), line(port) as client:
        await client.send(GET)
        assert await client.until_closed() == b""


async def test_a_stream_that_is_not_ended_is_cut():
    async def half(request):
        await request.begin([JSON], b"{")

    async with site(half) as (_, port), line(port) as client:
        await client.send(GET)
        assert (await client.until_closed()).endswith(b"\r\n\r\n1\r\n{\r\n")


async def test_what_fails_unexpectedly_is_told_without_a_detail(caplog):
    async def fail(request):
        raise ValueError("secret detail")

    async with site(fail) as (_, port), line(port) as client:
        await client.send(GET)
        status, _, body = await client.response()
        assert (status, body) == (500, b"internal error\n")
        assert "secret detail" in caplog.text


@pytest.mark.parametrize("value", [b"a\r\nset-cookie: b", b"a\nb", b"a\r"])
async def test_a_header_cannot_end_its_line(value):
    async def split(request):
        await request.respond(200, headers=[(b"x", value)])

    async with site(split) as (_, port), line(port) as client:
        await client.send(GET)
        status, headers, _ = await client.response()
        assert (status, b"x" in headers, b"set-cookie" in headers) == (500, False, False)


async def test_a_response_has_one_beginning_and_one_end():
    faults = []

    async def twice(request):
        await request.respond(200)
        for more in (request.respond(200), request.begin([]), request.out.part(b"x"), request.out.end(b"x")):
            with pytest.raises(RuntimeError) as caught:
                await more
            faults.append(str(caught.value))

    async with site(twice) as (hub, port), line(port) as client:
        await client.send(GET)
        assert (await client.response())[0] == 200
        await until(lambda: not hub.working)
    assert faults == ["a response was started twice"] * 2 + ["a piece outside of a response"] * 2


async def test_who_is_gone_before_the_work_begins_is_noticed_all_the_same():
    told = asyncio.Event()

    async def watch(request):
        await gone.wait()
        request.client.watch(told.set)
        await told.wait()
        await request.respond(200)

    gone = asyncio.Event()
    async with site(watch) as (hub, port):
        async with line(port) as client:
            await client.send(GET)
            await until(lambda: hub.working)
        await until(lambda: not hub.connections)
        gone.set()
        async with asyncio.timeout(SOON):
            await told.wait()
        await until(lambda: not hub.working)


async def test_who_stopped_watching_is_not_told():
    told = []

    async def watch(request):
        request.client.watch(lambda: told.append("kept"))
        request.client.watch(dropped)
        request.client.unwatch(dropped)
        request.client.unwatch(dropped)
        await asyncio.Event().wait()

    def dropped():
        told.append("dropped")

    async with site(watch) as (hub, port):
        async with line(port) as client:
            await client.send(GET)
            await until(lambda: hub.working)
        await until(lambda: not hub.connections)
    assert told == ["kept"]


async def test_a_client_that_does_not_read_stops_the_writer():
    written = []

    async def flood(request):
        await request.begin([], b"")
        while len(written) < 10_000:
            await request.out.part(b"x" * 65536)
            written.append(1)
        await request.out.end(b"")

    async with site(flood) as (hub, port), line(port) as client:
        client.writer.transport.pause_reading()
        await client.send(GET)
        await until(lambda: any(connection.unread for connection in hub.connections))
        before = -1
        while len(written) != before:  # what is on its way in the system still makes room now and then
            before = len(written)
            await asyncio.sleep(0.05)
        assert len(written) < 1000


async def test_a_drain_answers_what_is_in_flight_and_what_is_on_its_way():
    go = asyncio.Event()

    async def wait(request):
        await go.wait()
        await request.respond(200, b"done")

    async with site(wait) as (hub, port), line(port) as busy, line(port) as idle:
        await busy.send(GET)
        await until(lambda: hub.working and len(hub.connections) == 2)
        draining = asyncio.create_task(hub.drain(SOON))
        await until(lambda: hub.draining)
        await idle.send(GET)
        await until(lambda: len(hub.working) == 2)
        go.set()
        for client in (busy, idle):
            status, headers, body = await client.response()
            assert (status, headers[b"connection"], body) == (200, b"close", b"done")
        async with asyncio.timeout(SOON):
            await draining


async def test_a_drain_parts_from_who_asks_for_nothing(monkeypatch):
    monkeypatch.setattr(hub_module, "FAREWELL", 0.02)

    async def never(request):
        raise AssertionError

    async with site(never) as (hub, port), line(port) as client:
        await until(lambda: hub.connections)
        async with asyncio.timeout(SOON):
            await hub.drain(SOON)
        assert await client.until_closed() == b""


@pytest.mark.parametrize("hurried", [False, True])
async def test_what_does_not_end_in_time_is_given_up_and_told_so(hurried):
    async def stubborn(request):
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise Refusal(503, "given up") from None

    async with site(stubborn) as (hub, port), line(port) as client:
        await client.send(GET)
        await until(lambda: hub.working)
        draining = asyncio.create_task(hub.drain(SOON if hurried else 0.01))
        if hurried:
            await until(lambda: hub.draining)
            hub.hurry()
        async with asyncio.timeout(SOON):
            await draining
        assert not hub.working
        if not hurried:
            assert (await client.response())[0] == 503
