"""The management port: pages for probes and scrapers, and nothing for anyone who asks otherwise."""

import asyncio
import socket
from contextlib import asynccontextmanager

import pytest

from mcp_stack_proxy.observe import management
from mcp_stack_proxy.observe.health import Health
from mcp_stack_proxy.observe.management import ManagementPort
from mcp_stack_proxy.observe.pages import Page, pages

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


LOCAL = b"Host: localhost:1\r\n"


@pytest.mark.parametrize(
    ("request_", "status", "body"),
    [
        (b"GET /hello HTTP/1.1\r\n" + LOCAL + b"\r\n", 200, b"hello"),
        (b"GET /hello?x=1 HTTP/1.0\r\nhOST:127.0.0.1\r\n\r\n", 200, b"hello"),
        (b"GET /hello HTTP/1.1\r\nHost: [::1]\r\n\r\n", 200, b"hello"),
        (b"GET /hello HTTP/1.1\r\nHost: [::1]:90\r\n\r\n", 200, b"hello"),
        (b"HEAD /hello HTTP/1.1\r\n" + LOCAL + b"\r\n", 200, b""),
        (b"POST /hello HTTP/1.1\r\n" + LOCAL + b"\r\n", 405, None),
        (b"GET /other HTTP/1.1\r\n" + LOCAL + b"\r\n", 404, b"no such page; there are /hello\n"),
        (b"GET /hello HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421, None),
        (b"GET /hello HTTP/1.1\r\n\r\n", 421, None),
        (b"nonsense\r\n\r\n", 400, None),
        (b"GET /hello SMTP/1.1\r\n" + LOCAL + b"\r\n", 400, None),
        (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n\r\n", 400, None),
    ],
)
async def test_only_a_get_of_a_page_is_answered(request_, status, body):
    async with serving({"/hello": hello}) as port:
        found, head, text = await ask(port, request_)
    assert found == status
    assert body is None or text == body
    assert b"connection: close" in head
    assert (b"allow: GET, HEAD" in head) is (status == 405)


async def test_a_connection_that_says_nothing_is_not_kept(monkeypatch):
    monkeypatch.setattr(management, "SECONDS", 0.05)
    async with serving({"/hello": hello}) as port:
        assert await ask(port, b"GET") == (None, b"", b"")


async def test_too_many_at_once_are_turned_away_and_the_end_frees_all(monkeypatch):
    monkeypatch.setattr(management, "CONNECTIONS", 1)
    asked, hang = asyncio.Event(), asyncio.Event()

    async def slow():
        asked.set()
        await hang.wait()
        return Page(200, b"")

    async with serving({"/slow": slow, "/hello": hello}) as port:
        first = asyncio.create_task(ask(port, b"GET /slow HTTP/1.1\r\n" + LOCAL + b"\r\n"))
        await asyncio.wait_for(asked.wait(), SECONDS)
        assert await ask(port, b"") == (None, b"", b"")
    assert await first == (None, b"", b"")


async def test_a_client_that_leaves_at_once_does_no_harm():
    async with serving({"/hello": hello}) as port:
        with socket.create_connection(("127.0.0.1", port)):
            pass
        assert (await ask(port, b"GET /hello HTTP/1.1\r\n" + LOCAL + b"\r\n"))[0] == 200


async def test_closing_what_was_never_opened_is_nothing():
    await ManagementPort({}).aclose()


class Numbers:
    def connected(self):
        return 1

    def clients(self):
        return 2

    def tools(self):
        return 3


def paths(found):
    return sorted(found.open), sorted(found.admitted)


HEALTH = ["/health", "/livez", "/readyz", "/startupz"]


@pytest.mark.parametrize(
    ("metrics", "apart", "front", "back"),
    [
        (False, False, (HEALTH, []), ([], [])),
        (True, False, (HEALTH, ["/metrics"]), ([], [])),
        (False, True, (["/health"], []), (HEALTH, [])),
        (True, True, (["/health"], []), (sorted([*HEALTH, "/metrics"]), [])),
    ],
)
def test_which_port_has_which_page(metrics, apart, front, back):
    found = pages(Health(1, Numbers()), (lambda: iter(["x"])) if metrics else None, apart=apart)
    assert (paths(found[0]), paths(found[1])) == (front, back)


async def test_the_main_port_tells_a_balancer_the_status_alone():
    health = Health(1, Numbers())
    front, back = pages(health, None, apart=True)
    assert await front.open["/health"]() == Page(200, b'{"status":"ok"}')
    health.draining = True
    assert (await front.open["/health"]()).status == 503
    assert b'"tools":3' in (await back.open["/health"]()).body


async def test_calls_are_served_between_two_slices_of_metrics():
    seen = []

    def text():
        for piece in ("a\n", "b\n", "ä\n"):
            seen.append(piece)
            asyncio.get_running_loop().call_soon(seen.append, "call")
            yield piece

    front, _ = pages(Health(1, Numbers()), text, apart=False)
    page = await front.admitted["/metrics"]()
    assert page.body == "a\nb\nä\n".encode()
    assert page.content_type.startswith(b"text/plain; version=0.0.4")
    assert seen == ["a\n", "call", "b\n", "call", "ä\n", "call"]
