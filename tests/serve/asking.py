"""Clients that send what a test writes and show all that comes back: the SDK's own would hide what it does not know."""

import json
from contextlib import asynccontextmanager

import httpx2

from tests.serve.running import SOON

MODERN = "2026-07-28"
META = {"io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": {}}
BOTH = "application/json, text/event-stream"
NAMED = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}


class Asker:
    """One client, at one URL."""

    def __init__(self, http, url):
        self.http = http
        self.url = url
        self.headers = {"accept": BOTH, "content-type": "application/json"}

    async def post(self, body, **headers):
        """`body` as it is; a header that is None is left out, one underscore in its name is a dash."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name: value for name, value in {**self.headers, **given}.items() if value is not None}
        data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        return await self.http.post(self.url, content=data, headers=sent)

    async def ask(self, method, params=None, *, id_=1, meta=None, **headers):
        """A request."""
        params = dict(params or {})
        if (meta := self.meta(meta or {})) is not None:
            params["_meta"] = meta
        given = {**self.mirrored(method, params), **headers}
        return await self.post({"jsonrpc": "2.0", "id": id_, "method": method, "params": params}, **given)

    def meta(self, meta):
        return meta or None

    def mirrored(self, method, params):
        return {}

    async def result(self, method, params=None, **more):
        """The result of a request, as it came; the notifications before it are in `heard`."""
        response = await self.ask(method, params, **more)
        *self.heard, message = messages(response)
        assert "result" in message, message
        return message["result"]

    async def error(self, method, params=None, **more):
        """The error of a request, as it came."""
        *self.heard, message = messages(await self.ask(method, params, **more))
        return message["error"]


class ModernAsker(Asker):
    """With the metadata and headers of 2026-07-28 on every request."""

    capabilities = META["io.modelcontextprotocol/clientCapabilities"]

    def meta(self, meta):
        return {**META, "io.modelcontextprotocol/clientCapabilities": self.capabilities, **meta}

    def mirrored(self, method, params):
        headers = {"mcp_protocol_version": MODERN, "mcp_method": method}
        return {**headers, "mcp_name": params[NAMED[method]]} if NAMED.get(method) in params else headers


class LegacyAsker(Asker):
    """With the session that a handshake has opened."""

    async def begin(self, version="2025-11-25", capabilities=None):
        info = {"name": "t", "version": "0"}
        params = {"protocolVersion": version, "capabilities": capabilities or {}, "clientInfo": info}
        response = await self.ask("initialize", params)
        assert response.status_code == 200, response.text
        self.introduction = messages(response)[-1]["result"]
        self.headers |= {"mcp-protocol-version": self.introduction["protocolVersion"]}
        if "mcp-session-id" in response.headers:
            self.headers["mcp-session-id"] = response.headers["mcp-session-id"]
        await self.post({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return self


@asynccontextmanager
async def http():
    async with httpx2.AsyncClient(timeout=SOON, trust_env=False) as client:
        yield client


@asynccontextmanager
async def modern(url):
    async with http() as client:
        yield ModernAsker(client, url)


@asynccontextmanager
async def legacy(url):
    async with http() as client:
        yield await LegacyAsker(client, url).begin()


def messages(response):
    """What came back, as messages: a JSON body or a stream of events."""
    if response.headers["content-type"].startswith("text/event-stream"):
        return list(events(response.text))
    return [response.json()]


def events(text):
    for event in text.replace("\r\n", "\n").split("\n\n"):
        data = [line.removeprefix("data:").strip() for line in event.split("\n") if line.startswith("data:")]
        if data and data != [""]:
            yield json.loads("\n".join(data))
