"""Volumes that pods can have, and StatefulSets whose pods have names."""

from copy import deepcopy

import pytest

from tests.preview.checks.sound import CONTAINER, POD, SOUND, expect, find, findings

VOLUME = {"name": "data", "persistentVolumeClaim": {"claimName": "db"}}
MOUNT = {"name": "data", "mountPath": "/data"}


def claim(*modes):
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "db", "namespace": "shop"},
        "spec": {"accessModes": list(modes), "resources": {"requests": {"storage": "1Gi"}}},
    }


def mounted(*modes):
    return [
        (None, (), claim(*modes)),
        ("Deployment clock", (*POD, "volumes"), [VOLUME]),
        ("Deployment clock", (*CONTAINER, "volumeMounts"), [MOUNT]),
    ]


@pytest.mark.parity("stack.stateful")
def test_a_rollout_that_would_wait_for_its_own_volume_is_found():
    expect(
        "storage",
        mounted("ReadWriteOnce"),
        [
            (
                "Deployment shop/clock",
                "spec.strategy.type",
                "'data' can be on one node only (ReadWriteOnce), where the old pod has it",
            )
        ],
    )


@pytest.mark.parity("stack.stateful")
@pytest.mark.parametrize(
    "edits",
    [
        mounted("ReadWriteMany"),
        mounted("ReadWriteOnce", "ReadOnlyMany"),
        [*mounted("ReadWriteOncePod"), ("Deployment clock", ("spec", "strategy"), {"type": "Recreate"})],
    ],
)
def test_a_volume_of_several_nodes_or_a_pod_at_a_time_is_fine(edits):
    assert findings(*edits) == []


def stateful(service="clock-pods", templates=(), **spec):
    """The sound stack with `clock` as StatefulSet, and the Service of its pods."""
    item = deepcopy(find(SOUND, "Deployment clock"))
    item["kind"] = "StatefulSet"
    item["spec"] |= {"serviceName": service, "volumeClaimTemplates": list(templates)}
    item["spec"].pop("strategy", None)
    headless = deepcopy(find(SOUND, "Service clock"))
    headless["metadata"]["name"] = "clock-pods"
    headless["spec"] |= {"clusterIP": "None", **spec}
    return [("Deployment clock", (), None), (None, (), item), (None, (), headless)]


def test_a_stateful_set_with_its_headless_service_is_fine():
    assert findings(*stateful()) == []


@pytest.mark.parametrize(
    ("edits", "path", "text"),
    [
        (stateful("other"), "spec.serviceName", "namespace shop has no Service 'other', so the pods have no names"),
        (stateful(clusterIP="10.0.0.1"), "spec.serviceName", "'clock-pods' has to be headless (clusterIP: None)"),
        (stateful(selector={"app": "gateway"}), "spec.serviceName", "'clock-pods' has to be headless"),
        (stateful(templates=[{"metadata": {"name": "data"}}]), "spec.volumeClaimTemplates[data]", "is mounted nowhere"),
    ],
)
def test_pods_without_names_and_claims_without_a_mount_are_found(edits, path, text):
    found = [one for one in findings(*edits) if one.check == "storage"]
    assert [(one.object, one.path) for one in found] == [("StatefulSet shop/clock", path)]
    assert text in found[0].message
