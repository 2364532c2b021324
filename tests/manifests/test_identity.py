import pytest

WORKLOAD_KINDS = {"Deployment", "Service", "ServiceAccount", "NetworkPolicy", "ConfigMap", "HTTPRoute"}


@pytest.mark.parity("stack.labels")
def test_labels_and_annotations_reach_all_objects_and_pods(render):
    rendered = render(
        {"servers.web.labels": {"tier": "gold"}, "servers.web.annotations": {"note": "x"}, "servers.web.exposure": {}}
    )
    for one in rendered:
        assert one["metadata"]["labels"]["team"] == "platform"
        assert one["metadata"]["annotations"]["owner"] == "platform"
    own = [one for one in rendered if one["metadata"]["labels"].get("app.kubernetes.io/name") == "web"]
    assert {one["kind"] for one in own} == WORKLOAD_KINDS - {"ConfigMap"}
    pod = rendered.one("Deployment", "test-web")["spec"]["template"]["metadata"]
    for metadata in (*(one["metadata"] for one in own), pod):
        assert metadata["labels"]["tier"] == "gold"
        assert metadata["annotations"]["note"] == "x"


def test_selectors_match_the_pods_of_one_workload_alone(render):
    rendered = render({"servers.web.replicas": 2})
    pods = {
        one["metadata"]["name"]: one["spec"]["template"]["metadata"]["labels"] for one in rendered if one["kind"] == "Deployment"
    }

    def selected(selector):
        return {name for name, labels in pods.items() if selector.items() <= labels.items()}

    for one in rendered:
        name, body = one["metadata"]["name"], one.get("spec", {})
        selector = {
            "Deployment": lambda body: body["selector"]["matchLabels"],
            "Service": lambda body: body["selector"],
            "PodDisruptionBudget": lambda body: body["selector"]["matchLabels"],
            "NetworkPolicy": lambda body: body["podSelector"].get("matchLabels"),
        }.get(one["kind"])
        if selector and name != "test-shared":
            assert selected(selector(body)) == {name}


@pytest.mark.parity("stack.naming")
def test_two_stacks_in_one_namespace_share_no_object(render):
    namespace = {"namespace": {"name": "mcp-secrets", "create": False}}
    one, other = render(namespace, "x"), render(namespace, "x-web")
    keys = [{(each["kind"], each["metadata"]["name"]) for each in rendered} for rendered in (one, other)]
    assert keys[0] & keys[1] == set()
    assert {each["metadata"]["namespace"] for each in (*one, *other)} == {"mcp-secrets"}


@pytest.mark.parity("stack.naming")
def test_long_names_stay_within_63_characters(render):
    name = "a" * 40
    changes = {f"servers.{name}": {"command": ["x"], "env": {"T": {"secret": name}}, "secrets": {name: {"config": "t"}}}}
    for one in render(changes, stack="s" * 60):
        assert len(one["metadata"]["name"]) <= 63
        assert all(len(value) <= 63 for value in one["metadata"]["labels"].values())
