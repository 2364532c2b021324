"""All servers' lists as one: in the stack's order, page by page, and saying which server is missing and why."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import Raw

from ..errors import UpstreamError
from ..wire.envelope import Members, encode, raw
from ..wire.errors import error_for
from .cursors import Cursor, bad_cursor, decode_cursor, encode_cursor
from .kinds import Kind
from .server_lists import Listing, ServerLists

PAGE = 1000
"""Items of one page."""

META_PARTIAL = "mcp-stack/partial"
"""Key in a list's `_meta`: servers that could not be asked, each with `server`, `reason`, `retryable` and `message`."""


@dataclass(frozen=True, slots=True)
class _Page:
    items: list[bytes]
    next: Cursor | None


class MergedLists:
    """The lists of several servers."""

    def __init__(self, servers: Mapping[str, ServerLists], discovery_seconds: float) -> None:
        self._servers = dict(servers)
        self._order = list(servers)
        self._discovery_seconds = discovery_seconds

    async def page(self, kind: Kind, cursor: str | None, deadline: float) -> Raw:
        """Result of a list request. A server that fails costs its own time only, and stands in `_meta`."""
        after = None if cursor is None else decode_cursor(cursor)
        if after is not None and after.server not in self._servers:
            raise bad_cursor()
        bound = min(deadline, asyncio.get_running_loop().time() + self._discovery_seconds)
        names = self._order[self._order.index(after.server) if after else 0 :]
        found = await self._ask(names, kind, bound)
        listings = {name: listing for name, listing in found.items() if isinstance(listing, Listing)}
        failures = {name: fault for name, fault in found.items() if isinstance(fault, UpstreamError)}
        page = _cut([(name, listings[name]) for name in names if name in listings], after)
        return _result(kind, page, listings.values(), failures)

    async def _ask(self, names: Sequence[str], kind: Kind, deadline: float) -> dict[str, Listing | UpstreamError]:
        now = asyncio.get_running_loop().time()
        found: dict[str, Listing | UpstreamError] = {}
        missing: list[str] = []
        for name in names:
            known = self._servers[name].known(kind)
            if known is not None and known.expires > now:
                found[name] = known
            else:
                missing.append(name)
        answers = await asyncio.gather(
            *(self._servers[name].get(kind, deadline) for name in missing), return_exceptions=True
        )
        for name, answer in zip(missing, answers, strict=True):
            if isinstance(answer, BaseException) and not isinstance(answer, UpstreamError):
                raise answer
            found[name] = answer
        return found


def _cut(listings: Sequence[tuple[str, Listing]], after: Cursor | None) -> _Page:
    items: list[bytes] = []
    last: Cursor | None = None
    for name, listing in listings:
        start = 0
        if after is not None and name == after.server:
            if after.key not in listing.keys:
                raise bad_cursor()
            start = listing.keys.index(after.key) + 1
        room = PAGE - len(items)
        if start < len(listing.items) and room == 0:
            return _Page(items, last)
        chosen = listing.items[start : start + room]
        items += chosen
        if chosen:
            last = Cursor(name, listing.keys[start + len(chosen) - 1])
        if start + len(chosen) < len(listing.items):
            return _Page(items, last)
    return _Page(items, None)


def _result(kind: Kind, page: _Page, listings: Any, failures: Mapping[str, UpstreamError]) -> Raw:
    result: dict[str, Any] = {kind.member: Raw(b"[" + b",".join(page.items) + b"]")}
    if page.next is not None:
        result["nextCursor"] = encode_cursor(page.next)
    ttl = 0 if failures else min((listing.ttl_ms for listing in listings), default=0)
    result |= {"resultType": "complete", "ttlMs": ttl, "cacheScope": "private"}
    if failures:
        result["_meta"] = {META_PARTIAL: [_partial(name, fault) for name, fault in failures.items()]}
    return Raw(encode(result))


def _partial(name: str, fault: UpstreamError) -> Members:
    error = error_for(fault, name)
    return {key: raw(value) for key, value in {**(error.data or {}), "message": fault.message}.items()}
