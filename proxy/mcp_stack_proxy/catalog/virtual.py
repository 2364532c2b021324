"""A virtual server: a selection of what several servers have, under one roof and under names of its own."""

from collections.abc import Collection, Mapping

from .. import __version__
from ..config import VirtualServer
from ..errors import Reason, UpstreamError
from ..upstream.peer import Call, Peer
from ..wire.envelope import raw
from ..wire.task_ids import LEGACY_CAPABILITY, MODERN_CAPABILITY, TaskIds
from .aggregate import Aggregate, Routed, not_found, required, unknown_name
from .audiences import audience_of
from .kinds import PROMPTS, RESOURCES, TEMPLATES, TOOLS, Kind
from .merged import MergedLists
from .names import Namespaces
from .offer import Introduction, Watchers
from .picks import Picks, picks_of
from .references import read_reference, unknown_reference
from .selected import Selected, SelectedLists
from .server_lists import Listing, ServerLists
from .task_book import TaskBook

_NAMES = 5
"""Names that a message tells one by one."""


class Virtual(Aggregate):
    """An Offer of what `config` selects. Names are the configuration's, URIs those that they have on the endpoint of all servers.

    A name that one server alone can have is routed without asking anyone. Where patterns of several servers match it, their lists
    decide, as they do in what clients are shown: the server that is named first has it.
    """

    def __init__(
        self,
        name: str,
        config: VirtualServer,
        peers: Mapping[str, Peer],
        namespaces: Namespaces,
        lists: Mapping[str, ServerLists],
        tasks: TaskIds,
        book: TaskBook,
        discovery_seconds: float,
    ) -> None:
        tools, prompts, resources = picks_of(config.tools), picks_of(config.prompts), picks_of(config.resources)
        self._picks: dict[Kind, Picks] = {TOOLS: tools, PROMPTS: prompts, RESOURCES: resources, TEMPLATES: resources}
        servers = dict.fromkeys([*tools.servers, *prompts.servers, *resources.servers])
        self._selected = {server: SelectedLists(server, lists[server], self._picks) for server in servers}
        self._merged = MergedLists(self._selected, discovery_seconds, arrange=self._arrange)
        self._told = Watchers()
        peers = {server: peers[server] for server in servers}
        super().__init__(
            peers,
            namespaces,
            self._merged,
            self._told,
            tasks,
            book,
            title=name,
            instructions=config.instructions,
            offers=lambda server, tool: bool(tools.of(server, tool)),
        )
        self._introduction = _introduction(name, config)

    def changed(self, server: str, kind: str) -> None:
        """A list of `server` changed; tell those who watch, if there is anything of it here."""
        if any(server in picks.servers for each, picks in self._picks.items() if each.capability == kind):
            self._told.tell(kind)

    def known_tool(self, public: str) -> tuple[str, str] | None:
        """Server and own name of a tool, as far as that is known without asking anyone."""
        candidates = self._picks[TOOLS].candidates(public)
        if len(candidates) < 2:
            return candidates[0] if candidates else None
        for server, native in candidates:
            listing = self._selected[server].last(TOOLS)
            if listing is not None and native in listing.keys:
                return server, native
        return None

    def known_uri(self, public: str) -> tuple[str, str] | None:
        """See Aggregate."""
        found = self._namespaces.resolve_uri(public)
        return found if found is not None and self._picks[RESOURCES].of(*found) else None

    async def _route(self, call: Call) -> Routed:
        if call.method in ("tools/call", "prompts/get"):
            public = required(call.params, "name")
            found = await self._holder(TOOLS if call.method == "tools/call" else PROMPTS, public, call)
            if found is None:
                raise unknown_name(call, public)
            return found[0], call.called(found[1])
        if call.method == "resources/read":
            public = required(call.params, "uri")
            if (found := self.known_uri(public)) is None:
                raise not_found(call, public)
            return found[0], call.under("uri", raw(found[1]))
        if call.method == "completion/complete":
            reference, key, public = read_reference(call.params.get("ref"))
            found = self.known_uri(public) if key == "uri" else await self._holder(PROMPTS, public, call)
            if found is None:
                raise unknown_reference(public)
            return found[0], call.under("ref", raw({**reference, key: found[1]}))
        routed = super()._route(call)
        return routed if isinstance(routed, tuple) else await routed

    async def _holder(self, kind: Kind, public: str, call: Call) -> tuple[str, str] | None:
        """Server and own name of what is called `public`."""
        candidates = self._picks[kind].candidates(public)
        if len(candidates) < 2:
            return candidates[0] if candidates else None
        servers, audience = [server for server, _ in candidates], audience_of(call.capabilities, call.session)
        found = await self._merged.ask(servers, kind, call.deadline, audience)
        fault: UpstreamError | None = None
        for server, native in candidates:
            listing = found[server]
            if isinstance(listing, UpstreamError):
                listing.server = server
                fault = fault or listing
                listing = self._selected[server].last(kind)
            if listing is not None and native in listing.keys:
                return server, native
        if fault is not None:
            raise fault  # it may be what that server has
        return None

    def _arrange(self, kind: Kind, listings: Mapping[str, Listing]) -> tuple[Mapping[str, Listing], Mapping[str, UpstreamError]]:
        """Each name once. What a server had before it was lost keeps its names: a call of them must not reach another server."""
        picks = self._picks[kind]
        taken: dict[str, tuple[str, str]] = {}
        kept: dict[str, Listing] = {}
        left_out: dict[str, UpstreamError] = {}
        for server in picks.servers:
            listing = listings.get(server) or self._selected[server].last(kind)
            lost: dict[int, str] = {}
            if isinstance(listing, Selected):  # without names where URIs tell the servers apart
                for place, (key, name) in enumerate(zip(listing.keys, listing.names, strict=False)):
                    if (picks.owner(name) or taken.setdefault(name, (server, key))) != (server, key):
                        lost[place] = name
            if server in listings:
                kept[server] = _without(listings[server], lost)
                if lost:
                    left_out[server] = _collision(kind, list(dict.fromkeys(lost.values())))
        return kept, left_out


def _without(listing: Listing, lost: Collection[int]) -> Listing:
    if not lost:
        return listing
    places = [place for place in range(len(listing.keys)) if place not in lost]
    keys, items = tuple(listing.keys[place] for place in places), tuple(listing.items[place] for place in places)
    return Listing(keys, items, listing.ttl_ms, listing.expires)


def _collision(kind: Kind, names: list[str]) -> UpstreamError:
    shown = ", ".join(names[:_NAMES]) + (f" and {len(names) - _NAMES} more" if len(names) > _NAMES else "")
    hint = "give the selection a `prefix`, or each a `name`"
    text = f"its {kind.member} {shown} are left out, others have these names"
    return UpstreamError(Reason.NAME_COLLISION, text, hint=hint)


def _introduction(name: str, config: VirtualServer) -> Introduction:
    """Fixed, as that of all servers, and only of what there is."""
    capabilities = {
        key: raw({"listChanged": True})
        for key, selected in (("tools", config.tools), ("prompts", config.prompts), ("resources", config.resources))
        if selected
    }
    if config.prompts or config.resources:
        capabilities["completions"] = raw({})
    if config.resources:
        capabilities["resources"] = raw({"listChanged": True, "subscribe": True})
    if config.tools:
        capabilities |= {"tasks": LEGACY_CAPABILITY, "extensions": MODERN_CAPABILITY}
    capabilities["logging"] = raw({})
    title = {} if config.title is None else {"title": config.title}
    text = None if config.instructions is None else raw(config.instructions)
    return Introduction(capabilities, raw({"name": name, **title, "version": __version__}), text)
