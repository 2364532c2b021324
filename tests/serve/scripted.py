"""An MCP server over HTTP of which a test says each byte that it answers, as ASGI application. No library in between."""

import json

MODERN = "2026-07-28"
CAPABILITIES = {"tools": {}, "resources": {}, "prompts": {}, "completions": {}, "logging": {}, "x-cap": {"kept": 1}}


class Scripted:
    """`answers[method]` is a result, or takes (params, request) and returns one; or an `Answer`. All that came is in `requests`."""

    def __init__(self, era, **answers):
        self.era = era
        self.requests = []
        self.session = "s-1"
        self.status_of_get = 405
        info = {"name": "scripted", "version": "1", "x-info": [1]}
        discover = {"supportedVersions": [MODERN], "capabilities": CAPABILITIES, "instructions": "Read.", "x-discover": True}
        discover["_meta"] = {"io.modelcontextprotocol/serverInfo": info}
        initialize = {"protocolVersion": "2025-11-25", "capabilities": CAPABILITIES, "serverInfo": info, "instructions": "Read."}
        greeting = {"server/discover": discover} if era == "modern" else {"initialize": initialize}
        self.answers = {**greeting, **{name.replace("_", "/"): answer for name, answer in answers.items()}}

    def of(self, method):
        """Requests of this method."""
        return [request for request in self.requests if request.method == method]

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            return
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message["body"]
            if not message["more_body"]:
                break
        request = Request(scope, json.loads(body) if body else {}, receive, send)
        self.requests.append(request)
        await self.answer(request)

    async def answer(self, request):
        if request.http != "POST":
            return await request.send(200 if request.http == "DELETE" else self.status_of_get, b"")
        if request.id is None:
            return await request.send(202, b"")
        legacy_only = self.era == "legacy" and request.headers.get("mcp-protocol-version") == MODERN
        if legacy_only or (self.era == "modern" and request.headers.get("mcp-protocol-version") != MODERN):
            code = -32600 if legacy_only else -32022
            return await request.rpc(error={"code": code, "message": "wrong revision"}, id=None, status=400)
        found = self.answers.get(request.method)
        if found is None:
            status = 404 if self.era == "modern" else 200
            return await request.rpc(error={"code": -32601, "message": "Method not found"}, status=status)
        value = found(request.params, request) if callable(found) else found
        value = await value if hasattr(value, "__await__") else value
        if value is None:
            return None  # it has answered by itself
        headers = {"mcp-session-id": self.session} if request.method == "initialize" and self.session else {}
        return await request.rpc(**(value if "error" in value and "code" in value["error"] else {"result": value}), headers=headers)


class Request:
    def __init__(self, scope, message, receive, send):
        self.http = scope["method"]
        self.raw_headers = [(name.decode(), value.decode()) for name, value in scope["headers"]]
        self.headers = dict(self.raw_headers)
        self.message = message
        self.method = message.get("method")
        self.id = message.get("id")
        self.params = message.get("params", {})
        self.receive = receive
        self._send = send
        self._started = False

    async def start(self, status, headers):
        self._started = True
        fields = [(name.encode(), value.encode()) for name, value in headers.items()]
        await self._send({"type": "http.response.start", "status": status, "headers": fields})

    async def send(self, status, body, **headers):
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        await self.start(status, {"content-length": str(len(body)), **given})
        await self._send({"type": "http.response.body", "body": body})

    async def rpc(self, status=200, headers=None, **message):
        body = json.dumps({"jsonrpc": "2.0", "id": self.id, **message}, ensure_ascii=False).encode()
        await self.send(status, body, content_type="application/json", **(headers or {}))

    async def event(self, **message):
        """One event; the first opens the stream."""
        if not self._started:
            await self.start(200, {"content-type": "text/event-stream"})
        data = json.dumps({"jsonrpc": "2.0", **message}, ensure_ascii=False).encode()
        await self._send({"type": "http.response.body", "body": b"data: " + data + b"\r\n\r\n", "more_body": True})

    async def end(self):
        await self._send({"type": "http.response.body", "body": b""})

    async def left(self):
        """Wait until whoever asked has gone."""
        while (await self.receive())["type"] != "http.disconnect":
            pass
