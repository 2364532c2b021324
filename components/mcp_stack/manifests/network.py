"""Network policies: everything is denied but DNS and the flows that the stack file declares."""

import ipaddress
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from ..spec import GATEWAY, StackSpec
from ..spec.alone import WorkloadNetworkSpec
from ..spec.network import ApiServerSpec, Destination, DnsSpec, Peer
from .addresses import block, internet
from .exposure import forwarders
from .identity import Manifest, assemble, manifest, runs_proxy, selector_of, workload_of

Rule = dict[str, Any]

POLICY = "networking.k8s.io/v1 NetworkPolicy"

DNS_PORT = 53


def network_policy(spec: StackSpec, part: str) -> Manifest:
    """NetworkPolicy of the pods of `part`: who may call them, and what they may call."""
    body = {
        "podSelector": {"matchLabels": selector_of(spec, part)},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": _ingress(spec, part),
        "egress": [
            *dns_rules(spec),
            *(_gateway_egress(spec) if part == GATEWAY else _egress(spec, spec.servers[part].egress)),
            *({"to": [_pods(spec, part)], "ports": [_tcp(port)]} for port in _among_replicas(spec, part)),
        ],
    }
    return manifest(spec, part, POLICY, {"spec": body})


def policy_alone(name: str, spec: WorkloadNetworkSpec) -> Manifest:
    """NetworkPolicy `name` of somebody's pods."""
    callers = ((spec.clients, spec.ports), (spec.scrapers, [spec.metrics_port]))
    body = {
        "podSelector": {"matchLabels": dict(spec.selector)} if spec.selector else {},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"from": [peer_of(one) for one in peers], "ports": tcp_ports(ports)} for peers, ports in callers if peers],
        "egress": [*resolver_rules(spec.dns), *(_outside(one, spec.api_server) for one in spec.egress)],
    }
    return assemble(POLICY, name, spec.namespace, spec.labels, {}, {"spec": body})


def dns_rules(spec: StackSpec) -> list[Rule]:
    """Who resolves names for the pods of a stack."""
    return resolver_rules(spec.network.dns)


def resolver_rules(dns: DnsSpec) -> list[Rule]:
    """The cluster's resolver and the node-local cache in front of it, by UDP and, for long answers, TCP."""
    pods = {**_namespace(dns.namespace), "podSelector": {"matchLabels": dict(dns.pods)}}
    blocks = [block(cidr) for cidr in dns.addresses]
    if dns.ports == [DNS_PORT]:
        return [{"to": [pods, *blocks], "ports": _both(dns.ports)}]
    return [{"to": [pods], "ports": _both(dns.ports)}, *([{"to": blocks, "ports": _both([DNS_PORT])}] if blocks else [])]


def _both(ports: list[int]) -> list[dict[str, Any]]:
    return [{"protocol": protocol, "port": port} for port in ports for protocol in ("UDP", "TCP")]


def _ingress(spec: StackSpec, part: str) -> list[Rule]:
    """Gateway, servers that declare it, clients and the controller that forwards from outside; scrapers on a port of their own."""
    workload = workload_of(spec, part)
    callers = [
        name for name, server in spec.servers.items() if server.kind != "url" and any(one.server == part for one in server.egress)
    ]
    if part != GATEWAY and spec.gateway.enabled and spec.servers[part].in_gateway:
        callers.insert(0, GATEWAY)
    alike = _among_replicas(spec, part)
    if spec.reached_on(part) in alike:
        callers.append(part)
    peers = [_pods(spec, caller) for caller in callers]
    peers += [peer_of(client) for client in workload.clients]
    peers += [peer for way in spec.ways_to(part) for peer in forwarders(spec, way.exposure)]
    peers = [peer for index, peer in enumerate(peers) if peer not in peers[:index]]
    rules: list[Rule] = [{"from": peers, "ports": _port(spec, part)}] if peers else []
    rules += [{"from": [_pods(spec, part)], "ports": [_tcp(port)]} for port in alike if port != spec.reached_on(part)]
    if runs_proxy(spec, part) and (scrapers := spec.scrapers()):
        rules.append({"from": [peer_of(one) for one in scrapers], "ports": [_tcp(spec.gateway.management.port)]})
    return rules


