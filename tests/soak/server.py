"""The servers of a soak, as processes that can be stalled and killed: they repeat a word, and say whether they heard it before.

`python server.py ERA PORT` over HTTP, `python server.py ERA stdio`. ERA is `modern` or `legacy`. Tools: `echo` answers at once,
`slow` after two notifications of progress. A word that comes twice was sent twice: every word of a soak is new.
"""

import asyncio
import json
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import suppress

MODERN = "2026-07-28"
STEP_SECONDS = 0.05
_CACHED = {"resultType": "complete", "ttlMs": 1000, "cacheScope": "public"}
_TOOLS = [{"name": name, "inputSchema": {"type": "object"}, "annotations": {"readOnlyHint": False}} for name in ("echo", "slow")]
_CAPABILITIES = {"tools": {"listChanged": True}}


class Server:
    """One server of one era, however its messages come and go."""

    def __init__(self, era: str) -> None:
        self.era = era
        self.heard: set[str] = set()
        self.sessions: set[str] = set()

    async def answer(self, asked: dict) -> AsyncIterator[dict]:
        """Messages that answer a request: notifications, then the response."""
        params = asked.get("params", {})
        method = asked["method"]
        if method == "tools/call" and params["name"] == "slow":
            token = params.get("_meta", {}).get("progressToken")
            for step in (1, 2) if token is not None else ():
                await asyncio.sleep(STEP_SECONDS)
                progress = {"progressToken": token, "progress": step, "message": params["arguments"]["word"]}
                yield {"jsonrpc": "2.0", "method": "notifications/progress", "params": progress}
        result = self._result(method, params)
        if result is None:
            yield {"jsonrpc": "2.0", "id": asked["id"], "error": {"code": -32601, "message": "Method not found"}}
        else:
            yield {"jsonrpc": "2.0", "id": asked["id"], "result": result}

    def _result(self, method: str, params: dict) -> dict | None:
        modern = self.era == "modern"
        match method:
            case "server/discover" if modern:
                return {**_CACHED, "supportedVersions": [MODERN], "capabilities": _CAPABILITIES}
            case "initialize" if not modern:
                return {
                    "protocolVersion": "2025-11-25",
                    "capabilities": _CAPABILITIES,
                    "serverInfo": {"name": "soak", "version": "0"},
                }
            case "tools/list":
                return {**(_CACHED if modern else {}), "tools": _TOOLS}
            case "tools/call":
                word = params["arguments"]["word"]
                again = word in self.heard
                self.heard.add(word)
                text = [{"type": "text", "text": word}]
                return {"content": text, "isError": again, **({"resultType": "complete"} if modern else {})}
        return None


async def over_http(server: Server, port: int) -> None:
    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                first, *lines = (await reader.readuntil(b"\r\n\r\n"))[:-4].decode("latin-1").split("\r\n")
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                await _exchange(server, writer, first.split()[0], headers, json.loads(body or b"{}"))
        writer.transport.abort()

    listening = await asyncio.start_server(accept, "127.0.0.1", port, limit=1 << 20)
    print(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}", flush=True)
    await listening.serve_forever()


async def _exchange(server: Server, writer: asyncio.StreamWriter, http: str, headers: dict[str, str], asked: dict) -> None:
    modern = headers.get("mcp-protocol-version") == MODERN
    if modern != (server.era == "modern"):
        return await _whole(writer, 400, _refusal(-32022 if server.era == "modern" else -32600))
    session = headers.get("mcp-session-id")
    if not modern and asked.get("method") != "initialize" and session not in server.sessions:
        return await _whole(writer, 404, _refusal(-32600))
    if http == "DELETE":
        server.sessions.discard(session or "")
        return await _whole(writer, 200, b"")
    if http == "GET" or asked.get("method") == "subscriptions/listen":
        return await _endless(writer, asked)
    if "id" not in asked:
        return await _whole(writer, 202, b"")
    more = {}
    if asked["method"] == "initialize":
        server.sessions.add(session := secrets.token_hex(8))
        more = {"mcp-session-id": session}
    if asked.get("params", {}).get("name") == "slow":
        writer.write(_STREAM)
        async for message in server.answer(asked):
            await _event(writer, message)
        writer.write(b"0\r\n\r\n")
        return await writer.drain()
    async for message in server.answer(asked):
        await _whole(writer, 404 if modern and "error" in message else 200, json.dumps(message).encode(), **more)
    return None


_STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


async def _endless(writer: asyncio.StreamWriter, asked: dict) -> None:
    """A stream that says something now and then, until whoever listens goes."""
    writer.write(_STREAM)
    meta = {"io.modelcontextprotocol/subscriptionId": asked.get("id")}
    if "id" in asked:
        agreed = {"notifications": {"toolsListChanged": True}, "_meta": meta}
        await _event(writer, {"jsonrpc": "2.0", "method": "notifications/subscriptions/acknowledged", "params": agreed})
    while not writer.is_closing():
        await asyncio.sleep(1)
        params = {"params": {"_meta": meta}} if "id" in asked else {}
        await _event(writer, {"jsonrpc": "2.0", "method": "notifications/tools/list_changed", **params})


async def _event(writer: asyncio.StreamWriter, message: dict) -> None:
    data = b"data: %b\n\n" % json.dumps(message).encode()
    writer.write(b"%x\r\n%b\r\n" % (len(data), data))
    await writer.drain()


async def _whole(writer: asyncio.StreamWriter, status: int, body: bytes, **headers: str) -> None:
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n{lines}\r\n"
    writer.write(head.encode() + body)
    await writer.drain()


def _refusal(code: int) -> bytes:
    """Without the id of the request, as the SDKs refuse what they have not read."""
    error = {"code": code, "message": "not here", "data": {"supported": [MODERN], "requested": "?"}}
    return json.dumps({"jsonrpc": "2.0", "id": None, "error": error}).encode()


async def over_stdio(server: Server) -> None:
    reader = asyncio.StreamReader(limit=1 << 20)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async with asyncio.TaskGroup() as group:
        while line := await reader.readline():
            asked = json.loads(line)
            if "id" in asked and "method" in asked and asked["method"] != "subscriptions/listen":
                group.create_task(_say(server, asked))


async def _say(server: Server, asked: dict) -> None:
    async for message in server.answer(asked):
        print(json.dumps(message), flush=True)


if __name__ == "__main__":
    era, where = sys.argv[1:]
    with suppress(KeyboardInterrupt):
        asyncio.run(over_stdio(Server(era)) if where == "stdio" else over_http(Server(era), int(where)))
