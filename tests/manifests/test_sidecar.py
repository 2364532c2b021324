"""The proxy in a pod of somebody else: what it adds, and that nothing else changes."""

import copy

import pytest
import yaml

from mcp_stack.manifests import gateway_objects
from mcp_stack.manifests.secrets import CHECKSUM
from mcp_stack.manifests.sidecar import CONFIGURED, InjectionError, injected, sidecar_objects, sidecar_of
from mcp_stack.spec import config_text, gateway_config
from mcp_stack.spec.upstream import load_upstream
from mcp_stack_proxy.config import ProxyConfig

AROUND = {"namespace": {"name": "team", "create": False}, "proxy": {"image": {"repository": "ghcr.io/acme/proxy", "tag": "1.0.0"}}}
SIDECAR = {"port": 8080, "selector": {"app": "orders"}}
KEYS = {"keys": {"existing": "orders-keys", "key": "keys.yaml"}, "sealing": {"existing": "orders-keys", "key": "sealing"}}
POD = {
    "metadata": {"labels": {"app": "orders"}, "annotations": {"team": "a"}},
    "spec": {
        "serviceAccountName": "orders",
        "initContainers": [{"name": "migrate", "image": "ghcr.io/acme/orders:1"}],
        "containers": [{"name": "app", "image": "ghcr.io/acme/orders:1", "ports": [{"containerPort": 8080}]}],
        "volumes": [{"name": "config", "emptyDir": {}}],
    },
}
"""A pod that a team has: its volume is called as one of the proxy's is elsewhere."""


def loaded(changes=None, around=None):
    data = {"sidecar": SIDECAR, "trust_network": True, **(changes or {})}
    given = {key: value for key, value in data.items() if value is not None}
    return load_upstream(given, {**AROUND, **(around or {})}, "orders", "test", "here", lambda problem, _: problem)


@pytest.fixture
def sidecar():
    return lambda changes=None, around=None, **more: sidecar_of(loaded(changes, around)[0], **more)


@pytest.fixture
def objects():
    return lambda changes=None, around=None: sidecar_objects(*loaded(changes, around))


@pytest.mark.parity("mpl.sidecar-existing-workload")
def test_nothing_of_the_teams_pod_changes(sidecar):
    before, ours = copy.deepcopy(POD), sidecar()
    after = injected(POD, ours)
    assert before == POD, "what is given is not changed"
    assert after["metadata"] == {**POD["metadata"], "annotations": {"team": "a", **ours.annotations}}
    spec = after["spec"]
    assert spec["initContainers"][:-1] == POD["spec"]["initContainers"]
    assert spec["volumes"] == [*POD["spec"]["volumes"], *ours.volumes]
    changed = {key for key in spec if spec[key] != POD["spec"].get(key)}
    assert changed == {"initContainers", "volumes"}


def test_it_starts_before_the_server_and_ends_after_it(sidecar):
    """An init container that goes on: the kubelet waits for its startup probe, and ends it when the containers have ended."""
    found = injected(POD, sidecar())["spec"]["initContainers"][-1]
    assert found["restartPolicy"] == "Always"
    assert found["startupProbe"]["httpGet"] == {"path": "/startupz", "port": "management", "scheme": "HTTP"}
    assert {"readinessProbe", "livenessProbe"} <= set(found)
    assert "lifecycle" not in found, "a pause would only begin when nobody is left to call"


@pytest.mark.parity("mpl.sidecar-defaults")
def test_what_it_is_without_further_keys(sidecar):
    found = sidecar()
    container = found.container
    requests, limits = container["resources"]["requests"], container["resources"]["limits"]
    assert (requests["cpu"], requests["memory"], limits["cpu"], limits["memory"]) == ("100m", "128Mi", "500m", "256Mi")
    assert container["command"] == ["mcp-stack-proxy"]
    assert container["args"][:3] == ["serve", "--config", "/config/proxy.yaml"]
    assert {port["name"]: port["containerPort"] for port in container["ports"]} == {"proxy": 9443, "management": 9100}
    [mount] = [one for one in container["volumeMounts"] if one["mountPath"] == "/config"]
    assert mount["readOnly"] is True
    assert mount["name"] in {volume["name"] for volume in found.volumes}
    assert not any(name.startswith("prometheus.io/") for name in found.annotations), "nobody may scrape it"


def test_it_says_where_it_is_scraped_to_whoever_may(sidecar):
    found = sidecar({"management": {"scrapers": [{"namespace": "monitoring"}]}})
    assert found.annotations["prometheus.io/port"] == "9100"


def test_it_is_restricted_whatever_the_pod_is(sidecar):
    context = sidecar().container["securityContext"]
    assert (context["runAsNonRoot"], context["runAsUser"], context["readOnlyRootFilesystem"]) == (True, 10001, True)
    assert (context["capabilities"], context["seccompProfile"]) == ({"drop": ["ALL"]}, {"type": "RuntimeDefault"})


def test_keys_can_be_read_in_a_pod_without_our_group(sidecar):
    keys = {"trust_network": None, "authentication": {"api_keys": {"secret": "keys"}}}
    found = sidecar(keys, {"secrets": {"keys": KEYS["keys"]}})
    [volume] = [one for one in found.volumes if "projected" in one]
    assert volume["projected"]["defaultMode"] == 0o444


@pytest.mark.parity("mpl.sidecar")
def test_the_service_leads_to_the_proxy_alone(objects):
    found = objects()
    assert found["service"]["spec"]["selector"] == {"app": "orders"}
    [port] = found["service"]["spec"]["ports"]
    assert (port["name"], port["port"], port["targetPort"]) == ("proxy", 9443, "proxy")
    config = yaml.safe_load(found["config"]["data"]["proxy.yaml"])
    assert config["servers"]["orders"] == {"url": "http://127.0.0.1:8080/mcp", "namespace": ""}


