"""Servers whose answers are spoiled, behind a whole proxy: both eras, both routes, guarded and not, many calls at once.

The proxy is one of this process; its clients have connections without sockets, and its servers, too, unless real ones are asked
for (memory.py). Whatever a server says, each call is answered once, in time, with the id that it has, and never with a word that
was said to another call. A server that lies about everything, its greeting included, spoils nobody else's list.
"""

import asyncio
import hashlib
import json
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import cast

import uvloop

from mcp_stack_proxy.config import ProxyConfig
from mcp_stack_proxy.serve import process
from mcp_stack_proxy.serve.http.hub import Hub
from tests.fuzz.memory import Memory, Speaker, Wires, ask
from tests.fuzz.mutations import mutated, pieces

NAME = "answers"
SECONDS = 30.0
"""For one call. Longer than anything but a hang."""
AT_ONCE = 48
STALL_SECONDS = 0.03
"""After its answer a server waits so long for another request before it closes: half an answer is worth no more."""
LIMITS = {"connect_seconds": 5, "exchange_seconds": 5, "request_seconds": 10, "discovery_seconds": 5}

MODERN, LEGACY = "2026-07-28", "2025-11-25"
_META = {"io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": {}}
_WORD = re.compile(rb"w([0-9a-f]+)-([0-9a-f]{12})")
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_EVENTS = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"

