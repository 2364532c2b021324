"""Clients that follow resources: whoever asked hears of a change, in the client's own words, and nobody else does."""

import asyncio
import sys
import warnings
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from mcp import Client
from mcp.client.subscriptions import ResourceUpdated
from mcp.shared.exceptions import MCPDeprecationWarning
from mcp_types import ResourceUpdatedNotification

from tests.serve.asking import LegacyAsker, ModernAsker, http
from tests.serve.eras import legacy_only, modern_only
from tests.serve.followed import followed
from tests.serve.running import SOON, hosted, running, until
from tests.serve.sse_pair import opened

pytestmark = pytest.mark.asyncio(loop_scope="module")

SERVERS = ("legacy", "modern", "older", "stdio")
ONE, TWO = "note://one", "note://two"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def gateway():
    async with AsyncExitStack() as stack:
        apps = {"legacy": legacy_only(followed().streamable_http_app()), "modern": modern_only(followed().streamable_http_app())}
        servers = {name: {"url": await stack.enter_async_context(hosted(app))} for name, app in apps.items()}
        older = await stack.enter_async_context(hosted(followed().sse_app()))
        servers["older"] = {"url": older.replace("/mcp", "/sse")}
        servers["stdio"] = {"command": sys.executable, "args": [str(Path(__file__).parent / "followed.py")]}
        yield await stack.enter_async_context(running(servers))


@pytest.fixture(params=SERVERS)
def server(request):
    return request.param


@pytest.fixture
def public(server, route):
    def named(native):
        if route == "one":
            return native
        return f"{server}+{native}" if "://" in native else f"{server}__{native}"

    return named


@pytest.fixture
def following(gateway, server, route, era):
    """A client that follows `uris`, and what it hears."""

    @asynccontextmanager
    async def connect(*uris):
        heard = asyncio.Queue()

        async def hear(message):
            if isinstance(message, ResourceUpdatedNotification):
                heard.put_nowait(str(message.params.uri))

        url = gateway.mcp(server if route == "one" else None)
        async with Client(url, mode=era, message_handler=hear, cache=None) as client:
            if era == "legacy":
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", MCPDeprecationWarning)
                    for uri in uris:
                        await client.subscribe_resource(uri)
                    yield client, heard
                return
            async with client.listen(resource_subscriptions=list(uris)) as subscription:

                async def follow():
                    async for event in subscription:
                        assert isinstance(event, ResourceUpdated)
                        heard.put_nowait(str(event.uri))

                task = asyncio.create_task(follow())
                yield client, heard
                task.cancel()

    return connect


async def touched(client, public, native, heard):
    """Change a resource until that is heard: when the client's own stream has been opened is told to nobody."""
    async with asyncio.timeout(SOON):
        while True:
            await client.call_tool(public("touch"), {"uri": native})
            try:
                return await asyncio.wait_for(heard.get(), 0.3)
            except TimeoutError:
                continue


@pytest.mark.requirement("aggregate:subscriptions")
@pytest.mark.parity("aggregate.notifications")
async def test_a_change_is_heard_by_who_follows_the_resource(following, public):
    async with following(public(ONE)) as (client, heard), following(public(TWO)) as (other, heard_by_other):
        assert await touched(other, public, TWO, heard_by_other) == public(TWO)
        assert await touched(client, public, ONE, heard) == public(ONE)
        assert await touched(other, public, TWO, heard_by_other) == public(TWO)
        assert {heard.get_nowait() for _ in range(heard.qsize())} <= {public(ONE)}
        assert {heard_by_other.get_nowait() for _ in range(heard_by_other.qsize())} <= {public(TWO)}


