"""Servers that keep subscriptions by session, as the reference server does: what changes in its client's own session is heard."""

import asyncio
import sys
import warnings
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPDeprecationWarning
from mcp_types import ListRootsResult, ResourceUpdatedNotification

from tests.serve.running import SOON, hosted, running, until
from tests.serve.scripted import Scripted

pytestmark = pytest.mark.asyncio

NOTE = "note://one"


class PerSession(Scripted):
    """Announces a change on the stream of the session that both subscribed to the resource and changed it, and on no other."""

    def __init__(self):
        super().__init__("legacy", initialize=self.greet, tools_call=self.touch, logging_setLevel={}, ping={})
        self.answers |= {"resources/subscribe": self.subscribe, "resources/unsubscribe": self.unsubscribe}
        self.answers["tools/list"] = {"tools": [{"name": "touch", "inputSchema": {"type": "object"}}]}
        self.greeted = 0
        self.streams = {}
        self.followed = set()
        self.forgotten = set()

    def greet(self, _params, _request):
        self.greeted += 1
        self.session = f"s-{self.greeted}"
        capabilities = {"tools": {}, "resources": {"subscribe": True}}
        return {"protocolVersion": "2025-11-25", "capabilities": capabilities, "serverInfo": {"name": "p", "version": "1"}}

    async def answer(self, request):
        session = request.headers.get("mcp-session-id")
        if session in self.forgotten:
            await request.send(404, b"")
        elif request.http != "GET":
            await super().answer(request)
        else:
            self.streams[session] = request
            await request.start(200, {"content-type": "text/event-stream"})
            await request.left()

    def subscribe(self, params, request):
        if params["uri"] != NOTE:
            return {"error": {"code": -32602, "message": "no such note", "data": {"uri": params["uri"]}}}
        self.followed.add(request.headers["mcp-session-id"])
        return {}

    def unsubscribe(self, _params, request):
        self.followed.discard(request.headers["mcp-session-id"])
        return {}

    async def touch(self, params, request):
        session = request.headers["mcp-session-id"]
        if session in self.followed and session in self.streams:
            await self.streams[session].event(method="notifications/resources/updated", params={"uri": NOTE})
        return {"content": []}


async def no_roots(_context):
    return ListRootsResult(roots=[])


@asynccontextmanager
async def client_of(url):
    """A client that can be asked for its roots, and what it hears."""
    heard = asyncio.Queue()

    async def hear(message):
        if isinstance(message, ResourceUpdatedNotification):
            heard.put_nowait(str(message.params.uri))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MCPDeprecationWarning)
        async with Client(url, mode="legacy", message_handler=hear, list_roots_callback=no_roots, cache=None) as client:
            yield client, heard


async def touched(client, name, heard):
    """Change the resource until that is heard: when the client's own stream has been opened is told to nobody."""
    async with asyncio.timeout(SOON):
        while True:
            await client.call_tool(name, {"uri": NOTE})
            try:
                return await asyncio.wait_for(heard.get(), 0.3)
            except TimeoutError:
                continue


@pytest.fixture(params=["all", "guarded"])
def guarded(request):
    return request.param == "guarded"


async def test_a_client_hears_what_changes_in_its_own_session(guarded):
    server = PerSession()
    async with hosted(server) as url, running({"s": {"url": url, **({"tools": {"deny": ["x"]}} if guarded else {})}}) as gateway:
        prefix, uri = ("", NOTE) if guarded else ("s__", f"s+{NOTE}")
        async with client_of(gateway.mcp("s" if guarded else None)) as (client, heard):
            await client.subscribe_resource(uri)
            assert await touched(client, f"{prefix}touch", heard) == uri
            assert len(server.followed) == 1
            await client.unsubscribe_resource(uri)
            async with asyncio.timeout(SOON):
                while server.followed:
                    await asyncio.sleep(0.01)


async def test_a_session_that_the_server_has_forgotten_is_subscribed_again():
    server = PerSession()
    async with hosted(server) as url, running({"s": {"url": url}}) as gateway, client_of(gateway.mcp()) as (client, heard):
        await client.subscribe_resource(f"s+{NOTE}")
        await touched(client, "s__touch", heard)
        server.forgotten |= server.followed
        server.followed.clear()
        assert await touched(client, "s__touch", heard) == f"s+{NOTE}"
        assert len(server.followed) == 1


async def test_what_the_server_does_not_announce_is_refused_in_its_words():
    async with hosted(PerSession()) as url, running({"s": {"url": url}}) as gateway, client_of(gateway.mcp()) as (client, _):
        with pytest.raises(Exception, match="no such note"):
            await client.subscribe_resource("s+note://none")


async def test_a_client_hears_what_changes_in_its_own_process():
    program = {"command": sys.executable, "args": [str(Path(__file__).parent / "followed.py")], "process": {"sharing": "session"}}
    async with running({"s": program}) as gateway:
        async with client_of(gateway.mcp("s")) as (client, heard):
            await client.subscribe_resource(NOTE)
            assert await touched(client, "touch", heard) == NOTE
        await until(lambda: not len(gateway.gateway.tasks), lambda: "its process to end")
