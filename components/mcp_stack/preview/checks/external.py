"""What a cluster holds beside the objects of a stack, as far as that is declared: somebody else's Secrets, Gateways, namespaces."""

from collections.abc import Iterable
from dataclasses import dataclass

from ..values import told_later

ANYWHERE = "*"
"""In place of a namespace: the object may be in any."""


@dataclass(frozen=True, slots=True)
class External:
    """Objects by kind, namespace and name. Their content is not known, so every key of theirs is taken to exist."""

    objects: frozenset[tuple[str, str, str]] = frozenset()

    def has(self, kind: str, namespace: str, name: str) -> bool:
        """Whether `name` is declared for `namespace`, or is told only after deployment, by whoever makes the object."""
        return told_later(name) or not {(kind, namespace, name), (kind, ANYWHERE, name)}.isdisjoint(self.objects)

    def __or__(self, other: "External") -> "External":
        return External(self.objects | other.objects)


def declared(entries: Iterable[str]) -> External:
    """From `Kind/name` or `Kind/namespace/name`; ValueError for anything else."""
    found: set[tuple[str, str, str]] = set()
    for entry in entries:
        parts = entry.split("/")
        if len(parts) not in (2, 3) or not all(parts):
            raise ValueError(f"{entry!r} names no object: write Kind/name or Kind/namespace/name, such as Secret/mcp/tokens")
        found.add((parts[0], parts[1] if len(parts) == 3 else ANYWHERE, parts[-1]))
    return External(frozenset(found))
