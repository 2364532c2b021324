"""A method that no revision has, at a server that refuses it by status 400 alone, as the Go SDK's does: its session goes on."""

import pytest

from tests.serve.asking import LegacyAsker, ModernAsker, http
from tests.serve.running import hosted, running
from tests.serve.scripted import Scripted

pytestmark = pytest.mark.asyncio

ASKED = {"roots": {}}


class Curt(Scripted):
    """Says 400 to methods that it has not heard of, and to sessions that it has forgotten."""

    def __init__(self):
        super().__init__("legacy", tools_call={"content": []}, ping={}, logging_setLevel={})
        self.opened = 0
        self.forgotten = set()

    async def answer(self, request):
        if request.method == "initialize":
            self.opened += 1
            self.session = f"s-{self.opened}"
        unknown = request.id is not None and request.method not in self.answers and request.method != "server/discover"
        if unknown or request.headers.get("mcp-session-id") in self.forgotten:
            return await request.send(400, b"JSON RPC not handled\n", content_type="text/plain")
        return await super().answer(request)


@pytest.mark.parametrize("capabilities", [{}, ASKED])
async def test_it_is_not_there_and_the_session_is(era, capabilities):
    server = Curt()
    async with hosted(server) as url, http() as connection, running({"s": {"url": url, "tools": {"deny": ["x"]}}}) as gateway:
        server.answers["tools/list"] = {"tools": [{"name": "t", "inputSchema": {"type": "object"}}]}
        if era == "legacy":
            client = await LegacyAsker(connection, gateway.mcp("s")).begin(capabilities=capabilities)
        else:
            client = ModernAsker(connection, gateway.mcp("s"))
            client.capabilities = capabilities
        await client.result("tools/call", {"name": "t"})
        opened = server.opened
        response = await client.ask("vendor/thing")
        assert response.json()["error"] == {"code": -32601, "message": "Method not found: vendor/thing"}
        assert response.status_code == (200 if era == "legacy" else 404)
        await client.result("tools/call", {"name": "t"})
        assert server.opened == opened


async def test_a_session_that_the_server_has_forgotten_is_another_matter():
    server = Curt()
    server.answers["vendor/thing"] = {"x": 1}
    async with hosted(server) as url, http() as connection, running({"s": {"url": url}}) as gateway:
        client = ModernAsker(connection, gateway.mcp("s"))
        await client.result("tools/call", {"name": "t"})
        server.forgotten.add(server.session)
        assert (await client.result("vendor/thing"))["x"] == 1
        assert server.opened == 2
