"""Clients that leave, dawdle or never read: nothing is left of them, and their servers hear of it."""

import asyncio
import json
import socket
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import pytest

from mcp_stack_proxy.serve.http import hub, patience
from tests.serve.asking import META, LegacyAsker, ModernAsker, http
from tests.serve.running import SOON, hosted, running, until
from tests.serve.scripted import Scripted
from tests.serve.wire import line, request

pytestmark = pytest.mark.parametrize("server_era", ["modern", "legacy"])


class Watched(Scripted):
    """Says which calls have come, and which were given up."""

    def __init__(self, era):
        super().__init__(era, tools_call=self.call, tools_list={"tools": []})
        self.came, self.left = asyncio.Queue(), asyncio.Queue()

    async def call(self, params, request):
        self.came.put_nowait(params["name"])
        if params["name"] == "hang":
            await request.left()
        elif params["name"] == "drip":
            await self.drip(request)
        elif params["name"] == "flood":
            await self.flood(request)
        else:
            return {"content": []}
        self.left.put_nowait(params["name"])
        return None

    async def drip(self, request):
        leaving = asyncio.create_task(request.left())
        while not leaving.done():
            await request.event(method="notifications/message", params={"level": "error", "data": "drip"})
            await asyncio.sleep(0.02)

    async def flood(self, request):
        leaving = asyncio.create_task(request.left())
        while not leaving.done():
            await request.event(method="notifications/message", params={"level": "error", "data": "x" * 100_000})
            await asyncio.sleep(0)


@asynccontextmanager
async def watched(era):
    async with AsyncExitStack() as stack:
        server = Watched(era)
        url = await stack.enter_async_context(hosted(server))
        gateway = await stack.enter_async_context(running({"s": {"url": url}}))
        yield gateway, server
        await gateway.quiet()
        pool = gateway.peer("s").pool

        def in_use():
            listening = (
                1 if era == "legacy" and gateway.peer("s").connected else 0
            )  # its stream was refused, or is the gateway's own
            return len(pool._open) - len(pool._idle) - listening

        await until(
            lambda: in_use() <= 0, lambda: f"{in_use()} connections to the server are still in use"
        )  # to tell it of the end


@pytest.fixture
def impatient(monkeypatch):
    """Everything that a client may take its time for takes at most about 0.3 s."""
    monkeypatch.setattr(hub, "LOOK", 0.05)
    monkeypatch.setattr(patience, "LOOK", 0.05)
    short = dict.fromkeys(patience.SECONDS, 0.2)
    monkeypatch.setattr(patience, "SECONDS", {**short, patience.Waiting.IDLE: 0.6})


def modern_call(name, prefix="", route=b"/servers/s/mcp"):
    meta = {**META, "io.modelcontextprotocol/logLevel": "debug"}
    params = {"name": prefix + name, "_meta": meta}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).encode()
    name = (prefix + name).encode()
    return request(body, path=route, mcp_protocol_version=b"2026-07-28", mcp_method=b"tools/call", mcp_name=name)


ROUTES = {"one": ("", b"/servers/s/mcp"), "all": ("s__", b"/mcp")}


@pytest.mark.requirement("modern:stream.closed")
@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("name", ["hang", "drip"])
async def test_a_modern_client_that_leaves_cancels_its_call(server_era, route, name):
    """2026-07-28, basic/transports: closing the connection is the cancellation. A legacy server is told in its own way."""
    async with watched(server_era) as (gateway, server), asyncio.timeout(SOON):
        async with line(gateway.port) as client:
            await client.send(modern_call(name, *ROUTES[route]))
            assert await server.came.get() == name
            if name == "drip":
                await client.reader.readuntil(b"drip")
        assert await server.left.get() == name
        if server_era == "legacy":
            await until(lambda: server.of("notifications/cancelled"))
            (call,) = server.of("tools/call")
            assert server.of("notifications/cancelled")[0].params["requestId"] == call.id


@pytest.mark.requirement("legacy:disconnect")
async def test_a_legacy_client_that_leaves_cancels_nothing(server_era):
    """2025-11-25, basic/transports: disconnection should not be interpreted as cancellation."""
    async with watched(server_era) as (gateway, server), http() as other, asyncio.timeout(SOON):
        asker = await LegacyAsker(other, gateway.mcp()).begin()
        body = json.dumps({"jsonrpc": "2.0", "id": 5, "method": "tools/call", "params": {"name": "s__hang"}}).encode()
        session = asker.headers["mcp-session-id"].encode()
        async with line(gateway.port) as client:
            await client.send(request(body, mcp_session_id=session))
            assert await server.came.get() == "hang"
        await asyncio.sleep(0.6)
        assert server.left.empty()
        cancel = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 5}}
        assert (await asker.post(cancel)).status_code == 202
        assert await server.left.get() == "hang"


