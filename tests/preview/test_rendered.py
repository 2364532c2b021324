"""Which resources are Kubernetes objects, and in which order."""

import pytest

from mcp_stack.preview.rendered import KubeObject, Rendered, ordered
from mcp_stack.preview.resources import Resource


def resource(kind, name="one", namespace="a", api="v1", **fields):
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    inputs = {"kind": kind, "apiVersion": api, "metadata": metadata}
    settings = {"type": f"kubernetes:core/v1:{kind}", "parent": "", "inputs": inputs, **fields}
    return Resource(urn=f"urn:{kind}:{namespace}:{name}", name=name, **settings)


def titles(*resources):
    return [item.title for item in Rendered("shop", "dev", resources, {}).objects]


def test_objects_come_in_the_order_of_application_whatever_the_programs_order():
    made = [
        resource("Deployment"),
        resource("Zebra"),
        resource("ConfigMap", "two"),
        resource("ConfigMap"),
        resource("Namespace", "a", ""),
    ]
    expected = ["Namespace a", "ConfigMap a/one", "ConfigMap a/two", "Deployment a/one", "Zebra a/one"]
    assert titles(*made) == titles(*reversed(made)) == expected


@pytest.mark.parametrize(
    "other",
    [
        resource("ConfigMap", custom=False),
        resource("ConfigMap", read=True),
        resource("ConfigMap", type="pulumi:providers:kubernetes"),
        resource("ConfigMap", type="aws:s3:Bucket"),
        resource("ConfigMap", type="kubernetes:core/v1:ConfigMapPatch"),
    ],
)
def test_what_is_no_object_is_left_out(other):
    assert titles(other) == []


def test_what_a_plugin_expands_is_named():
    chart = resource("Chart", type="kubernetes:helm.sh/v4:Chart", remote=True, custom=False)
    release = resource("Release", type="kubernetes:helm.sh/v3:Release")
    assert Rendered("shop", "dev", (chart, release, resource("ConfigMap")), {}).unseen == (chart, release)


@pytest.mark.parametrize(
    ("kind", "own", "namespace"), [("ConfigMap", "", "shop"), ("ConfigMap", "a", "a"), ("ClusterRole", "", "")]
)
def test_a_providers_namespace_is_the_default(kind, own, namespace):
    provider = Resource("urn:p", "pulumi:providers:kubernetes", "p", "", {"namespace": "shop"})
    (item,) = Rendered("shop", "dev", (provider, resource(kind, namespace=own, provider="urn:p")), {}).objects
    assert item.namespace == namespace
    assert item.provider == {"namespace": "shop"}


def test_what_an_object_is_called_and_where_it_is_come_before_its_labels():
    metadata = {"labels": {"name": "a", "app": "b"}, "annotations": {}, "namespace": "mcp", "name": "web"}
    manifest = ordered({"kind": "K", "apiVersion": "v1", "metadata": metadata})
    assert list(manifest["metadata"]) == ["name", "namespace", "annotations", "labels"]


def test_keys_have_one_order_and_nulls_are_dropped():
    manifest = ordered({"spec": {"b": 1, "a": None, "name": "x"}, "metadata": {}, "kind": "K", "apiVersion": "v1", "data": None})
    assert list(manifest) == ["apiVersion", "kind", "metadata", "spec"]
    assert list(manifest["spec"]) == ["name", "b"]


@pytest.mark.parametrize(
    ("name", "immutable", "base"),
    [
        ("web-config-0123456789", True, "web-config"),
        ("web-config-0123456789", False, "web-config-0123456789"),
        ("web-api", True, "web-api"),
    ],
)
def test_a_digest_is_cut_from_the_name_of_an_immutable_map_alone(name, immutable, base):
    assert KubeObject({"kind": "ConfigMap", "metadata": {"name": name}, "immutable": immutable}).base_name == base
