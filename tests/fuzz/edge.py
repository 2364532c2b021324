"""The server's edge over real sockets: `mcp-stack-proxy serve` as a process, mutated requests, and a bystander who asks properly.

Whatever comes, the connection ends in time, what is answered answers something that was sent on this very connection, the bystander
gets the answer to each of its own requests, and at the end the process still serves. How the edge is written does not matter here.
"""

import asyncio
import contextlib
import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import yaml

from tests.conformance.processes import endpoint, serving
from tests.fuzz.mutations import mutated, pieces

NAME = "edge"
PROXY = Path(sys.executable).parent / "mcp-stack-proxy"
SECONDS = 60.0
"""For one connection. Longer than anything but a hang."""
PATIENCE = 0.05
"""Seconds that a first answer gets before the client says that nothing more comes: servers may take that for a farewell."""
AT_ONCE = 16

MODERN = "2026-07-28"
_META = {"io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": {}}
_PLAIN = "Host: 127.0.0.1\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
_ID = re.compile(rb'"id":\s*("(?:[^"\\]|\\.)*"|-?\d+)')
_TEXT = re.compile(rb'"text":\s*("(?:[^"\\]|\\.)*")')
_STATUS = re.compile(rb"HTTP/1\.1 (\d{3})")


def request(method: str, params: dict[str, object], id_: object = 1, path: str = "/mcp", more: str = "") -> bytes:
    """A request of 2026-07-28 as a client sends it."""
    body = json.dumps({"jsonrpc": "2.0", "id": id_, "method": method, "params": {**params, "_meta": _META}}).encode()
    name = f"Mcp-Name: {params['name']}\r\n" if "name" in params else ""
    head = f"POST {path} HTTP/1.1\r\n{_PLAIN}MCP-Protocol-Version: {MODERN}\r\nMcp-Method: {method}\r\n{name}{more}"
    return head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body


def call(text: str, id_: object, tool: str = "s__echo", **more: str) -> bytes:
    return request("tools/call", {"name": tool, "arguments": {"text": text}}, id_, **more)


