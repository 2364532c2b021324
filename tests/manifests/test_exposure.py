import pytest

INGRESS = {"via": "ingress", "ingress_class": "nginx", "tls": {"secret": "wildcard-tls"}}


@pytest.mark.parity("stack.gateway-api")
def test_a_route_carries_host_and_backend_and_never_cuts_a_stream(render):
    route = render({"gateway.exposure": {}}).one("HTTPRoute", "test-gateway")
    assert route["apiVersion"] == "gateway.networking.k8s.io/v1"
    assert route["spec"] == {
        "parentRefs": [{"name": "public", "namespace": "edge", "sectionName": "https"}],
        "hostnames": ["mcp.test.example.com"],
        "rules": [
            {
                "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
                "backendRefs": [{"name": "test-gateway", "port": 8080}],
                "timeouts": {"request": "0s", "backendRequest": "0s"},
            }
        ],
    }


@pytest.mark.parity("stack.ingress-streaming", "stack.ingress-tls")
def test_an_ingress_streams_without_asking(render):
    ingress = render({"exposure": INGRESS, "servers.web.exposure": {}}).one("Ingress", "test-web")
    assert ingress["spec"] == {
        "ingressClassName": "nginx",
        "rules": [
            {
                "host": "mcp-web.test.example.com",
                "http": {
                    "paths": [
                        {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "test-web", "port": {"number": 8000}}}}
                    ]
                },
            }
        ],
        "tls": [{"hosts": ["mcp-web.test.example.com"], "secretName": "wildcard-tls"}],
    }
    assert {key.rpartition("/")[2]: value for key, value in ingress["metadata"]["annotations"].items()} == {
        "owner": "platform",
        "proxy-buffering": "off",
        "proxy-http-version": "1.1",
        "proxy-read-timeout": "3600",
        "proxy-request-buffering": "off",
        "proxy-send-timeout": "3600",
        "ssl-redirect": "true",
    }


@pytest.mark.parametrize(
    ("ingress_class", "annotation"),
    [
        ("haproxy", "haproxy.org/timeout-server"),
        ("contour", "projectcontour.io/response-timeout"),
        ("alb", "alb.ingress.kubernetes.io/load-balancer-attributes"),
        ("traefik", None),
    ],
)
def test_each_controller_gets_its_own_settings(render, ingress_class, annotation):
    changes = {"exposure": {"via": "ingress", "ingress_class": ingress_class}, "gateway.exposure": {}}
    ingress = render({**changes, "gateway.clients": [{"cidr": "192.0.2.0/24"}]}).one("Ingress", "test-gateway")
    found = set(ingress["metadata"]["annotations"]) - {"owner"}
    assert annotation in found if annotation else found == set()
    assert "tls" not in ingress["spec"]


def test_own_annotations_win(render):
    key = "nginx.ingress.kubernetes.io/proxy-read-timeout"
    exposure = {**INGRESS, "annotations": {key: "7200"}}
    ingress = render({"exposure": exposure, "gateway.exposure": {}}).one("Ingress", "test-gateway")
    assert ingress["metadata"]["annotations"][key] == "7200"


@pytest.mark.parity("stack.ingress-tls")
def test_what_is_not_exposed_has_no_way_in(render):
    rendered = render({"exposure": INGRESS, "servers.web.exposure": {"enabled": False}})
    assert not [one for one in rendered if one["kind"] in ("Ingress", "HTTPRoute")]
