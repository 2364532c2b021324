"""The comparison by which test_stacks.py judges sees every kind of difference, and no other."""

import copy

import pytest

from tests.e2e.agreement import disagreements
from tests.e2e.provider import MANAGER

RENDERED = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "mcp", "labels": {"a/b": "c"}},
    "spec": {
        "selector": {"matchLabels": {"app": "web"}},
        "template": {"spec": {"containers": [{"name": "web", "args": ["a", "b"], "resources": {"limits": {"cpu": "1000m"}}}]}},
    },
}

FIELDS = {
    "f:metadata": {"f:labels": {"f:a/b": {}}},
    "f:spec": {
        "f:selector": {},
        "f:template": {
            "f:spec": {
                "f:containers": {
                    'k:{"name":"web"}': {".": {}, "f:name": {}, "f:args": {}, "f:resources": {"f:limits": {"f:cpu": {}}}}
                }
            }
        },
    },
}


def live():
    """As an API server answers: with defaults, somebody else's fields, and a quantity in its shortest form."""
    found = copy.deepcopy(RENDERED)
    found["metadata"]["uid"] = "1"
    found["metadata"]["labels"]["theirs"] = "x"
    found["metadata"]["managedFields"] = [{"manager": MANAGER, "operation": "Apply", "fieldsV1": FIELDS}]
    found["spec"]["replicas"] = 1
    container(found).update({"resources": {"limits": {"cpu": "1"}}, "imagePullPolicy": "Always"})
    found["spec"]["template"]["spec"]["containers"].append({"name": "injected"})
    return found


def container(manifest):
    return manifest["spec"]["template"]["spec"]["containers"][0]


def test_defaults_and_what_others_own_are_no_difference():
    assert disagreements(RENDERED, live()) == []


def another_value(held):
    held["metadata"]["labels"]["a/b"] = "d"


def another_argument(held):
    container(held)["args"] = ["b", "a"]


def another_quantity(held):
    container(held)["resources"]["limits"]["cpu"] = "2"


def another_selector(held):
    held["spec"]["selector"]["matchLabels"]["app"] = "other"


def somebody_elses(held):
    del held["metadata"]["managedFields"][0]["fieldsV1"]["f:metadata"]


def one_more_of_ours(held):
    held["metadata"]["managedFields"][0]["fieldsV1"]["f:spec"]["f:replicas"] = {}


def lost(held):
    held["spec"]["template"]["spec"]["containers"].pop(0)


@pytest.mark.parametrize(
    "differ", [another_value, another_argument, another_quantity, another_selector, somebody_elses, one_more_of_ours, lost]
)
def test_a_difference_is_seen(differ):
    held = copy.deepcopy(live())
    differ(held)
    assert len(disagreements(RENDERED, held)) in (1, 2)


def test_an_object_that_is_not_there_or_not_ours_is_a_difference():
    unmanaged = live()
    unmanaged["metadata"]["managedFields"] = []
    assert disagreements(RENDERED, None)
    assert disagreements(RENDERED, unmanaged)
