"""Clients outside of the cluster, for whom every host is at the controller's address, as it is by DNS."""

import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

SECONDS = 60.0
"""For everything that ought to come at once, on a machine that does much else beside."""


class Through(httpx2.AsyncBaseTransport):
    """Connects to `address`, whatever the URL says; asks for the URL's host, and expects its certificate on each connection.

    By HTTP/2 where it is offered. Go's reverse proxy ends a stream that answers a POST of HTTP/1.1 when its first bytes come before
    the request has been read to its end (golang/go#40747), so which of Traefik's streams live would be a matter of luck.
    """

    def __init__(self, address: str, trusted: ssl.SSLContext) -> None:
        self._address, self._trusted = address, trusted
        self._hosts: dict[str, httpx2.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        host = request.url.host
        if host not in self._hosts:
            self._hosts[host] = httpx2.AsyncHTTPTransport(verify=self._trusted, http2=True)
        there, known = request.url.copy_with(host=self._address), {**request.extensions, "sni_hostname": host}
        sent = httpx2.Request(request.method, there, headers=request.headers, stream=request.stream, extensions=known)
        return await self._hosts[host].handle_async_request(sent)

    async def aclose(self) -> None:
        for transport in self._hosts.values():
            await transport.aclose()


class Outside:
    """Where the controller is, and whom clients trust."""

    def __init__(self, address: str, trusted: ssl.SSLContext) -> None:
        self._address, self._trusted = address, trusted

    def http(self, seconds: float | None = SECONDS) -> httpx2.AsyncClient:
        """HTTP, which keeps cookies and follows no redirect. `seconds`: how long a stream may be silent."""
        timeout = httpx2.Timeout(SECONDS, read=seconds)
        return httpx2.AsyncClient(transport=Through(self._address, self._trusted), timeout=timeout)

    @asynccontextmanager
    async def mcp(self, url: str, era: str, **callbacks: Any) -> AsyncIterator[Client]:
        """The official SDK's client. `era`: `auto` is the modern one."""
        streams = self._streams(url)
        async with Client(streams, mode=era, read_timeout_seconds=SECONDS, **callbacks) as client:
            yield client

    @asynccontextmanager
    async def _streams(self, url: str) -> AsyncIterator[Any]:
        async with self.http(None) as http, streamable_http_client(url, http_client=http) as streams:
            yield streams


BASE = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
MODERN = "2026-07-28"
LEGACY = "2025-06-18"


@asynccontextmanager
async def legacy_stream(http: httpx2.AsyncClient, url: str) -> AsyncIterator[httpx2.Response]:
    """The stream of a legacy session on which a server says what nobody has asked for (2025-06-18, basic/transports)."""
    client = {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": {"name": "quiet", "version": "1"}}
    begun = await http.post(url, json={"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": client}, headers=BASE)
    assert begun.status_code == 200, begun.text
    headers = {**BASE, "Mcp-Session-Id": begun.headers["mcp-session-id"], "MCP-Protocol-Version": LEGACY}
    await http.post(url, json={"jsonrpc": "2.0", "method": "notifications/initialized"}, headers=headers)
    async with http.stream("GET", url, headers={**headers, "Accept": "text/event-stream"}) as stream:
        assert stream.status_code == 200
        yield stream


@asynccontextmanager
async def modern_stream(http: httpx2.AsyncClient, url: str) -> AsyncIterator[httpx2.Response]:
    """A subscription to changes (2026-07-28, basic/utilities/subscriptions)."""
    meta = {
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientInfo": {"name": "quiet", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    params = {"notifications": {"toolsListChanged": True}, "_meta": meta}
    body = {"jsonrpc": "2.0", "id": 1, "method": "subscriptions/listen", "params": params}
    headers = {**BASE, "MCP-Protocol-Version": MODERN, "Mcp-Method": "subscriptions/listen"}
    async with http.stream("POST", url, content=json.dumps(body), headers=headers) as stream:
        assert stream.status_code == 200
        yield stream
