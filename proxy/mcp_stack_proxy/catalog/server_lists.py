"""One server's lists, fetched when needed and kept until it says that they changed or their time is up."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from msgspec import Raw

from ..config import Limits
from ..errors import Reason, UpstreamError
from ..upstream.handshake import discover_params
from ..upstream.peer import Call, Peer, answer_of
from ..upstream.single_flight import SingleFlight
from ..upstream.tasks import Tasks
from ..wire.envelope import Members, members_of, string_of
from ..wire.revisions import Era
from .kinds import KINDS, Kind

MAX_PAGES = 1000
"""Pages of one list: a server that never stops giving out cursors must not keep us busy for ever."""

Rename = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Listing:
    """A server's whole list, items encoded under their public keys."""

    keys: tuple[str, ...]
    """Native keys, in the server's order."""
    items: tuple[bytes, ...]
    ttl_ms: int
    """How long the server allows to keep it; 0 where it said nothing."""
    expires: float


class ServerLists:
    """Lists of one server under public names."""

    def __init__(self, peer: Peer, rename: Callable[[Kind, str], str], limits: Limits, tasks: Tasks, name: str) -> None:
        self._peer = peer
        self._rename = rename
        self._limits = limits
        self._flights = {
            kind: SingleFlight(f"list {kind.member} of {name}", tasks, self._maker(kind)) for kind in KINDS.values()
        }

    async def get(self, kind: Kind, deadline: float) -> Listing:
        """The list, from memory while it holds; UpstreamError where the server cannot be asked."""
        flight = self._flights[kind]
        if flight.value is not None and flight.value.expires <= asyncio.get_running_loop().time():
            flight.forget()
        return await flight.get(deadline)

    def known(self, kind: Kind) -> Listing | None:
        """The list as last fetched, without asking."""
        return self._flights[kind].value

    def forget(self, changed: str) -> None:
        """The server's list of `changed` (`tools`, `prompts`, `resources`) is stale."""
        for kind, flight in self._flights.items():
            if kind.capability == changed:
                flight.forget()

    def _maker(self, kind: Kind):
        async def make() -> Listing:
            return await self._fetch(kind)

        return make

    async def _fetch(self, kind: Kind) -> Listing:
        now = asyncio.get_running_loop().time()
        deadline = now + self._limits.discovery_seconds
        hello = await self._peer.hello(deadline)
        keys: list[str] = []
        items: list[bytes] = []
        ttl_ms = 0
        params = discover_params()
        for _ in range(MAX_PAGES if kind.capability in hello.capabilities else 0):
            result = await self._page(kind, params, deadline)
            for item in _items(result, kind):
                key = string_of(item.get(kind.key))
                if key is None:
                    raise UpstreamError(Reason.INVALID, f"lists {kind.member} without {kind.key}")
                keys.append(key)
                items.append(msgspec.json.encode({**item, kind.key: self._rename(kind, key)}))
            ttl_ms = _integer(result.get("ttlMs"))
            cursor = result.get("nextCursor")
            if cursor is None or bytes(cursor) == b"null":
                break
            params = {**params, "cursor": cursor}
        else:
            if kind.capability in hello.capabilities:
                raise UpstreamError(Reason.INVALID, f"lists {kind.member} on more than {MAX_PAGES} pages")
        kept = min(self._limits.catalog_seconds, ttl_ms / 1000 or self._limits.catalog_seconds)
        return Listing(tuple(keys), tuple(items), ttl_ms, now + kept)

    async def _page(self, kind: Kind, params: Members, deadline: float) -> Members:
        call = Call(kind.method, params, Era.MODERN, deadline)
        answer = await answer_of(await self._peer.call(call))
        if answer.is_error:
            raise UpstreamError(Reason.INVALID, f"answers {kind.method} with an error: {_message(answer.value)}")
        try:
            return members_of(answer.value)
        except msgspec.DecodeError:
            raise UpstreamError(Reason.INVALID, f"answers {kind.method} with something else") from None


def _items(result: Members, kind: Kind) -> list[Members]:
    try:
        return msgspec.json.decode(result[kind.member], type=list[Members])
    except (KeyError, msgspec.DecodeError):
        raise UpstreamError(Reason.INVALID, f"answers {kind.method} without {kind.member}") from None


def _integer(value: Raw | None) -> int:
    text = bytes(value) if value is not None else b""
    return int(text) if text.isdigit() and len(text) < 16 else 0


def _message(error: Raw) -> str:
    try:
        return (string_of(members_of(error).get("message")) or "no message")[:200]
    except msgspec.DecodeError:
        return "no message"
