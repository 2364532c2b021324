"""The proxy in front of a server, in its own pods: what leads to whom, how they start and end together, and who asks for keys."""

import pytest
import yaml

from mcp_stack.manifests.front import front, proxy_image
from mcp_stack.spec import cluster_address, front_config, gateway_config, load_spec
from mcp_stack_proxy.config import ProxyConfig

PROXY = {"servers.web.proxy": {}}
KEYS = {
    "secrets.callers": {"existing": "agent-keys", "key": "api-keys.yaml"},
    "secrets.ours": {"existing": "agent-keys", "key": "gateway"},
    "servers.web.proxy": {"authentication": {"api_keys": {"secret": "callers"}, "gateway_key": {"secret": "ours"}}},
}
SEALED = {"secrets.sealing": {"existing": "sealing", "key": "keys"}, "gateway.sessions": {"keys": {"secret": "sealing"}}}


def sidecar(rendered, name="test-web"):
    (found,) = rendered.pod(name)["initContainers"]
    return found


def config(rendered):
    return yaml.safe_load(rendered.one("ConfigMap", "test-web-config")["data"]["proxy.yaml"])


@pytest.mark.parity("mpl.sidecar", "mpl.sidecar-defaults")
def test_the_service_leads_to_the_proxy_alone(render):
    rendered = render(PROXY)
    assert rendered.one("Service", "test-web")["spec"]["ports"] == [
        {"name": "proxy", "port": 9443, "targetPort": "proxy", "protocol": "TCP"}
    ]
    ports = {port["name"]: port["containerPort"] for port in sidecar(rendered)["ports"]}
    assert ports == {"proxy": 9443, "management": 9100}
    own = {port["name"]: port["containerPort"] for port in rendered.container("test-web")["ports"]}
    assert own == {"http": 8000}
    assert config(rendered)["servers"] == {"web": {"url": "http://127.0.0.1:8000/mcp", "namespace": ""}}


def test_service_and_port_are_called_as_it_is_said(render):
    rendered = render({"servers.web.proxy": {"port": 8443}, "servers.web.service": {"port": 80, "port_name": "mcp"}})
    assert rendered.one("Service", "test-web")["spec"]["ports"] == [
        {"name": "mcp", "port": 80, "targetPort": "proxy", "protocol": "TCP"}
    ]
    assert gateway_config(rendered.spec, cluster_address(rendered.spec))["servers"]["web"] == {
        "url": "http://test-web.mcp-test.svc:80/servers/web/mcp"
    }


@pytest.mark.parity("mpl.network-policy-egress")
def test_policies_admit_to_the_proxys_port_and_nobody_to_the_servers(render):
    rendered = render({**PROXY, "servers.box.egress": [{"server": "web"}], "servers.web.clients": [{"namespace": "agents"}]})
    (rule,) = rendered.one("NetworkPolicy", "test-web")["spec"]["ingress"]
    assert rule["ports"] == [{"protocol": "TCP", "port": 9443}]
    assert len(rule["from"]) == 3
    for caller in ("test-gateway", "test-box"):
        assert [{"protocol": "TCP", "port": 9443}] in [
            one.get("ports") for one in rendered.one("NetworkPolicy", caller)["spec"]["egress"]
        ]


def test_replicas_reach_each_other_by_the_proxy_and_where_they_keep_data_alike_by_their_own_port(render):
    several = {**PROXY, **SEALED, "servers.web.replicas": 3}
    body = render(several).one("NetworkPolicy", "test-web")["spec"]
    assert [one["ports"][0]["port"] for one in body["ingress"]] == [9443]
    stored = {"claims": {"data": {"path": "/data", "size": "1Gi"}}, "replicated": True}
    body = render({**several, "servers.web.storage": stored}).one("NetworkPolicy", "test-web")["spec"]
    own = {"podSelector": body["podSelector"]}
    assert {(rule["ports"][0]["port"], own in rule["from"]) for rule in body["ingress"]} == {(9443, True), (8000, True)}
    assert [rule["ports"][0]["port"] for rule in body["egress"] if rule["to"] == [own]] == [8000, 9443]


def test_it_starts_before_the_server_and_is_asked_by_itself(render):
    """An init container that goes on comes last: the kubelet starts the server when the proxy's startup probe has passed."""
    box = {"name": "fill", "image": {"repository": "fill", "tag": "1"}}
    first, last = render({**PROXY, "servers.web.init_containers": [box]}).pod("test-web")["initContainers"]
    assert (first["name"], last["name"], last["restartPolicy"]) == ("fill", "mcp-proxy", "Always")
    assert last["startupProbe"]["httpGet"] == {"path": "/startupz", "port": "management", "scheme": "HTTP"}
    assert {"readinessProbe", "livenessProbe"} <= set(last)


def test_the_servers_probes_stay_on_its_own_port(render):
    page = {"readiness": {"http_get": {"path": "/ready"}}}
    container = render({**PROXY, "servers.web.probes": page}).container("test-web")
    assert container["readinessProbe"]["httpGet"]["port"] == "http"
    assert container["startupProbe"]["tcpSocket"] == {"port": "http"}


