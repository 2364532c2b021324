"""What a controller cannot do is refused, key by key, and never left out in silence."""

import pytest

CIDR = [{"cidr": "10.1.0.0/16"}]
WEB = "servers.web.exposure"
EVERYTHING = {
    "idle_seconds": 600,
    "max_body_bytes": 1000,
    "affinity": "client-ip",
    "cors": {"origins": ["https://app.example.com"]},
    "rate_limit": {"requests": 5},
    "rewrite": "/x",
    "tls": {"secret": "wildcard"},
}


def ingress(name, **more):
    return {"via": "ingress", "ingress_class": "corp", "controller": name, **more}


@pytest.mark.parity("stack.ingress-controllers")
@pytest.mark.parametrize(
    ("stack", "refused"),
    [
        (ingress("ingress-nginx"), ""),
        (ingress("f5-nginx"), ""),
        (ingress("traefik"), "affinity idle_seconds max_body_bytes"),
        (ingress("haproxy"), "max_body_bytes"),
        (ingress("contour"), "affinity cors idle_seconds max_body_bytes rate_limit rewrite"),
        (ingress("aws"), "affinity cors max_body_bytes rate_limit rewrite tls"),
        (ingress("gce"), "cors max_body_bytes rate_limit rewrite"),
        (ingress("azure"), "affinity cors max_body_bytes rate_limit"),
        (
            {"via": "ingress", "ingress_class": "corp", "controller_namespaces": ["corp"]},
            "affinity cors idle_seconds max_body_bytes rate_limit rewrite",
        ),
        ({"gateway": {"gateway_class": "eg"}}, "max_body_bytes rate_limit.by"),
        ({"gateway": {"gateway_class": "gke-l7-rilb"}}, "cors max_body_bytes rate_limit"),
        ({"gateway": {"gateway_class": "cilium"}}, "affinity idle_seconds max_body_bytes rate_limit"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.get("controller") or str(value.get("gateway", "unknown")),
)
def test_each_wish_is_fulfilled_or_refused(problems, stack, refused):
    found = problems({"domain": "example.com", "exposure": stack, "servers.web.clients": CIDR, WEB: EVERYTHING})
    assert sorted(line.partition(": ")[0].removeprefix(f"{WEB}.") for line in found) == refused.split()
    assert all("cannot be had from" in line or "needs its rate limit service" in line for line in found)


@pytest.mark.parametrize(
    ("exposure", "line"),
    [
        (ingress("aws", idle_seconds=5000), "idle_seconds: 5000 is more than the 4000 that 'aws' allows; set 4000 at most"),
        (
            ingress("haproxy", rate_limit={"requests": 5, "by": "everyone"}),
            "rate_limit.by: 'everyone' is nothing it counts at 'haproxy'; set `by: client`",
        ),
        (ingress("traefik", rewrite="/", path="/"), "rewrite: does nothing: '/' is the prefix already; remove it, or set `path`"),
        (
            ingress("envoy-gateway"),
            "controller: 'envoy-gateway' takes no traffic via 'ingress'; set `via: gateway-api`",
        ),
        (
            ingress("traefik", tls={"secret": "a", "secret_namespace": "certs"}),
            "tls.secret_namespace: an Ingress takes Secrets of its own namespace only; copy it, for example by an ExternalSecret",
        ),
        (
            ingress("ingress-nginx", annotations={"nginx.ingress.kubernetes.io/rate-limit": "1"}),
            'annotations."nginx.ingress.kubernetes.io/rate-limit": no such annotation of ingress-nginx: requests are bounded by '
            "`rate_limit`, or by `limit-rps` and `limit-rpm`",
        ),
        (ingress("traefik", tls={}), "tls: give `secret`, `issuer` or `cluster_issuer`"),
        (
            ingress("traefik", tls={"secret": "a", "issuer": "b"}),
            "tls: give `secret`, `issuer` or `cluster_issuer`, not secret and issuer",
        ),
        (ingress("traefik", tls={"secret": "a", "wildcard": True}), "tls: `wildcard` does nothing beside `secret`"),
        (ingress("traefik", tls={"issuer": "a", "secret_namespace": "b"}), "tls: `secret_namespace` does nothing beside an issuer"),
        (ingress("traefik", path="mcp"), "path: 'mcp' is no prefix of paths"),
        (ingress("traefik", path="/a$b"), "path: '/a$b' is no prefix of paths"),
        (
            {"parent": {"name": "public"}, "tls": {"secret": "a"}},
            "tls: does nothing beside `parent`, whose owner ends TLS; remove it",
        ),
    ],
)
def test_what_contradicts_itself_is_refused(problems, exposure, line):
    (found,) = problems({"domain": "example.com", "servers.web.clients": CIDR, WEB: exposure})
    assert found.startswith(f"{WEB}.{line}")


@pytest.mark.parity("stack.ingress-annotations")
def test_browsers_are_answered_by_the_proxy_or_by_the_controller_and_never_by_both(problems):
    key = "nginx.ingress.kubernetes.io/enable-cors"
    (found,) = problems({"domain": "example.com", "gateway.exposure": ingress("ingress-nginx", annotations={key: "true"})})
    assert found.startswith(f'gateway.exposure.annotations."{key}": the proxy answers browsers itself')


OWN = {"gateway": {"gateway_class": "eg"}, "tls": {"secret": "wildcard"}}


@pytest.mark.parity("stack.gateway-api")
@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        ({"exposure": OWN, "gateway.exposure": {}}, []),
        (
            {"exposure": {"gateway": OWN["gateway"]}, "gateway.exposure": {}},
            ["gateway.exposure.tls: required: nothing else ends TLS in front of the stack's own Gateway"],
        ),
        (
            {"exposure": {**OWN, "parent": {"name": "public"}, "tls": {"secret": "a"}}},
            ["exposure.parent: either this Gateway of somebody else, or `gateway`, the stack's own; remove one"],
        ),
        (
            {"exposure": {"gateway": OWN["gateway"], "via": "ingress"}},
            ["exposure.gateway: does nothing via 'ingress'; remove it"],
        ),
        (
            {
                "exposure": OWN,
                "gateway.exposure": {"host": "a.example.com", "tls": {"issuer": "one"}},
                WEB: {"host": "a.example.com", "path": "/web", "tls": {"issuer": "two"}},
            },
            ["servers.web.exposure.tls: another certificate ends TLS for a.example.com already"],
        ),
        ({"exposure": OWN, WEB: {"via": "ingress", "ingress_class": "traefik"}}, []),
        (
            {"exposure": OWN, "gateway.exposure": {"aliases": ["mcp.staging.example.com"]}},
            ["gateway.exposure.aliases[0]: mcp.staging"],
        ),
    ],
)
def test_an_own_gateway_ends_tls_once_for_each_host(problems, changes, lines):
    found = problems({"domain": "example.com", **changes})
    assert len(found) == len(lines)
    for line, start in zip(found, lines, strict=True):
        assert line.startswith(start)


def test_a_gateway_has_no_room_for_more_than_sixty_three_certificates(problems):
    web = {"image": {"repository": "acme/web", "tag": "1.0.0"}, "exposure": {}}
    many = {f"servers.s{number}": web for number in range(64)}
    stack = {"gateway": {"gateway_class": "eg"}, "tls": {"cluster_issuer": "letsencrypt"}}
    (found,) = problems({"domain": "example.com", "exposure": stack, **many})
    assert found.startswith(
        "exposure.tls: a Gateway has at most 63 listeners with a certificate of their own, and 64 hosts need one"
    )
    stack["tls"]["wildcard"] = True
    assert problems({"domain": "example.com", "exposure": stack, **many}) == []
