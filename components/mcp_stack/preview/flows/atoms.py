"""Addresses that stand for all addresses: one out of each piece into which ranges cut the address space.

Whether a policy admits an address can only change at an edge of one of the ranges that somebody names, so that a look at each piece
is a look at every address, IPv6 included.
"""

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv6Address
from typing import Any, cast

from .ends import Address, Range
from .network import ranges

Plain = Mapping[str, Any]

_KINDS = {4: (IPv4Address, 32), 6: (IPv6Address, 128)}


def atoms(cut: Iterable[Range]) -> list[Address]:
    """The first address of each piece, of both families."""
    edges: dict[int, set[int]] = {4: {0}, 6: {0}}
    for one in cut:
        edges[one.version] |= {int(one[0]), int(one[-1]) + 1}
    return [Address(kind(edge)) for version, (kind, bits) in _KINDS.items() for edge in sorted(edges[version]) if edge < 2**bits]


def named_ranges(spec: Mapping[str, Any]) -> Iterable[Range]:
    """Every range that the rules of a policy name. Those that the API server refuses are no ranges."""
    for field, side in (("ingress", "from"), ("egress", "to")):
        for rule in cast("list[Plain | None]", spec.get(field) or []):
            for peer in cast("list[Plain]", (rule or {}).get(side) or []):
                block = cast("Plain | None", peer.get("ipBlock"))
                if block is None:
                    continue
                try:
                    outer, inner = ranges(block)
                except ValueError:
                    continue
                yield outer
                yield from inner