@pytest.mark.requirement("legacy:cancelled")
async def test_a_cancelled_call_of_a_legacy_client_has_no_answer(server_era):
    async with watched(server_era) as (gateway, server), http() as client, asyncio.timeout(SOON):
        asker = await LegacyAsker(client, gateway.mcp()).begin()
        calling = asyncio.create_task(asker.ask("tools/call", {"name": "s__hang"}, id_="five"))
        await server.came.get()
        for params in ({"requestId": "other"}, {}, {"requestId": "five"}):
            await asker.post({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params})
        response = await calling
        assert (response.status_code, response.text) == (200, "")


async def test_the_end_of_a_session_ends_its_calls(server_era):
    async with watched(server_era) as (gateway, server), http() as client, asyncio.timeout(SOON):
        asker = await LegacyAsker(client, gateway.mcp()).begin()
        calling = asyncio.create_task(asker.ask("tools/call", {"name": "s__hang"}))
        await server.came.get()
        await client.delete(asker.url, headers=asker.headers)
        assert (await calling).text == ""
        assert await server.left.get() == "hang"


@pytest.mark.parametrize("cut", [10, 100, -5])
async def test_a_client_that_leaves_in_the_middle_of_its_request_leaves_nothing(server_era, cut):
    async with watched(server_era) as (gateway, server):
        for _ in range(10):
            async with line(gateway.port) as client:
                await client.send(modern_call("quick")[:cut])
                await asyncio.sleep(0.005)
        await gateway.quiet()
        assert server.came.empty()


async def test_a_client_that_resets_its_connection_leaves_nothing(server_era):
    async with watched(server_era) as (gateway, _server):
        for _ in range(10):
            async with line(gateway.port) as client:
                await client.send(modern_call("quick"))
                client.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        await gateway.quiet()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("first", "piece"),
    [
        (b"", b""),
        (b"POST /mcp HT", b""),
        (b"POST /mcp HTTP/1.1\r\nhost: a\r\n", b"x"),
        (b"POST /mcp HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{", b""),
    ],
    ids=["nothing", "half a line", "a head, byte by byte", "half a body"],
)
async def test_a_request_that_never_ends_is_given_up(server_era, first, piece):
    async with watched(server_era) as (gateway, _server), line(gateway.port) as client:

        async def dawdle():
            await client.send(first)
            while piece:
                await asyncio.sleep(0.04)
                await client.send(piece)

        dawdling = asyncio.create_task(dawdle())
        with suppress(ConnectionResetError):  # a byte that comes at that moment makes a reset of the end
            assert await client.until_closed() == b""
        dawdling.cancel()
        await asyncio.wait([dawdling])


@pytest.mark.usefixtures("impatient")
async def test_a_body_may_come_slowly(server_era):
    async with watched(server_era) as (gateway, _server), line(gateway.port) as client:
        whole = modern_call("quick")
        await client.send(whole[:-20])
        for byte in whole[-20:]:
            await asyncio.sleep(0.04)
            await client.send(bytes([byte]))
        assert (await client.response())[0] == 200


@pytest.mark.usefixtures("impatient")
async def test_a_connection_is_kept_for_a_while_and_not_for_ever(server_era):
    async with watched(server_era) as (gateway, _server), line(gateway.port) as client:
        for _ in range(4):
            await client.send(modern_call("quick"))
            assert (await client.response())[0] == 200
            await asyncio.sleep(0.3)
        assert await client.until_closed() == b""


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parity("aggregate.isolation")
async def test_a_client_that_does_not_read_is_given_up(server_era, route):
    async with watched(server_era) as (gateway, server), http() as other, asyncio.timeout(SOON), line(gateway.port) as client:
        client.writer.transport.pause_reading()
        await client.send(modern_call("flood", *ROUTES[route]))
        assert await server.came.get() == "flood"
        for _ in range(5):  # others are served meanwhile
            await ModernAsker(other, gateway.mcp()).result("tools/call", {"name": "s__quick"})
        assert await server.left.get() == "flood"


@pytest.mark.usefixtures("impatient")
async def test_a_client_that_reads_slowly_is_not(server_era):
    async with watched(server_era) as (gateway, server), asyncio.timeout(SOON):
        async with line(gateway.port) as client:
            await client.send(modern_call("flood"))
            for _ in range(20):
                await client.reader.readexactly(60_000)
                await asyncio.sleep(0.04)
            assert server.left.empty()
        assert await server.left.get() == "flood"


async def test_many_clients_that_come_and_go_leave_nothing(server_era):
    async with watched(server_era) as (gateway, _server), asyncio.timeout(3 * SOON):

        async def visit(number):
            async with line(gateway.port) as client:
                name = ("hang", "drip", "quick")[number % 3]
                await client.send(modern_call(name, *ROUTES["one" if number % 2 else "all"]))
                if name == "quick":
                    await client.response()

        for _ in range(3):
            await asyncio.gather(*(visit(number) for number in range(60)))
        await gateway.quiet()
        await until(lambda: len(gateway.gateway.tasks) <= 1, lambda: gateway.gateway.tasks._running)
