"""What a virtual server has of one server's lists, made once of each list that the server gives."""

import math
from dataclasses import dataclass

from .audiences import MAX_AUDIENCES, Audience
from .kinds import PROMPTS, TOOLS, Kind
from .picks import Picks
from .server_lists import Listing, ServerLists

_NOTHING = Listing((), (), None, math.inf)


@dataclass(frozen=True, slots=True)
class Selected(Listing):
    """A part of a server's list. A thing that was picked twice is there twice."""

    names: tuple[str, ...]
    """What each item is called here; empty for what keeps its URI."""


class SelectedLists:
    """Lists of one server, as far as they are picked. See Lists."""

    def __init__(self, server: str, lists: ServerLists, picks: dict[Kind, Picks]) -> None:
        self._server = server
        self._lists = lists
        self._picks = {kind: one for kind, one in picks.items() if server in one.servers}
        self._made: dict[Kind, tuple[Listing, Selected]] = {}
        self._others: dict[ServerLists, SelectedLists] = {}

    def of(self, audience: Audience) -> "SelectedLists":
        """See Lists."""
        whole = self._lists.of(audience)
        if whole is self._lists:
            return self
        lists = self._others.get(whole)
        if lists is None:
            if len(self._others) >= MAX_AUDIENCES:
                self._others.clear()
            lists = self._others[whole] = SelectedLists(self._server, whole, self._picks)
        return lists

    def fresh(self, kind: Kind) -> Listing | None:
        """See Lists. Of what nothing is picked, there is nothing to ask for."""
        if kind not in self._picks:
            return _NOTHING
        whole = self._lists.fresh(kind)
        return None if whole is None else self._selected(kind, whole)

    async def get(self, kind: Kind, deadline: float) -> Listing:
        """See Lists."""
        return self._selected(kind, await self._lists.get(kind, deadline))

    def last(self, kind: Kind) -> Selected | None:
        """The list as last given out, whatever has become of the server since."""
        made = self._made.get(kind)
        return None if made is None else made[1]

    def _selected(self, kind: Kind, whole: Listing) -> Selected:
        made = self._made.get(kind)
        if made is None or made[0] is not whole:
            made = self._made[kind] = (whole, self._select(kind, whole))
        return made[1]

    def _select(self, kind: Kind, whole: Listing) -> Selected:
        keys: list[str] = []
        items: list[bytes] = []
        names: list[str] = []
        for key, item in zip(whole.keys, whole.items, strict=True):
            for pick in self._picks[kind].of(self._server, key):
                keys.append(key)
                if kind in (TOOLS, PROMPTS):
                    names.append(pick.public(key))
                    items.append(pick.listed(item, names[-1]))
                else:
                    items.append(item)
        return Selected(tuple(keys), tuple(items), whole.ttl_ms, whole.expires, tuple(names))
