"""Servers whose messages are well-formed and wrong: each member of each, in turn, gone or of another type, before a whole proxy.

Whatever is said, the call is answered in time, with a message, and never by an error of the proxy's own making (-32603, status 500,
a line of its log at `error`).
"""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Iterator

import uvloop

from mcp_stack_proxy.config import ProxyConfig
from mcp_stack_proxy.serve import process
from mcp_stack_proxy.serve.http.hub import Hub
from tests.fuzz.answers import LEGACY, MODERN, request, whole
from tests.fuzz.memory import Speaker, Wires, ask, requests

SECONDS = 20.0
_NUMBERS = (0, -1, 1.5, 2**53 + 1, -32042, -32002)
VALUES = (None, True, *_NUMBERS, "", "task", "input_required", "x" * 70_000, [], [[]], [None], {}, {"a": {}})
_CACHED = {"resultType": "complete", "ttlMs": 50, "cacheScope": "public"}
_LINK = {"type": "resource_link", "uri": "x:1", "name": "n"}
_TASK = {"taskId": "1", "status": "working", "createdAt": "2026-01-01T00:00:00Z"}
_WANTED = {"a": {"method": "elicitation/create", "params": {"message": "m", "mode": "url", "url": "http://x"}}}
_ERROR = {"code": -32042, "message": "m", "data": {"elicitations": [{"mode": "url", "elicitationId": "1", "url": "http://x"}]}}
_SAID = (
    {"method": "notifications/progress", "params": {"progressToken": "tok", "progress": 1, "message": "m"}},
    {"method": "notifications/message", "params": {"level": "error", "data": {"a": 1}}},
    {"method": "notifications/tasks/status", "params": _TASK},
    {"id": "q", "method": "elicitation/create", "params": {"message": "m", "requestedSchema": {}, "_meta": {"progressToken": 1}}},
)
_CAPABILITIES = {"tools": {"listChanged": True}, "prompts": {}, "resources": {"subscribe": True}, "logging": {}, "tasks": {}}


def honest(era: str) -> dict[str, dict]:
    """What a server of `era` answers, by method."""
    own = _CACHED if era == "modern" else {}
    schema = {"type": "object", "properties": {"a": {"type": "string", "x-mcp-header": "A"}}}
    greeting = {"capabilities": _CAPABILITIES, "instructions": "i", "_meta": {"io.modelcontextprotocol/serverInfo": {"name": "n"}}}
    related = {"_meta": {"io.modelcontextprotocol/related-task": _TASK}}
    complete = {"resultType": "complete"} if own else {}
    tool = {"name": "t", "inputSchema": schema, "outputSchema": {"type": "object"}}
    return {
        "server/discover": {**own, **greeting, "supportedVersions": [MODERN]},
        "initialize": {**greeting, "protocolVersion": LEGACY, "serverInfo": {"name": "f", "version": "0"}},
        "tools/list": {**own, "tools": [tool], "nextCursor": None},
        "tools/call": {"content": [_LINK], "structuredContent": {"a": 1}, "isError": False, "task": _TASK, **complete, **related},
        "prompts/get": {"messages": [{"role": "user", "content": {"type": "resource", "resource": {"uri": "x:1", "text": "t"}}}]},
        "resources/read": {**own, "contents": [{"uri": "x:1", "text": "t"}]},
        "tasks/get": {**_TASK, "result": {"content": [_LINK]}},
    }


ASKED = {
    "tools/list": {},
    "tools/call": {"name": "t", "arguments": {}, "task": {}},
    "prompts/get": {"name": "p"},
    "resources/read": {"uri": "x:1"},
    "tasks/get": {"taskId": "s+1"},
}


def lies(era: str) -> Iterator[tuple[str, dict, list[dict]]]:
    """Method, its answer's members, and what is said before it."""
    right = honest(era)
    for method, result in right.items():
        if method != ("initialize" if era == "modern" else "server/discover"):
            yield from ((method, {"result": lie}, []) for lie in _spoiled(result))
            yield from ((method, {"error": lie}, []) for lie in _spoiled(_ERROR))
    for method in ("tools/call", "tools/list"):
        wanted = {"resultType": "input_required", "inputRequests": _WANTED, "requestState": "s"}
        yield from ((method, {"result": lie}, []) for lie in _spoiled(wanted))
        for said in _SAID:
            yield from ((method, {"result": right[method]}, [lie]) for lie in _spoiled(said))


def _spoiled(value: object) -> Iterator[object]:
    """`value` with one part of it in turn replaced by each of VALUES, or left out."""
    yield from VALUES
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        for spoiled in _spoiled(part):
            yield {**value, key: spoiled} if isinstance(value, dict) else [*value[:key], spoiled, *value[key + 1 :]]
        if isinstance(value, dict):
            yield {name: kept for name, kept in value.items() if name != key}


