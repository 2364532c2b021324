"""Raw use of the HTTP+SSE pair, as a client of 2024-11-05 does it, and servers that speak it."""

import asyncio
import json
from contextlib import asynccontextmanager

import httpx2

from tests.serve.running import SOON


class Pair:
    """One open stream, and what comes on it."""

    def __init__(self, http, url, response):
        self.http = http
        self.url = url
        self.response = response
        self.lines = response.aiter_lines()
        self.endpoint = None

    async def event(self):
        """Type and data of the next event, a comment as `(None, text)`; None at the end."""
        kind, data = "message", []
        async for line in self.lines:
            if line.startswith(":"):
                return None, line[1:].strip()
            if line.startswith("event:"):
                kind = line[6:].strip()
            elif line.startswith("data:"):
                data.append(line[5:].strip())
            elif not line and data:
                return kind, "\n".join(data)
        return None

    async def message(self):
        kind, data = await self.event()
        assert kind == "message"
        return json.loads(data)

    async def post(self, message, **options):
        body = message if isinstance(message, bytes) else json.dumps({"jsonrpc": "2.0", **message}).encode()
        headers = {"content-type": "application/json", **options.pop("headers", {})}
        return await self.http.post(options.pop("endpoint", self.endpoint), content=body, headers=headers)

    async def ask(self, id_, method, **params):
        assert (await self.post({"id": id_, "method": method, "params": params})).status_code == 202
        return await self.message()

    async def initialize(self, version="2024-11-05"):
        info = {"name": "old", "version": "0"}
        answer = await self.ask("i", "initialize", protocolVersion=version, capabilities={}, clientInfo=info)
        await self.post({"method": "notifications/initialized"})
        return answer["result"]


@asynccontextmanager
async def opened(url, **headers):
    """A stream from `url` whose first event has been read."""
    async with (
        httpx2.AsyncClient(timeout=SOON, headers={"accept": "text/event-stream", **headers}) as http,
        http.stream("GET", url) as response,
    ):
        assert response.status_code == 200
        pair = Pair(http, url, response)
        kind, data = await pair.event()
        assert kind == "endpoint"
        pair.endpoint = str(httpx2.URL(url).join(data))
        yield pair


class Scripted:
    """An SSE-only server by hand, after 2024-11-05: `first` is what its stream begins with, `answers` what it says to a method."""

    def __init__(self, first=b"event: endpoint\ndata: /post?s=1\n\n", answers=None, posted=202):
        self.first = first
        self.answers = answers or {}
        self.posted = posted
        self.streams = []
        self.heard = []
        self.open = 0
        self.changed = asyncio.Event()

    async def until(self, happened):
        async with asyncio.timeout(SOON):
            while not happened():
                self.changed.clear()
                await self.changed.wait()

    def left(self):
        """Whether every stream that was opened has been closed."""
        return self.streams and not self.open

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return
        if scope["method"] == "GET" and scope["path"] == "/mcp":
            await self._stream(receive, send)
        elif scope["method"] == "POST" and scope["path"] == "/post":
            await self._post(scope, receive, send)
        else:
            await respond(send, 405)

    async def _stream(self, receive, send):
        queue = asyncio.Queue()
        self.open += 1
        self.streams.append(queue)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
        await send({"type": "http.response.body", "body": self.first, "more_body": True})
        gone = asyncio.get_running_loop().create_task(until_gone(receive, queue))
        while (piece := await queue.get()) is not None:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        self.open -= 1
        self.changed.set()
        gone.cancel()
        await send({"type": "http.response.body", "body": b""})

    async def _post(self, scope, receive, send):
        body = b""
        while True:
            event = await receive()
            body += event.get("body", b"")
            if not event.get("more_body"):
                break
        message = json.loads(body)
        self.heard.append((message, dict(scope["headers"])))
        self.changed.set()
        status = self.posted(message) if callable(self.posted) else self.posted
        await respond(send, status)
        if status == 202 and "method" in message:
            for piece in self._said(message):
                self.streams[-1].put_nowait(piece)

    def _said(self, message):
        method, id_ = message["method"], message.get("id")
        if method in self.answers:
            return self.answers[method](message)
        if method == "initialize":
            capabilities = {"tools": {"listChanged": True}, "logging": {}}
            info = {"name": "scripted", "version": "0"}
            return [said(id=id_, result={"protocolVersion": "2024-11-05", "capabilities": capabilities, "serverInfo": info})]
        result = {"tools": []} if method == "tools/list" else {}
        return [said(id=id_, result=result)] if id_ is not None else []

    def methods(self):
        return [message.get("method") for message, _ in self.heard]


def said(**message):
    return b"event: message\ndata: " + json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n\n"


def text(text, id_):
    return said(id=id_, result={"content": [{"type": "text", "text": text}]})


async def until_gone(receive, queue):
    while (await receive())["type"] != "http.disconnect":
        pass
    queue.put_nowait(None)


async def respond(send, status, body=b""):
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})
