import pulumi
import pytest

from mcp_stack.children import create

OBJECTS = {
    "account": {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "a"}, "automountServiceAccountToken": False},
    "deployment": {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": {"x": 1}},
    "route": {"apiVersion": "example.com/v1", "kind": "Route", "metadata": {"name": "r"}, "spec": {"camelCase": {"snake_case": 1}}},
}


@pytest.fixture
def made(run):
    def program():
        create(pulumi.ComponentResource("a:b:C", "parent"), "parent", OBJECTS)

    return {one.name: one for one in run(program).resources}


def test_an_object_becomes_a_resource_of_its_own_type_unchanged(made):
    assert {name: one.inputs for name, one in made.items() if name != "parent"} == {
        f"parent-{role}": manifest for role, manifest in OBJECTS.items()
    }
    assert made["parent-account"].type == "kubernetes:core/v1:ServiceAccount"
    assert made["parent-deployment"].type == "kubernetes:apps/v1:Deployment"
    assert made["parent-route"].type == "kubernetes:example.com/v1:Route"
    assert {one.parent for name, one in made.items() if name != "parent"} == {made["parent"].urn}


def test_pods_with_volumes_come_last_too(run):
    objects = {
        "stateful-set": {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "s"}, "spec": {"x": 1}},
        "headless": {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "p"}, "spec": {"clusterIP": "None"}},
    }

    def program():
        create(pulumi.ComponentResource("a:b:C", "parent"), "parent", objects)

    made = {one.name: one for one in run(program).resources}
    assert made["parent-stateful-set"].type == "kubernetes:apps/v1:StatefulSet"
    assert made["parent-stateful-set"].inputs == objects["stateful-set"]
    assert set(made["parent-stateful-set"].options["dependencies"]) == {made["parent-headless"].urn}


def test_pods_come_last(made):
    assert set(made["parent-deployment"].options["dependencies"]) == {made["parent-account"].urn, made["parent-route"].urn}
    assert "dependencies" not in made["parent-account"].options


def test_whatever_lives_in_a_namespace_waits_for_it(run):
    """The engine makes at once whatever does not depend on one another, and the API server takes nothing into what is not there."""
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}}

    def program():
        create(pulumi.ComponentResource("a:b:C", "parent"), "parent", {**OBJECTS, "namespace": namespace})

    made = {one.name: one for one in run(program).resources}
    for role in OBJECTS:
        assert made["parent-namespace"].urn in made[f"parent-{role}"].options["dependencies"]
    assert "dependencies" not in made["parent-namespace"].options


def test_what_keda_looks_at_comes_before_its_scaled_object(run):
    """KEDA's webhook refuses a ScaledObject whose workload it does not find (v2.20, verifyCPUMemoryScalers)."""
    keda = {"apiVersion": "keda.sh/v1alpha1", "metadata": {"name": "k"}}
    objects = {
        "autoscaler": {**keda, "kind": "ScaledObject", "spec": {}},
        "scaler-authentication": {**keda, "kind": "TriggerAuthentication", "spec": {}},
        "deployment": OBJECTS["deployment"],
    }
    resources = run(lambda: create(pulumi.ComponentResource("a:b:C", "parent"), "parent", objects)).resources
    made = {one.name.removeprefix("parent-"): one for one in resources}
    needed = {made["deployment"].urn, made["scaler-authentication"].urn}
    assert set(made["autoscaler"].options["dependencies"]) == needed


@pytest.mark.parity("stack.uninstall")
@pytest.mark.parametrize("kept", ["Retain", "Delete"])
def test_a_namespace_that_is_to_stay_outlives_its_resource_and_nothing_else_does(run, kept):
    home = {"name": "mcp", "annotations": {"mcp-stack/when-destroyed": kept}}
    objects = {"namespace": {"apiVersion": "v1", "kind": "Namespace", "metadata": home}, **OBJECTS}

    def program():
        create(pulumi.ComponentResource("a:b:C", "parent"), "parent", objects)

    retained = {one.name for one in run(program).resources if one.options.get("retainOnDelete")}
    assert retained == ({"parent-namespace"} if kept == "Retain" else set())
