"""Replicas of the proxies in a cluster: the same keys, an address each, and a way to each other."""

import pytest
import yaml

from mcp_stack.manifests import gateway_objects
from mcp_stack.spec import load_spec
from tests.manifests.conftest import STACK

KEYS = {"gateway.sessions": {"keys": {"secret": "sealing"}}, "secrets.sealing": {"config": "sealing"}}
PROXIES = ("test-gateway", "test-box")


@pytest.mark.parity("aggregate.scaling")
@pytest.mark.parametrize("part", PROXIES)
def test_every_proxy_reads_the_same_keys_from_a_directory_of_their_own(render, part):
    made = render(KEYS)
    [volume] = [one for one in made.pod(part)["volumes"] if one["name"] == "session-keys"]
    item = {"key": "value", "path": "session-keys"}
    assert volume["projected"]["sources"] == [{"secret": {"name": "test-shared.sealing", "items": [item]}}]
    [mount] = [one for one in made.container(part)["volumeMounts"] if one["name"] == "session-keys"]
    assert mount == {"name": "session-keys", "mountPath": "/session-keys", "readOnly": True}, "a subPath would never be refreshed"


@pytest.mark.parametrize(("part", "port"), [("test-gateway", 8080), ("test-box", 8000)])
def test_every_proxy_says_where_the_others_reach_it(render, part, port):
    made = render(KEYS)
    config = yaml.safe_load(made.one("ConfigMap", f"{part}-config")["data"]["proxy.yaml"])
    keys = "${MCP_SESSION_KEYS_FILE:-/session-keys/session-keys}"
    assert config["sessions"] == {"keys": keys, "advertise": f"${{MCP_POD_IP:-127.0.0.1}}:{port}"}
    field = {"fieldRef": {"apiVersion": "v1", "fieldPath": "status.podIP"}}
    assert {"name": "MCP_POD_IP", "valueFrom": field} in made.container(part)["env"]


def test_an_image_of_somebody_else_gets_none_of_it(render):
    made = render(KEYS)
    assert "session-keys" not in str(made.pod("test-web"))
    assert "MCP_POD_IP" not in str(made.pod("test-web"))


@pytest.mark.parametrize(
    ("part", "name", "port", "several"),
    [
        ("test-gateway", "gateway", 8080, {"gateway.replicas": 2}),
        ("test-gateway", "gateway", 8080, {"gateway.autoscaling": {"min": 1, "max": 2}}),
        ("test-box", "box", 8000, {"servers.box.replicas": 2}),
    ],
)
def test_replicas_reach_each_other_and_a_single_one_nobody_new(render, part, name, port, several):
    own = {"podSelector": {"matchLabels": {"app.kubernetes.io/instance": "test", "app.kubernetes.io/name": name}}}

    def policy(changes):
        return render(changes).one("NetworkPolicy", part)["spec"]

    alone, together = policy(KEYS), policy({**KEYS, **several})
    assert own not in [peer for rule in alone["ingress"] for peer in rule["from"]]
    [rule] = together["ingress"]
    assert rule["from"] == [peer for old in alone["ingress"] for peer in old["from"]] + [own]
    assert rule["ports"] == [{"protocol": "TCP", "port": port}]
    assert together["egress"] == [*alone["egress"], {"to": [own], "ports": rule["ports"]}]


def test_a_changed_key_rolls_no_pod():
    """The process follows the file; any other secret of ours that changes does roll."""
    servers = {name: server for name, server in STACK["servers"].items() if name != "far"}
    gateway = {"trust_network": True, "sessions": {"keys": {"secret": "token"}}}
    spec = load_spec({**STACK, "servers": servers, "gateway": gateway}, "test")
    assert spec.session_keys().config == "token"
    assert spec.secrets_of("gateway") == []
    annotations = gateway_objects(spec)["deployment"]["spec"]["template"]["metadata"]["annotations"]
    assert "mcp-stack/secrets-checksum" not in annotations


def test_without_keys_nothing_of_it_is_there(render):
    made = render()
    for part in PROXIES:
        assert "session-keys" not in [one["name"] for one in made.pod(part)["volumes"]]
        assert "sessions" not in yaml.safe_load(made.one("ConfigMap", f"{part}-config")["data"]["proxy.yaml"])
