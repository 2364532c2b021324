"""One client of a soak: it comes, asks, perhaps leaves in the middle, and knows what it is owed.

Every request is answered once, on the stream that it opened, with its own id and word, or with a typed error; and after the last
answer nothing more comes. What it sees otherwise is an AssertionError.
"""

import asyncio
import json
import secrets
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from random import Random

from tests.serve.wire import Line

BOTH = "application/json, text/event-stream"
MODERN, LEGACY = "2026-07-28", "2025-11-25"
ANSWER_SECONDS = 60.0
"""Above the proxy's own limits (world.py): nothing may take longer to be answered, if only with an error."""
TYPED = frozenset({-31001, -31002, -31003, -31004, -31013, -31014, -31015})
"""Codes of the proxy's own for what is the server's fault."""


class SessionOver(Exception):
    """404 for a session: the client begins again."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a client asks. `shaky`: the server behind is stalled and killed, so that an error is an answer, too."""

    path: str
    prefix: str
    shaky: bool


class Client:
    """One connection, in one era, at one place."""

    def __init__(self, line: Line, modern: bool, place: Place, rng: Random, told: Counter[str]) -> None:
        self.line = line
        self.modern = modern
        self.place = place
        self.rng = rng
        self.told = told
        self.session: str | None = None
        self.last_id = 0

    async def stay(self) -> None:
        """A few requests, and away."""
        try:
            if not self.modern:
                await self.begin()
            for _ in range(self.rng.choice((1, 3, 10, 20))):
                await self.rng.choice((self.call, self.call, self.call, self.slow, self.list))()
            leaving = self.rng.randrange(10)
            if self.session is not None and leaving < 4:
                self.told["session left open"] += 1
            match leaving:
                case 0:
                    await self.leave_in_the_middle()
                case 1 | 2:
                    await self.listen_and_leave()
                case 3:
                    self.told["left without a word"] += 1
                case _:
                    await self.leave()
        except SessionOver:
            self.told["session over"] += 1
            assert self.place.shaky, "the session of a steady server was lost"

    async def begin(self) -> None:
        params = {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": {"name": "soak", "version": "0"}}
        await self.send("initialize", params)
        status, headers, body = await self.response()
        message = self.answer(status, body)
        if "error" in message:
            raise SessionOver
        self.session = headers[b"mcp-session-id"].decode()
        await self.post({"jsonrpc": "2.0", "method": "notifications/initialized"}, {})
        status, _, _ = await self.response()
        if status == 404 or (status >= 500 and self.place.shaky):
            raise SessionOver
        assert status == 202, status

    async def list(self) -> None:
        await self.send("tools/list", {})
        message = self.answer(*(await self.response())[::2])
        if "result" in message:
            names = {tool["name"] for tool in message["result"]["tools"]}
            assert self.place.shaky or {f"{self.place.prefix}echo", f"{self.place.prefix}slow"} <= names, names

    async def call(self) -> None:
        await self.word("echo")

    async def slow(self) -> None:
        await self.word("slow")

    async def word(self, tool: str) -> None:
        """Says a word that nobody said before, and hears it back, once."""
        word = secrets.token_hex(8)
        params = {"name": self.place.prefix + tool, "arguments": {"word": word}, "_meta": {"progressToken": word}}
        await self.send("tools/call", params)
        status, _, body = await self.response()
        message = self.answer(status, body, word)
        if "result" in message:
            assert message["result"]["content"] == [{"type": "text", "text": word}], f"another's answer: {message}"
            assert not message["result"]["isError"], "the server got the same request twice"

    async def leave(self) -> None:
        if self.session is not None:
            await self.post(None, {}, "DELETE")
            status, _, _ = await self.response()
            assert status == 200 or self.place.shaky, status
        self.line.writer.write_eof()
        rest = await self.line.until_closed()
        assert rest == b"", f"something came after the last answer: {rest[:300]!r}"
        self.told["left"] += 1

    async def leave_in_the_middle(self) -> None:
        params = {"name": f"{self.place.prefix}slow", "arguments": {"word": secrets.token_hex(8)}, "_meta": {"progressToken": "x"}}
        await self.send("tools/call", params)
        await asyncio.sleep(self.rng.random() * 0.1)
        self.told["left in the middle"] += 1

    async def listen_and_leave(self) -> None:
        if self.modern:
            await self.send("subscriptions/listen", {"notifications": {"toolsListChanged": True}})
        else:
            await self.post(None, {}, "GET")
        with suppress(TimeoutError, asyncio.IncompleteReadError):
            async with asyncio.timeout(self.rng.random() * 2):
                await self.line.reader.readuntil(b"\r\n\r\n")
                await self.line.reader.read()
        self.told["listened and left"] += 1

    async def send(self, method: str, params: dict[str, object]) -> None:
        """A request, with all that its era asks for."""
        self.last_id += 1
        headers = {}
        if self.modern:
            own = {"io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": {}}
            params = {**params, "_meta": {**own, **params.get("_meta", {})}}
            headers = {"Mcp-Method": method} | ({"Mcp-Name": params["name"]} if "name" in params else {})
        await self.post({"jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params}, headers)

    async def post(self, message: dict[str, object] | None, headers: dict[str, str], http: str = "POST") -> None:
        body = b"" if message is None else json.dumps(message).encode()
        given = {
            "Host": "127.0.0.1",
            "Accept": BOTH,
            "Content-Type": "application/json",
            **headers,
        }
        given["Content-Length"] = str(len(body))
        if self.modern or (message or {}).get("method") != "initialize":
            given["MCP-Protocol-Version"] = MODERN if self.modern else LEGACY
        if self.session is not None:
            given["Mcp-Session-Id"] = self.session
        lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
        await self.line.send(f"{http} {self.place.path} HTTP/1.1\r\n{lines}\r\n".encode() + body)

    async def response(self) -> tuple[int, dict[bytes, bytes], bytes]:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await self.line.response()

    def answer(self, status: int, body: bytes, word: str | None = None) -> dict:
        """The response to the last request among what came: one, of that id, after its own notifications alone."""
        messages = [json.loads(line[6:]) for line in body.split(b"\n") if line.startswith(b"data: {")] or [json.loads(body)]
        *before, message = messages
        for notification in before:
            if notification["method"] == "notifications/progress":
                assert notification["params"]["progressToken"] == notification["params"]["message"] == word, notification
        if "error" in message:
            self.refused(status, message["error"])
            return message
        assert message["id"] == self.last_id, f"the answer to another request: {message}"
        self.told["answered"] += 1
        return message

    def refused(self, status: int, error: dict) -> None:
        code = error["code"]
        self.told[f"error {code}"] += 1
        if status == 404 and self.session is not None:
            raise SessionOver
        assert self.place.shaky, f"a steady server's answer is {error}"
        assert code in TYPED or (status == 404 and self.session is None), f"no typed error: HTTP {status} {error}"
