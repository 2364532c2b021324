"""Monitors and network policies that fit together."""

import pytest

from tests.preview.checks.sound import GONE, findings

LABELS = ("Service gateway", ("metadata", "labels"), {"app": "gateway"})
OPERATOR = {"apiVersion": "monitoring.coreos.com/v1", "metadata": {"name": "gateway", "namespace": "shop"}}
SELECTOR = {"selector": {"matchLabels": {"app": "gateway"}}}
BY_SERVICE = {**OPERATOR, "kind": "ServiceMonitor", "spec": {**SELECTOR, "endpoints": [{"port": "http"}]}}
BY_POD = {**OPERATOR, "kind": "PodMonitor", "spec": {**SELECTOR, "podMetricsEndpoints": [{"port": "http"}]}}


def policy(*ingress, types=("Ingress",)):
    return (
        "NetworkPolicy gateway",
        ("spec",),
        {"podSelector": SELECTOR["selector"], "policyTypes": list(types), "ingress": list(ingress)},
    )


def scraped(monitor, *edits):
    return [(one.object, one.path) for one in findings(LABELS, (None, (), monitor), *edits) if one.check == "scraping"]


@pytest.mark.parametrize("monitor", [BY_SERVICE, BY_POD])
def test_pods_that_let_nobody_in_to_the_port_are_found(monitor):
    field = "endpoints" if monitor is BY_SERVICE else "podMetricsEndpoints"
    fault = [(f"{monitor['kind']} shop/gateway", f"spec.{field}[0]")]
    assert scraped(monitor, policy()) == fault
    assert scraped(monitor, policy({"ports": [{"port": 9999}]})) == fault


@pytest.mark.parametrize("monitor", [BY_SERVICE, BY_POD])
@pytest.mark.parametrize("rule", [{}, {"ports": [{"port": 8080}]}, {"ports": [{"port": "http"}]}, {"ports": [{"protocol": "TCP"}]}])
def test_an_open_port_is_enough(monitor, rule):
    assert scraped(monitor, policy(rule)) == []


def test_a_policy_that_is_about_what_pods_call_lets_everybody_in():
    assert scraped(BY_POD, policy(types=("Egress",)), ("NetworkPolicy everything", (), GONE)) == []


def test_what_selects_nothing_is_said_elsewhere():
    spec = {**BY_SERVICE["spec"], "endpoints": [{"port": "gone"}]}
    assert scraped({**BY_SERVICE, "spec": spec}, policy()) == []
    spec = {**BY_POD["spec"], "podMetricsEndpoints": [{"port": "gone"}]}
    assert scraped({**BY_POD, "spec": spec}, policy()) == []
    assert scraped({**BY_SERVICE, "spec": {**BY_SERVICE["spec"], "selector": {"matchLabels": {"app": "x"}}}}, policy()) == []
