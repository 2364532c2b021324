"""What a virtual server has of each server, and what it calls it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import translate

import msgspec
from msgspec import Raw

from ..config import PromptSelection, ResourceSelection, ToolSelection
from ..config.virtual import is_glob
from ..wire.envelope import Members, encode, members_of, raw

_HINTS = {
    "read_only": "readOnlyHint",
    "destructive": "destructiveHint",
    "idempotent": "idempotentHint",
    "open_world": "openWorldHint",
}


@dataclass(frozen=True, slots=True)
class Pick:
    """One thing of a server (`glob` is None), or all that match."""

    server: str
    native: str
    glob: re.Pattern[str] | None = None
    name: str | None = None
    """Name of the one thing, its own by default."""
    prefix: str = ""
    """In front of the names of all that match."""
    changes: Mapping[str, Raw] = field(default_factory=dict[str, Raw])
    """Members in place of the server's own."""
    annotations: Mapping[str, Raw] = field(default_factory=dict[str, Raw])
    """Members in place of the server's own within `annotations`."""

    def admits(self, native: str) -> bool:
        """Whether this is about what the server calls `native`."""
        return native == self.native if self.glob is None else self.glob.match(native) is not None

    def public(self, native: str) -> str:
        """What `native` is called here."""
        return (self.name or native) if self.glob is None else self.prefix + native

    def listed(self, item: bytes, public: str) -> bytes:
        """The server's list entry under the name `public`, with everything else that it says."""
        own = members_of(item)
        entry: Members = {**own, "name": raw(public), **self.changes}
        if self.annotations:
            entry["annotations"] = raw({**_object(own.get("annotations")), **self.annotations})
        return encode(entry)


class Picks:
    """All picks of one kind that has names. A thing that is picked by itself is not picked by a pattern again."""

    def __init__(self, picks: Sequence[Pick]) -> None:
        self.servers = tuple(dict.fromkeys(pick.server for pick in picks))
        """In the order in which they are named: of two servers with one name, the first has it."""
        self._single: dict[tuple[str, str], list[Pick]] = {}
        self._globs: dict[str, list[Pick]] = {server: [] for server in self.servers}
        self._owner: dict[str, tuple[str, str]] = {}
        for pick in picks:
            if pick.glob is None:
                self._single.setdefault((pick.server, pick.native), []).append(pick)
                self._owner[pick.public(pick.native)] = (pick.server, pick.native)
            else:
                self._globs[pick.server].append(pick)

    def of(self, server: str, native: str) -> Sequence[Pick]:
        """The picks by which a thing of `server` is offered; none where it is not."""
        if (single := self._single.get((server, native))) is not None:
            return single
        return [pick for pick in self._globs.get(server, ()) if pick.admits(native)][:1]

    def owner(self, public: str) -> tuple[str, str] | None:
        """The thing that the configuration gives the name `public`, whatever servers have."""
        return self._owner.get(public)

    def candidates(self, public: str) -> list[tuple[str, str]]:
        """Server and own name of each thing that may be called `public`; the first that exists has the name."""
        if (owner := self._owner.get(public)) is not None:
            return [owner]
        found: list[tuple[str, str]] = []
        for server in self.servers:
            natives = (public.removeprefix(pick.prefix) for pick in self._globs[server] if public.startswith(pick.prefix))
            found += [
                (server, native)
                for native in dict.fromkeys(natives)
                if native and any(pick.public(native) == public for pick in self.of(server, native))
            ]
        return found


def picks_of(selections: Iterable[ToolSelection | PromptSelection | ResourceSelection]) -> Picks:
    """The configuration's selections, compiled."""
    return Picks([_pick(one) for one in selections])


def _pick(selection: ToolSelection | PromptSelection | ResourceSelection) -> Pick:
    glob = re.compile(translate(selection.pattern)) if is_glob(selection.pattern) else None
    if isinstance(selection, ResourceSelection):
        return Pick(selection.server, selection.uri, glob)
    texts = {"title": selection.title, "description": selection.description}
    changes = {key: raw(text) for key, text in texts.items() if text is not None}
    hints: Mapping[str, bool] = {}
    if isinstance(selection, ToolSelection) and selection.annotations is not None:
        hints = selection.annotations.model_dump(exclude_none=True)
    annotations = {_HINTS[key]: raw(hint) for key, hint in hints.items()}
    return Pick(selection.server, selection.pattern, glob, selection.name, selection.prefix, changes, annotations)


def _object(value: Raw | None) -> Members:
    try:
        return members_of(value if value is not None else b"{}")
    except msgspec.DecodeError:
        return {}
