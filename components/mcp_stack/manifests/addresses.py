"""Ranges of addresses: what counts as the internet, and what nobody may reach."""

import ipaddress
from collections.abc import Sequence
from typing import Any

from ..spec.network import METADATA

PRIVATE = (
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
    *("168.63.129.16/32", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4"),
)
"""IPv4 ranges that are not public (RFC 6890): pods, nodes, neighbours and the cloud's metadata service live there. Azure's stands
among public addresses (`METADATA`)."""

PRIVATE_6 = ("::1/128", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8")
"""The same for IPv6, and the ranges that stand for IPv4 addresses: both of NAT64 (RFC 6052, RFC 8215) and 6to4 (RFC 3056)."""


def internet() -> list[dict[str, Any]]:
    """Peers that stand for every public address."""
    return [{"ipBlock": {"cidr": "0.0.0.0/0", "except": list(PRIVATE)}}, {"ipBlock": {"cidr": "::/0", "except": list(PRIVATE_6)}}]


def block(cidr: str, without: Sequence[str] = ()) -> dict[str, Any]:
    """Peer for `cidr` except `without` and the metadata services."""
    outer = ipaddress.ip_network(cidr)
    metadata = [one for one in METADATA if _within(ipaddress.ip_network(one), outer)]
    left_out = [*without, *(one for one in metadata if one not in without)]
    return {"ipBlock": {"cidr": cidr, **({"except": left_out} if left_out else {})}}


def _within(inner: ipaddress.IPv4Network | ipaddress.IPv6Network, outer: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    if isinstance(inner, ipaddress.IPv4Network):
        return isinstance(outer, ipaddress.IPv4Network) and inner != outer and inner.subnet_of(outer)
    return isinstance(outer, ipaddress.IPv6Network) and inner != outer and inner.subnet_of(outer)
