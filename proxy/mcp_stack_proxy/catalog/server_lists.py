"""One server's lists, fetched when needed and kept until it says that they changed or their time is up."""

import asyncio
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, TypeVar

import msgspec
from msgspec import Raw

from ..config import Limits
from ..errors import Reason, UpstreamError, of_discovery
from ..upstream.handshake import discover_params
from ..upstream.peer import Call, Peer, answer_of
from ..upstream.single_flight import SingleFlight
from ..upstream.tasks import Tasks
from ..wire.bridge import refuse_unknown
from ..wire.envelope import Members, encode, members_of, objects_of, string_of
from ..wire.errors import METHOD_NOT_FOUND, RpcError
from ..wire.revisions import Era
from .audiences import EVERYONE, MAX_AUDIENCES, Audience
from .kinds import KINDS, TEMPLATES, Kind
from .list_record import ListRecord
from .pause import Pause

MAX_PAGES = 1000
"""Pages of one list: a server that never stops giving out cursors must not keep us busy for ever."""

FETCHES = 3
"""Times that a list is fetched in a row because it changed meanwhile."""

T = TypeVar("T")

ToldApart: TypeAlias = Literal["all", "settled"]
"""All clients, or those alone who keep a session."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A server's whole list, items encoded under their public keys."""

    keys: tuple[str, ...]
    """Native keys, in the server's order."""
    items: tuple[bytes, ...]
    ttl_ms: int | None
    """How long the server allowed to keep it when it was asked; 0 where it said nothing, None where it has no such list."""
    expires: float
    """When it has to be fetched again, in the time of the clock."""


