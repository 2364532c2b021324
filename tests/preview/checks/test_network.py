"""Networks that deny by default and still work."""

import pytest

from tests.preview.checks.sound import GONE, brief, expect, findings

POLICY = "NetworkPolicy gateway"
TITLE = "NetworkPolicy shop/gateway"


@pytest.mark.parametrize(
    ("edits", "faults"),
    [
        (
            [("NetworkPolicy everything", (), GONE), ("NetworkPolicy clock", (), GONE)],
            [("Deployment shop/clock", "spec.template.spec", "no NetworkPolicy selects these pods, so everyone may call them")],
        ),
        (
            [
                (
                    POLICY,
                    ("spec", "egress", 0),
                    {"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}], "ports": [{"port": 443, "protocol": "TCP"}]},
                )
            ],
            [("Deployment shop/gateway", "spec.template.spec", "leaves out DNS, so no name resolves")],
        ),
        (
            [(POLICY, ("spec", "egress", 0, "ports"), [{"port": 53, "protocol": "TCP"}])],
            [("Deployment shop/gateway", "spec.template.spec", "leaves out DNS")],
        ),
        (
            [(POLICY, ("spec", "egress", 1, "ports", 0, "port"), 9000)],
            [(TITLE, "spec.egress[1]", "leads to port 9000 of Deployment shop/clock, which has no such port")],
        ),
        (
            [("NetworkPolicy clock", ("spec", "ingress", 0, "from", 0, "podSelector", "matchLabels"), {"app": "agent"})],
            [(TITLE, "spec.egress[1]", "Deployment shop/clock does not admit Deployment shop/gateway to port 8000")],
        ),
        (
            [(POLICY, ("spec", "ingress", 0, "from", 0, "namespaceSelector", "matchLabels"), {"name": "monitoring"})],
            [
                (
                    TITLE,
                    "spec.ingress[0].from[0].namespaceSelector",
                    "no namespace of the stack has the label name=monitoring; every namespace has `kubernetes.io/metadata.name`",
                )
            ],
        ),
        (
            [(POLICY, ("spec", "egress", 2, "to", 0, "ipBlock", "except"), ["192.168.0.0/33"])],
            [(TITLE, "spec.egress[2].to[0].ipBlock", "192.168.0.0/33")],
        ),
        (
            [(POLICY, ("spec", "egress", 2, "to", 0, "ipBlock"), {"cidr": "10.0.0.0/8", "except": ["192.168.0.0/16"]})],
            [(TITLE, "spec.egress[2].to[0].ipBlock.except", "192.168.0.0/16 does not lie within 10.0.0.0/8")],
        ),
    ],
)
def test_a_network_that_does_not_do_what_it_says_is_found(edits, faults):
    expect("network", edits, faults)


def test_pods_that_call_nobody_need_no_dns():
    assert findings(("NetworkPolicy clock", ("spec", "policyTypes"), ["Ingress", "Egress"])) == []


def test_a_namespace_without_policies_is_somebody_elses_choice():
    edits = [(f"NetworkPolicy {name}", (), GONE) for name in ("everything", "gateway", "clock")]
    assert findings(*edits) == []


def test_a_label_that_a_namespace_of_the_stack_has_is_fine():
    label = {"tier": "web"}
    edits = [
        ("Namespace shop", ("metadata", "labels"), label),
        (POLICY, ("spec", "ingress", 0, "from", 0, "namespaceSelector", "matchLabels"), label),
    ]
    assert findings(*edits) == []


@pytest.mark.parametrize(
    "admitting",
    [
        [{"ports": [{"port": 8000}]}],
        [{"from": [{"podSelector": {}}]}],
        [{"from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}}], "ports": [{"port": "http"}]}],
    ],
)
def test_every_way_of_letting_a_pod_in_is_understood(admitting):
    assert findings(("NetworkPolicy clock", ("spec", "ingress"), admitting)) == []


def test_a_range_of_addresses_lets_no_pod_in():
    found = findings(("NetworkPolicy clock", ("spec", "ingress"), [{"from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}]))
    assert brief(found) == [("network", TITLE, "spec.egress[1]")]
