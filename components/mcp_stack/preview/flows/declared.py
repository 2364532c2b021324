"""The flows that a stack file declares, worked out from the file alone and not from the policies that should allow them."""

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ...manifests.addresses import PRIVATE, PRIVATE_6
from ...manifests.backups import backup_selector
from ...manifests.exposure import controller_addresses, controller_namespaces
from ...manifests.identity import runs_proxy, selector_of, workload_of
from ...spec import GATEWAY, StackSpec
from ...spec.network import METADATA, Destination, Peer
from .ends import Address, End, Pod, Range
from .network import range_of
from .spans import ALL, Span, Spans, united

DNS_PORT = 53


@dataclass(frozen=True)
class Pods:
    """Pods of a namespace, by labels."""

    namespace: str
    labels: Mapping[str, str] = field(default_factory=dict[str, str])

    def covers(self, end: End) -> bool:
        """Whether `end` is one of them."""
        if not isinstance(end, Pod) or end.namespace != self.namespace:
            return False
        return all(end.labels.get(key) == value for key, value in self.labels.items())

    def witnesses(self) -> list[End]:
        """One that stands for all of them."""
        labels = ", ".join(f"{key}={value}" for key, value in sorted(self.labels.items())) or "any labels"
        return [Pod(f"a pod of namespace {self.namespace} with {labels}", self.namespace, self.labels)]


@dataclass(frozen=True)
class Block:
    """Addresses."""

    cidr: str
    without: tuple[str, ...] = ()

    def ranges(self) -> tuple[Range, list[Range]]:
        """The range, and what is left out of it: the metadata services always are."""
        return range_of(self.cidr), [range_of(one) for one in (*self.without, *METADATA)]

    def covers(self, end: End) -> bool:
        """Whether `end` is one of them."""
        if not isinstance(end, Address) or end.ip not in range_of(self.cidr):
            return False
        return not any(end.ip in range_of(one) for one in (*self.without, *METADATA))

    def witnesses(self) -> list[End]:
        """The first and the last address of each piece that is left of the range."""
        outer, inner = self.ranges()
        edges = {int(outer[0]), int(outer[-1])}
        for one in inner:
            if one.version == outer.version:
                edges |= {int(one[0]) - 1, int(one[-1]) + 1}
        kind = type(outer[0])
        found = [Address(kind(edge)) for edge in sorted(edges) if 0 <= edge < 2**outer.max_prefixlen]
        return [end for end in found if self.covers(end)]


Side = Pods | Block


@dataclass(frozen=True)
class Flow:
    """Something that has to pass."""

    why: str
    """Key of the stack file that declares it, or what implies it."""
    source: Side
    target: Side
    ports: Spans
    exact: bool = True
    """Whether every pod that `target` stands for has to be reached, or only those behind a Service that nobody knows."""


def declared_flows(spec: StackSpec) -> list[Flow]:
    """Every flow of a stack: to its parts, between them, and out of it.

    Probes are none of them: they come from the pod's own node, which no policy keeps out.
    """
    flows: list[Flow] = []
    for part in parts(spec):
        own = pods_of(spec, part)
        flows += [*_names(spec, own), *_callers(spec, part), *_scrapes(spec, part), *_replicas(spec, part), *_out(spec, part)]
    for server in spec.servers:
        flows += _backups(spec, server)
    return flows


def own_pods(spec: StackSpec) -> list[Pods]:
    """All pods of a stack: those of its parts, and those of the jobs that back them up."""
    jobs = [Pods(spec.namespace, backup_selector(spec, name)) for name, one in spec.servers.items() if one.backed_up()]
    return [*(pods_of(spec, part) for part in parts(spec)), *jobs]


def parts(spec: StackSpec) -> list[str]:
    """Servers that run here, and the gateway."""
    servers = [name for name, server in spec.servers.items() if server.kind != "url"]
    return [*servers, GATEWAY] if spec.gateway.enabled else servers


def pods_of(spec: StackSpec, part: str) -> Pods:
    """The pods of `part`."""
    return Pods(spec.namespace, selector_of(spec, part))


def tcp(*ports: int) -> Spans:
    """These TCP ports."""
    return united(Span("TCP", port, port) for port in ports)


def reached(spec: StackSpec, part: str) -> Spans:
    """The port on which callers reach `part`."""
    port = spec.reached_on(part)
    return united([Span(spec.protocol_of(part), port, port)])


def _place(part: str) -> str:
    return GATEWAY if part == GATEWAY else f"servers.{part}"


def _backups(spec: StackSpec, server: str) -> Iterator[Flow]:
    """Jobs that write to a bucket. The others have a volume, and nobody to call."""
    backup = spec.servers[server].backed_up()
    s3 = backup.to.s3 if backup else None
    if s3 is None:
        return
    own, why = Pods(spec.namespace, backup_selector(spec, server)), f"servers.{server}.backup.to.s3"
    yield from _names(spec, own)
    for index, one in enumerate(s3.egress):
        yield Flow(f"{why}.egress[{index}]", own, _side(one, spec.namespace), tcp(*one.ports) if one.ports else ALL)
    if not s3.egress:
        yield from (Flow(why, own, *there, exact=False) for there in _url(s3.url, spec.namespace))