class ServerLists:
    """Lists of one server under public names.

    A server that could not be asked is left alone for a while (see Pause): as a whole where it does not even introduce itself, else
    the one list. Calls are not concerned, and one that reaches the server ends the wait for its introduction.
    """

    def __init__(
        self,
        peer: Peer,
        rename: Callable[[Kind, str], str],
        limits: Limits,
        tasks: Tasks,
        name: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        told_apart: ToldApart | None = None,
        audience: Audience = EVERYONE,
        record: ListRecord | None = None,
    ) -> None:
        """`clock` measures the age of lists and pauses; deadlines are in the event loop's time.

        `told_apart`: who has a session of their own with the server where they can be asked, and so perhaps lists of their own.
        """
        self._peer = peer
        self._rename = rename
        self._limits = limits
        self._tasks = tasks
        self._name = name
        self._clock = clock
        self._told_apart = told_apart
        self._modern = False  # whether the server's lists are known to be the same for every connection
        self._audience = audience
        self._capabilities = members_of(audience.asked) if audience.asked else {}
        self.record = record or ListRecord()
        """How attempts have ended."""
        self._others: OrderedDict[Audience, ServerLists] = OrderedDict()
        self._flights = {kind: SingleFlight(f"list {kind.member} of {name}", tasks, self._maker(kind)) for kind in KINDS.values()}
        self._greeting = Pause()
        self._pauses = {kind: Pause() for kind in KINDS.values()}
        self._changes: Counter[str] = Counter()

    def of(self, audience: Audience) -> "ServerLists":
        """The lists as clients of `audience` see them."""
        if self._told_apart is None or (self._modern and self._told_apart == "all"):
            return self
        if self._told_apart == "settled" and not audience.settled:
            return self
        audience = audience._replace(settled=False)  # a list is the same for both kinds, where both have one
        if audience == self._audience:
            return self
        lists = self._others.get(audience)
        if lists is None:
            if len(self._others) >= MAX_AUDIENCES:
                oldest, _ = self._others.popitem(last=False)
                self._peer.left(_session(oldest))
            common = self._peer, self._rename, self._limits, self._tasks, self._name
            lists = self._others[audience] = ServerLists(*common, clock=self._clock, audience=audience, record=self.record)
        self._others.move_to_end(audience)
        return lists

    async def get(self, kind: Kind, deadline: float) -> Listing:
        """The list, from memory while it holds; UpstreamError where the server cannot be asked."""
        if (fresh := self.fresh(kind)) is not None:
            return fresh
        now = self._clock()
        try:
            if not self._peer.connected:
                self._greeting.check(now)
            self._pauses[kind].check(now)
        except UpstreamError:
            self.record.missing(kind.member)
            raise
        flight = self._flights[kind]
        flight.forget()
        return await flight.get(deadline)

    def known(self, kind: Kind) -> Listing | None:
        """The list as last fetched, without asking."""
        return self._flights[kind].value

    def fresh(self, kind: Kind) -> Listing | None:
        """The list as last fetched, if it still holds."""
        known = self._flights[kind].value
        return known if known is not None and known.expires > self._clock() else None

    def forget(self, changed: str) -> None:
        """The server's list of `changed` (`tools`, `prompts`, `resources`) is stale."""
        self._changes[changed] += 1
        for kind, flight in self._flights.items():
            if kind.capability == changed:
                flight.forget()
        for lists in self._others.values():
            lists.forget(changed)

    def _maker(self, kind: Kind) -> Callable[[], Coroutine[Any, Any, Listing]]:
        async def make() -> Listing:
            try:
                listing = await fetched()
            except UpstreamError as fault:
                self.record.failed(kind.member, fault.reason)
                raise
            self.record.succeeded(kind.member)
            return listing

        async def fetched() -> Listing:
            deadline = asyncio.get_running_loop().time() + self._limits.discovery_seconds
            hello = await self._watched(self._greeting, self._peer.hello(deadline), deadline)
            self._modern = hello.era is Era.MODERN
            if kind.capability not in hello.capabilities:
                return Listing((), (), None, self._clock() + self._limits.catalog_seconds)
            return await self._watched(self._pauses[kind], self._current(kind, deadline), deadline)

        return make

    async def _watched(self, pause: Pause, work: Coroutine[Any, Any, T], deadline: float) -> T:
        try:
            async with asyncio.timeout_at(deadline):
                value = await work
        except TimeoutError:
            fault = UpstreamError(
                Reason.DISCOVERY_TIMEOUT, f"did not answer within {self._limits.discovery_seconds:g} s", retryable=True
            )
            pause.failed(fault, self._clock())
            raise fault from None
        except UpstreamError as error:
            fault = of_discovery(error)
            pause.failed(fault, self._clock())
            raise fault from None
        pause.succeeded()
        return value

    async def _current(self, kind: Kind, deadline: float) -> Listing:
        """The list after the last change that was announced. One that changes each time it is asked for is not kept."""
        fetches = 0
        while True:
            changes = self._changes[kind.capability]
            listing = await self._fetch(kind, deadline)
            fetches += 1
            if changes == self._changes[kind.capability]:
                return listing
            if fetches == FETCHES:
                return replace(listing, expires=self._clock())

    async def _fetch(self, kind: Kind, deadline: float) -> Listing:
        now = self._clock()
        keys: list[str] = []
        items: list[bytes] = []
        size = 0
        ttls: list[int] = []
        params = discover_params()
        for _ in range(MAX_PAGES):
            result = await self._page(kind, params, deadline)
            for item in _items(result, kind):
                key = string_of(item.get(kind.key))
                if key is None:
                    raise UpstreamError(Reason.INVALID, f"lists {kind.member} without {kind.key}")
                keys.append(key)
                items.append(encode({**item, kind.key: self._rename(kind, key)}))
                size += len(items[-1])
            if size > self._limits.max_message_bytes:
                most = self._limits.max_message_bytes
                raise UpstreamError(Reason.INVALID, f"lists more than {most} bytes of {kind.member} (limits.max_message_bytes)")
            ttls.append(_integer(result.get("ttlMs")))
            cursor = result.get("nextCursor")
            if cursor is None or bytes(cursor) == b"null":
                kept = min([self._limits.catalog_seconds, *(ttl_ms / 1000 for ttl_ms in ttls if ttl_ms)])
                return Listing(tuple(keys), tuple(items), min(ttls), now + kept)
            params = {**params, "cursor": cursor}
        raise UpstreamError(Reason.INVALID, f"lists {kind.member} on more than {MAX_PAGES} pages")

    async def _page(self, kind: Kind, params: Members, deadline: float) -> Members:
        call = Call(kind.method, params, Era.MODERN, deadline, capabilities=self._capabilities, session=_session(self._audience))
        try:
            answer = await answer_of(await self._peer.call(call))
        except RpcError as error:  # of a notification that came with it; no fault of whoever asks for the lists of all servers
            raise UpstreamError(Reason.INVALID, f"answers {kind.method} with what is no MCP: {error.message}") from None
        if answer.is_error and kind is TEMPLATES and _code(answer.value) == b"%d" % METHOD_NOT_FOUND:
            return {kind.member: Raw(b"[]")}  # resources without templates: many servers have no method for none
        if answer.is_error:
            raise UpstreamError(Reason.INVALID, f"answers {kind.method} with an error: {_message(answer.value)}")
        try:
            page = members_of(answer.value)
        except msgspec.DecodeError:
            raise UpstreamError(Reason.INVALID, f"answers {kind.method} with something else") from None
        refuse_unknown(page)
        return page


def is_for_lists(session: Hashable) -> bool:
    """Whether `session` is one in which lists are fetched, and no client's."""
    return isinstance(session, tuple)


def _session(audience: Audience) -> tuple[str, bytes] | None:
    """The session in which the lists for `audience` are fetched; None for the one that all have in common."""
    return ("lists", audience.asked) if audience.asked else None


def _items(result: Members, kind: Kind) -> list[Members]:
    try:
        return objects_of(result[kind.member])
    except (KeyError, msgspec.DecodeError):
        raise UpstreamError(Reason.INVALID, f"answers {kind.method} without {kind.member}") from None


def _integer(value: Raw | None) -> int:
    text = bytes(value) if value is not None else b""
    return int(text) if text.isdigit() and len(text) < 16 else 0


def _code(error: Raw) -> bytes:
    try:
        return bytes(members_of(error).get("code", b""))
    except msgspec.DecodeError:
        return b""


def _message(error: Raw) -> str:
    try:
        return (string_of(members_of(error).get("message")) or "no message")[:200]
    except msgspec.DecodeError:
        return "no message"