@pytest.mark.parity("aggregate.all-methods")
@pytest.mark.parametrize("route", ["all"], indirect=True)
@pytest.mark.parametrize("era", ["legacy"], indirect=True)
async def test_nobody_hears_of_what_is_not_followed_any_more(gateway, server, following, public):
    async with following(public(ONE)) as (client, heard):
        await touched(client, public, ONE, heard)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", MCPDeprecationWarning)
            await client.unsubscribe_resource(public(ONE))
        subscriptions = gateway.gateway.servers[server].connection._subscriptions
        await until(lambda: not subscriptions)
        async with following(public(TWO)) as (_, heard_of_two):
            while not heard.empty():
                heard.get_nowait()
            await client.call_tool(public("touch"), {"uri": ONE})
            await touched(client, public, TWO, heard_of_two)
            assert heard.empty()


@pytest.mark.parametrize("server", ["legacy"], indirect=True)
async def test_an_error_of_the_server_reaches_a_legacy_client_and_is_left_out_for_a_modern_one(gateway, public, era, route):
    if (era, route) == ("legacy", "one"):
        pytest.skip("the session is the server's, and so is the answer")
    if era == "legacy":
        async with http() as client:
            asker = await LegacyAsker(client, gateway.mcp()).begin()
            error = await asker.error("resources/subscribe", {"uri": public("note://none")})
            assert error == {"code": -32002, "message": "no such note", "data": {"uri": "note://none"}}
            error = await asker.error("resources/subscribe", {"uri": "nothing://of/anybody"})
            assert error == {"code": -32602, "message": "Resource not found", "data": {"uri": "nothing://of/anybody"}}
    else:
        async with http() as client, asyncio.timeout(SOON):
            asker = ModernAsker(client, gateway.mcp("legacy" if route == "one" else None))
            uris = [public("note://none"), public(ONE), "nothing://of/anybody"]
            params = {"notifications": {"resourceSubscriptions": uris}, "_meta": asker.meta({})}
            body = {"jsonrpc": "2.0", "id": 1, "method": "subscriptions/listen", "params": params}
            headers = {**asker.headers, "mcp-protocol-version": "2026-07-28", "mcp-method": "subscriptions/listen"}
            async with client.stream("POST", asker.url, json=body, headers=headers) as response:
                first = await anext(response.aiter_text())
        agreed = [uri for uri in uris if f'"{uri}"' in first]
        assert agreed == [public(ONE)]


async def test_a_client_of_the_older_pair_hears_on_its_stream(gateway):
    async with opened(f"{gateway.url}/sse") as pair, asyncio.timeout(SOON):
        await pair.initialize()
        answer = await pair.ask(1, "resources/subscribe", uri="legacy+note://one")
        assert answer["result"] == {}
        await pair.post({"id": 2, "method": "tools/call", "params": {"name": "legacy__touch", "arguments": {"uri": ONE}}})
        said = [await pair.message(), await pair.message()]
        (update,) = [message for message in said if "method" in message]
        assert update["method"] == "notifications/resources/updated"
        assert update["params"] == {"uri": "legacy+note://one"}


@pytest.mark.parametrize("uri", [None, 7])
@pytest.mark.parametrize("method", ["resources/subscribe", "resources/unsubscribe"])
async def test_a_uri_has_to_be_a_string(gateway, method, uri):
    async with http() as client:
        asker = await LegacyAsker(client, gateway.mcp()).begin()
        assert (await asker.error(method, {"uri": uri}))["code"] == -32602


@pytest.mark.parametrize("uris", [7, [1], ["x://y"] * 1001])
async def test_a_filter_is_a_bounded_list_of_strings(gateway, uris):
    async with http() as client:
        error = await ModernAsker(client, gateway.mcp()).error(
            "subscriptions/listen", {"notifications": {"resourceSubscriptions": uris}}
        )
        assert error["code"] == -32602


async def test_a_gateway_says_that_resources_can_be_followed(gateway):
    async with http() as client:
        asker = await LegacyAsker(client, gateway.mcp()).begin()
        assert asker.introduction["capabilities"]["resources"] == {"listChanged": True, "subscribe": True}


async def test_nothing_is_followed_when_everyone_has_gone(gateway):
    await gateway.quiet()
    for name in SERVERS:
        subscriptions = gateway.gateway.servers[name].connection._subscriptions
        await until(lambda subscriptions=subscriptions: not subscriptions, lambda name=name: name)
