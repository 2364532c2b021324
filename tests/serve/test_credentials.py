"""What a caller proves who it is with stays here; what a server is told by us stays with it; no error says where things are."""

import itertools
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from tests.serve.asking import LegacyAsker, ModernAsker, http
from tests.serve.running import hosted, running
from tests.serve.scripted import Scripted

pytestmark = pytest.mark.asyncio(loop_scope="module")

HERE = Path(__file__).parent
CREDENTIALS = {
    "authorization": "Bearer callers-own",
    "cookie": "session=callers-own",
    "proxy-authorization": "Basic callers-own",
    "x-api-key": "callers-own",
    "x-forwarded-access-token": "callers-own",
    "cf-access-jwt-assertion": "callers-own",
    "x-forwarded-for": "10.1.2.3",
    "forwarded": "for=10.1.2.3",
    "origin": "http://localhost:3000",
    "referer": "http://localhost:3000/callers-own",
}
OWN = {"Authorization": "Bearer the-proxys-own", "X-Api-Key": "the-proxys-own", "Mcp-Param-Region": "eu"}
TELLS = {
    "set-cookie": "a=b",
    "www-authenticate": 'Bearer resource_metadata="http://internal:8000/x"',
    "access-control-allow-origin": "*",
    "strict-transport-security": "max-age=1",
    "alt-svc": 'h2="internal:443"',
    "location": "http://internal/",
    "x-own": "kept",
}


def tell(_params, request):
    return request.rpc(result={"content": []}, headers=TELLS)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def servers():
    lists = {"tools_list": {"tools": [{"name": "t"}]}, "tools_call": tell}
    return {"modern": Scripted("modern", **lists), "legacy": Scripted("legacy", **lists)}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def gateway(servers):
    async with AsyncExitStack() as stack:
        urls = {name: await stack.enter_async_context(hosted(server)) for name, server in servers.items()}
        config = {name: {"url": f"{url}?key=in-the-url", "headers": OWN} for name, url in urls.items()}
        yield await stack.enter_async_context(running(config))


async def connected(client, gateway, era, route):
    asker = (ModernAsker if era == "modern" else LegacyAsker)(client, gateway.mcp(route))
    asker.headers |= CREDENTIALS
    return asker if era == "modern" else await asker.begin()


CASES = list(itertools.product(["modern", "legacy"], ["modern", "legacy"], ["one", "all"]))


@pytest.mark.requirement("security:no-passthrough")
@pytest.mark.parametrize(("era", "server", "route"), CASES)
@pytest.mark.parity("aggregate.backend-http")
async def test_a_server_gets_the_headers_that_are_configured_and_never_the_callers(gateway, servers, era, server, route):
    async with http() as client:
        asker = await connected(client, gateway, era, server if route == "one" else None)
        servers[server].requests.clear()
        await asker.result("tools/list")
        await asker.result("tools/call", {"name": "t" if route == "one" else f"{server}__t"}, mcp_param_region="us")
    assert servers[server].requests
    for request in servers[server].requests:
        assert "callers-own" not in str(request.raw_headers)
        assert "10.1.2.3" not in str(request.raw_headers)
        assert "localhost:3000" not in str(request.raw_headers)
        for name, value in OWN.items():
            assert [found for key, found in request.raw_headers if key == name.lower()] == [value]
        assert "127.0.0.1" in request.headers["host"]


@pytest.mark.parametrize(("era", "server", "route"), CASES)
async def test_a_client_gets_no_cookie_and_no_challenge_of_a_server(gateway, era, server, route):
    async with http() as client:
        asker = await connected(client, gateway, era, server if route == "one" else None)
        response = await asker.ask("tools/call", {"name": "t" if route == "one" else f"{server}__t"})
    assert response.status_code == 200
    kept = {name: value for name, value in TELLS.items() if response.headers.get(name) == value}
    assert kept == ({"x-own": "kept"} if era == server and route == "one" else {})


async def test_no_error_tells_an_address_or_a_secret(caplog):
    config = {
        "gone": {"url": "http://127.0.0.1:9/secret-path?key=secret-key", "headers": {"authorization": "Bearer secret-token"}},
        "child": {"command": "/opt/secret-path/program", "args": ["--key", "secret-key"], "env": {"KEY": "secret-token"}},
        "dies": {"command": sys.executable, "args": ["-c", "import sys; sys.exit('secret-key')"]},
    }
    async with running(config) as gateway, http() as client:
        for name, era, route in itertools.product(config, ["modern", "legacy"], ["one", "all"]):
            asker = (ModernAsker if era == "modern" else LegacyAsker)(client, gateway.mcp(name if route == "one" else None))
            if era == "legacy" and route == "all":
                await asker.begin()
            told = [await asker.ask("tools/call", {"name": "t" if route == "one" else f"{name}__t"})]
            told.append(await asker.ask("tools/list"))
            for response in told:
                for secret in ("secret", "127.0.0.1", "/opt", ":9"):
                    assert secret not in response.text


async def test_a_header_of_a_server_that_no_client_may_get_twice_is_ours(gateway):
    """A browser takes two Access-Control-Allow-Origin for none."""
    async with http() as client:
        response = await ModernAsker(client, gateway.mcp("modern")).ask("tools/call", {"name": "t"}, origin="http://localhost:3000")
    assert response.headers.get_list("access-control-allow-origin") == ["http://localhost:3000"]
