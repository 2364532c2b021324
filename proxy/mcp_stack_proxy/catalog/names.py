"""Names on the aggregated endpoint: `{namespace}__{tool}` and `{namespace}+{uri}`, always taken apart the same way."""

from collections.abc import Mapping
from functools import lru_cache, partial

from ..config.names import SEPARATOR, URI_SEPARATOR

_REMEMBERED = 256
"""Characters of a name up to which it is remembered whose it is: it is the client's to choose how many."""


class Namespaces:
    """Which server a public name belongs to. Namespaces hold neither `_` nor `+`, so the first separator ends them.

    A server with the empty namespace keeps its names, except one that reads like another server's: that one begins with a
    separator, so that no server can stand in for another.
    """

    def __init__(self, namespaces: Mapping[str, str]) -> None:
        """`namespaces`: server -> namespace, each namespace once; the empty one takes all names without a known prefix."""
        self._of = dict(namespaces)
        self._owner = {namespace: server for server, namespace in namespaces.items()}
        self._known = lru_cache(maxsize=1024)(partial(self._resolve, separator=SEPARATOR))

    def name(self, server: str, native: str) -> str:
        """Public name of a tool or prompt."""
        return self._public(self._of[server], SEPARATOR, native)

    def uri(self, server: str, native: str) -> str:
        """Public form of a URI or URI template."""
        return self._public(self._of[server], URI_SEPARATOR, native)

    def resolve_name(self, public: str) -> tuple[str, str] | None:
        """Server and its own name for a public one; None for a name that belongs to nobody."""
        return self._known(public) if len(public) <= _REMEMBERED else self._resolve(public, SEPARATOR)

    def resolve_uri(self, public: str) -> tuple[str, str] | None:
        """Server and its own URI for a public one; None for a URI that belongs to nobody."""
        return self._resolve(public, URI_SEPARATOR)

    def _resolve(self, public: str, separator: str) -> tuple[str, str] | None:
        if (server := self._prefixed(public, separator)) is not None:
            return server, public.partition(separator)[2]
        server = self._owner.get("")
        if server is None:
            return None
        native = public.removeprefix(separator)
        return server, native if native != public and self._misleads(native, separator) else public

    def _public(self, namespace: str, separator: str, native: str) -> str:
        if namespace or self._misleads(native, separator):
            return f"{namespace}{separator}{native}"
        return native

    def _prefixed(self, name: str, separator: str) -> str | None:
        """The server whose namespace `name` begins with."""
        prefix, found, _ = name.partition(separator)
        return self._owner.get(prefix) if prefix and found else None

    def _misleads(self, native: str, separator: str) -> bool:
        """Whether `native` without a prefix reads like another server's name, now or once the separators before it are gone."""
        while native.startswith(separator):
            native = native.removeprefix(separator)
        return self._prefixed(native, separator) is not None
