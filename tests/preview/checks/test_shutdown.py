"""A pod that ends has the time that it needs."""

import pytest

from tests.preview.checks.sound import CONTAINER, GONE, POD, expect, findings

GRACE = "spec.template.spec.terminationGracePeriodSeconds"


@pytest.mark.parametrize(
    ("edits", "faults"),
    [
        (
            [("Deployment gateway", (*POD, "terminationGracePeriodSeconds"), 24)],
            [("Deployment shop/gateway", GRACE, "24 s are less than pause (5 s) and drain (20 s) of 'gateway'; give 25")],
        ),
        (
            [("Deployment clock", (*POD, "terminationGracePeriodSeconds"), 5)],
            [("Deployment shop/clock", GRACE, "5 s are over before the pause of container 'clock' (5 s)")],
        ),
        (
            [("Deployment clock", (*CONTAINER, "lifecycle", "preStop", "sleep", "seconds"), 30)],
            [("Deployment shop/clock", GRACE, "30 s are over before the pause")],
        ),
        (
            [("Deployment clock", (*CONTAINER, "lifecycle"), GONE)],
            [
                (
                    "Deployment shop/clock",
                    "spec.template.spec.containers[clock].lifecycle.preStop",
                    "still sends requests while the pod already ends",
                )
            ],
        ),
    ],
)
def test_too_little_time_to_end_is_found(edits, faults):
    expect("shutdown", edits, faults)


def test_the_proxys_own_drain_counts_where_its_configuration_says_nothing():
    edits = [
        ("ConfigMap gateway-config", ("data", "proxy.yaml"), "servers: {}\n"),
        ("Deployment gateway", (*POD, "terminationGracePeriodSeconds"), 14),
    ]
    (found,) = findings(*edits)
    assert "drain (10 s)" in found.message


def test_a_sidecar_ends_after_the_others_and_needs_no_pause():
    beside = {"name": "beside", "image": "beside:1.0.0", "ports": [{"containerPort": 9000}]}

    def told(field, container):
        place = (*POD, field, 1) if field == "containers" else (*POD, field)
        edit = ("Deployment clock", place, container if field == "containers" else [container])
        return [one.path for one in findings(edit) if one.check == "shutdown"]

    assert told("initContainers", {**beside, "restartPolicy": "Always"}) == []
    assert told("containers", beside) == ["spec.template.spec.containers[beside].lifecycle.preStop"]


def test_exactly_enough_is_enough():
    assert findings(("Deployment gateway", (*POD, "terminationGracePeriodSeconds"), 25)) == []
