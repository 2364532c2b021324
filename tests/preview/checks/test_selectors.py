"""Whoever selects pods selects some, and only those that are meant."""

import pytest

from tests.preview.checks.sound import POD, TEMPLATE, brief, expect, findings

MONITOR = {
    "apiVersion": "monitoring.coreos.com/v1",
    "kind": "ServiceMonitor",
    "metadata": {"name": "gateway", "namespace": "shop"},
    "spec": {"selector": {"matchLabels": {"app": "gateway"}}, "endpoints": [{"port": "http"}]},
}

POD_MONITOR = {
    **MONITOR,
    "kind": "PodMonitor",
    "spec": {"selector": {"matchLabels": {"app": "gateway"}}, "podMetricsEndpoints": [{"port": "http"}]},
}


@pytest.mark.parametrize(
    ("edits", "faults"),
    [
        (
            [("Service clock", ("spec", "selector"), {"app": "watch"})],
            [("Service shop/clock", "spec.selector", "no pod of this namespace has the labels app=watch")],
        ),
        (
            [("PodDisruptionBudget gateway", ("spec", "selector", "matchLabels"), {"app": "other"})],
            [("PodDisruptionBudget shop/gateway", "spec.selector", "selects no pod, so it protects nothing")],
        ),
        (
            [
                (
                    "PodDisruptionBudget gateway",
                    ("spec", "selector"),
                    {"matchExpressions": [{"key": "app", "operator": "In", "values": ["x"]}]},
                )
            ],
            [("PodDisruptionBudget shop/gateway", "spec.selector", "selects no pod")],
        ),
        (
            [("Deployment gateway", (*POD, "topologySpreadConstraints", 0, "labelSelector", "matchLabels"), {"app": "clock"})],
            [
                (
                    "Deployment shop/gateway",
                    "spec.template.spec.topologySpreadConstraints[0].labelSelector",
                    "does not select the pods that it should spread",
                )
            ],
        ),
        (
            [(None, (), {**MONITOR, "spec": {**MONITOR["spec"], "endpoints": [{"port": "metrics"}]}})],
            [
                (
                    "ServiceMonitor shop/gateway",
                    "spec.endpoints[0].port",
                    "'metrics' is no port name of the selected Services; they have: http",
                )
            ],
        ),
        (
            [(None, (), {**MONITOR, "spec": {"selector": {"matchLabels": {"app": "x"}}, "endpoints": [{"port": "http"}]}})],
            [("ServiceMonitor shop/gateway", "spec.selector", "selects no Service, so nothing is scraped")],
        ),
        ([(None, (), POD_MONITOR)], []),
        (
            [(None, (), {**POD_MONITOR, "spec": {**POD_MONITOR["spec"], "podMetricsEndpoints": [{"port": "metrics"}]}})],
            [
                (
                    "PodMonitor shop/gateway",
                    "spec.podMetricsEndpoints[0].port",
                    "'metrics' is no port name of the selected pods; they have: http",
                )
            ],
        ),
        (
            [(None, (), {**POD_MONITOR, "spec": {**POD_MONITOR["spec"], "selector": {"matchLabels": {"app": "x"}}}})],
            [("PodMonitor shop/gateway", "spec.selector", "selects no pod, so nothing is scraped")],
        ),
    ],
)
def test_a_selector_that_misses_is_found(edits, faults):
    expect("selectors", edits, faults)


def test_a_policy_that_selects_nothing_is_found():
    found = findings(("NetworkPolicy clock", ("spec", "podSelector", "matchLabels"), {"app": "watch"}))
    assert ("selectors", "NetworkPolicy shop/clock", "spec.podSelector") in brief(found)


def test_a_workload_that_does_not_select_its_own_pods_is_found():
    found = findings(("Deployment clock", ("spec", "selector", "matchLabels"), {"app": "watch"}))
    assert brief(found) == [("selectors", "Deployment shop/clock", "spec.selector")]


def test_workloads_that_select_each_others_pods_are_found():
    found = findings(
        ("Deployment gateway", (*TEMPLATE, "metadata", "labels", "tier"), "mcp"),
        ("Deployment clock", (*TEMPLATE, "metadata", "labels", "tier"), "mcp"),
        ("Deployment clock", ("spec", "selector", "matchLabels"), {"tier": "mcp"}),
    )
    assert brief(found) == [("selectors", "Deployment shop/clock", "spec.selector")]
    assert "also selects the pods of Deployment shop/gateway" in found[0].message


@pytest.mark.parametrize("namespaces", [{"any": True}, {"matchNames": ["shop"]}])
def test_a_monitor_may_look_into_another_namespace(namespaces):
    monitor = {
        **MONITOR,
        "metadata": {"name": "m", "namespace": "watch"},
        "spec": {**MONITOR["spec"], "namespaceSelector": namespaces},
    }
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "watch"}}
    assert findings((None, (), monitor), (None, (), namespace)) == []


@pytest.mark.parametrize(
    ("expression", "chosen"),
    [
        ({"operator": "In", "values": ["gateway"]}, True),
        ({"operator": "NotIn", "values": ["gateway"]}, True),
        ({"operator": "Exists"}, True),
        ({"operator": "DoesNotExist"}, False),
        ({"operator": "Gt", "values": ["1"]}, False),
    ],
)
def test_expressions_select_as_kubernetes_does(expression, chosen):
    edit = ("PodDisruptionBudget gateway", ("spec", "selector"), {"matchExpressions": [{"key": "app", **expression}]})
    misses = [finding for finding in findings(edit) if "selects no pod" in finding.message]
    assert bool(misses) is not chosen
