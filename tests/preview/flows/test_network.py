"""What NetworkPolicies mean: each sentence of the API's documentation as a case."""

import pytest

from mcp_stack.preview.flows import ALL
from tests.preview.flows.net import address, network, pod, policy

DB = pod(role="db", ports={"store": 6379})
WEB, JOB = pod(role="web"), pod(role="job")
AUDITOR = pod("audit", space={"team": "audit"}, role="web")
STRANGER = pod("elsewhere", role="web")

STORE = """
podSelector: {matchLabels: {role: db}}
policyTypes: [Ingress, Egress]
ingress:
  - from:
      - ipBlock: {cidr: 172.20.0.0/16, except: [172.20.9.0/24]}
      - namespaceSelector: {matchLabels: {team: audit}}
      - podSelector: {matchLabels: {role: web}}
    ports: [{protocol: TCP, port: 6379}]
egress:
  - to: [{ipBlock: {cidr: 10.9.0.0/24}}]
    ports: [{protocol: TCP, port: 5978}]
"""
"""A policy of each sort of peer, like the one that the documentation starts with."""


@pytest.mark.parametrize(
    ("source", "target", "port", "allowed"),
    [
        (WEB, DB, 6379, True),
        (WEB, DB, 6380, False),
        (JOB, DB, 6379, False),
        (AUDITOR, DB, 6379, True),
        (STRANGER, DB, 6379, False),
        (address("172.20.0.1"), DB, 6379, True),
        (address("172.20.9.1"), DB, 6379, False),
        (address("172.21.0.1"), DB, 6379, False),
        (address("2001:db8::1"), DB, 6379, False),
        (DB, address("10.9.0.7"), 5978, True),
        (DB, address("10.9.0.7"), 5979, False),
        (DB, address("10.9.1.7"), 5978, False),
        (DB, WEB, 5978, False),
        (WEB, JOB, 1, True),
        (address("8.8.8.8"), JOB, 1, True),
        (JOB, address("8.8.8.8"), 443, True),
        (DB, DB, 6379, True),
    ],
)
def test_what_a_policy_names_passes_and_nothing_else(source, target, port, allowed):
    assert network(STORE).allows(source, target, port) is allowed


def test_a_replica_of_the_same_workload_is_somebody_else():
    assert not network(STORE).allows(DB, pod(role="db", ports={"store": 6379}), 6379)


DENY_IN, DENY_OUT = "{podSelector: {}, policyTypes: [Ingress]}", "{podSelector: {}, policyTypes: [Egress]}"
ALLOW_IN = "{podSelector: {}, policyTypes: [Ingress], ingress: [{}]}"
ALLOW_OUT = "{podSelector: {}, policyTypes: [Egress], egress: [{}]}"
DENY_ALL = "{podSelector: {}, policyTypes: [Ingress, Egress]}"


@pytest.mark.parametrize(
    ("policies", "inward", "outward"),
    [
        ([], True, True),
        ([DENY_IN], False, True),
        ([DENY_OUT], True, False),
        ([DENY_ALL], False, False),
        ([DENY_ALL, ALLOW_IN], True, False),
        ([ALLOW_OUT, DENY_ALL], False, True),
        ([DENY_ALL, ALLOW_IN, ALLOW_OUT], True, True),
    ],
)
def test_the_usual_defaults_isolate_one_direction_or_both_and_policies_add_up(policies, inward, outward):
    assert network(*policies).allows(address("192.0.2.1"), WEB, 80) is inward
    assert network(*policies).allows(WEB, address("192.0.2.1"), 80) is outward


@pytest.mark.parametrize(
    ("spec", "inward", "outward"),
    [
        ("{podSelector: {}}", False, True),
        ("{podSelector: {}, egress: []}", False, True),
        ("{podSelector: {}, egress: [{ports: [{port: 1}]}]}", False, False),
        ("{podSelector: {}, policyTypes: []}", False, True),
        ("{podSelector: {}, policyTypes: [Egress], ingress: []}", True, False),
        ("{podSelector: {}, ingress: [{}]}", True, True),
        ("{policyTypes: [Ingress]}", False, True),
    ],
)
def test_without_policy_types_ingress_is_governed_and_egress_where_there_is_a_rule_for_it(spec, inward, outward):
    assert network(spec).allows(address("192.0.2.1"), WEB, 80) is inward
    assert network(spec).allows(WEB, address("192.0.2.1"), 80) is outward


def ingress(rule):
    return {"podSelector": {"matchLabels": {"role": "db"}}, "policyTypes": ["Ingress"], "ingress": [rule]}


