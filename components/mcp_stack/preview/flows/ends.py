"""The two ends of a connection: a pod, or an address where no pod is known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any

Ip = IPv4Address | IPv6Address
Range = IPv4Network | IPv6Network

NAME_LABEL = "kubernetes.io/metadata.name"
"""The one label that every namespace has by itself."""


@dataclass(frozen=True, eq=False)
class Pod:
    """A pod, or all pods of one workload: they are alike to a policy."""

    title: str
    """`Deployment mcp/github`, or who it stands for."""
    namespace: str
    labels: Mapping[str, Any] = field(default_factory=dict[str, Any])
    namespace_labels: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Labels of its namespace beside the one that the API server sets."""
    ports: Mapping[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    """Named ports: name and protocol to number."""
    addresses: tuple[Ip, ...] = ()
    """Its addresses, where they are known; before a pod runs, they are not, and no range of addresses stands for it."""

    @property
    def labels_of_namespace(self) -> Mapping[str, Any]:
        """Labels that a namespaceSelector sees."""
        return {**self.namespace_labels, NAME_LABEL: self.namespace}

    def __str__(self) -> str:
        return self.title


@dataclass(frozen=True)
class Address:
    """Something outside of the set, known by its address alone."""

    ip: Ip

    def __str__(self) -> str:
        return str(self.ip)


End = Pod | Address


def addresses_of(end: End) -> tuple[Ip, ...]:
    """Addresses that are known of `end`."""
    return end.addresses if isinstance(end, Pod) else (end.ip,)
