"""A legacy server that offers more to clients who can be asked, as the reference server does: they find it, others do not."""

import pytest

from tests.serve.asking import LegacyAsker, ModernAsker, http
from tests.serve.running import hosted, running
from tests.serve.scripted import Scripted

pytestmark = pytest.mark.asyncio

ASKED = {"elicitation": {}, "sampling": {}}
ARGUMENTS = {"type": "object", "properties": {"n": {"type": "integer"}}}
CHECKED = {"arguments": "enforce", "results": "enforce"}


class Choosy(Scripted):
    """Knows by the handshake who can be asked."""

    def __init__(self):
        super().__init__("legacy", initialize=self.greet, tools_list=self.list, tools_call=self.call)
        self.sessions = {}

    def greet(self, params, _request):
        self.session = f"s-{len(self.sessions)}"
        self.sessions[self.session] = params["capabilities"]
        return {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": {"name": "choosy", "version": "1"}}

    def offered(self, request):
        declared = self.sessions[request.headers["mcp-session-id"]]
        names = ["say", *(f"{kind}-it" for kind in ("elicitation", "roots", "sampling") if kind in declared)]
        return {name: {"name": name, "inputSchema": ARGUMENTS} for name in names}

    def list(self, _params, request):
        return {"tools": list(self.offered(request).values())}

    def call(self, params, request):
        if params["name"] not in self.offered(request):
            return {"error": {"code": -32602, "message": f"Unknown tool: {params['name']}"}}
        return {"content": [{"type": "text", "text": f"done: {params['name']}"}]}


@pytest.fixture(params=["one", "checked", "all", "virtual"])
def route(request):
    return request.param


@pytest.fixture
def connect(era):
    async def client(connection, url, capabilities):
        if era == "legacy":
            return await LegacyAsker(connection, url).begin(capabilities=capabilities)
        asker = ModernAsker(connection, url)
        asker.capabilities = capabilities
        return asker

    return client


def path(gateway, route):
    return gateway.mcp({"one": "s", "checked": "c", "virtual": "v"}.get(route))


async def names(client, prefix):
    return {tool["name"].removeprefix(prefix) for tool in (await client.result("tools/list"))["tools"]}


async def test_a_client_is_offered_what_the_server_would_offer_it(connect, route):
    prefix = "s__" if route == "all" else ""
    async with hosted(Choosy()) as url, http() as connection:
        servers = {"s": {"url": url}} | ({"c": {"url": url, "validation": CHECKED}} if route == "checked" else {})
        virtual = {"virtual_servers": {"v": {"tools": [{"server": "s", "tool": "*"}]}}}
        async with running(servers, **virtual) as gateway:
            for capabilities, more in (({}, set()), (ASKED, {"elicitation-it", "sampling-it"}), ({"roots": {}}, {"roots-it"})):
                client = await connect(connection, path(gateway, route), capabilities)
                assert await names(client, prefix) == {"say", *more}
                for name in more:
                    result = await client.result("tools/call", {"name": f"{prefix}{name}", "arguments": {"n": 1}})
                    assert result["content"][0]["text"] == f"done: {name}"
                for name in {"elicitation-it", "roots-it", "sampling-it"} - more:
                    assert (await client.error("tools/call", {"name": f"{prefix}{name}"}))["code"] == -32602


async def test_what_it_may_call_is_checked_as_everything_else(connect):
    async with hosted(Choosy()) as url, http() as connection, running({"c": {"url": url, "validation": CHECKED}}) as gateway:
        client = await connect(connection, gateway.mcp(), ASKED)
        error = await client.error("tools/call", {"name": "c__sampling-it", "arguments": {"n": "one"}})
        assert error["data"]["faults"] == [{"pointer": "/n", "keyword": "type"}]


async def test_clients_who_can_be_asked_the_same_share_one_list(connect):
    server = Choosy()
    async with hosted(server) as url, http() as connection, running({"s": {"url": url}}) as gateway:
        for _ in range(3):
            await names(await connect(connection, gateway.mcp(), ASKED), "s__")
        assert len(server.of("tools/list")) == 1
