"""Names on the aggregated endpoint: `{namespace}__{tool}` and `{namespace}+{uri}`, always taken apart the same way."""

from collections.abc import Mapping

from ..config.names import SEPARATOR, URI_SEPARATOR


class Namespaces:
    """Which server a public name belongs to. Namespaces hold neither `_` nor `+`, so the first separator ends them."""

    def __init__(self, namespaces: Mapping[str, str]) -> None:
        """`namespaces`: server -> namespace, each namespace once; the empty one takes all names without a known prefix."""
        self._of = dict(namespaces)
        self._owner = {namespace: server for server, namespace in namespaces.items()}

    def name(self, server: str, native: str) -> str:
        """Public name of a tool or prompt."""
        return _join(self._of[server], SEPARATOR, native)

    def uri(self, server: str, native: str) -> str:
        """Public form of a URI or URI template."""
        return _join(self._of[server], URI_SEPARATOR, native)

    def resolve_name(self, public: str) -> tuple[str, str] | None:
        """Server and its own name for a public one; None for a name that belongs to nobody."""
        return self._resolve(public, SEPARATOR)

    def resolve_uri(self, public: str) -> tuple[str, str] | None:
        """Server and its own URI for a public one; None for a URI that belongs to nobody."""
        return self._resolve(public, URI_SEPARATOR)

    def _resolve(self, public: str, separator: str) -> tuple[str, str] | None:
        prefix, found, native = public.partition(separator)
        if found and prefix and (server := self._owner.get(prefix)) is not None:
            return server, native
        server = self._owner.get("")
        return None if server is None else (server, public)


def _join(namespace: str, separator: str, native: str) -> str:
    return f"{namespace}{separator}{native}" if namespace else native
