import ipaddress

import pytest

from mcp_stack.manifests.addresses import internet
from mcp_stack.manifests.network import url_rule
from mcp_stack.spec.network import METADATA


def policy(rendered, name):
    return rendered.one("NetworkPolicy", f"test-{name}")["spec"]


def pods(name):
    return {"podSelector": {"matchLabels": {"app.kubernetes.io/instance": "test", "app.kubernetes.io/name": name}}}


def namespace(name):
    return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}


def tcp(port):
    return [{"protocol": "TCP", "port": port}]


DNS = {
    "to": [
        {**namespace("kube-system"), "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}},
        {"ipBlock": {"cidr": "169.254.20.10/32"}},
    ],
    "ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}],
}


@pytest.mark.parity("hangar.network-isolation")
def test_a_server_is_called_by_the_gateway_alone_and_calls_nothing_but_dns(render):
    web = policy(render(), "web")
    assert web["policyTypes"] == ["Ingress", "Egress"]
    assert web["ingress"] == [{"from": [pods("gateway")], "ports": tcp(8000)}]
    assert web["egress"] == [DNS]


def test_the_gateway_calls_its_servers_and_nobody_calls_it_unasked(render):
    gateway = policy(render(), "gateway")
    assert gateway["ingress"] == []
    assert gateway["egress"][:3] == [
        DNS,
        {"to": [pods("box")], "ports": tcp(8000)},
        {"to": [{"ipBlock": gateway["egress"][2]["to"][0]["ipBlock"]}, gateway["egress"][2]["to"][1]], "ports": tcp(443)},
    ]
    assert {"to": [pods("web")], "ports": tcp(8000)} in gateway["egress"]


def test_declared_flows_open_both_ends(render):
    rendered = render({"servers.web.egress": [{"server": "box"}], "servers.box.in_gateway": False})
    assert policy(rendered, "web")["egress"] == [DNS, {"to": [pods("box")], "ports": tcp(8000)}]
    assert policy(rendered, "box")["ingress"] == [{"from": [pods("web")], "ports": tcp(8000)}]
    assert {"to": [pods("box")], "ports": tcp(8000)} not in policy(rendered, "gateway")["egress"]


def test_clients_and_the_controller_of_an_exposure_may_call(render):
    clients = [{"namespace": "agents"}, {"pods": {"app": "cli"}}, {"cidr": "10.0.0.0/8", "without": ["10.1.0.0/16"]}]
    rendered = render({"gateway.clients": clients, "gateway.exposure": {}})
    assert policy(rendered, "gateway")["ingress"][0]["from"] == [
        namespace("agents"),
        {"podSelector": {"matchLabels": {"app": "cli"}}},
        {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}},
        namespace("edge"),
    ]


@pytest.mark.parametrize(
    ("exposure", "expected"),
    [
        ({"via": "ingress", "ingress_class": "nginx-staging"}, ["ingress-nginx"]),
        ({"via": "ingress", "ingress_class": "nginx", "controller_namespaces": ["edge", "edge2"]}, ["edge", "edge2"]),
        ({"via": "ingress", "ingress_class": "alb"}, []),
        ({"via": "ingress", "ingress_class": "corp"}, []),
        ({"parent": {"name": "own"}}, ["mcp-test"]),
        ({"parent": {"name": "own", "namespace": "edge"}, "controller": "envoy-gateway"}, ["envoy-gateway-system"]),
        ({"gateway": {"gateway_class": "cilium"}, "tls": {"secret": "wildcard"}}, ["mcp-test"]),
    ],
)
def test_the_controllers_namespace_is_known_or_given(render, exposure, expected):
    rendered = render({"exposure": exposure, "gateway.exposure": {}, "gateway.clients": [{"cidr": "192.0.2.0/24"}]})
    found = policy(rendered, "gateway")["ingress"][0]["from"][1:]
    assert found == [namespace(name) for name in expected]


@pytest.mark.parametrize(
    "exposure", [{"via": "ingress", "ingress_class": "gce"}, {"parent": {"name": "p"}, "controller": "gke-gateway"}]
)
def test_googles_load_balancers_call_from_addresses_that_are_known(render, exposure):
    found = policy(render({"exposure": exposure, "gateway.exposure": {}}), "gateway")["ingress"][0]["from"]
    assert found == [{"ipBlock": {"cidr": cidr}} for cidr in ("35.191.0.0/16", "130.211.0.0/22")]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://db.tools.svc:9000/mcp", {"to": [namespace("tools")]}),
        ("http://db.tools.svc.cluster.local/mcp", {"to": [namespace("tools")]}),
        ("http://db:9000/mcp", {"to": [namespace("own")]}),
        ("https://192.0.2.7/mcp", {"to": [{"ipBlock": {"cidr": "192.0.2.7/32"}}], "ports": tcp(443)}),
        ("http://[2001:db8::7]:81/mcp", {"to": [{"ipBlock": {"cidr": "2001:db8::7/128"}}], "ports": tcp(81)}),
    ],
)
def test_a_url_opens_what_it_names(url, expected):
    assert url_rule(url, "own") == expected