def _corpus() -> tuple[bytes, ...]:
    whole = call("alpha", 101)
    head, _, body = whole.partition(b"\r\n\r\n")
    unlength = re.sub(rb"Content-Length: \d+", b"Transfer-Encoding: chunked", head)
    initialize = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "f", "version": "0"}}
    handshake = json.dumps({"jsonrpc": "2.0", "id": 102, "method": "initialize", "params": initialize}).encode()
    plain = _PLAIN.encode()
    return (
        whole,
        call("beta", "one", tool="echo", path="/servers/s/mcp"),
        whole + call("gamma", 103),
        request("tools/list", {}, 104),
        request("server/discover", {}, 105),
        unlength + b"\r\n\r\n%x;ext=1\r\n%b\r\n3\r\n   \r\n0\r\nx-trailer: 1\r\n\r\n" % (len(body), body),
        call("delta", 106, more="Expect: 100-continue\r\n"),
        b"POST /mcp HTTP/1.1\r\n" + plain + b"Content-Length: %d\r\n\r\n" % len(handshake) + handshake,
        b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET /readyz HTTP/1.0\r\nHost: 127.0.0.1\r\nConnection: keep-alive\r\n\r\n",
        b"GET /mcp HTTP/1.1\r\n" + plain + b"Mcp-Session-Id: none\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    )


CORPUS = _corpus()
FRAGMENTS = (
    b"\r\n",
    b"\r\n\r\n",
    b"\n\n",
    b"0\r\n\r\n",
    b"Content-Length: 5\r\n",
    b"content-length: 0\r\n",
    b"Content-Length: +7\r\n",
    b"Content-Length: 99999999999999999999\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: identity, chunked\r\n",
    b"Transfer-Encoding : chunked\r\n",
    b"Connection: close\r\n",
    b"Upgrade: h2c\r\nConnection: upgrade\r\n",
    b"Host: evil.example\r\n",
    b"Host: 127.0.0.1\r\n",
    b"X: " + b"y" * 9000 + b"\r\n",
    b"a: b\r\n" * 200,
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01",
    b" folded\r\n",
)
TAKEN = frozenset({"200", "400", "closed"})


async def fuzz(cases: int, seed: int) -> Counter[str]:
    """Statuses that the cases were answered with, `closed` for no answer; AssertionError for the first that goes wrong."""
    taken: Counter[str] = Counter()
    async with _proxy() as port:
        numbers = iter(range(seed, seed + cases))
        done = asyncio.Event()

        async def worker() -> None:
            for number in numbers:
                taken.update(await one(port, number))

        async with asyncio.TaskGroup() as group:
            bystander = group.create_task(_bystander(port, done))
            await asyncio.gather(*(group.create_task(worker()) for _ in range(AT_ONCE)))
            done.set()
        assert bystander.result(), "the bystander was never served"
    return taken


async def one(port: int, seed: int) -> list[str]:
    """The case with this seed, on a connection of its own."""
    rng = Random(f"{NAME} {seed}")
    data = mutated(rng, CORPUS, FRAGMENTS)
    try:
        async with asyncio.timeout(SECONDS):
            answered = await _exchange(port, pieces(rng, data), polite=rng.random() < 0.7)
    except TimeoutError:
        raise AssertionError(f"seed {seed}: the connection did not end in {SECONDS:g} s: {data!r}") from None
    for what, pattern in (("id", _ID), ("text", _TEXT)):
        foreign = _values(pattern, answered) - _values(pattern, data)
        assert not foreign, f"seed {seed}: {what} {foreign} is somebody else's: {data!r} -> {answered!r}"
    return [status.decode() for status in _STATUS.findall(answered)] or ["closed"]


def _values(pattern: re.Pattern[bytes], data: bytes) -> set[object]:
    """What `pattern` finds in `data`, as JSON means it: a server may write it in another way. The empty text is nobody's."""
    values: set[object] = {""}
    for found in pattern.findall(data):
        with contextlib.suppress(ValueError):
            values.add(json.loads(found, strict=False))
    return values


async def _exchange(port: int, sent: list[bytes], *, polite: bool) -> bytes:
    """All that comes back until the server closes; it is told that nothing more comes, or finds the connection reset."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answered = b""
    try:
        with contextlib.suppress(OSError):  # a reset, seen at whatever comes next
            for piece in filter(None, sent):
                writer.write(piece)
                await writer.drain()
            if not polite:
                return b""
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    answered += await reader.read(1 << 16)
            writer.write_eof()
            while piece := await reader.read(1 << 16):
                answered += piece
    finally:
        writer.transport.abort()
    return answered


async def _bystander(port: int, done: asyncio.Event) -> int:
    """Asks on a connection that is kept, one request after the other, until `done`; how many were answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    asked = 0
    try:
        while not done.is_set():
            asked += 1
            writer.write(call(f"bystander {asked}", asked))
            async with asyncio.timeout(SECONDS):
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = re.search(rb"content-length: (\d+)", head)
                assert length, head
                answer = json.loads(await reader.readexactly(int(length[1])))
            assert answer["id"] == asked
            assert answer["result"]["content"][0]["text"] == f"bystander {asked}"
    finally:
        writer.transport.abort()
    return asked


@contextlib.asynccontextmanager
async def _proxy() -> AsyncIterator[int]:
    """A proxy process in front of an echo; its port. It has to end by itself when it is asked to."""
    async with _echo() as url:
        with tempfile.TemporaryDirectory(prefix="mcp-stack-fuzz-") as name:
            config = Path(name) / "proxy.yaml"
            limits = {"max_body_bytes": 100_000}
            config.write_text(yaml.safe_dump({"servers": {"s": {"url": url}}, "limits": limits}))
            async with serving(PROXY, "serve", "--config", config, "--listen", "127.0.0.1:0") as address:
                yield endpoint(address)[1]


@contextlib.asynccontextmanager
async def _echo() -> AsyncIterator[str]:
    """A modern server that says the text that it is given."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = re.search(rb"content-length: (\d+)", head)
                asked = json.loads(await reader.readexactly(int(length[1]) if length else 0) or b"{}")
                body = json.dumps({"jsonrpc": "2.0", "id": asked.get("id"), "result": _result(asked)}).encode()
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
                await writer.drain()
        writer.transport.abort()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, limit=1 << 20)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/mcp"
    finally:
        server.close()


def _result(asked: dict[str, dict[str, object]]) -> dict[str, object]:
    cached = {"resultType": "complete", "ttlMs": 60_000, "cacheScope": "public"}
    match asked.get("method"):
        case "server/discover":
            return {**cached, "supportedVersions": [MODERN], "capabilities": {"tools": {}}}
        case "tools/list":
            return {**cached, "tools": [{"name": "echo", "inputSchema": {"type": "object"}}]}
        case _:
            arguments = asked.get("params", {}).get("arguments")
            text = arguments.get("text") if isinstance(arguments, dict) else None
            return {"resultType": "complete", "content": [{"type": "text", "text": text if isinstance(text, str) else ""}]}
