"""All servers' lists as one: in the stack's order, page by page, and saying which server is missing and why."""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from msgspec import Raw

from ..errors import ProxyError, UpstreamError, of_discovery
from ..wire.envelope import Members, encode, raw
from ..wire.errors import error_for
from .audiences import EVERYONE, Audience
from .cursors import Cursor, bad_cursor, decode_cursor, encode_cursor
from .kinds import Kind
from .server_lists import Listing

PAGE = 1000
"""Items of one page, where nobody says otherwise."""

META_PARTIAL = "mcp-stack/partial"
"""Key in a list's `_meta`: servers that could not be asked, each with `server`, `reason`, `retryable` and `message`."""


class Lists(Protocol):
    """One server's lists, as ServerLists has them."""

    def of(self, audience: Audience) -> "Lists":
        """The lists as clients of `audience` see them."""
        ...

    def fresh(self, kind: Kind) -> Listing | None:
        """The list, where it holds."""
        ...

    async def get(self, kind: Kind, deadline: float) -> Listing:
        """The list; UpstreamError where the server cannot be asked."""
        ...


Arrange: TypeAlias = Callable[[Kind, Mapping[str, Listing]], tuple[Mapping[str, Listing], Mapping[str, UpstreamError]]]
"""From the lists of those servers that could be asked to what of them is given out, and why something is not, by server."""


@dataclass(frozen=True, slots=True)
class _Page:
    items: list[bytes]
    next: Cursor | None


class MergedLists:
    """The lists of several servers."""

    def __init__(
        self,
        servers: Mapping[str, Lists],
        discovery_seconds: float,
        *,
        arrange: Arrange | None = None,
        page_size: int = PAGE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` is the one that `servers` have. With `arrange` every page is a matter of all servers."""
        self._servers = dict(servers)
        self._order = list(servers)
        self._discovery_seconds = discovery_seconds
        self._arrange = arrange
        self._page_size = page_size
        self._clock = clock

    async def page(self, kind: Kind, cursor: str | None, deadline: float, audience: Audience = EVERYONE) -> Raw:
        """Result of a list request. A server that fails costs its own time only, and stands in `_meta`."""
        after = None if cursor is None else decode_cursor(cursor)
        if after is not None and after.server not in self._servers:
            raise bad_cursor()
        names = self._order[self._order.index(after.server) if after else 0 :]
        found = await self.ask(names if self._arrange is None else self._order, kind, deadline, audience)
        listings: Mapping[str, Listing] = {name: one for name, one in found.items() if isinstance(one, Listing)}
        failures = [(name, fault) for name, fault in found.items() if isinstance(fault, UpstreamError)]
        ttl_ms = 0 if failures else self._ttl_ms(listings.values())
        if self._arrange is not None:
            listings, left_out = self._arrange(kind, listings)
            failures += left_out.items()
        page = _cut([(name, listings[name]) for name in names if name in listings], after, self._page_size)
        return _result(kind, page, ttl_ms, failures)

    async def ask(
        self, names: Sequence[str], kind: Kind, deadline: float, audience: Audience = EVERYONE
    ) -> dict[str, Listing | UpstreamError]:
        """The lists of these servers, all asked at once, or why there is none."""
        bound = min(deadline, asyncio.get_running_loop().time() + self._discovery_seconds)
        found: dict[str, Listing | UpstreamError] = {}
        missing: list[str] = []
        lists = self._servers if audience == EVERYONE else {name: self._servers[name].of(audience) for name in names}
        for name in names:
            if (known := lists[name].fresh(kind)) is not None:
                found[name] = known
            else:
                missing.append(name)
        answers = await asyncio.gather(*(lists[name].get(kind, bound) for name in missing), return_exceptions=True)
        for name, answer in zip(missing, answers, strict=True):
            if isinstance(answer, BaseException) and not isinstance(answer, UpstreamError):
                raise answer
            found[name] = of_discovery(answer) if isinstance(answer, UpstreamError) and bound < deadline else answer
        return found

    def _ttl_ms(self, listings: Collection[Listing]) -> int:
        """How long a client may keep the page: no longer than any server allowed, counted from when that server was asked."""
        now = self._clock()
        left = [min(listing.ttl_ms, int((listing.expires - now) * 1000)) for listing in listings if listing.ttl_ms is not None]
        return max(min(left, default=0), 0)


def _cut(listings: Sequence[tuple[str, Listing]], after: Cursor | None, size: int) -> _Page:
    items: list[bytes] = []
    last: Cursor | None = None
    for name, listing in listings:
        start = _behind(listing.keys, after) if after is not None and name == after.server else 0
        end = min(start + size - len(items), len(listing.items))
        if end > start:
            items += listing.items[start:end]
            key = listing.keys[end - 1]
            last = Cursor(name, key, listing.keys[: end - 1].count(key))
        if end < len(listing.items):
            return _Page(items, last)
    return _Page(items, None)


def _behind(keys: Sequence[str], after: Cursor) -> int:
    """Index of the item behind the cursor's."""
    index = -1
    try:
        for _ in range(after.before + 1):
            index = keys.index(after.key, index + 1)
    except ValueError:
        raise bad_cursor() from None
    return index + 1


def _result(kind: Kind, page: _Page, ttl_ms: int, failures: Sequence[tuple[str, UpstreamError]]) -> Raw:
    result: dict[str, Any] = {kind.member: Raw(b"[" + b",".join(page.items) + b"]")}
    if page.next is not None:
        result["nextCursor"] = encode_cursor(page.next)
    result |= {"resultType": "complete", "ttlMs": ttl_ms, "cacheScope": "private"}
    if failures:
        result["_meta"] = {META_PARTIAL: [partial(name, fault) for name, fault in failures]}
    return Raw(encode(result))


def partial(name: str | None, fault: ProxyError) -> Members:
    """What stands in `_meta` for the server `name`, whose part of a list is missing."""
    error = error_for(fault, name)
    return {key: raw(value) for key, value in {**error.members, "message": fault.message}.items()}