@pytest.mark.parametrize(
    ("peers", "admitted"),
    [
        (None, {"web", "job", "audit", "elsewhere", "address"}),
        ([], {"web", "job", "audit", "elsewhere", "address"}),
        ([{"podSelector": {}}], {"web", "job"}),
        ([{"namespaceSelector": {}}], {"web", "job", "audit", "elsewhere"}),
        ([{"namespaceSelector": {"matchLabels": {"team": "audit"}}, "podSelector": {"matchLabels": {"role": "web"}}}], {"audit"}),
        ([{"namespaceSelector": {"matchLabels": {"team": "audit"}}, "podSelector": {"matchLabels": {"role": "job"}}}], set()),
        (
            [{"namespaceSelector": {"matchLabels": {"team": "audit"}}}, {"podSelector": {"matchLabels": {"role": "job"}}}],
            {"audit", "job"},
        ),
        ([{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "elsewhere"}}}], {"elsewhere"}),
        (
            [
                {
                    "namespaceSelector": {
                        "matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "In", "values": ["shop", "audit"]}]
                    }
                }
            ],
            {"web", "job", "audit"},
        ),
        (
            [{"namespaceSelector": {"matchExpressions": [{"key": "team", "operator": "NotIn", "values": ["audit"]}]}}],
            {"web", "job", "elsewhere"},
        ),
        ([{"namespaceSelector": {"matchExpressions": [{"key": "team", "operator": "Exists"}]}}], {"audit"}),
        ([{"podSelector": {"matchExpressions": [{"key": "role", "operator": "DoesNotExist"}]}}], set()),
        ([{"podSelector": {"matchExpressions": [{"key": "role", "operator": "Unheard", "values": ["web"]}]}}], set()),
        ([{"ipBlock": {"cidr": "0.0.0.0/0"}}], {"address"}),
        ([{"ipBlock": {"cidr": "not-a-range"}}], set()),
        ([{}], set()),
    ],
)
def test_peers_are_one_of_pods_namespaces_both_at_once_or_addresses(peers, admitted):
    ends = {"web": WEB, "job": JOB, "audit": AUDITOR, "elsewhere": STRANGER, "address": address("192.0.2.1")}
    rule = {} if peers is None else {"from": peers}
    assert {name for name, end in ends.items() if network(ingress(rule)).allows(end, DB, 6379)} == admitted


def test_a_range_stands_for_pods_only_where_their_address_is_known():
    rule = {"from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}
    assert not network(ingress(rule)).allows(WEB, DB, 6379)
    assert network(ingress(rule)).allows(pod(role="web", addresses=["10.1.2.3"]), DB, 6379)


@pytest.mark.parametrize(
    ("ports", "open_", "shut"),
    [
        ([], [("TCP", 1), ("UDP", 65535), ("SCTP", 7)], []),
        ([{"port": 53}], [("TCP", 53)], [("UDP", 53), ("TCP", 54)]),
        ([{"port": 53, "protocol": "UDP"}], [("UDP", 53)], [("TCP", 53)]),
        ([{"port": 7, "protocol": "SCTP"}], [("SCTP", 7)], [("TCP", 7)]),
        ([{"protocol": "UDP"}], [("UDP", 1), ("UDP", 65535)], [("TCP", 1)]),
        ([{"port": 8000, "endPort": 8010}], [("TCP", 8000), ("TCP", 8010)], [("TCP", 7999), ("TCP", 8011)]),
        ([{"port": "store"}], [("TCP", 6379)], [("TCP", 6380), ("UDP", 6379)]),
        ([{"port": "store", "protocol": "UDP"}], [], [("UDP", 6379), ("TCP", 6379)]),
        ([{"port": "unheard"}], [], [("TCP", 6379)]),
        ([{"port": 80, "protocol": "ICMP"}], [], [("TCP", 80)]),
        ([{"port": 1}, {"port": 3}], [("TCP", 1), ("TCP", 3)], [("TCP", 2)]),
    ],
)
def test_ports_are_numbers_ranges_or_names_of_one_protocol(ports, open_, shut):
    found = network(ingress({"ports": ports}))
    assert [(protocol, port) for protocol, port in open_ if not found.allows(WEB, DB, port, protocol)] == []
    assert [(protocol, port) for protocol, port in shut if found.allows(WEB, DB, port, protocol)] == []


def test_a_named_port_on_the_way_out_is_looked_up_in_the_pod_that_is_called():
    out = {"podSelector": {"matchLabels": {"role": "web"}}, "policyTypes": ["Egress"], "egress": [{"ports": [{"port": "store"}]}]}
    assert network(out).allows(WEB, DB, 6379)
    assert not network(out).allows(WEB, pod(role="db", ports={"store": 7000}), 6379)
    assert not network(out).allows(WEB, address("192.0.2.1"), 6379)


def test_both_ends_have_to_agree_and_a_policy_of_another_namespace_has_no_say():
    inward = ingress({"from": [{"podSelector": {}}], "ports": [{"port": 6379}]})
    outward = "{podSelector: {matchLabels: {role: web}}, policyTypes: [Egress], egress: [{ports: [{port: 6379}, {port: 80}]}]}"
    found = network(inward, outward)
    assert found.open_ports(WEB, DB) == (("TCP", 6379, 6379),)
    assert found.open_ports(STRANGER, DB) == ()
    assert network(outward).open_ports(STRANGER, DB) == ALL


def test_whoever_asks_is_told_which_rule_lets_in():
    found = network(DENY_ALL, ingress({"ports": [{"port": 1}]}))
    (opening,) = found.openings(DB, "Ingress", WEB)
    assert (opening.policy.name, opening.path, opening.ports) == ("policy-1", "spec.ingress[0]", (("TCP", 1, 1),))
    assert [one.name for one in found.governing(DB, "Ingress")] == ["policy-0", "policy-1"]
    assert policy(DENY_ALL).title == "NetworkPolicy shop/policy"
