import pytest

from mcp_stack.manifests import checksum

PER_SERVER = {"ServiceAccount", "NetworkPolicy", "Service", "Deployment"}


def kinds(rendered, part):
    return sorted(one["kind"] for one in rendered if one["metadata"]["labels"].get("app.kubernetes.io/name") == part)


@pytest.mark.parity("stack.servers-map")
def test_each_server_yields_exactly_what_it_asks_for(render):
    rendered = render()
    assert kinds(rendered, "web") == sorted(PER_SERVER)
    assert kinds(rendered, "box") == sorted(PER_SERVER | {"ConfigMap"})
    assert kinds(rendered, "far") == []
    assert kinds(rendered, "gateway") == sorted(PER_SERVER | {"ConfigMap"})
    asked = render({"servers.web.autoscaling": {}, "servers.web.exposure": {}, "servers.web.files": {"/a/b": {"content": "x"}}})
    more = PER_SERVER | {"HorizontalPodAutoscaler", "PodDisruptionBudget", "HTTPRoute", "ConfigMap"}
    assert kinds(asked, "web") == sorted(more)
    assert kinds(render({"servers.web.enabled": False}), "web") == []


@pytest.mark.parity("hangar.remote-server")
def test_a_remote_server_has_no_pod_but_its_own_secret(render):
    rendered = render(
        {
            "servers.far.secrets": {"own": {"config": "far"}},
            "servers.far.env": {"TOKEN": {"secret": "own"}},
        },
        value_of=lambda key: f"value of {key}",
    )
    assert kinds(rendered, "far") == ["Secret"]
    assert rendered.one("Secret", "test-far.own")["stringData"] == {"value": "value of far"}


@pytest.mark.parity("aggregate.secret-reference", "stack.secret-shared")
def test_secrets_of_others_are_referred_to_and_never_created(render):
    rendered = render({"secrets.token": {"existing": "mcp-secrets", "key": "sentry-token"}})
    assert not [one for one in rendered if one["kind"] == "Secret"]
    (volume,) = [one for one in rendered.pod("test-gateway")["volumes"] if one["name"] == "secrets"]
    assert volume["projected"]["sources"] == [
        {"secret": {"name": "mcp-secrets", "items": [{"key": "sentry-token", "path": "TOKEN"}]}}
    ]


def test_pods_that_read_a_secret_of_ours_are_marked_with_its_checksum(render):
    rendered = render(checksum="abc")

    def annotations(name):
        return rendered.one("Deployment", name)["spec"]["template"]["metadata"]["annotations"]

    assert annotations("test-box")["mcp-stack/secrets-checksum"] == "abc"
    assert annotations("test-gateway")["mcp-stack/secrets-checksum"] == "abc"
    assert "mcp-stack/secrets-checksum" not in annotations("test-web")


def test_a_checksum_tells_change_and_nothing_else():
    assert checksum(["a", "b"]) == checksum(["a", "b"])
    assert len({checksum(values) for values in (["a"], ["b"], ["a", "b"], ["ab"], ["b", "a"], [])}) == 6
    assert len(checksum(["a"])) == 32


def test_without_a_gateway_only_servers_remain(render):
    rendered = render({"gateway.enabled": False, "servers.far.enabled": False})
    assert kinds(rendered, "gateway") == []
    assert rendered.one("NetworkPolicy", "test-web")["spec"]["ingress"] == []


def test_a_rollout_never_goes_below_what_serves(render):
    for one in render():
        if one["kind"] == "Deployment":
            assert one["spec"]["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}


@pytest.mark.parity("aggregate.quick-start")
def test_one_gateway_on_8080_is_the_default(render):
    rendered = render({"namespace": {"name": "mcp"}})
    assert rendered.one("Deployment", "test-gateway")["spec"]["replicas"] == 1
    service = rendered.one("Service", "test-gateway")["spec"]
    assert (service["type"], service["ports"][0]["port"], service["ports"][0]["name"]) == ("ClusterIP", 8080, "http")
    assert rendered.has("Namespace", "mcp")
