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
