"""Names and labels that the API server takes."""

from copy import deepcopy

import pytest

from tests.preview.checks.sound import CONTAINER, POD, SOUND, TEMPLATE, brief, expect, find, findings


def budget(name):
    made = deepcopy(find(SOUND, "ServiceAccount clock"))
    made["metadata"]["name"] = name
    return [(None, (), made)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Clock", "'Clock' is no valid name"),
        ("clock-", "'clock-' is no valid name"),
        ("cl_ock", "is no valid name"),
        ("c" * 64, "64 characters; at most 63"),
        ("", "missing: Pulumi would make one up"),
    ],
)
def test_a_name_that_the_api_server_or_a_label_refuses_is_found(name, text):
    expect("names", budget(name), [(f"ServiceAccount shop/{name}", "metadata.name", text)])


def test_a_stateful_sets_name_leaves_room_for_a_hash():
    item = deepcopy(find(SOUND, "Deployment clock"))
    item["kind"], item["metadata"]["name"] = "StatefulSet", "c" * 53
    path = [(one.check, one.path) for one in findings((None, (), item)) if "52 fit" in one.message]
    assert path == [("names", "metadata.name")]
    item["metadata"]["name"] = "c" * 52
    assert "52 fit" not in str(findings((None, (), item)))


@pytest.mark.parametrize("name", ["c" * 63, "a.b-c", "9"])
def test_names_at_the_limit_are_fine(name):
    assert findings(*budget(name)) == []


def test_a_services_name_starts_with_a_letter():
    service = {**deepcopy(find(SOUND, "Service clock")), "metadata": {"name": "9clock", "namespace": "shop"}}
    expect("names", [(None, (), service)], [("Service shop/9clock", "metadata.name", "a lower-case letter, then letters")])


def test_roles_may_have_colons():
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "system:reader"}, "rules": []}
    assert findings((None, (), role)) == []


def test_an_object_that_is_there_twice_is_found():
    expect(
        "names",
        [(None, (), find(SOUND, "ServiceAccount clock"))],
        [("ServiceAccount shop/clock", "metadata.name", "is there twice")],
    )


@pytest.mark.parametrize(
    ("path", "key", "value", "text"),
    [
        (("metadata", "labels"), "a", "b c", "'b c' is no valid label value"),
        (("metadata", "labels"), "a", "x" * 64, "is no valid label value"),
        (("metadata", "labels"), "a", 5, "5 is no valid label value"),
        (("metadata", "labels"), "a b", "c", "is no valid label key"),
        (("metadata", "labels"), "UPPER.example/a", "c", "is no valid label key"),
        (("metadata", "annotations"), "a b", "c", "is no valid annotation key"),
        (("metadata", "annotations"), "a", True, "True is no text; put it in quotes"),
    ],
)
def test_labels_and_annotations_that_are_refused_are_found(path, key, value, text):
    edits = [("ServiceAccount clock", path, {key: value})]
    expect("names", edits, [("ServiceAccount shop/clock", f'{".".join(path)}["{key}"]', text)])


def test_labels_of_pods_are_looked_at_too():
    found = findings(("Deployment clock", (*TEMPLATE, "metadata", "annotations"), {"a": 5}))
    assert brief(found) == [("names", "Deployment shop/clock", 'spec.template.metadata.annotations["a"]')]


@pytest.mark.parametrize(
    ("edits", "path"),
    [
        ([("Deployment clock", (*CONTAINER, "name"), "Clock")], "containers[Clock].name"),
        ([("Deployment clock", (*CONTAINER, "ports", 0, "name"), "a-name-of-16-chr")], "containers[clock].ports[a-name-of-16-chr]"),
        ([("Deployment clock", (*CONTAINER, "ports", 0, "name"), "8000")], "containers[clock].ports[8000]"),
        ([("Deployment clock", (*CONTAINER, "ports", 0, "name"), "a--b")], "containers[clock].ports[a--b]"),
        (
            [("Deployment clock", (*CONTAINER, "env"), [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}])],
            "containers[clock].env[A]",
        ),
        (
            [
                ("Deployment clock", (*POD, "volumes"), [{"name": "my_files", "emptyDir": {}}]),
                ("Deployment clock", (*CONTAINER, "volumeMounts"), [{"name": "my_files", "mountPath": "/x"}]),
            ],
            "volumes[my_files]",
        ),
    ],
)
def test_names_within_a_pod_are_looked_at(edits, path):
    by_number = ("NetworkPolicy clock", ("spec", "ingress", 0, "ports", 0, "port"), 8000)
    assert brief(findings(*edits, by_number)) == [("names", "Deployment shop/clock", f"spec.template.spec.{path}")]


def test_two_containers_of_one_name_are_found():
    twin = {
        key: value
        for key, value in find(SOUND, "Deployment clock")["spec"]["template"]["spec"]["containers"][0].items()
        if key != "ports"
    }
    del twin["livenessProbe"]
    del twin["lifecycle"]
    found = findings(("Deployment clock", (*POD, "initContainers"), [twin]))
    assert ("names", "Deployment shop/clock", "spec.template.spec.containers[clock].name") in brief(found)
