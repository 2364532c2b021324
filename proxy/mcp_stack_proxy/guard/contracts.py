"""The contracts of one server's tools: what it lists, compiled when a tool is first called and again when its entry changes."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from ..catalog.audiences import MAX_AUDIENCES, Audience
from ..catalog.kinds import TOOLS
from ..catalog.server_lists import Listing, ServerLists
from ..config import Validation
from ..errors import UpstreamError
from ..wire.envelope import members_of
from .schema import Schema, Uncompilable

RELIST_SECONDS = 5.0
"""Least time between two looks for a tool that is not on the list: it may be new, and its server may not announce it."""


@dataclass(frozen=True, slots=True)
class Contract:
    """One listed tool. A text in place of a schema says why there is none to check by; None: nothing is to be checked."""

    entry: bytes
    arguments: Schema | str | None
    result: Schema | str | None


class Contracts:
    """Tools by the server's own names."""

    def __init__(self, lists: ServerLists, validation: Validation, clock: Callable[[], float] = time.monotonic) -> None:
        self._lists = lists
        self._validation = validation
        self._clock = clock
        self._listing: Listing | None = None
        self._places: dict[str, int] = {}
        self._contracts: dict[str, Contract] = {}
        self._relist_at = 0.0
        self._others: dict[ServerLists, Contracts] = {}

    def of(self, audience: Audience) -> "Contracts":
        """The contracts of what clients of `audience` are shown."""
        lists = self._lists.of(audience)
        if lists is self._lists:
            return self
        contracts = self._others.get(lists)
        if contracts is None:
            if len(self._others) >= MAX_AUDIENCES:
                self._others.clear()
            contracts = self._others[lists] = Contracts(lists, self._validation, self._clock)
        return contracts

    def known(self, name: str) -> Contract | None:
        """The contract of tool `name`, where it can be told at once: it has been called before, and the list is the same since."""
        return self._contracts.get(name) if self._lists.fresh(TOOLS) is self._listing is not None else None

    async def get(self, name: str, deadline: float) -> Contract | None:
        """The contract of tool `name`, None where the server lists no such tool. UpstreamError where it cannot be asked at all."""
        listing = self._lists.fresh(TOOLS)
        if listing is None:
            listing = await self._current(deadline)
        if listing is not self._listing:
            self._take(listing)
        place = self._places.get(name)
        if place is None:
            now = self._clock()
            if now < self._relist_at:
                return None
            self._relist_at = now + RELIST_SECONDS
            self._lists.forget(TOOLS.capability)
            self._take(listing := await self._current(deadline))
            if (place := self._places.get(name)) is None:
                return None
        known = self._contracts.get(name)
        if known is None:
            known = self._contracts[name] = _contract(listing.items[place], self._validation)
        return known

    async def _current(self, deadline: float) -> Listing:
        """The list as it is; as it was, where the server cannot be asked just now: calls are not to fail with their lists."""
        try:
            return await self._lists.get(TOOLS, deadline)
        except UpstreamError:
            if self._listing is None:
                raise
            return self._listing

    def _take(self, listing: Listing) -> None:
        self._listing = listing
        self._places = {key: place for place, key in enumerate(listing.keys)}
        self._contracts = {
            name: contract
            for name, contract in self._contracts.items()
            if (place := self._places.get(name)) is not None and listing.items[place] == contract.entry
        }


def _contract(entry: bytes, validation: Validation) -> Contract:
    tool = members_of(entry)
    arguments = _schema(tool.get("inputSchema"), "it lists no inputSchema") if validation.arguments != "off" else None
    output = tool.get("outputSchema")
    result = _schema(output, "") if validation.results != "off" and output is not None else None
    return Contract(entry, arguments, result)


def _schema(raw: msgspec.Raw | None, absent: str) -> Schema | str:
    if raw is None:
        return absent
    try:
        return Schema(raw)
    except Uncompilable as error:
        return str(error)
