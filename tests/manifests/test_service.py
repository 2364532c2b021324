import pytest


@pytest.mark.parity("stack.default-port", "stack.service")
def test_a_service_leads_to_the_servers_port(render):
    service = render().one("Service", "test-web")["spec"]
    assert service["type"] == "ClusterIP"
    assert service["ports"] == [{"name": "http", "port": 8000, "targetPort": "http", "protocol": "TCP"}]


@pytest.mark.parity("stack.service")
def test_service_keys_appear_as_written(render):
    keys = {"type": "NodePort", "port": 80, "port_name": "mcp", "annotations": {"a": "b"}, "session_affinity": "ClientIP"}
    rendered = render({"servers.web.service": keys})
    service = rendered.one("Service", "test-web")
    assert service["spec"]["type"] == "NodePort"
    assert service["spec"]["ports"] == [{"name": "mcp", "port": 80, "targetPort": "http", "protocol": "TCP"}]
    assert service["spec"]["sessionAffinity"] == "ClientIP"
    assert service["metadata"]["annotations"] == {"owner": "platform", "a": "b"}
    assert "url: http://test-web.mcp-test.svc:80/mcp" in rendered.one("ConfigMap", "test-gateway-config-")["data"]["proxy.yaml"]


@pytest.mark.parity("stack.default-port")
def test_a_port_replaces_the_default_everywhere(render):
    rendered = render({"servers.web.port": 9090})
    assert rendered.container("test-web")["ports"][0]["containerPort"] == 9090
    assert rendered.one("Service", "test-web")["spec"]["ports"][0]["port"] == 9090
    assert rendered.one("NetworkPolicy", "test-web")["spec"]["ingress"][0]["ports"] == [{"protocol": "TCP", "port": 9090}]
    assert "http://test-web.mcp-test.svc:9090/mcp" in rendered.one("ConfigMap", "test-gateway-config-")["data"]["proxy.yaml"]


@pytest.mark.parity("stack.service")
def test_a_service_may_lead_to_a_sidecar_in_front_of_the_server(render):
    rendered = render({"servers.web.service": {"target_port": 4180}})
    assert rendered.one("Service", "test-web")["spec"]["ports"] == [
        {"name": "http", "port": 4180, "targetPort": 4180, "protocol": "TCP"}
    ]
    declared = {port["containerPort"]: port["protocol"] for port in rendered.container("test-web")["ports"]}
    assert declared == {8000: "TCP", 4180: "TCP"}
    assert rendered.one("NetworkPolicy", "test-web")["spec"]["ingress"][0]["ports"] == [{"protocol": "TCP", "port": 4180}]
    assert {"protocol": "TCP", "port": 4180} in [
        port for rule in rendered.one("NetworkPolicy", "test-gateway")["spec"]["egress"] for port in rule.get("ports", [])
    ]
    assert "http://test-web.mcp-test.svc:4180/mcp" in rendered.one("ConfigMap", "test-gateway-config-")["data"]["proxy.yaml"]


@pytest.mark.parity("stack.service")
def test_a_port_is_declared_by_the_container_whose_probes_ask_it(render):
    """Two containers of a pod cannot have one port, which `check` knows, too."""
    front = {
        "name": "front",
        "image": {"repository": "front", "tag": "1"},
        "sidecar": True,
        "probes": {"startup": {"tcp_socket": {"port": 4180}}},
    }
    rendered = render({"servers.web.service": {"target_port": 4180}, "servers.web.init_containers": [front]})
    pod = rendered.one("Deployment", "test-web")["spec"]["template"]["spec"]
    assert [port["containerPort"] for port in pod["containers"][0]["ports"]] == [8000]
    assert [port["containerPort"] for port in pod["initContainers"][0]["ports"]] == [4180]


@pytest.mark.parity("stack.service")
def test_what_only_other_servers_call_may_speak_another_protocol(render):
    unasked = {kind: {"enabled": False} for kind in ("startup", "readiness", "liveness")}
    keys = {"service": {"protocol": "UDP"}, "in_gateway": False, "probes": unasked}
    rendered = render(
        {f"servers.web.{key}": value for key, value in keys.items()} | {"servers.web.clients": [{"namespace": "logs"}]}
    )
    assert rendered.one("Service", "test-web")["spec"]["ports"][0]["protocol"] == "UDP"
    assert rendered.container("test-web")["ports"][0] == {"name": "http", "containerPort": 8000, "protocol": "UDP"}
    assert rendered.one("NetworkPolicy", "test-web")["spec"]["ingress"][0]["ports"] == [{"protocol": "UDP", "port": 8000}]
