"""The balancer of the replicas balances each request, whatever connection and session it is part of."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager

from tests.conformance.balancer import balancing
from tests.conformance.processes import endpoint
from tests.deadlines import SOON


@asynccontextmanager
async def replica(name, heads):
    """Answers as HTTP servers do: its name, and the end of the connection where that is asked."""

    async def accept(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        heads.append(head)
        body = await reader.readexactly(3) if b"content-length: 3" in head else b""
        writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + name + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def ask(address, request):
    reader, writer = await asyncio.open_connection(*endpoint(address))
    writer.write(request)
    async with asyncio.timeout(SOON):
        answer = await reader.read()
    writer.close()
    return answer


async def test_each_request_goes_to_the_next_replica_on_a_connection_of_its_own():
    heads = []
    async with AsyncExitStack() as stack:
        replicas = [await stack.enter_async_context(replica(name, heads)) for name in (b"one", b"two")]
        address = await stack.enter_async_context(balancing(replicas))
        request = b"POST / HTTP/1.1\r\nMcp-Session-Id: same\r\nConnection: keep-alive\r\ncontent-length: 3\r\n\r\nabc"
        answers = [(await ask(address, request))[-6:] for _ in range(4)]
    assert answers == [b"oneabc", b"twoabc", b"oneabc", b"twoabc"]
    for head in heads:
        assert head.lower().count(b"connection:") == 1
        assert b"connection: close" in head
        assert b"Mcp-Session-Id: same" in head


async def test_a_client_that_leaves_ends_the_exchange_with_the_replica():
    gone = asyncio.Event()

    async def accept(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nendless")
        await reader.read()
        gone.set()
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with server, balancing([f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"]) as address:
        reader, writer = await asyncio.open_connection(*endpoint(address))
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        await reader.readuntil(b"endless")
        writer.transport.abort()
        async with asyncio.timeout(SOON):
            await gone.wait()