def _among_replicas(spec: StackSpec, part: str) -> list[int]:
    """Ports on which the replicas of `part` keep what they store alike, or pass requests on to each other."""
    storage = spec.servers[part].storage if part in spec.servers else None
    found = [spec.servers[part].port] if storage is not None and storage.replicated else []
    if spec.session_keys() is not None and runs_proxy(spec, part) and spec.scales(part):
        found.append(spec.reached_on(part))
    return list(dict.fromkeys(found))


def _pods(spec: StackSpec, part: str) -> dict[str, Any]:
    return {"podSelector": {"matchLabels": selector_of(spec, part)}}


def _port(spec: StackSpec, part: str) -> list[dict[str, Any]]:
    return [{"protocol": spec.protocol_of(part), "port": spec.reached_on(part)}]


def _tcp(port: int) -> dict[str, Any]:
    return {"protocol": "TCP", "port": port}


def _gateway_egress(spec: StackSpec) -> list[Rule]:
    """Every server that the gateway offers: pods on their port, foreign ones where their URL or their `egress` says."""
    rules: list[Rule] = []
    for name, server in spec.servers.items():
        if not server.in_gateway:
            continue
        if server.url is None:
            rules += _egress(spec, [Destination(server=name)])
        else:
            rules += _egress(spec, server.egress) if server.egress else [url_rule(server.url, spec.namespace)]
    return [rule for index, rule in enumerate(rules) if rule not in rules[:index]]


def url_rule(url: str, namespace: str) -> Rule:
    """Where `url` leads, as far as a policy can say it: policies know addresses and namespaces, no names.

    A Service is opened by its namespace without a port, because policies see the pod's port, which the URL does not tell.
    """
    parts = urlsplit(url)
    if "${" in parts.netloc or not parts.netloc:
        return {"to": internet()}
    host = parts.hostname or ""
    ports = [{"protocol": "TCP", "port": parts.port or (443 if parts.scheme == "https" else 80)}]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        return {"to": [block(str(ipaddress.ip_network(address)))], "ports": ports}
    labels = host.removesuffix(".").removesuffix(".cluster.local").split(".")
    if len(labels) == 1 or (len(labels) == 3 and labels[-1] == "svc"):
        return {"to": [_namespace(labels[1] if len(labels) == 3 else namespace)]}
    return {"to": internet(), "ports": ports}


def _egress(spec: StackSpec, destinations: list[Destination]) -> list[Rule]:
    return [
        _outside(one, spec.network.api_server)
        if one.server is None
        else {"to": [_pods(spec, one.server)], "ports": _port(spec, one.server)}
        for one in destinations
    ]


def _outside(one: Destination, api_server: ApiServerSpec | None) -> Rule:
    """The way to what is no server of the stack."""
    if one.api_server and api_server is not None:
        return {"to": [block(cidr) for cidr in api_server.cidrs], "ports": tcp_ports(api_server.ports)}
    ports = {"ports": tcp_ports(one.ports)} if one.ports else {}
    return {"to": internet() if one.internet else [peer_of(one)], **ports}


def tcp_ports(ports: Sequence[int | None]) -> list[dict[str, Any]]:
    """Ports of a rule."""
    return [_tcp(port) for port in ports if port is not None]


def peer_of(one: Peer) -> dict[str, Any]:
    """Pods or addresses, as a rule names them."""
    if one.cidr is not None:
        return block(one.cidr, one.without)
    pods = {"podSelector": {"matchLabels": dict(one.pods)}} if one.pods else {}
    return {**(_namespace(one.namespace) if one.namespace else {}), **pods}


def _namespace(name: str) -> dict[str, Any]:
    """Pods of namespace `name`, by the label that the API server itself sets."""
    return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}