@pytest.mark.parametrize(("pause", "grace", "drain", "expected"), [(5, 30, 10, 37), (5, 3, 60, 70), (20, 30, 10, 52)])
def test_the_proxy_drains_when_the_pause_is_over_and_the_server_ends_after_it(render, pause, grace, drain, expected):
    """All hooks run at once, and SIGTERM comes to a sidecar last: without its own hook callers would keep their connections."""
    own = {"servers.web.pause_seconds": pause, "servers.web.grace_seconds": grace}
    rendered = render({"servers.web.proxy": {"limits": {"drain_seconds": drain}}, **own})
    hook = sidecar(rendered)["lifecycle"]["preStop"]["exec"]["command"]
    assert hook == ["mcp-stack-proxy", "drain", "--after", str(pause)]
    assert rendered.container("test-web")["lifecycle"]["preStop"]["sleep"]["seconds"] == pause + 2
    assert rendered.pod("test-web")["terminationGracePeriodSeconds"] == expected


def test_without_keys_of_its_own_it_trusts_the_gateway_that_asks(render):
    trusted = {"secrets.callers": KEYS["secrets.callers"], "gateway": {"authentication": {"api_keys": {"secret": "callers"}}}}
    rendered = render({**PROXY, **trusted})
    assert config(rendered)["trust_network"] is True
    assert "audit" not in config(rendered), "the gateway has recorded it"


@pytest.mark.parity("mpl.sidecar-existing-workload")
def test_with_keys_it_asks_everybody_and_the_gateway_shows_its_own(render):
    rendered = render(KEYS)
    assert config(rendered)["authentication"] == {"api_keys": "${MCP_API_KEYS_FILE:-/keys/api-keys.yaml}"}
    assert "trust_network" not in config(rendered)
    keys = next(one for one in rendered.pod("test-web")["volumes"] if one["name"] == "mcp-proxy-api-keys")
    assert keys["projected"]["sources"][0]["secret"]["items"] == [{"key": "api-keys.yaml", "path": "api-keys.yaml"}]
    entry = gateway_config(rendered.spec, cluster_address(rendered.spec))["servers"]["web"]
    assert entry["headers"] == {"Authorization": "Bearer ${MCP_KEY_WEB}"}
    held = next(one for one in rendered.pod("test-gateway")["volumes"] if one["name"] == "secrets")
    assert {"key": "gateway", "path": "MCP_KEY_WEB"} in [
        item for source in held["projected"]["sources"] for item in source["secret"]["items"]
    ]


def test_what_it_checks_and_records_is_its_own(render):
    own = {
        "validation": {"arguments": "enforce"},
        "tools": {"deny": ["drop_*"]},
        "limits": {"max_body_bytes": 1024},
        "audit": {"arguments": "digest"},
    }
    found = config(render({"servers.web.proxy": own, "servers.web.limits": {"max_concurrent": 3}}))
    assert found["servers"]["web"] == {
        "url": "http://127.0.0.1:8000/mcp",
        "namespace": "",
        "validation": {"arguments": "enforce"},
        "tools": {"deny": ["drop_*"]},
        "limits": {"max_concurrent": 3},
    }
    assert found["limits"] == {"max_body_bytes": 1024}
    assert found["audit"] == {"output": "stdout", "arguments": "digest"}
    ProxyConfig.model_validate(found)
    quiet = {"servers.web.proxy": {"audit": {"enabled": False}}, "servers.web.clients": [{"namespace": "agents"}]}
    assert "audit" not in config(render(quiet))


def test_called_past_the_gateway_it_records_as_the_gateway_does(render):
    rendered = render({**PROXY, "servers.web.clients": [{"namespace": "agents"}], "gateway.audit": {"arguments": "full"}})
    assert config(rendered)["audit"] == {"output": "stdout", "arguments": "full"}


def test_it_is_scraped_like_every_proxy(render):
    rendered = render({**PROXY, "gateway.management": {"scrapers": [{"namespace": "monitoring"}]}})
    assert rendered.one("Deployment", "test-web")["spec"]["template"]["metadata"]["annotations"]["prometheus.io/port"] == "9100"
    rendered = render({**PROXY, "monitoring": {"labels": {}, "namespace": "monitoring"}})
    assert rendered.has("ServiceMonitor", "test-web")
    assert {port["name"] for port in rendered.one("Service", "test-web")["spec"]["ports"]} == {"proxy", "metrics"}


def test_a_stateful_server_has_it_too(render):
    storage = {"claims": {"data": {"path": "/data", "size": "1Gi"}}}
    pod = render({**PROXY, "servers.web.storage": storage}).stateful("test-web")["template"]["spec"]
    assert [one["name"] for one in pod["initContainers"]] == ["mcp-proxy"]


def test_its_image_is_pulled_with_its_own_secrets(render):
    rendered = render({**PROXY, "proxy.image.pull_secrets": ["proxies"]})
    assert rendered.pod("test-web")["imagePullSecrets"] == [{"name": "regcred"}, {"name": "proxies"}]


def test_nothing_is_in_front_of_other_servers(render):
    spec = render().spec
    with pytest.raises(ValueError, match="no proxy is in front of 'box'"):
        front_config(spec, "box")
    with pytest.raises(ValueError, match="no proxy is in front of 'box'"):
        front(spec, "box", {})


def test_an_image_is_needed():
    spec = load_spec({"servers": {"far": {"url": "https://mcp.example.org/mcp"}}}, "test", cluster=False)
    with pytest.raises(ValueError, match=r"proxy\.image: required, 'gateway' runs it"):
        proxy_image(spec, "gateway")
