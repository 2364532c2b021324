"""Several ways from outside to one server: each with objects of its own, all of them opened by the network policies."""

import pytest

from mcp_stack.preview.checks import check_objects
from mcp_stack.preview.checks.external import declared
from mcp_stack.preview.declared import declared_by
from mcp_stack.preview.rendered import KubeObject
from mcp_stack.spec import public_urls

INNER = {
    "via": "ingress",
    "ingress_class": "traefik",
    "host": "mcp.corp.example",
    "tls": {"issuer": "corp"},
    "rate_limit": {"requests": 9},
}
PUBLIC = {"parent": {"name": "open", "namespace": "outer"}, "host": "mcp.example.net", "aliases": ["mcp.example.org"]}
WAYS = {"gateway.exposure": {}, "gateway.exposures": {"inner": INNER, "partners": PUBLIC}, "servers.web.exposures": {"only": {}}}


@pytest.mark.parity("stack.extra-objects")
def test_each_way_has_objects_of_its_own(render):
    rendered = render(WAYS)
    assert rendered.one("HTTPRoute", "test-gateway--partners")["spec"]["hostnames"] == ["mcp.example.net", "mcp.example.org"]
    assert rendered.one("HTTPRoute", "test-gateway--partners")["spec"]["parentRefs"] == [
        {"name": "open", "namespace": "outer", "sectionName": "https"}
    ]
    ingress = rendered.one("Ingress", "test-gateway--inner")
    assert ingress["spec"]["tls"] == [{"hosts": ["mcp.corp.example"], "secretName": "test-gateway--inner-tls"}]
    (middleware,) = [one["metadata"]["name"] for one in rendered if one["kind"] == "Middleware"]
    assert middleware.startswith("test-gateway-inner-rate-limit-")
    assert f"mcp-test-{middleware}@kubernetescrd" in ingress["metadata"]["annotations"].values()
    assert rendered.has("HTTPRoute", "test-gateway")
    assert rendered.one("HTTPRoute", "test-web--only")["spec"]["hostnames"] == ["mcp-web.test.example.com"]


@pytest.mark.parity("stack.extra-objects")
def test_the_policies_open_all_of_them_and_no_more(render):
    rendered = render(WAYS)
    ingress = rendered.one("NetworkPolicy", "test-gateway")["spec"]["ingress"]
    peers = [peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"] for peer in ingress[0]["from"]]
    assert peers == ["edge", "traefik", "outer"]
    objects = [KubeObject(one) for one in rendered]
    known = declared_by(rendered.spec) | declared(["Gateway/edge/public", "Gateway/outer/open"])
    assert [str(one) for one in check_objects(objects, known, rendered.spec) if one.severity == "error"] == []
    closed = [one for one in objects if one.title != "NetworkPolicy mcp-test/test-gateway"]
    narrowed = KubeObject(
        {
            **rendered.one("NetworkPolicy", "test-gateway"),
            "spec": {
                **rendered.one("NetworkPolicy", "test-gateway")["spec"],
                "ingress": [{**ingress[0], "from": ingress[0]["from"][:2]}, *ingress[1:]],
            },
        }
    )
    missed = [str(one) for one in check_objects([*closed, narrowed], known, rendered.spec)]
    assert any("gateway.exposures.partners" in line for line in missed)


def test_the_proxy_knows_every_host_and_every_page(render):
    ways = {"a": {"host": "a.example", "cors": {"origins": ["https://one.example"]}}, "b": {"host": "b.example", "enabled": False}}
    text = render({"gateway.exposures": ways}).one("ConfigMap", "test-gateway-config-")["data"]["proxy.yaml"]
    assert "- a.example" in text
    assert "https://one.example" in text
    assert "b.example" not in text


@pytest.mark.parity("stack.extra-objects")
def test_clients_are_told_every_url(render):
    spec = render(WAYS).spec
    assert public_urls(spec, "gateway") == [
        "https://mcp.test.example.com/mcp",
        "https://mcp.corp.example/mcp",
        "https://mcp.example.net/mcp",
        "https://mcp.example.org/mcp",
    ]
    assert public_urls(spec, "web") == ["https://mcp-web.test.example.com/mcp"]
    assert public_urls(spec, "box") == []


URLS = [
    ({"path": "/"}, "https://a.example/mcp"),
    ({"path": "/mcp"}, "https://a.example/mcp"),
    ({"path": "/web", "rewrite": "/"}, "https://a.example/web/mcp"),
    ({"path": "/web", "rewrite": "/mcp"}, "https://a.example/web"),
]


@pytest.mark.parametrize(("keys", "url"), URLS)
def test_a_url_is_what_a_client_asks_for(keys, url, render):
    assert public_urls(render({"servers.web.exposure": {"host": "a.example", **keys}}).spec, "web") == [url]


def test_a_way_that_does_not_lead_to_the_endpoint_has_no_url(render):
    assert public_urls(render({"servers.web.exposure": {"host": "a.example", "path": "/docs"}}).spec, "web") == []
    plain = {"via": "ingress", "ingress_class": "nginx", "host": "a.example"}
    assert public_urls(render({"servers.box.exposure": plain}).spec, "box") == ["http://a.example/servers/box/mcp"]
