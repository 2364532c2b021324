"""A stream that is opened, and stays alive while nothing happens: nothing on the way may cut or hold it."""

import time
from collections.abc import Mapping
from typing import Any

import httpx2

from ..local.check import ERAS, Finding
from ..local.client import bearer
from ..local.inspection import reason_of
from .target import STREAM

BEAT_SECONDS = 25.0
"""A proxy writes something every 15 seconds; beyond this, something on the way holds it back."""

LEGACY, MODERN = "2025-11-25", ERAS[1]

ACCEPT = "application/json, text/event-stream"

WHO: Mapping[str, Any] = {"name": "mcp-stack-verify", "version": "1"}

ABOUT: Mapping[str, Any] = {"protocolVersion": MODERN, "clientInfo": WHO, "clientCapabilities": {}}

WHERE = "/mcp"


async def heartbeat(origin: str, era: str, key: str | None, patience: float = BEAT_SECONDS) -> Finding:
    """One stream of the gateway, held until it shows life after its beginning."""
    start = time.perf_counter()
    headers = {"Accept": ACCEPT, **({} if key is None else bearer(key))}
    revision, listen = (MODERN, _modern) if era == MODERN else (LEGACY, _legacy)
    seen = ""
    try:
        async with httpx2.AsyncClient(base_url=origin, timeout=httpx2.Timeout(patience), headers=headers) as http:
            wrong = await listen(http)
            seen = f"heartbeat after {time.perf_counter() - start:.0f} s" if not wrong else ""
    except httpx2.ReadTimeout:
        wrong = f"nothing for {patience:g} s: something on the way holds the stream back"
    except httpx2.HTTPError as error:
        wrong = reason_of(error)
    return Finding("all", WHERE, revision, STREAM, time.perf_counter() - start, seen, wrong)


async def _legacy(http: httpx2.AsyncClient) -> str:
    """The GET of a session; what is wrong with it."""
    answer = await http.post(WHERE, json=_request("initialize", {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": WHO}))
    if answer.status_code != 200:
        return _refused(answer)
    own = {"MCP-Protocol-Version": LEGACY}
    if (session := answer.headers.get("Mcp-Session-Id")) is not None:
        own["Mcp-Session-Id"] = session
    await http.post(WHERE, json={"jsonrpc": "2.0", "method": "notifications/initialized"}, headers=own)
    async with http.stream("GET", WHERE, headers=own) as stream:
        wrong = await _alive(stream)
    await http.delete(WHERE, headers=own)
    return wrong


async def _modern(http: httpx2.AsyncClient) -> str:
    """`subscriptions/listen`; what is wrong with it."""
    meta: dict[str, Any] = {f"io.modelcontextprotocol/{key}": value for key, value in ABOUT.items()}
    body = _request("subscriptions/listen", {"_meta": meta, "notifications": {"toolsListChanged": True}})
    headers = {"MCP-Protocol-Version": MODERN, "Mcp-Method": "subscriptions/listen"}
    async with http.stream("POST", WHERE, json=body, headers=headers) as stream:
        return await _alive(stream)


def _request(method: str, params: Mapping[str, Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


async def _alive(stream: httpx2.Response) -> str:
    """Reads until something comes after the beginning; what is wrong, where nothing does."""
    if stream.status_code != 200:
        return _refused(stream)
    opened = False
    async for _ in stream.aiter_raw():
        if opened:
            return ""
        opened = True
    return "it ended before its first heartbeat"


def _refused(answer: httpx2.Response) -> str:
    return f"status {answer.status_code} instead of a stream"
