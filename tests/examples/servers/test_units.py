"""The modern HTTP example: exact conversions, and no service for handshake revisions."""

import http.client
import json
import signal
from urllib.parse import urlsplit

import pytest
from mcp import Client
from mcp_types import PromptReference, ResourceTemplateReference

from tests.examples.servers.running import serving


@pytest.fixture(scope="module")
def server():
    with serving("units.py") as server:
        yield server


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        (26.2, "mi", "km", 42.1648128),
        (1, "lb", "kg", 0.45359237),
        (1, "week", "h", 168),
        (1, "GiB", "MB", 1073.741824),
        (100, "°C", "°F", 212),
        (-40, "°F", "°C", -40),
        (0, "K", "°C", -273.15),
    ],
)
async def test_conversions_are_exact(server, value, source, target, expected):
    async with Client(server.url, mode="2026-07-28") as units:
        result = await units.call_tool("convert", {"value": value, "source": source, "target": target})
    assert result.structured_content["value"] == expected
    assert result.structured_content["unit"] == target


async def test_what_cannot_be_converted_is_an_error(server):
    async with Client(server.url) as units:
        mixed = await units.call_tool("convert", {"value": 1, "source": "mi", "target": "kg"})
        unknown = await units.call_tool("convert", {"value": 1, "source": "cubit", "target": "m"})
    assert (mixed.is_error, unknown.is_error) == (True, True)
    assert "mi measures length and kg measures mass; nothing converts one into the other" in mixed.content[0].text
    assert "'cubit' is no unit that is known here" in unknown.content[0].text


async def test_resources_and_completion(server):
    async with Client(server.url) as units:
        every = json.loads((await units.read_resource("units://all")).contents[0].text)
        assert every["temperature"] == ["K", "°C", "°F"]
        assert json.loads((await units.read_resource("units://mass")).contents[0].text) == every["mass"]
        symbols = await units.complete(PromptReference(name="localise"), {"name": "unit", "value": "k"})
        assert symbols.completion.values == ["km", "kg", "KiB", "kB", "K"]
        kinds = await units.complete(ResourceTemplateReference(uri="units://{quantity}"), {"name": "quantity", "value": "t"})
        assert kinds.completion.values == ["time", "temperature"]


def post(server, body, **headers):
    """(status, headers, JSON) of a bare request."""
    parts = urlsplit(server.url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)
    try:
        accept = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        connection.request("POST", parts.path, body, {**accept, **headers})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


INITIALIZE = json.dumps({"jsonrpc": "2.0", "id": "a", "method": "initialize", "params": {"protocolVersion": "2025-06-18"}})
PING = json.dumps({"jsonrpc": "2.0", "id": 7, "method": "ping"})


@pytest.mark.parametrize(
    ("body", "headers", "id_", "requested"),
    [
        (INITIALIZE, {}, "a", "2025-06-18"),
        (PING, {"MCP-Protocol-Version": "2025-11-25"}, 7, "2025-11-25"),
        (PING, {}, 7, "none"),
        ("not json", {}, None, "none"),
        ("[]", {}, None, "none"),
    ],
)
async def test_a_handshake_revision_is_refused_as_the_modern_one_prescribes(server, body, headers, id_, requested):
    status, answer = post(server, body, **headers)
    assert status == 400
    assert answer["id"] == id_
    assert answer["error"]["code"] == -32022
    assert answer["error"]["data"] == {"supported": ["2026-07-28"], "requested": requested}


async def test_an_unknown_revision_is_refused_the_same_way(server):
    status, answer = post(server, PING, **{"MCP-Protocol-Version": "2031-01-01"})
    assert (status, answer["error"]["code"]) in ((400, -32022), (400, -32602))


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_there_are_no_sessions_to_stream_or_end(server, method):
    parts = urlsplit(server.url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)
    connection.request(method, parts.path)
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("Allow")) == (405, "POST")
    connection.close()


async def test_it_ends_at_once_though_a_client_is_connected():
    with serving("units.py") as server:
        async with Client(server.url) as units:
            await units.list_tools()
            assert server.stop() == -signal.SIGTERM
