import pytest

PARENT = {"parent": {"name": "public", "namespace": "edge"}}
INGRESS = {"via": "ingress", "ingress_class": "nginx"}
OTHER = {"image": {"repository": "acme/other", "tag": "1.0.0"}, "exposure": {}}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"domain": "example.com", "exposure": PARENT, "gateway.exposure": {}}, [], id="route"),
        pytest.param({"domain": "example.com", "exposure": INGRESS, "gateway.exposure": {}}, [], id="ingress"),
        pytest.param(
            {"exposure": PARENT, "gateway.exposure": {}},
            ["gateway.exposure.host: unknown without a `domain`; set `domain` for the stack, or the host here"],
            id="no domain",
        ),
        pytest.param(
            {"domain": "example.com", "exposure": PARENT, "gateway.exposure": {}, "gateway.exposures": {"inner": {}}},
            ["gateway.exposures.inner.host: mcp.staging.example.com/ is taken by the gateway; give another host or path"],
            id="two ways with one host",
        ),
        pytest.param(
            {"exposure": PARENT, "servers.web.exposures": {"a": {"host": "a.example"}, "b": {"host": "a.example"}}},
            ["servers.web.exposures.b.host: a.example/ is taken by server 'web' (a); give another host or path"],
            id="two further ways with one host",
        ),
        pytest.param(
            {
                "servers.web.exposures": {
                    name: {"host": f"{name}.example", "via": "ingress", "ingress_class": "gce"} for name in ("a", "b")
                }
            },
            [
                "servers.web.exposures.b: 'gce' is told by objects of the Service, and those of `servers.web.exposures.a` "
                "are there; give that one `aliases` instead"
            ],
            id="two ways that are told by the Service",
        ),
        pytest.param(
            {
                "servers.web.exposures": {
                    "a": {"host": "a.example", "via": "ingress", "ingress_class": "traefik", "affinity": "cookie"},
                    "b": {"host": "b.example", "via": "ingress", "ingress_class": "traefik"},
                }
            },
            [
                "servers.web.exposures.b.affinity: 'traefik' keeps the cookie of `servers.web.exposures.a` at the Service, so it "
                "holds for this way, too; set the same, or remove it there"
            ],
            id="a cookie for one of two ways",
        ),
        pytest.param(
            {"exposure": PARENT, "servers.web.exposures": {"a--b": {"host": "a.example"}}},
            ["servers.web.exposures.a--b: 'a--b': string should match pattern '^[a-z0-9]([a-z0-9]|-[a-z0-9])*$'"],
            id="a name with two dashes",
        ),
        pytest.param({"exposure": PARENT, "gateway.exposure": {"host": "mcp.example.com"}}, [], id="host without domain"),
        pytest.param({"exposure": PARENT, "gateway.exposure": {"enabled": False}}, [], id="closed"),
        pytest.param(
            {"domain": "example.com", "gateway.exposure": {}},
            [
                "gateway.exposure.parent: required: the Gateway that takes the route, such as "
                "`exposure: {parent: {name: public, namespace: gateways}}`"
            ],
            id="route without parent",
        ),
        pytest.param(
            {"domain": "example.com", "exposure": {**PARENT, "ingress_class": "nginx"}, "gateway.exposure": {}},
            ["gateway.exposure.ingress_class: does nothing via 'gateway-api'; remove it"],
            id="route with an Ingress key",
        ),
        pytest.param(
            {"domain": "example.com", "exposure": {"via": "ingress"}, "gateway.exposure": {}},
            ["gateway.exposure.ingress_class: required: without a class no ingress controller or several take the Ingress"],
            id="ingress without class",
        ),
        pytest.param(
            {"domain": "example.com", "exposure": {**INGRESS, **PARENT}, "gateway.exposure": {}},
            ["gateway.exposure.parent: does nothing via 'ingress'; remove it"],
            id="ingress with a route key",
        ),
        pytest.param(
            {"domain": "example.com", "exposure": PARENT, "gateway.exposure": INGRESS}, [], id="another way drops the stack's keys"
        ),
        pytest.param(
            {"domain": "example.com", "exposure": {"via": "ingress", "ingress_class": "corp"}, "gateway.exposure": {}},
            [
                "gateway.exposure.controller_namespaces: required, nobody knows where 'corp' runs: "
                "name the namespaces of its pods, or the addresses that it calls from as `clients: [{cidr: …}]`",
            ],
            id="unknown controller",
        ),
        pytest.param(
            {
                "domain": "example.com",
                "exposure": {"via": "ingress", "ingress_class": "alb"},
                "gateway.exposure": {},
                "gateway.clients": [{"cidr": "10.1.0.0/16"}],
            },
            [],
            id="controller outside the cluster",
        ),
    ],
)
def test_a_way_from_outside_is_complete_and_consistent(problems, changes, expected):
    assert problems(changes) == expected


@pytest.mark.parity("stack.ingress-host")
def test_one_host_and_path_belongs_to_one(problems):
    exposed = {"exposure": PARENT, "servers.web.exposure": {"host": "x.example.com"}}
    same = {**OTHER, "exposure": {"host": "x.example.com"}}
    assert problems({**exposed, "servers.other": same}) == [
        "servers.web.exposure.host: x.example.com/ is taken by server 'other'; give another host or path"
    ]
    same["exposure"]["path"] = "/other"
    assert problems({**exposed, "servers.other": same}) == []


def test_a_host_too_long_for_dns_is_refused(problems):
    found = problems({"domain": f"{'a.' * 120}example.com", "exposure": PARENT, "gateway.exposure": {}})
    assert len(found) == 1
    assert found[0].startswith("gateway.exposure.host: 'mcp.staging.a.a.")
    assert "is no DNS name" in found[0]
