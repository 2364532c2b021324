"""The management port: pages for probes and scrapers, and nothing for anyone who asks otherwise."""

import asyncio
import socket
from contextlib import asynccontextmanager

import pytest

from mcp_stack_proxy.observe.pages import Page
from mcp_stack_proxy.serve.management import ManagementPort

SECONDS = 10


async def hello():
    return Page(200, b"hello")


@asynccontextmanager
async def serving(found):
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    port = ManagementPort(found)
    await port.open(listener)
    try:
        yield listener.getsockname()[1]
    finally:
        async with asyncio.timeout(SECONDS):
            await port.aclose()


async def ask(port, request):
    async with asyncio.timeout(SECONDS):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        answer = await reader.read()
        writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]) if head else None, head, body


LOCAL = b"Host: localhost:1\r\nConnection: close\r\n"


@pytest.mark.parametrize(
    ("request_", "status", "body"),
    [
        (b"GET /hello HTTP/1.1\r\n" + LOCAL + b"\r\n", 200, b"hello"),
        (b"GET /hello?x=1 HTTP/1.0\r\nhOST:127.0.0.1\r\n\r\n", 200, b"hello"),
        (b"GET /hello HTTP/1.0\r\nHost: [::1]\r\n\r\n", 200, b"hello"),
        (b"GET /hello HTTP/1.0\r\nHost: [::1]:90\r\n\r\n", 200, b"hello"),
        (b"HEAD /hello HTTP/1.1\r\n" + LOCAL + b"\r\n", 200, b""),
        (b"POST /hello HTTP/1.1\r\n" + LOCAL + b"\r\n", 405, None),
        (b"GET /other HTTP/1.1\r\n" + LOCAL + b"\r\n", 404, b"no such page; there are /hello\n"),
        (b"GET /hello HTTP/1.0\r\nHost: evil.example\r\n\r\n", 421, None),
        (b"GET /hello HTTP/1.0\r\n\r\n", 421, None),
        (b"nonsense\r\n\r\n", 400, None),
        (b"GET /hello SMTP/1.1\r\n" + LOCAL + b"\r\n", 400, None),
        (b"GET /hello HTTP/1.1\r\n" + LOCAL + b"Content-Length: 5000\r\n\r\n", 413, None),
    ],
)
async def test_only_a_get_of_a_page_is_answered(request_, status, body):
    async with serving({"/hello": hello}) as port:
        found, head, text = await ask(port, request_)
    assert found == status
    assert body is None or text == body
    assert b"connection: close" in head
    assert (b"allow: GET, HEAD" in head) is (status == 405)


async def test_a_client_that_leaves_at_once_does_no_harm():
    async with serving({"/hello": hello}) as port:
        with socket.create_connection(("127.0.0.1", port)):
            pass
        assert (await ask(port, b"GET /hello HTTP/1.1\r\n" + LOCAL + b"\r\n"))[0] == 200


async def test_closing_what_was_never_opened_is_nothing():
    await ManagementPort({}).aclose()
