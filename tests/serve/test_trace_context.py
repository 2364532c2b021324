"""Trace context reaches servers of every kind, in the place where they look for it, and malformed context reaches none."""

import json
import sys

import pytest

from tests.serve.asking import LegacyAsker, ModernAsker, http
from tests.serve.running import hosted, running
from tests.serve.scripted import Scripted

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
OTHER = "00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
STATE = "vendor=value"
BAGGAGE = "user=1"
BOTH = {"traceparent": PARENT, "tracestate": STATE, "baggage": BAGGAGE}

ECHO = """
import json, sys
for line in sys.stdin:
    message = json.loads(line)
    if message.get("id") is None:
        continue
    if message["method"] == "initialize":
        result = {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": {"name": "e", "version": "1"}}
    elif message["method"] == "tools/call":
        meta = {k: v for k, v in message["params"].get("_meta", {}).items() if "/" not in k}
        result = {"content": [{"type": "text", "text": json.dumps(meta)}]}
    else:
        print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "error": {"code": -32601, "message": "no"}}), flush=True)
        continue
    print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}), flush=True)
"""


@pytest.mark.parametrize("asking", [LegacyAsker, ModernAsker])
@pytest.mark.parametrize(
    ("headers", "meta", "expected"),
    [
        (BOTH, {}, BOTH),
        ({}, BOTH, BOTH),
        ({"traceparent": PARENT}, {"traceparent": OTHER}, {"traceparent": OTHER}),
        ({"traceparent": "00-nonsense", "tracestate": STATE}, {}, {}),
        ({}, {}, {}),
    ],
)
async def test_a_stdio_server_gets_it_in_the_metadata(asking, headers, meta, expected):
    command = {"command": sys.executable, "args": ["-c", ECHO]}
    async with http() as client, running({"s": command}) as gateway:
        asker = asking(client, gateway.mcp("s"))
        if asking is LegacyAsker:
            await asker.begin()
        result = await asker.result("tools/call", {"name": "x"}, meta=meta, **headers)
    assert json.loads(result["content"][0]["text"]) == expected


@pytest.mark.parametrize("era", ["modern", "legacy"])
@pytest.mark.parametrize(
    ("headers", "meta", "told_headers", "told_meta"),
    [
        (BOTH, {}, BOTH, BOTH),
        ({}, BOTH, BOTH, BOTH),
        ({"traceparent": PARENT}, {"traceparent": OTHER}, {"traceparent": PARENT}, {"traceparent": OTHER}),
        ({"traceparent": "00-nonsense", "tracestate": STATE}, {}, {}, {}),
    ],
)
async def test_an_http_server_gets_it_in_both_places(era, headers, meta, told_headers, told_meta):
    server = Scripted(era, tools_call={"content": []})
    async with http() as client, hosted(server) as url, running({"h": {"url": url}}) as gateway:
        await ModernAsker(client, gateway.mcp()).result("tools/call", {"name": "h__x"}, meta=meta, **headers)
    (request,) = server.of("tools/call")
    assert context(request.headers) == told_headers
    assert context(request.params.get("_meta", {})) == told_meta


def context(found):
    return {key: found[key] for key in BOTH if key in found}
