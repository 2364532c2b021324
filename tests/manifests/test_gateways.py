"""The stack's own Gateway: who ends TLS for which host, with which certificate."""

import pytest

OWN = {"gateway": {"gateway_class": "eg", "annotations": {"lb": "internal"}}}
GIVEN = {**OWN, "tls": {"secret": "wildcard"}}


def listeners(rendered):
    return {
        one.get("hostname"): one["tls"]["certificateRefs"][0]
        for one in rendered.one("Gateway", "test-shared")["spec"]["listeners"]
        if one["protocol"] == "HTTPS"
    }


def kinds(rendered):
    return {one["kind"] for one in rendered}


@pytest.mark.parity("stack.gateway-api")
def test_a_given_wildcard_certificate_serves_every_host_of_its_domain(render):
    rendered = render({"exposure": GIVEN, "gateway.exposure": {}, "servers.web.exposure": {}})
    assert listeners(rendered) == {"*.test.example.com": {"group": "", "kind": "Secret", "name": "wildcard"}}
    gateway = rendered.one("Gateway", "test-shared")
    assert gateway["spec"]["gatewayClassName"] == "eg"
    assert gateway["spec"]["infrastructure"] == {"annotations": {"lb": "internal"}}
    section = gateway["spec"]["listeners"][1]["name"]
    for part in ("gateway", "web"):
        parents = rendered.one("HTTPRoute", f"test-{part}")["spec"]["parentRefs"]
        assert parents == [{"name": "test-shared", "sectionName": section}]
    assert "Certificate" not in kinds(rendered)


@pytest.mark.parity("stack.gateway-api", "stack.ingress-tls")
def test_plain_http_is_redirected(render):
    rendered = render({"exposure": GIVEN, "gateway.exposure": {}})
    plain = rendered.one("Gateway", "test-shared")["spec"]["listeners"][0]
    assert (plain["name"], plain["port"], plain["protocol"]) == ("http", 80, "HTTP")
    route = rendered.one("HTTPRoute", "test-shared-redirect")["spec"]
    assert route["parentRefs"] == [{"name": "test-shared", "sectionName": "http"}]
    assert route["rules"] == [{"filters": [{"type": "RequestRedirect", "requestRedirect": {"scheme": "https", "statusCode": 301}}]}]


def test_a_certificate_of_ones_own_goes_before_the_shared_one(render):
    own = {"host": "web.test.example.com", "tls": {"secret": "web-tls"}}
    rendered = render({"exposure": GIVEN, "gateway.exposure": {}, "servers.web.exposure": own})
    assert {host: one["name"] for host, one in listeners(rendered).items()} == {
        "*.test.example.com": "wildcard",
        "web.test.example.com": "web-tls",
    }


@pytest.mark.parametrize(
    ("tls", "issuer"),
    [
        ({"issuer": "ca"}, {"group": "cert-manager.io", "kind": "Issuer", "name": "ca"}),
        ({"cluster_issuer": "le"}, {"group": "cert-manager.io", "kind": "ClusterIssuer", "name": "le"}),
    ],
)
def test_an_issuer_makes_a_certificate_for_each_part_or_one_for_all(render, tls, issuer):
    exposed = {"gateway.exposure": {"aliases": ["tools.example.com"]}, "servers.web.exposure": {}}
    rendered = render({"exposure": {**OWN, "tls": tls}, **exposed})
    certificate = rendered.one("Certificate", "test-gateway-tls")["spec"]
    assert certificate == {
        "secretName": "test-gateway-tls",
        "dnsNames": ["mcp.test.example.com", "tools.example.com"],
        "issuerRef": issuer,
    }
    assert {host: one["name"] for host, one in listeners(rendered).items()} == {
        "mcp-web.test.example.com": "test-web-tls",
        "mcp.test.example.com": "test-gateway-tls",
        "tools.example.com": "test-gateway-tls",
    }
    assert len(rendered.one("HTTPRoute", "test-gateway")["spec"]["parentRefs"]) == 2
    shared = render({"exposure": {**OWN, "tls": {**tls, "wildcard": True}}, **exposed})
    certificates = {one["spec"]["dnsNames"][0]: one["metadata"]["name"] for one in shared if one["kind"] == "Certificate"}
    assert set(certificates) == {"*.test.example.com", "*.example.com"}
    assert {host: one["name"] for host, one in listeners(shared).items()} == certificates


