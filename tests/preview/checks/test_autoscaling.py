"""Autoscalers that can act, and that nobody works against."""

import pytest

from tests.preview.checks.sound import CONTAINER, GONE, SOUND, brief, expect, find, findings

SCALER = "HorizontalPodAutoscaler gateway"
TITLE = "HorizontalPodAutoscaler shop/gateway"
METRIC = ("spec", "metrics", 0)


@pytest.mark.parametrize(
    ("edits", "faults"),
    [
        (
            [("Deployment gateway", ("spec", "replicas"), 3)],
            [("Deployment shop/gateway", "spec.replicas", f"every deployment resets what {TITLE} decided")],
        ),
        (
            [("Deployment gateway", (*CONTAINER, "resources", "requests", "cpu"), GONE)],
            [
                (
                    "Deployment shop/gateway",
                    "spec.template.spec.containers[gateway].resources.requests.cpu",
                    "this container requests none",
                )
            ],
        ),
        (
            [(SCALER, (*METRIC, "resource", "name"), "memory"), ("Deployment gateway", (*CONTAINER, "resources"), GONE)],
            [
                (
                    "Deployment shop/gateway",
                    "spec.template.spec.containers[gateway].resources.requests.memory",
                    "this container requests none",
                )
            ],
        ),
        ([(SCALER, ("spec", "maxReplicas"), 1)], [(TITLE, "spec.maxReplicas", "1 is less than minReplicas (2)")]),
        ([(SCALER, ("spec", "maxReplicas"), 2)], [(TITLE, "spec.maxReplicas", "so nothing scales")]),
        ([(SCALER, ("spec", "metrics"), [])], [(TITLE, "spec.metrics", "there is nothing to scale by")]),
        (
            [
                (
                    SCALER,
                    METRIC,
                    {
                        "type": "ContainerResource",
                        "containerResource": {
                            "name": "cpu",
                            "container": "side",
                            "target": {"type": "Utilization", "averageUtilization": 80},
                        },
                    },
                )
            ],
            [(TITLE, "spec.metrics[0].containerResource.container", "'side' is no container of Deployment shop/gateway")],
        ),
    ],
)
def test_an_autoscaler_that_cannot_act_is_found(edits, faults):
    expect("autoscaling", edits, faults)


def test_a_missing_target_is_found():
    found = findings((SCALER, ("spec", "scaleTargetRef", "name"), "gate"))
    assert ("autoscaling", TITLE, "spec.scaleTargetRef") in brief(found)


@pytest.mark.parametrize(
    "second",
    [
        {**find(SOUND, SCALER), "metadata": {"name": "second", "namespace": "shop"}},
        {
            "apiVersion": "keda.sh/v1alpha1",
            "kind": "ScaledObject",
            "metadata": {"name": "second", "namespace": "shop"},
            "spec": {"scaleTargetRef": {"name": "gateway"}, "minReplicaCount": 2, "triggers": [{"type": "prometheus"}]},
        },
    ],
)
def test_two_autoscalers_for_one_workload_are_found(second):
    (found,) = findings((None, (), second))
    assert (found.check, found.object) == ("autoscaling", f"{second['kind']} shop/second")
    assert "already follows HorizontalPodAutoscaler shop/gateway" in found.message


def test_an_absolute_target_needs_no_request():
    target = {"type": "AverageValue", "averageValue": "500m"}
    edits = [(SCALER, (*METRIC, "resource", "target"), target), ("Deployment gateway", (*CONTAINER, "resources"), GONE)]
    assert findings(*edits) == []