def _names(spec: StackSpec, own: Pods) -> Iterator[Flow]:
    dns = spec.network.dns
    ports = united(Span(protocol, port, port) for port in dns.ports for protocol in ("TCP", "UDP"))
    cached = united(Span(protocol, DNS_PORT, DNS_PORT) for protocol in ("TCP", "UDP"))
    yield Flow("network.dns", own, Pods(dns.namespace, dns.pods), ports)
    for cidr in dns.addresses:
        yield Flow("network.dns.addresses", own, Block(cidr), cached)


def _callers(spec: StackSpec, part: str) -> Iterator[Flow]:
    """Clients, and the controllers that forward what comes from outside."""
    workload, own = workload_of(spec, part), pods_of(spec, part)
    for index, client in enumerate(workload.clients):
        yield Flow(f"{_place(part)}.clients[{index}]", _side(client, spec.namespace), own, reached(spec, part))
    for way in spec.ways_to(part):
        spaces = [Pods(namespace) for namespace in controller_namespaces(spec, way.exposure)]
        for peer in (*spaces, *(Block(cidr) for cidr in controller_addresses(spec, way.exposure))):
            yield Flow(way.place, peer, own, tcp(spec.reached_on(part)))


def _scrapes(spec: StackSpec, part: str) -> Iterator[Flow]:
    management = spec.gateway.management
    if runs_proxy(spec, part):
        for scraper in spec.scrapers():
            known = scraper in management.scrapers
            why = f"gateway.management.scrapers[{management.scrapers.index(scraper)}]" if known else "monitoring"
            yield Flow(why, _side(scraper, spec.namespace), pods_of(spec, part), tcp(management.port))


def _replicas(spec: StackSpec, part: str) -> Iterator[Flow]:
    """Proxies that share session keys pass on to each other what only one of them can go on with."""
    if runs_proxy(spec, part) and spec.gateway.sessions is not None and spec.scales(part):
        own = pods_of(spec, part)
        yield Flow("gateway.sessions", own, own, tcp(spec.reached_on(part)))


def _out(spec: StackSpec, part: str) -> Iterator[Flow]:
    own = pods_of(spec, part)
    if part != GATEWAY:
        for index, one in enumerate(spec.servers[part].egress):
            yield from _destination(spec, own, one, f"servers.{part}.egress[{index}]")
        return
    for name, server in spec.servers.items():
        if not server.in_gateway:
            continue
        if server.url is None:
            yield Flow(f"servers.{name}", own, pods_of(spec, name), reached(spec, name))
        elif server.egress:
            for index, one in enumerate(server.egress):
                yield from _destination(spec, own, one, f"servers.{name}.egress[{index}]")
        else:
            yield from (Flow(f"servers.{name}.url", own, *there, exact=False) for there in _url(server.url, spec.namespace))


def _destination(spec: StackSpec, own: Pods, one: Destination, why: str) -> Iterator[Flow]:
    ports = tcp(*one.ports) if one.ports else ALL
    if one.server is not None:
        yield Flow(why, own, pods_of(spec, one.server), reached(spec, one.server))
    elif one.internet:
        yield from (Flow(why, own, side, ports) for side in INTERNET)
    elif one.api_server:
        given = spec.network.api_server
        if given is not None:
            yield from (Flow(why, own, Block(cidr), tcp(*given.ports)) for cidr in given.cidrs)
    else:
        yield Flow(why, own, _side(one, spec.namespace), ports)


INTERNET: tuple[Side, ...] = (Block("0.0.0.0/0", PRIVATE), Block("::/0", PRIVATE_6))
"""Every public address."""


def _url(url: str, namespace: str) -> Iterator[tuple[Side, Spans]]:
    """Where a URL leads: an address, the pods behind a Service, whose port only they know, or some public address."""
    parts = urlsplit(url)
    port = parts.port if "${" not in parts.netloc else None
    ports = tcp(port or {"https": 443}.get(parts.scheme, 80))
    host = (parts.hostname or "").removesuffix(".").removesuffix(".cluster.local")
    if "${" in parts.netloc or not parts.scheme:
        yield from ((side, ALL) for side in INTERNET)
        return
    try:
        yield Block(str(ipaddress.ip_network(host))), ports
    except ValueError:
        names = host.split(".")
        if len(names) == 1:
            yield Pods(namespace), ALL
        elif len(names) == 3 and names[2] == "svc":
            yield Pods(names[1]), ALL
        else:
            yield from ((side, ports) for side in INTERNET)


def _side(peer: Peer, namespace: str) -> Side:
    if peer.cidr is not None:
        return Block(peer.cidr, tuple(peer.without))
    return Pods(peer.namespace or namespace, dict(peer.pods or {}))