def test_a_secret_elsewhere_is_granted_where_it_is(render):
    tls = {"secret": "wildcard", "secret_namespace": "certs"}
    rendered = render({"exposure": {**OWN, "tls": tls}, "gateway.exposure": {}})
    assert listeners(rendered)["*.test.example.com"]["namespace"] == "certs"
    grant = rendered.one("ReferenceGrant", "mcp-test.test-shared")
    assert grant["metadata"]["namespace"] == "certs"
    assert grant["spec"] == {
        "from": [{"group": "gateway.networking.k8s.io", "kind": "Gateway", "namespace": "mcp-test"}],
        "to": [{"group": "", "kind": "Secret", "name": "wildcard"}],
    }
    near = render({"exposure": {**OWN, "tls": {**tls, "secret_namespace": "mcp-test"}}, "gateway.exposure": {}})
    assert "ReferenceGrant" not in kinds(near)


def test_envoy_gateway_is_told_of_quiet_streams_for_the_whole_gateway_too(render):
    exposed = {"gateway.exposure": {}, "servers.web.exposure": {"idle_seconds": 7200}}
    policy = render({"exposure": GIVEN, **exposed}).one("ClientTrafficPolicy", "test-shared")["spec"]
    assert policy["timeout"] == {"http": {"streamIdleTimeout": "7200s"}}
    assert policy["targetRefs"] == [{"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "test-shared"}]
    other = {**GIVEN, "gateway": {"gateway_class": "cilium"}}
    assert "ClientTrafficPolicy" not in kinds(render({"exposure": other, "gateway.exposure": {}}))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"gateway.exposure": {"enabled": False}},
        {"gateway.exposure": {"parent": {"name": "public"}, "tls": None}},
        {"gateway.exposure": {"via": "ingress", "ingress_class": "traefik"}},
    ],
)
def test_there_is_no_gateway_where_nobody_uses_it(render, changes):
    assert "Gateway" not in kinds(render({"exposure": GIVEN, **changes}))


@pytest.mark.parity("stack.ingress-tls")
def test_an_ingress_asks_cert_manager_or_shares_a_certificate(render):
    way = {"via": "ingress", "ingress_class": "traefik"}
    exposed = {"gateway.exposure": {}, "servers.web.exposure": {"aliases": ["tools.example.com"]}}
    alone = render({"exposure": {**way, "tls": {"cluster_issuer": "le"}}, **exposed}).one("Ingress", "test-web")
    assert alone["metadata"]["annotations"]["cert-manager.io/cluster-issuer"] == "le"
    hosts = ["mcp-web.test.example.com", "tools.example.com"]
    assert alone["spec"]["tls"] == [{"hosts": hosts, "secretName": "test-web-tls"}]
    assert [rule["host"] for rule in alone["spec"]["rules"]] == hosts
    shared = render({"exposure": {**way, "tls": {"issuer": "ca", "wildcard": True}}, **exposed})
    secrets = {one["spec"]["dnsNames"][0]: one["spec"]["secretName"] for one in shared if one["kind"] == "Certificate"}
    together = shared.one("Ingress", "test-web")
    assert not any(key.startswith("cert-manager.io/") for key in together["metadata"]["annotations"])
    assert together["spec"]["tls"] == [
        {"hosts": hosts[:1], "secretName": secrets["*.test.example.com"]},
        {"hosts": hosts[1:], "secretName": secrets["*.example.com"]},
    ]


def test_a_route_rewrites_and_answers_browsers_for_servers_that_do_not(render):
    cors = {"cors": {"origins": ["https://app.example.com"]}}
    exposed = {"servers.web.exposure": {"path": "/web/", "rewrite": "/"}, "gateway.exposure": {}}
    rendered = render({"exposure": {**GIVEN, **cors}, **exposed})
    (rule,) = rendered.one("HTTPRoute", "test-web")["spec"]["rules"]
    assert rule["matches"] == [{"path": {"type": "PathPrefix", "value": "/web"}}]
    assert [one["type"] for one in rule["filters"]] == ["CORS", "URLRewrite"]
    assert rule["filters"][0]["cors"]["exposeHeaders"][0] == "Mcp-Session-Id"
    assert rule["filters"][1]["urlRewrite"] == {"path": {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/"}}
    assert "filters" not in rendered.one("HTTPRoute", "test-gateway")["spec"]["rules"][0], "the proxy answers browsers itself"
    config = rendered.one("ConfigMap", "test-gateway-config")["data"]["proxy.yaml"]
    assert "allowed_origins:\n- https://app.example.com\n" in config


def test_hosts_from_outside_are_names_of_the_proxy(render):
    cors = {"cors": {"origins": ["https://app.example.com"]}}
    exposed = {"servers.box.exposure": {"aliases": ["box.example.com"], **cors}}
    rendered = render({"exposure": GIVEN, **exposed})
    config = rendered.one("ConfigMap", "test-box-config")["data"]["proxy.yaml"]
    assert "- mcp-box.test.example.com\n- box.example.com\n" in config
    assert "allowed_origins:\n- https://app.example.com\n" in config
