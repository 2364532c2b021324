"""Streams whose client stops to read: each is closed after its send bound, whatever it is, and nobody else waits meanwhile."""

import asyncio
import json
import socket
from contextlib import asynccontextmanager

import pytest

from mcp_stack_proxy.serve.http import hub, patience
from tests.serve.asking import META, LegacyAsker, ModernAsker, http
from tests.serve.running import SOON, hosted, running, until
from tests.serve.scripted import Scripted
from tests.serve.wire import Line, request

HANGS = {"tools_list": {"tools": [{"name": "hang"}]}, "tools_call": lambda _params, request: request.left()}
QUICK = {"tools_list": {"tools": [{"name": "quick"}]}, "tools_call": {"content": []}}


@pytest.fixture
def impatient(monkeypatch):
    """What is not read for 0.4 s is given up."""
    for module in (hub, patience):
        monkeypatch.setattr(module, "LOOK", 0.05)
    monkeypatch.setattr(patience, "SECONDS", {**patience.SECONDS, patience.Waiting.UNREAD: 0.4})


@asynccontextmanager
async def narrow(gateway):
    """A client on a connection that holds little on either side."""
    gateway.listening.sockets[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)  # which those that it accepts have, too
    end = socket.socket()
    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    end.setblocking(False)
    await asyncio.get_running_loop().sock_connect(end, ("127.0.0.1", gateway.port))
    reader, writer = await asyncio.open_connection(sock=end, limit=4096)
    try:
        yield Line(reader, writer)
    finally:
        writer.transport.abort()


async def listening(_client, _gateway):
    params = {"notifications": {"toolsListChanged": True}, "_meta": META}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "subscriptions/listen", "params": params}).encode()
    return request(body, mcp_protocol_version=b"2026-07-28", mcp_method=b"subscriptions/listen")


async def of_a_session(client, gateway):
    asker = await LegacyAsker(client, gateway.mcp()).begin()
    session = asker.headers["mcp-session-id"].encode()
    return b"GET /mcp HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: text/event-stream\r\nmcp-session-id: " + session + b"\r\n\r\n"


async def of_the_old_pair(_client, _gateway):
    """Whose handshake comes when it is open."""
    return b"GET /sse HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: text/event-stream\r\n\r\n"


async def greeted(client, gateway, stuck):
    path = (await stuck.reader.readuntil(b"\n\n")).partition(b"data: ")[2].split(b"\n")[0].decode()
    hello = {"protocolVersion": "2024-11-05", "capabilities": {}, "clientInfo": {"name": "t", "version": "0"}}
    initialize = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello}
    for message in (initialize, {"jsonrpc": "2.0", "method": "notifications/initialized"}):
        assert (await client.post(f"{gateway.url}{path}", json=message)).status_code == 202
    await stuck.reader.readuntil(b"serverInfo")


STREAMS = {"listen": listening, "a session's": of_a_session, "the old pair's": of_the_old_pair}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("opened", STREAMS.values(), ids=STREAMS)
@pytest.mark.parity("aggregate.isolation")
async def test_a_stream_that_is_not_read_is_closed_after_its_bound_and_nobody_waits_for_it_or_for_a_server_that_hangs(opened):
    hangs, quick = Scripted("modern", **HANGS), Scripted("modern", **QUICK)
    async with hosted(hangs) as bad, hosted(quick) as good, http() as client, asyncio.timeout(SOON):
        servers = {"hangs": {"url": bad}, "quick": {"url": good}}
        async with running(servers) as gateway, narrow(gateway) as stuck:
            asker = ModernAsker(client, gateway.mcp())
            hanging = asyncio.ensure_future(asker.ask("tools/call", {"name": "hangs__hang"}))
            await until(lambda: hangs.of("tools/call"))
            await stuck.send(await opened(client, gateway))
            await stuck.reader.readuntil(b"\r\n\r\n")
            if opened is of_the_old_pair:
                await greeted(client, gateway, stuck)
            stuck.writer.transport.pause_reading()
            await until(lambda: len(gateway.gateway.streams) == 1)
            told = 0
            while gateway.gateway.streams:
                gateway.gateway._everyone.tell("tools")
                await asyncio.sleep(0.001)
                told += 1
                if told % 100 == 1:  # somebody calls meanwhile
                    await asker.result("tools/call", {"name": "quick__quick"})
            assert not hanging.done()
            hanging.cancel()
            stuck.writer.transport.resume_reading()
            assert await stuck.reader.read(1 << 20)
            await asker.result("tools/call", {"name": "quick__quick"})