class Liar(Speaker):
    """A connection of the server. What it lies about is the same for all of them."""

    about: tuple[str, dict, list[dict]] | None = None

    def __init__(self, era: str) -> None:
        self._era = era
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        found, self._data = requests(self._data + data)
        for head, asked in found:
            self._transport.write(self._answer(head, asked))

    def _answer(self, head: bytes, asked: dict) -> bytes:
        method, modern = asked.get("method"), f"mcp-protocol-version: {MODERN}".encode() in head.lower()
        if not head.startswith(b"POST"):
            return b"HTTP/1.1 405 No\r\ncontent-length: 0\r\n\r\n"
        if "id" not in asked or method is None:
            return b"HTTP/1.1 202 Yes\r\ncontent-length: 0\r\n\r\n"
        if modern != (self._era == "modern"):
            return whole({"id": None, "error": {"code": -32022 if modern else -32600, "message": "no"}}, 400)
        known = honest(self._era).get(method)
        members = {"result": known} if known is not None else {"error": {"code": -32601, "message": "no"}}
        if Liar.about is None or Liar.about[0] != method:
            return whole({"id": asked["id"], **members})
        _, members, said = Liar.about
        if not said:
            return whole({"id": asked["id"], **members})
        told = [*(one for one in said if isinstance(one, dict)), {"id": asked["id"], **members}]
        events = b"".join(b"data: %b\n\n" % json.dumps({"jsonrpc": "2.0", **one}).encode() for one in told)
        return b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: %d\r\n\r\n%b" % (len(events), events)


def fuzz(every: int) -> Counter[str]:
    """Each `every`th lie, told to clients of both eras on both routes: how often there was a result, or an error."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_fuzz("modern", every)) + runner.run(_fuzz("legacy", every))


async def _fuzz(era: str, every: int) -> Counter[str]:
    taken: Counter[str] = Counter()
    limits = {"request_seconds": 5, "discovery_seconds": 5, "input_seconds": 0.2}
    settings = {"url": "http://127.0.0.1:9/mcp", "validation": {"arguments": "enforce", "results": "enforce"}}
    config = ProxyConfig.model_validate({"servers": {"s": settings}, "listen": "127.0.0.1:0", "limits": limits})
    server, log = process.build(config), _Errors()
    behind = server.gateway.servers["s"]
    behind.connection.pool._dialer = Wires(lambda: Liar(era))
    logging.getLogger("mcp_stack_proxy").addHandler(log)
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: log.seen.append(repr(context)))
    try:
        for number, lie in enumerate(lies(era)):
            if number % every:
                continue
            for modern in (True, False):
                for path in ("/mcp", "/servers/s/mcp"):
                    Liar.about = None
                    session = None if modern else await _session(server.hub, path, can_answer=number // every % 2 == 0)
                    Liar.about = lie
                    behind.connection.lost()
                    behind.lists.forget("tools")
                    taken[await _told(server.hub, path, lie, session)] += 1
                    assert not log.seen, f"{era}, {lie}, {path}, modern {modern}: {log.seen}"
    finally:
        logging.getLogger("mcp_stack_proxy").removeHandler(log)
        server.gateway.streams.close()
        await server.hub.drain(0)
        await server.gateway.aclose(2.0)
    return taken


class _Errors(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(f"{record.getMessage()} {record.exc_info and record.exc_info[1]!r}")


async def _session(hub: Hub, path: str, *, can_answer: bool) -> str:
    capabilities = {"elicitation": {"form": {}, "url": {}}, "roots": {}} if can_answer else {}
    params = {"protocolVersion": LEGACY, "capabilities": capabilities, "clientInfo": {"name": "f", "version": "0"}}
    heard = await ask(hub, request(path, "initialize", params, 0, ""), SECONDS)
    place = heard.written.lower().index(b"mcp-session-id: ") + len("mcp-session-id: ")
    return heard.written[place:].partition(b"\r\n")[0].decode()


async def _told(hub: Hub, path: str, lie: tuple[str, dict, list[dict]], session: str | None) -> str:
    method = lie[0] if lie[0] in ASKED else "tools/list"
    params = {**ASKED[method], "_meta": {"progressToken": "tok"}}
    if path == "/mcp":
        params |= {"name": f"s__{params['name']}"} if "name" in params else {}
        params |= {"uri": f"s+{params['uri']}"} if "uri" in params else {}
    data = request(path, method, params, 7, session)
    named = params.get("uri") or params.get("taskId")
    if session is None and named:
        data = data.replace(b"Mcp-Method", b"Mcp-Name: %b\r\nMcp-Method" % named.encode(), 1)
    heard = await ask(hub, data, SECONDS)
    about = f"{lie} at {path}, session {session}: {heard.written!r}"
    assert heard.responses == 1, about
    assert heard.status != 500, about
    events = [json.loads(line[6:]) for line in heard.body.split(b"\n") if line.startswith(b"data: {")]
    message = events[-1] if events else json.loads(heard.body)
    assert message["id"] == 7, about
    if "error" in message:
        assert (message["error"] or {}).get("message") != "internal error", about
        return "error"
    return "result"