FRAGMENTS = (
    b"\r\n",
    b"\r\n\r\n",
    b"0\r\n\r\n",
    b"\n\n",
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
    b"Content-Length: 3\r\n",
    b"content-length: 0\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"connection: close\r\n",
    b"Mcp-Session-Id: other\r\n",
    b"Content-Type: text/event-stream\r\n",
    b"ffffffffffffffff\r\n",
    b"event: endpoint\ndata: /other\n\n",
    b"id: 7\n",
    b"retry: 1\n",
    b'"id":1,',
    b'"error":{"code":-32600,"message":"m"},',
    b'"resultType":"input_required",',
    b'{"a":' * 300,
)
TAKEN = frozenset({"right", "error", "refused"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call is made, and whether its answer has passed through a reader that checks its id."""

    path: str
    tool: str
    relayed: bool


_LISTED = Place("/mcp", "", False)
PLACES = (
    Place("/mcp", "m__say", False),
    Place("/mcp", "l__say", False),
    Place("/servers/g/mcp", "say", False),
    Place("/servers/m/mcp", "say", True),
    Place("/servers/l/mcp", "say", True),
    Place("/mcp", "v__say", False),
    _LISTED,
)
WEIGHTS = (4, 4, 4, 4, 4, 1, 1)
"""A server that has to be greeted anew for each call, and the list that waits for it, are dear."""


def word(number: int) -> bytes:
    """The word of a case. None of another case's is made of it by chance."""
    return b"w%x-%b" % (number, hashlib.blake2b(b"%d" % number, digest_size=6).hexdigest().encode())


def words(data: bytes) -> set[int]:
    """Cases whose words are in `data`."""
    found = {int(number, 16) for number, _ in _WORD.findall(data)}
    return {number for number in found if word(number) in data}


class Server(Speaker):
    """A connection of one of the servers: `era`, and whether it lies about everything."""

    def __init__(self, era: str, *, vague: bool) -> None:
        self._era = era
        self._vague = vague
        self._data = b""
        self._closing: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self._closing is not None:
            self._closing.cancel()
        self._data += data
        while (whole := self._request()) is not None:
            self._answer(*whole)

    def _request(self) -> tuple[bytes, dict] | None:
        head, found, rest = self._data.partition(b"\r\n\r\n")
        if not found:
            return None
        length = re.search(rb"content-length: (\d+)", head.lower())
        size = int(length[1]) if length else 0
        if len(rest) < size:
            return None
        self._data = rest[size:]
        return head, json.loads(rest[:size] or b"{}")

    def _answer(self, head: bytes, asked: dict) -> None:
        method, modern = asked.get("method"), f"mcp-protocol-version: {MODERN}".encode() in head.lower()
        number = int(asked["params"]["arguments"]["n"]) if method == "tools/call" else None
        if not head.startswith(b"POST"):
            self._transport.write(b"HTTP/1.1 405 No\r\ncontent-length: 0\r\n\r\n")
        elif "id" not in asked:
            self._transport.write(b"HTTP/1.1 202 Yes\r\ncontent-length: 0\r\n\r\n")
        elif modern != (self._era == "modern"):
            self._transport.write(_whole({"id": None, "error": {"code": -32022 if modern else -32600, "message": "no"}}, 400))
        elif number is not None or self._vague:
            self._spoil(Random(f"{NAME} {number} {asked['id']}") if number is None else Random(f"{NAME} {number}"), asked, number)
        else:
            self._transport.write(_whole({"id": asked["id"], "result": _result(self._era, method)}))

    def _spoil(self, rng: Random, asked: dict, number: int | None) -> None:
        result = _result(self._era, asked["method"])
        if number is not None:
            result["content"] = [{"type": "text", "text": word(number).decode()}]
        corpus = _corpus(asked["id"], result, number)
        data = corpus[number % 4] if number is not None and rng.random() < 0.3 else mutated(rng, corpus, FRAGMENTS)
        for piece in pieces(rng, data) if rng.random() < 0.5 else [data]:
            self._transport.write(piece)
        if rng.random() < 0.3:
            self._transport.close()
        else:
            self._closing = asyncio.get_running_loop().call_later(STALL_SECONDS, self._transport.close)


def _corpus(id_: object, result: dict, number: int | None) -> list[bytes]:
    """Answers as servers give them; the first four are right."""
    answer = json.dumps({"jsonrpc": "2.0", "id": id_, "result": result}).encode()
    said = json.dumps({"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "info", "data": number}}).encode()
    events = b"id: 1\nretry: 1\ndata:\n\n: ping\n\nevent: message\ndata: " + said + b"\n\nid: 2\ndata: " + answer + b"\n\n"
    half = len(answer) // 2
    refusal = {"id": id_, "error": {"code": -32603, "message": "no", "data": {"said": result}}}
    wanted = {"resultType": "input_required", "inputRequests": {"a": {"method": "roots/list"}}, "requestState": str(number)}
    return [
        _HEAD + b"Content-Length: %d\r\n\r\n" % len(answer) + answer,
        _HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + _chunk(answer[:half]) + _chunk(answer[half:]) + b"0\r\n\r\n",
        _EVENTS + _chunk(b"data: " + answer + b"\n\n") + b"0\r\n\r\n",
        _EVENTS + _chunk(events[:40]) + _chunk(events[40:]) + b"0\r\n\r\n",
        _whole(refusal, 500),
        _whole(refusal),
        _whole({"id": id_, "result": wanted}),
        _HEAD + b"Connection: close\r\n\r\n" + answer,
        b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n",
    ]


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _whole(message: dict, status: int = 200) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    return b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)


def _result(era: str, method: str | None) -> dict:
    own = {"resultType": "complete", "ttlMs": 50, "cacheScope": "public"} if era == "modern" else {}
    capabilities = {"tools": {}, "logging": {}}
    match method:
        case "server/discover":
            return {**own, "supportedVersions": [MODERN], "capabilities": capabilities}
        case "initialize":
            return {"protocolVersion": LEGACY, "capabilities": capabilities, "serverInfo": {"name": "f", "version": "0"}}
        case "tools/list":
            return {**own, "tools": [{"name": "say", "inputSchema": {"type": "object"}}]}
    return dict(own)


def fuzz(cases: int, seed: int, *, sockets: bool = False) -> Counter[str]:
    """How the cases were taken; AssertionError for the first that goes wrong. `sockets`: over real ones, at twice the time."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_fuzz(cases, seed, sockets=sockets))


async def _fuzz(cases: int, seed: int, *, sockets: bool) -> Counter[str]:
    taken: Counter[str] = Counter()
    numbers = iter(range(seed, seed + cases))
    uncaught: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: uncaught.append(context))
    async with _proxy(sockets=sockets) as hub:
        sessions: dict[str, str] = {}

        async def worker() -> None:
            for number in numbers:
                taken[await one(hub, number, sessions)] += 1
                assert not uncaught, f"about seed {number}: {uncaught}"

        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(worker())
    assert not uncaught, uncaught
    return taken


async def one(hub: Hub, number: int, sessions: dict[str, str]) -> str:
    """The case of this number; `sessions` are those of legacy clients, by path."""
    rng = Random(f"{NAME} where {number}")
    place, modern = rng.choices(PLACES, WEIGHTS)[0], rng.random() < 0.5
    about = f"seed {number} at {place}, {'modern' if modern else 'legacy'}"
    try:
        if not modern and place.path not in sessions and not await _begin(hub, place.path, sessions):
            return "refused"
        method = "tools/list" if place is _LISTED else "tools/call"
        params = {} if place is _LISTED else {"name": place.tool, "arguments": {"n": number}}
        heard = await ask(hub, _request(place.path, method, params, number, None if modern else sessions[place.path]), SECONDS)
    except TimeoutError:
        raise AssertionError(f"{about}: no answer in {SECONDS:g} s") from None
    foreign = words(heard.written) - {number}
    assert not foreign, f"{about}: got the words of {foreign}: {heard.written!r}"
    assert heard.responses <= 1, f"{about}: was answered more than once: {heard.written!r}"
    if heard.status == 404 and not modern:
        sessions.pop(place.path, None)
    return _taken(place, heard, number, about)


def _taken(place: Place, heard: Memory, number: int, about: str) -> str:
    messages = (
        [json.loads(line[6:]) for line in heard.body.split(b"\n") if line.startswith(b"data: {")] if not place.relayed else []
    )
    if not messages and not heard.responses:
        return "broken off"
    if not place.relayed:
        assert heard.responses == 1, f"{about}: broken off: {heard.written!r}"
        message = messages[-1] if messages else json.loads(heard.body)
        assert message["id"] == number, f"{about}: {heard.written!r}"
        if place is _LISTED:
            names = {tool["name"] for tool in message["result"]["tools"]}
            assert {"m__say", "l__say", "g__say"} <= names, f"{about}: {heard.body!r}"
            return "listed"
        if "error" in message:
            return "error"
    return "right" if word(number) in heard.body else "refused" if heard.status >= 400 else "other"


async def _begin(hub: Hub, path: str, sessions: dict[str, str]) -> bool:
    params = {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": {"name": "f", "version": "0"}}
    heard = await ask(hub, _request(path, "initialize", params, 0, ""), SECONDS)
    found = re.search(rb"mcp-session-id: (\S+)", heard.written, re.I)
    if found is not None:
        sessions[path] = found[1].decode()
    return found is not None


def _request(path: str, method: str, params: dict, id_: int, session: str | None) -> bytes:
    """A modern request, or with `session` a legacy one; its session is empty before there is one."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    head += "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
    if session is None:
        params = {**params, "_meta": _META}
        head += f"MCP-Protocol-Version: {MODERN}\r\nMcp-Method: {method}\r\n"
        head += f"Mcp-Name: {params['name']}\r\n" if "name" in params else ""
    elif session:
        head += f"MCP-Protocol-Version: {LEGACY}\r\nMcp-Session-Id: {session}\r\n"
    body = json.dumps({"jsonrpc": "2.0", "id": id_, "method": method, "params": params}).encode()
    return head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body


KINDS = {"m": ("modern", False), "l": ("legacy", False), "g": ("modern", False), "v": ("modern", True)}
"""Server -> its era, and whether it lies about everything."""


@asynccontextmanager
async def _proxy(*, sockets: bool) -> AsyncIterator[Hub]:
    loop = asyncio.get_running_loop()
    made = {name: lambda era=era, vague=vague: Server(era, vague=vague) for name, (era, vague) in KINDS.items()}
    listening = {name: await loop.create_server(make, "127.0.0.1", 0) for name, make in made.items() if sockets}
    ports = {name: listening[name].sockets[0].getsockname()[1] if sockets else 9 for name in KINDS}
    servers = {name: {"url": f"http://127.0.0.1:{port}/mcp", "limits": LIMITS} for name, port in ports.items()}
    servers["g"]["validation"] = {"arguments": "enforce", "results": "enforce"}
    server = process.build(ProxyConfig.model_validate({"servers": servers, "listen": "127.0.0.1:0"}))
    for name, one in server.gateway.servers.items():
        if not sockets:
            one.connection.pool._dialer = Wires(made[name])
    try:
        yield server.hub
    finally:
        server.gateway.streams.close()
        await server.hub.drain(0)
        await server.gateway.aclose(2.0)
        for one in listening.values():
            one.close()
