"""What a server says or asks in its own time, outside of any call, reaches the client that it is for."""

import asyncio
import json
import sys
from pathlib import Path

import pytest
from mcp import Client
from mcp_types import ResourceListChangedNotification, RootsListChangedNotification

from tests.serve.person import Person, text
from tests.serve.running import SOON, running, until, until_found

pytestmark = pytest.mark.asyncio

ROOTED = {
    "command": sys.executable,
    "args": [str(Path(__file__).with_name("rooted.py"))],
    "process": {"sharing": "session"},
}
CHECKED = {**ROOTED, "validation": {"arguments": "enforce", "results": "enforce"}}
ROUTES = {"one": "s", "checked": "c", "all": None}


class Listener(Person):
    """A client that hears what changed."""

    def __init__(self, name):
        super().__init__(name)
        self.heard = []

    async def hear(self, message):
        if isinstance(message, ResourceListChangedNotification):
            self.heard.append("resources")

    def connected(self, url):
        callbacks = {**self.callbacks, "message_handler": self.hear}
        return Client(url, mode="legacy", read_timeout_seconds=SOON, cache=None, **callbacks)


@pytest.fixture(params=ROUTES)
def route(request):
    return request.param


@pytest.fixture
def named(route):
    return lambda name: f"s__{name}" if route == "all" else name


@pytest.fixture
async def gateway(route):
    servers = {"c": CHECKED} if route == "checked" else {"s": ROOTED}
    async with running(servers) as gateway:
        yield gateway


async def listening(gateway, clients):
    """Clients open their streams when they like, and only then can be asked outside of a call."""
    await until(lambda: len(gateway.gateway.streams) == clients)


async def known(client, named):
    return json.loads(text(await client.call_tool(named("roots"), {})))


@pytest.mark.parity("aggregate.notifications")
async def test_a_server_that_is_told_of_other_roots_asks_for_them(gateway, route, named):
    ann, ben = Listener("Ann"), Listener("Ben")
    url = gateway.mcp(ROUTES[route])
    async with ann.connected(url) as one, ben.connected(url) as two:
        for client, name in ((one, "Ann"), (two, "Ben")):
            await until_found(lambda client=client: known(client, named), lambda found, name=name: found == [f"file:///{name}"])
        await listening(gateway, 2)
        ann.name = "Ann2"
        asked = len(ann.asked), len(ben.asked)
        await one.session.send_notification(RootsListChangedNotification())
        await until(lambda: len(ann.asked) == asked[0] + 1)
        await until_found(lambda: known(one, named), lambda found: found == ["file:///Ann2"])
        assert await known(two, named) == ["file:///Ben"]
        assert len(ben.asked) == asked[1]


async def test_what_it_adds_for_one_client_is_told_to_that_one(gateway, route, named):
    ann, ben = Listener("Ann"), Listener("Ben")
    url = gateway.mcp(ROUTES[route])
    async with ann.connected(url) as one, ben.connected(url) as two:
        await known(two, named)
        await listening(gateway, 2)
        await one.call_tool(named("add"), {})
        await until(lambda: ann.heard == ["resources"])
        await known(two, named)
        assert ben.heard == []


async def test_what_it_offers_to_who_can_be_asked_can_be_called(gateway, route, named):
    async with Listener("Ann").connected(gateway.mcp(ROUTES[route])) as client:
        listed = {tool.name for tool in (await client.list_tools()).tools}
        assert listed == {named(name) for name in ("roots", "add", "sampled")}
        assert json.loads(text(await client.call_tool(named("sampled"), {}))) == "sampled"
    async with Client(gateway.mcp(ROUTES[route]), mode="legacy", cache=None) as client:
        assert {tool.name for tool in (await client.list_tools()).tools} == {named("roots"), named("add")}


async def test_a_client_that_does_not_answer_is_waited_for_so_long():
    ann = Listener("Ann")
    forgot = asyncio.Event()

    async def never(_context):
        ann.asked.append("roots")
        await forgot.wait()

    async with running({"s": ROOTED}, limits={"input_seconds": 0.2}) as gateway:
        ann.roots = never
        async with ann.connected(gateway.mcp()) as client:
            await listening(gateway, 1)
            await until_found(lambda: known(client, lambda name: f"s__{name}"), lambda found: "did not answer" in str(found))
            before = len(ann.asked)
            await client.session.send_notification(RootsListChangedNotification())
            await until(lambda: len(ann.asked) > before)
            session = next(iter(gateway.gateway.sessions._sessions.values()))
            await until(lambda: not session.questions)
            forgot.set()