@pytest.mark.parity("hangar.remote-server")
@pytest.mark.parametrize(
    ("url", "ports"),
    [("https://mcp.sentry.dev/mcp", tcp(443)), ("http://mcp.example.com:8443/x", tcp(8443)), ("https://${HOST}/x", None)],
)
def test_a_public_name_opens_the_internet_without_private_ranges(url, ports):
    rule = url_rule(url, "own")
    assert rule.get("ports") == ports
    for address in (
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "127.0.0.1",
        "100.64.0.1",
        "168.63.129.16",
        "fd00:ec2::254",
        "fe80::1",
        "64:ff9b::a00:1",
        "64:ff9b:1::a00:1",
        "2002:a00:1::1",
    ):
        assert not reaches(rule, address), address
    assert reaches(rule, "93.184.216.34")
    assert reaches(rule, "2606:2800::1")


def reaches(rule, text):
    address = ipaddress.ip_address(text)
    return any(
        address in ipaddress.ip_network(block["cidr"])
        and not any(address in ipaddress.ip_network(one) for one in block.get("except", []))
        for block in (peer["ipBlock"] for peer in rule["to"])
    )


@pytest.mark.parity("hangar.network-isolation")
@pytest.mark.parametrize("cidr", ["0.0.0.0/0", "169.254.0.0/16", "::/0"])
def test_no_range_includes_the_clouds_metadata(render, cidr):
    rule = policy(render({"servers.web.egress": [{"cidr": cidr}]}), "web")["egress"][1]
    for one in METADATA:
        assert not reaches(rule, one.partition("/")[0])


def test_exceptions_lie_strictly_within_their_range_as_the_api_demands(render):
    rendered = render(
        {"servers.web.egress": [{"internet": True, "ports": [443]}, {"cidr": "169.254.0.0/16", "without": ["169.254.1.0/24"]}]}
    )
    blocks = [peer["ipBlock"] for rule in policy(rendered, "web")["egress"] for peer in rule["to"] if "ipBlock" in peer]
    assert len(blocks) == 4
    for block in blocks:
        outer = ipaddress.ip_network(block["cidr"])
        for one in block.get("except", []):
            inner = ipaddress.ip_network(one)
            assert inner.version == outer.version
            assert inner.subnet_of(outer)
            assert inner != outer
            assert inner.version == 4 or inner.network_address.ipv4_mapped is None, "Go takes these for IPv4"


def test_a_remote_servers_own_egress_replaces_the_guess(render):
    rendered = render({"servers.far.egress": [{"cidr": "10.20.0.0/16", "ports": [443]}]})
    assert {"to": [{"ipBlock": {"cidr": "10.20.0.0/16"}}], "ports": tcp(443)} in policy(rendered, "gateway")["egress"]
    assert not any(len(rule["to"]) == 2 and rule != DNS for rule in policy(rendered, "gateway")["egress"])


OPENSHIFT = {"namespace": "openshift-dns", "pods": {"dns.operator.openshift.io/daemonset-dns": "default"}, "ports": [5353]}


@pytest.mark.parametrize(
    ("dns", "cached"),
    [
        (OPENSHIFT, [{"to": [{"ipBlock": {"cidr": "169.254.20.10/32"}}], "ports": DNS["ports"]}]),
        ({**OPENSHIFT, "addresses": []}, []),
    ],
)
def test_the_resolver_of_another_distribution_is_asked_on_its_own_port(render, dns, cached):
    (web, *rest) = policy(render({"network.dns": dns}), "web")["egress"]
    peer = {**namespace("openshift-dns"), "podSelector": {"matchLabels": {"dns.operator.openshift.io/daemonset-dns": "default"}}}
    assert web == {"to": [peer], "ports": [{"protocol": "UDP", "port": 5353}, {"protocol": "TCP", "port": 5353}]}
    assert rest == cached


def test_resolvers_at_addresses_are_asked_beside_the_pods(render):
    rendered = render({"network.dns": {"addresses": ["fd00::53/128", "169.254.20.10/32"]}})
    assert [peer["ipBlock"]["cidr"] for peer in policy(rendered, "web")["egress"][0]["to"][1:]] == [
        "fd00::53/128",
        "169.254.20.10/32",
    ]


@pytest.mark.parity("mpl.network-policy-ingress")
def test_the_proxies_admit_clients_to_one_port_and_the_monitoring_namespace_to_the_other(render):
    clients, scrapers = [{"pods": {"app": "ai-agent"}}], [{"namespace": "monitoring"}]
    rendered = render({"gateway.port": 9443, "gateway.clients": clients, "gateway.management": {"scrapers": scrapers}})
    assert policy(rendered, "gateway")["ingress"] == [
        {"from": [{"podSelector": {"matchLabels": {"app": "ai-agent"}}}], "ports": tcp(9443)},
        {"from": [namespace("monitoring")], "ports": tcp(9100)},
    ]


def test_the_api_server_is_reached_at_its_addresses_by_whoever_names_it(render):
    api_server = {"cidrs": ["10.96.0.1/32", "10.0.0.0/28"], "ports": [443, 6443]}
    rendered = render({"network.api_server": api_server, "servers.web.egress": [{"api_server": True}]})
    rule = {"to": [{"ipBlock": {"cidr": cidr}} for cidr in api_server["cidrs"]], "ports": [*tcp(443), *tcp(6443)]}
    assert policy(rendered, "web")["egress"] == [DNS, rule]
    assert rule not in policy(rendered, "box")["egress"]


def test_a_namespace_of_our_own_denies_by_default(render):
    deny = render().one("NetworkPolicy", "test-shared")["spec"]
    assert deny == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert not render({"namespace": {"name": "team", "create": False}}).has("NetworkPolicy", "test-shared")


def test_a_url_that_is_a_placeholder_as_a_whole_may_be_any_public_one():
    assert url_rule("${URL}", "mcp") == {"to": internet()}
