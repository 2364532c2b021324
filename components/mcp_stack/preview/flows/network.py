"""What the NetworkPolicies of a set allow (networking.k8s.io/v1, kubernetes.io/docs/concepts/services-networking/network-policies).

Allowed is what the source's egress and the target's ingress both allow. A pod that no policy selects for a direction is not
isolated in it. Policies add up; nothing in one takes away what another gives. What the API leaves to the node is not asked here:
kubelet's probes and everything else from a pod's own node always arrive, and a pod always reaches itself.
"""

import functools
import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from ..rendered import KubeObject
from .ends import Address, End, Pod, Range, addresses_of
from .selection import matches
from .spans import ALL, LAST_PORT, PROTOCOLS, Span, Spans, common, united

INGRESS, EGRESS = "Ingress", "Egress"

_SIDES = {INGRESS: ("ingress", "from"), EGRESS: ("egress", "to")}

Plain = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Opening:
    """A rule that lets something through."""

    policy: KubeObject
    path: str
    ports: Spans


@dataclass(frozen=True, eq=False, slots=True)
class _Policy:
    """A NetworkPolicy, with what the API server fills in."""

    item: KubeObject
    selector: Any
    rules: Mapping[str, tuple[Plain, ...]]
    """Rules of each direction that it governs."""


class Network:
    """The policies of a set."""

    def __init__(self, policies: Iterable[KubeObject]) -> None:
        self._by_namespace: dict[str, list[_Policy]] = {}
        for item in policies:
            self._by_namespace.setdefault(item.namespace, []).append(_policy(item))
        self._governing: dict[tuple[Pod, str], list[_Policy]] = {}

    def governing(self, pod: Pod, direction: str) -> list[KubeObject]:
        """Policies that isolate `pod` in `direction`; where there are none, everything is allowed."""
        return [policy.item for policy in self._govern(pod, direction)]

    def openings(self, pod: Pod, direction: str, other: End) -> Iterator[Opening]:
        """Rules of the policies of `pod` that admit `other`, each with its ports."""
        field, side = _SIDES[direction]
        target = pod if direction == INGRESS else other
        for policy in self._govern(pod, direction):
            for index, rule in enumerate(policy.rules[direction]):
                if _admits(rule.get(side), policy.item.namespace, other):
                    ports = _ports(rule.get("ports"), target)
                    if ports:
                        yield Opening(policy.item, f"spec.{field}[{index}]", ports)

    def side(self, pod: Pod, direction: str, other: End) -> Spans:
        """Ports that the policies of `pod` open in `direction` between it and `other`."""
        if not self._govern(pod, direction):
            return ALL
        return united(*(opening.ports for opening in self.openings(pod, direction, other)))

    def open_ports(self, source: End, target: End) -> Spans:
        """Ports of `target` that `source` can reach."""
        if source is target:
            return ALL
        spans = self.side(source, EGRESS, target) if isinstance(source, Pod) else ALL
        if spans and isinstance(target, Pod):
            spans = common(spans, self.side(target, INGRESS, source))
        return spans

    def allows(self, source: End, target: End, port: int, protocol: str = "TCP") -> bool:
        """May `source` call `target` on `port`?"""
        return any(span.protocol == protocol and span.first <= port <= span.last for span in self.open_ports(source, target))

    def _govern(self, pod: Pod, direction: str) -> list[_Policy]:
        found = self._governing.get((pod, direction))
        if found is None:
            found = [
                policy
                for policy in self._by_namespace.get(pod.namespace, [])
                if direction in policy.rules and matches(policy.selector, pod.labels)
            ]
            self._governing[pod, direction] = found
        return found


def _policy(item: KubeObject) -> _Policy:
    spec = cast("Plain", item.plain.get("spec") or {})
    rules = {direction: _rules(spec, direction) for direction in directions(spec)}
    return _Policy(item, spec.get("podSelector"), rules)


def directions(spec: Plain) -> list[str]:
    """Directions that a policy governs. Without `policyTypes`: ingress always, egress where it has a rule for it."""
    return [str(one) for one in spec.get("policyTypes") or [INGRESS, *([EGRESS] if spec.get("egress") else [])]]


def _rules(spec: Plain, direction: str) -> tuple[Plain, ...]:
    return tuple(rule or {} for rule in cast("list[Plain | None]", spec.get(_SIDES[direction][0]) or []))


def _admits(peers: Any, namespace: str, other: End) -> bool:
    """Whether `from` or `to` of a policy in `namespace` stands for `other`. Without peers it stands for everyone."""
    return not peers or any(_stands_for(cast("Plain", peer), namespace, other) for peer in peers)


def _stands_for(peer: Plain, namespace: str, other: End) -> bool:
    block = peer.get("ipBlock")
    if block is not None:
        return any(_within(block, ip) for ip in addresses_of(other))
    if isinstance(other, Address):
        return False
    where, which = peer.get("namespaceSelector"), peer.get("podSelector")
    if where is None and which is None:
        return False
    if not (other.namespace == namespace if where is None else matches(where, other.labels_of_namespace)):
        return False
    return which is None or matches(which, other.labels)


@functools.lru_cache(4096)
def range_of(cidr: str) -> Range:
    """`cidr` as a range; a stack asks for the same few again and again."""
    return ipaddress.ip_network(cidr)


def ranges(block: Plain) -> tuple[Range, list[Range]]:
    """Range of an ipBlock, and what is taken out of it. ValueError where one of them is no range."""
    left_out = cast("list[Any]", block.get("except") or [])
    return range_of(str(block.get("cidr"))), [range_of(str(one)) for one in left_out]


def _within(block: Plain, ip: Any) -> bool:
    try:
        outer, inner = ranges(block)
    except ValueError:
        return False  # the API server refuses it; `network` says so
    return ip in outer and not any(ip in one for one in inner)


def _ports(ports: Any, target: End) -> Spans:
    """Ports of a rule, names looked up in the pod that is called. Without ports: all of them."""
    if not ports:
        return ALL
    return united(*(_span(cast("Plain", port), target) for port in ports))


def _span(port: Plain, target: End) -> Iterator[Span]:
    protocol, wanted = str(port.get("protocol") or "TCP"), port.get("port")
    if protocol not in PROTOCOLS:
        return
    if wanted is None:
        yield Span(protocol, 1, LAST_PORT)
    elif isinstance(wanted, str):
        number = target.ports.get((wanted, protocol)) if isinstance(target, Pod) else None
        if number is not None:
            yield Span(protocol, number, number)
    else:
        yield Span(protocol, int(wanted), int(port.get("endPort") or wanted))
