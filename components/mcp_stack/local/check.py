"""A real client over a running stack: every server, by both routes, in both eras, and what comes back has to be true."""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mcp_stack_proxy.config.names import SEPARATOR

from ..spec import StackSpec
from .calls import Call, Calls, holds, with_nonce
from .client import client_of
from .inspection import end_if_cancelled, load_client, reason_of

if TYPE_CHECKING:
    from mcp import Client

ERAS = ("legacy", "2026-07-28")
"""How the client connects: by a handshake, and without one."""

CALL_SECONDS = 30.0

EVERY = "all"
"""In place of a server's name: what `/mcp` offers of all of them."""

LISTS = "lists"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried."""

    server: str
    route: str
    revision: str
    what: str
    """Tool as it was called, or `lists`."""
    seconds: float
    seen: str
    """What came back."""
    wrong: str = ""
    """What is wrong with it."""


def prefixes_of(spec: StackSpec) -> dict[str, str]:
    """Prefix of each server's names on the gateway's `/mcp`."""
    return {
        name: "" if server.namespace == "" else f"{server.namespace or name}{SEPARATOR}"
        for name, server in spec.servers.items()
        if server.in_gateway
    }


Counts = dict[str, int]
Report = Callable[[Finding], None]


class Check:
    """Everything that is tried over one gateway. `prefixes`: of each server's names on `/mcp`, such as `clock__`."""

    def __init__(self, origin: str, prefixes: Mapping[str, str], calls: Calls, report: Report, key: str | None = None) -> None:
        self._origin = origin
        self._prefixes = prefixes
        self._calls = calls
        self._report = report
        self._key = key

    async def run(self) -> None:
        """Report every finding as it comes."""
        await load_client()
        for era in ERAS:
            together: Counts = {}
            for server in self._prefixes:
                counts = await self._route(f"/servers/{server}/mcp", era, server, {server: ""}, None)
                together = {what: together.get(what, 0) + count for what, count in counts.items()}
            await self._route("/mcp", era, EVERY, self._prefixes, together or None)

    def _found(self, finding: Finding) -> None:
        end_if_cancelled()
        self._report(finding)

    async def _route(self, route: str, era: str, whose: str, prefixes: Mapping[str, str], expected: Counts | None) -> Counts:
        """Over one connection: list everything, make the calls of the servers in `prefixes`."""
        start = time.perf_counter()
        counts: Counts = {}
        revision = era
        try:
            async with client_of(self._origin + route, self._key, mode=era, read_timeout_seconds=CALL_SECONDS) as client:
                revision = client.protocol_version
                counts = await _counts(client)
                wrong = "" if expected in (None, counts) else f"the servers by themselves have {_shown(expected)}"
                wrong = wrong or ("" if counts["tools"] else "no tools")
                self._found(Finding(whose, route, revision, LISTS, time.perf_counter() - start, _shown(counts), wrong))
                for server, prefix in prefixes.items():
                    nonce = secrets.token_hex(4)
                    for call in self._calls.get(server, ()):
                        self._found(await _call(client, server, route, prefix, call, nonce))
        except Exception as error:
            seconds = time.perf_counter() - start
            self._found(Finding(whose, route, revision, LISTS if not counts else "connection", seconds, "", reason_of(error)))
        return counts


async def _call(client: "Client", server: str, route: str, prefix: str, call: Call, nonce: str) -> Finding:
    name, expected = prefix + call.tool, with_nonce(call.result, nonce)
    start = time.perf_counter()
    try:
        result = await client.call_tool(name, with_nonce(call.arguments, nonce))
    except Exception as error:
        return Finding(server, route, client.protocol_version, name, time.perf_counter() - start, "", reason_of(error))
    seconds = time.perf_counter() - start
    text = " ".join(getattr(part, "text", part.type) for part in result.content)
    actual: Any = text if result.structured_content is None else result.structured_content
    wrong = "an error" if result.is_error else "" if holds(actual, expected) else f"expected {expected}"
    return Finding(server, route, client.protocol_version, name, seconds, " ".join(text.split()), wrong)


async def _counts(client: "Client") -> Counts:
    """How many of each kind are offered, all pages together."""
    lists: dict[str, Callable[..., Any]] = {
        "tools": client.list_tools,
        "resources": client.list_resources,
        "resource_templates": client.list_resource_templates,
        "prompts": client.list_prompts,
    }
    return {kind: await _count(list_page, kind) for kind, list_page in lists.items()}


async def _count(list_page: Callable[..., Any], kind: str) -> int:
    from mcp import MCPError
    from mcp_types import METHOD_NOT_FOUND

    count, cursor = 0, None
    try:
        while True:
            page = await list_page(cursor=cursor)
            count += len(getattr(page, kind))
            if (cursor := page.next_cursor) is None:
                return count
    except MCPError as error:
        if error.code == METHOD_NOT_FOUND:  # a server without this kind
            return 0
        raise


def _shown(counts: Counts | None) -> str:
    return ", ".join(f"{count} {what.removeprefix('resource_')}" for what, count in (counts or {}).items())
