from mcp_stack_policy import UNKNOWN, Object, Sensitive, objects_of
from mcp_stack_policy.resources import dig

POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "one"}}


def titles(token, properties):
    return [(one.title, one.partial) for one in objects_of(token, "urn:pulumi:dev::shop::t::logical", properties)]


def test_an_object_is_read_from_its_resource():
    assert titles("kubernetes:core/v1:Pod", POD) == [("Pod one", False)]
    assert titles("kubernetes:apps/v1:DeploymentPatch", {**POD, "apiVersion": "apps/v1", "kind": "Deployment"}) == [
        ("Deployment one", True)
    ]
    assert titles("kubernetes:core/v1:Pod", {"apiVersion": "v1", "kind": "Pod"}) == [("Pod logical", False)]
    assert titles("aws:s3:Bucket", POD) == titles("kubernetes:helm.sh/v3:Release", {"name": "x"}) == []
    assert titles("kubernetes:core/v1:Pod", {"kind": "Pod", "apiVersion": UNKNOWN}) == []


def test_a_list_is_its_items():
    items = [{"metadata": {"name": "a", "namespace": "x"}}, {**POD, "kind": "Secret"}]
    assert titles("kubernetes:core/v1:PodList", {"apiVersion": "v1", "kind": "PodList", "items": items}) == [
        ("Pod x/a", False),
        ("Secret one", False),
    ]


def test_what_is_below_a_secret_can_be_read_and_what_is_below_an_unknown_is_unknown():
    value = {"a": Sensitive({"b": Sensitive("c")}), "u": UNKNOWN, "t": "text"}
    assert (dig(value, "a", "b"), dig(value, "u", "x"), dig(value, "t", "x"), dig(value, "n")) == ("c", UNKNOWN, None, None)
    assert Object({"apiVersion": "apps/v1"}).group == "apps"
