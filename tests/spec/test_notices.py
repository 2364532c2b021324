import pytest

from mcp_stack.spec import load_spec
from mcp_stack.spec.notices import notices_of

WEB = {"image": {"repository": "acme/web", "tag": "1.0.0"}, "exposure": {}}
TLS = {"secret": "wildcard"}


def told(exposure, servers=("web",)):
    data = {
        "domain": "example.com",
        "exposure": exposure,
        "gateway": {"enabled": False},
        "servers": dict.fromkeys(servers, WEB),
    }
    return [str(notice) for notice in notices_of(load_spec(data, "test"))]


@pytest.mark.parity("stack.ingress-controllers")
def test_a_retired_controller_is_said_once():
    (notice,) = told({"via": "ingress", "ingress_class": "nginx"}, ("web", "other"))
    assert notice.startswith("servers.other.exposure.ingress_class: ingress-nginx was retired in March 2026")


@pytest.mark.parametrize(
    ("exposure", "begin"),
    [
        ({"via": "ingress", "ingress_class": "traefik", "tls": TLS}, ["servers.web.exposure.tls: plain HTTP is not served"]),
        ({"via": "ingress", "ingress_class": "traefik"}, []),
        ({"via": "ingress", "ingress_class": "nginx", "controller": "f5-nginx", "tls": TLS}, []),
        ({"via": "ingress", "ingress_class": "corp", "controller_namespaces": ["corp"], "tls": TLS}, []),
        ({"parent": {"name": "public"}}, []),
    ],
)
def test_what_else_is_worth_knowing(exposure, begin):
    found = told(exposure)
    assert len(found) == len(begin)
    for notice, text in zip(found, begin, strict=True):
        assert notice.startswith(text)


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({}, True),
        ({"clients": [{"namespace": "agents"}]}, True),
        ({"clients": [{"namespace": "agents"}, {"cidr": "203.0.113.0/24"}]}, False),
        ({"exposure": {"host": "a.example"}}, False),
        ({"service": {"type": "ClusterIP"}}, False),
    ],
)
def test_a_service_with_an_address_that_nobody_outside_may_call_is_told(keys, told):
    server = {"image": WEB["image"], "service": {"type": "LoadBalancer"}, **keys}
    exposure = {"parent": {"name": "public"}}
    spec = load_spec({"exposure": exposure, "gateway": {"enabled": False}, "servers": {"web": server}}, "test")
    found = [str(notice) for notice in notices_of(spec) if "lets none of them in" in notice.message]
    assert [one.partition(":")[0] for one in found] == ["servers.web.service.type"] * told
