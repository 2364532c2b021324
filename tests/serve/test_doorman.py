"""Host and Origin: which names the gateway answers to, and which pages may call. By table, then over HTTP."""

import pytest

from mcp_stack_proxy.serve.doorman import Doorman
from mcp_stack_proxy.serve.http import Refusal, Request
from tests.serve.asking import http
from tests.serve.running import running

ALLOWED_HOSTS = ["mcp.example.com", "*.internal.example"]
ALLOWED_ORIGINS = ["https://app.example.com", "https://port.example.com:8443"]


def knock(host=b"127.0.0.1:8080", origin=None, **headers):
    doorman = Doorman("192.0.2.7", ALLOWED_HOSTS, ALLOWED_ORIGINS)
    given = {b"host": host, b"origin": origin, **{name.encode(): value for name, value in headers.items()}}
    request = Request("POST", "/mcp", b"", [], {name: value for name, value in given.items() if value is not None}, None, [], None)
    doorman.admit(request)
    return request


@pytest.mark.parametrize(
    "host",
    [
        b"127.0.0.1",
        b"127.0.0.1:1",
        b"localhost:8080",
        b"LocalHost",
        b"[::1]:80",
        b"192.0.2.7:8080",
        b"mcp.example.com",
        b"MCP.example.com:443",
        b"a.internal.example",
        b"a.b.internal.example:1",
    ],
)
def test_a_name_of_ours_is_served(host):
    knock(host)


@pytest.mark.parametrize(
    "host",
    [
        None,
        b"",
        b"evil.example",
        b"127.0.0.1.evil.example",
        b"mcp.example.com.evil.example",
        b"xmcp.example.com",
        b"internal.example",
        b".internal.example",
        b"evilinternal.example",
        b"[::2]",
        b"[::1",
        b"127.0.0.1@evil",
        b"\xff",
        b"127.0.0.1, evil",
    ],
)
def test_any_other_name_is_not(host):
    with pytest.raises(Refusal) as refusal:
        knock(host)
    assert refusal.value.status == 421


def test_a_name_is_not_served_because_it_was_asked_for_before():
    doorman = Doorman("127.0.0.1", [], [])
    for _ in range(2):
        with pytest.raises(Refusal):
            doorman.admit(Request("GET", "/mcp", b"", [], {b"host": b"evil"}, None, [], None))


def test_what_is_remembered_of_names_is_bounded():
    doorman = Doorman("127.0.0.1", [], [])
    for port in range(3000):
        doorman.admit(Request("GET", "/mcp", b"", [], {b"host": b"127.0.0.1:%d" % port}, None, [], None))
    assert len(doorman._seen) == 1024


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        (b"127.0.0.1:8080", b"http://localhost:3000"),
        (b"localhost:8080", b"http://127.0.0.1"),
        (b"localhost", b"http://[::1]:5173"),
        (b"mcp.example.com", b"https://mcp.example.com"),
        (b"mcp.example.com", b"https://app.example.com"),
        (b"127.0.0.1", b"https://APP.example.com"),
        (b"127.0.0.1", b"https://port.example.com:8443"),
    ],
    ids=lambda value: value.decode(),
)
def test_a_page_of_ours_or_an_allowed_one_may_call(host, origin):
    extra = dict(knock(host, origin).extra)
    assert extra[b"access-control-allow-origin"] == origin
    assert extra[b"vary"] == b"origin"
    assert b"mcp-session-id" in extra[b"access-control-expose-headers"]
    assert b"access-control-allow-credentials" not in extra


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        (b"127.0.0.1", b"null"),
        (b"127.0.0.1", b""),
        (b"127.0.0.1", b"https://evil.example"),
        (b"127.0.0.1", b"https://app.example.com.evil.example"),
        (b"127.0.0.1", b"http://app.example.com"),
        (b"127.0.0.1", b"https://port.example.com"),
        (b"mcp.example.com", b"http://localhost"),
        (b"127.0.0.1", b"file://"),
        (b"127.0.0.1", b"http://["),
        (b"127.0.0.1", b"http://[::1]x"),
        (b"127.0.0.1", b"http://localhost@evil.example"),
        (b"127.0.0.1", b"http://evil.example@localhost"),
        (b"127.0.0.1", b"\xff\xfe"),
        (b"127.0.0.1", b"http://localhost, http://evil.example"),
    ],
)
def test_any_other_page_may_not(host, origin):
    with pytest.raises(Refusal) as refusal:
        knock(host, origin)
    assert refusal.value.status == 403


def test_a_client_that_is_no_page_gets_no_headers_for_pages():
    assert knock().extra == []


async def test_a_page_asks_first_and_is_told_what_it_may_do():
    config = {"allowed_origins": ["https://app.example.com"]}
    async with running({"s": {"command": "true"}}, **config) as gateway, http() as client:
        asked = {"access-control-request-method": "POST", "access-control-request-headers": "mcp-method,content-type"}
        for url in (gateway.mcp(), gateway.mcp("s")):
            response = await client.options(url, headers={"origin": "https://app.example.com", **asked})
            assert (response.status_code, response.content) == (204, b"")
            assert response.headers["access-control-allow-origin"] == "https://app.example.com"
            assert response.headers["access-control-allow-methods"] == "GET, POST, DELETE, OPTIONS"
            assert response.headers["access-control-allow-headers"] == "mcp-method,content-type"
            assert (await client.options(url, headers={"origin": "https://evil.example", **asked})).status_code == 403
        refused = await client.post(gateway.mcp(), content=b"{", headers={"origin": "https://app.example.com"})
        assert refused.status_code == 415
        assert refused.headers["access-control-allow-origin"] == "https://app.example.com", "a page may read why"


async def test_health_is_told_to_everyone():
    async with running({"s": {"command": "true"}}) as gateway, http() as client:
        response = await client.get(f"{gateway.url}/livez", headers={"host": "10.1.2.3:8080", "origin": "https://evil.example"})
        assert response.status_code == 200
        assert "access-control-allow-origin" not in response.headers