def test_the_policy_names_the_proxys_ports_and_says_nothing_of_what_the_server_calls(objects):
    more = {"clients": [{"pods": {"app": "ai-agent"}}], "management": {"scrapers": [{"namespace": "monitoring"}]}}
    body = objects(more)["network"]["spec"]
    assert (body["podSelector"], body["policyTypes"]) == ({"matchLabels": {"app": "orders"}}, ["Ingress"])
    assert "egress" not in body
    calls, scrapes = body["ingress"]
    assert (calls["from"], calls["ports"]) == (
        [{"podSelector": {"matchLabels": {"app": "ai-agent"}}}],
        [{"protocol": "TCP", "port": 9443}],
    )
    assert scrapes["ports"] == [{"protocol": "TCP", "port": 9100}]


def test_replicas_may_pass_on_to_each_other(objects):
    several = {"sidecar": {**SIDECAR, "replicas": 3}, "sessions": {"keys": {"secret": "sealing"}}}
    [rule] = objects(several, {"secrets": {"sealing": KEYS["sealing"]}})["network"]["spec"]["ingress"]
    assert rule["from"] == [{"podSelector": {"matchLabels": {"app": "orders"}}}]


def test_the_configuration_is_the_text_of_a_proxy_with_pods_of_its_own(objects):
    """One function writes it for either; here the server is on loopback."""
    spec, _ = loaded({"validation": {"arguments": "enforce"}, "server_limits": {"max_concurrent": 3}})
    text = objects({"validation": {"arguments": "enforce"}, "server_limits": {"max_concurrent": 3}})["config"]["data"]["proxy.yaml"]
    assert text == gateway_objects(spec)["config"]["data"]["proxy.yaml"]
    config = gateway_config(spec, lambda name: name)
    assert text.encode() == config_text(config).encode()
    assert ProxyConfig.model_validate(config).servers["orders"].url == "http://127.0.0.1:8080/mcp"
    entry = yaml.safe_load(text)["servers"]["orders"]
    assert (entry["validation"], entry["limits"]) == ({"arguments": "enforce"}, {"max_concurrent": 3})


def test_a_change_of_the_configuration_rolls_the_pods(sidecar):
    one, other = sidecar(), sidecar({"limits": {"request_seconds": 7}})
    assert one.annotations[CONFIGURED] != other.annotations[CONFIGURED]
    assert one.volumes != other.volumes
    assert one.annotations == sidecar().annotations


def test_a_rotated_secret_rolls_them_too(sidecar):
    assert sidecar(checksum="digest").annotations[CHECKSUM] == "digest"
    assert CHECKSUM not in sidecar().annotations


def test_annotations_of_objects_are_not_the_pods(sidecar, objects):
    given = {"annotations": {"owner": "platform"}}
    assert "owner" not in sidecar(given).annotations
    assert objects(given)["service"]["metadata"]["annotations"] == {"owner": "platform"}


def test_images_are_pulled_with_what_the_pod_and_the_proxy_name(sidecar):
    image = {"proxy": {"image": {"repository": "ghcr.io/acme/proxy", "tag": "1.0.0", "pull_secrets": ["ours", "both"]}}}
    pod = {**POD, "spec": {**POD["spec"], "imagePullSecrets": [{"name": "theirs"}, {"name": "both"}]}}
    pulled = injected(pod, sidecar(None, image))["spec"]["imagePullSecrets"]
    assert [one["name"] for one in pulled] == ["theirs", "both", "ours"]


def test_a_bare_pod_is_enough(sidecar):
    found = injected({"spec": {"containers": [{"name": "app"}]}}, sidecar())
    assert [one["name"] for one in found["spec"]["initContainers"]] == ["mcp-proxy"]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"containers": [{"name": "mcp-proxy"}]}, "has a container 'mcp-proxy' already"),
        ({"containers": [{"name": "a", "ports": [{"containerPort": 9443}]}]}, "9443 is that of container 'a'.* another `port`"),
        ({"containers": [{"name": "a", "ports": [{"containerPort": 9100}]}]}, "another `management.port`"),
        ({"containers": [{"name": "a"}], "volumes": [{"name": "mcp-proxy-config"}]}, "volume 'mcp-proxy-config' already"),
        ({"containers": [], "init_containers": []}, "keys as the API has them"),
        ({}, "needs `spec.containers`"),
    ],
)
def test_a_pod_that_it_cannot_join_is_refused(sidecar, spec, message):
    with pytest.raises(InjectionError, match=message):
        injected({"spec": spec}, sidecar())


def test_it_is_injected_once(sidecar):
    with pytest.raises(InjectionError, match="injected once"):
        injected(injected(POD, sidecar()), sidecar())


def test_a_class_of_arguments_is_refused_in_plain_words(sidecar):
    with pytest.raises(InjectionError, match="the template is no mapping: write it with keys as the API has them"):
        injected(object(), sidecar())


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        ({"app": "orders", "tier": "a"}, None),
        ({"app": object(), "tier": "a"}, None),  # an output
        ({}, None),
        ({"app": "order", "tier": "a"}, "app=orders is 'order' in the template"),
        ({"app": "orders"}, "tier=a is missing in the template"),
    ],
)
def test_a_pod_that_the_service_would_not_find_is_refused(sidecar, labels, found):
    template, selector = {"metadata": {"labels": labels}, "spec": POD["spec"]}, {"app": "orders", "tier": "a"}
    if found is None:
        assert injected(template, sidecar(), selector)["metadata"]["labels"] == labels
    else:
        with pytest.raises(InjectionError, match=found):
            injected(template, sidecar(), selector)
