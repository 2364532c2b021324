"""The proof: on what a stack file renders it finds nothing, and each hole or wall that is put into it is found."""

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcp_stack.manifests import manifests_for
from mcp_stack.preview.checks import Cluster, External, check_objects
from mcp_stack.preview.checks.flows import flows
from mcp_stack.preview.rendered import KubeObject
from mcp_stack.spec import load_spec
from tests.dotted import changed

KEYS = {"keys": {"secret": "session-keys"}}

STACK = {
    "domain": "example.com",
    "namespace": {"name": "mcp"},
    "proxy": {"image": {"repository": "acme/proxy", "tag": "1.0.0"}},
    "exposure": {"parent": {"name": "public", "namespace": "edge"}},
    "secrets": {"session-keys": {"existing": "keys", "key": "session"}},
    "network": {"api_server": {"cidrs": ["10.96.0.1/32", "fd00:96::1/128"]}},
    "gateway": {
        "trust_network": True,
        "replicas": 2,
        "sessions": KEYS,
        "exposure": {},
        "clients": [{"namespace": "agents"}, {"pods": {"app": "cli"}}, {"cidr": "10.8.0.0/16", "without": ["10.8.1.0/24"]}],
        "management": {"scrapers": [{"namespace": "monitoring", "pods": {"app": "prometheus"}}]},
    },
    "servers": {
        "web": {
            "image": {"repository": "acme/web", "tag": "1.0.0"},
            "egress": [{"server": "store"}, {"internet": True, "ports": [443]}, {"api_server": True}],
        },
        "store": {"image": {"repository": "acme/store", "tag": "1.0.0"}, "port": 5432, "in_gateway": False},
        "box": {"command": ["run"], "replicas": 2, "egress": [{"cidr": "169.254.0.0/16"}, {"namespace": "db", "ports": [3306]}]},
        "far": {"url": "https://mcp.example.org/mcp"},
        "near": {"url": "http://tool.tools.svc:9000/mcp"},
        "six": {"url": "http://[2001:db8::7]:81/mcp"},
        "inner": {"url": "https://intern.example.org/mcp", "egress": [{"cidr": "10.20.0.0/16", "ports": [443]}]},
    },
}
"""Every sort of flow that a stack file can declare."""

DEFAULT_DENY = "test-shared"
ANYONE = [{}]
EVERYWHERE = [{"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}]


def stack(changes=None):
    return load_spec(changed(STACK, changes), "test")


def proven(spec, *edits, more=()):
    """`(object, path, message)` of what is found after `(policy, edit)`; an edit changes the policy's spec, None removes it."""
    objects = copy.deepcopy(manifests_for(spec))
    for name, edit in edits:
        found = next(one for one in objects if one["kind"] == "NetworkPolicy" and one["metadata"]["name"] == name)
        if edit is None:
            objects.remove(found)
        else:
            edit(found["spec"])
    cluster = Cluster([KubeObject(one) for one in [*objects, *more]], External())
    return [(found.object, found.path, found.message) for found in flows(cluster, spec)]


@pytest.mark.parity("hangar.network-isolation")
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"namespace.create": False},
        {"network.dns": {"namespace": "openshift-dns", "pods": {"dns": "default"}, "ports": [5353]}},
        {"network.dns": {"addresses": []}},
        {"network.dns": {"addresses": ["fd00::53/128"]}},
        {"exposure": {"via": "ingress", "ingress_class": "nginx"}},
        {"servers.web.exposure": {}},
        {"servers.box.clients": [{"cidr": "0.0.0.0/0"}, {"cidr": "::/0"}]},
        {"servers.web.egress": [{"cidr": "::/0"}, {"cidr": "0.0.0.0/0", "without": ["10.0.0.0/8"]}], "network": {}},
        {"servers.far.url": "https://${HOST}/mcp", "servers.far.env": {"HOST": "mcp.example.org"}},
        {"servers.near.url": "http://web-of-others:80/mcp"},
    ],
)
def test_what_a_stack_file_declares_passes_and_nothing_else_does(changes):
    assert proven(stack(changes)) == []


PEERS = st.one_of(
    st.builds(lambda name: {"namespace": name}, st.sampled_from(["agents", "edge", "mcp"])),
    st.builds(lambda value: {"pods": {"app": value}}, st.sampled_from(["one", "two"])),
    st.builds(lambda name: {"namespace": name, "pods": {"app": "one"}}, st.sampled_from(["agents", "kube-system"])),
    st.sampled_from(
        [{"cidr": "10.0.0.0/8", "without": ["10.1.0.0/16"]}, {"cidr": "0.0.0.0/0"}, {"cidr": "fd00::/8"}, {"cidr": "8.8.8.8/32"}]
    ),
)
OUT = st.one_of(
    st.just({"internet": True}),
    st.just({"internet": True, "ports": [443, 80]}),
    st.just({"api_server": True}),
    st.builds(lambda peer, ports: {**peer, "ports": ports}, PEERS, st.lists(st.integers(1, 65535), max_size=2)),
)
SERVER = st.fixed_dictionaries(
    {"port": st.sampled_from([8000, 9000])}, optional={"egress": st.lists(OUT, max_size=3), "clients": st.lists(PEERS, max_size=2)}
)
URLS = st.sampled_from(["https://one.example.org", "http://db.tools.svc:81", "http://10.1.2.3/mcp", "https://[2001:db8::1]/mcp"])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(SERVER, min_size=1, max_size=3),
    st.lists(URLS, max_size=2, unique=True),
    st.lists(PEERS, max_size=2),
    st.lists(PEERS, max_size=1),
    st.booleans(),
    st.booleans(),
)
def test_whatever_a_stack_file_declares_is_what_passes(servers, urls, clients, scrapers, create, grown):
    """Random stacks: the builders and the proof agree on every port of every pair and on every address."""
    named = {f"s{index}": {"image": {"repository": "acme/s", "tag": "1.0.0"}, **one} for index, one in enumerate(servers)}
    named |= {f"u{index}": {"url": url} for index, url in enumerate(urls)}
    asks = any({"api_server": True} in one.get("egress", []) for one in servers)
    gateway = {"trust_network": True, "clients": clients, "management": {"scrapers": scrapers}}
    data = {
        "namespace": {"name": "mcp", "create": create},
        "proxy": STACK["proxy"],
        "network": {"api_server": {"cidrs": ["10.96.0.1/32"]}} if asks else {},
        "secrets": STACK["secrets"] if grown else {},
        "gateway": {**gateway, **({"replicas": 2, "sessions": KEYS} if grown else {})},
        "servers": named,
    }
    assert proven(load_spec(data, "test")) == []


def set_(key, value):
    return lambda spec: spec.update({key: value})


def rule(direction, index, key, value):
    return lambda spec: spec[direction][index].update({key: value})


@pytest.mark.parametrize(
    ("policy", "edit", "place", "parts"),
    [
        (
            "test-gateway",
            set_("ingress", []),
            "spec.ingress",
            ("namespace agents", "must reach", "TCP 8080", "`gateway.clients[0]`"),
        ),
        ("test-gateway", set_("ingress", []), "spec.ingress", ("10.8.0.0 must reach", "`gateway.clients[2]`")),
        ("test-gateway", set_("ingress", []), "spec.ingress", ("namespace edge", "`gateway.exposure`")),
        ("test-gateway", set_("ingress", []), "spec.ingress", ("app=prometheus", "TCP 9100", "`gateway.management.scrapers[0]`")),
        ("test-gateway", set_("ingress", []), "spec.ingress", ("test-gateway must reach another pod of", "`gateway.sessions`")),
        (
            "test-web",
            set_("ingress", []),
            "spec.ingress",
            ("test-gateway must reach Deployment mcp/test-web on TCP 8000", "`servers.web`"),
        ),
        ("test-web", set_("egress", []), "spec.egress", ("k8s-app=kube-dns on TCP 53, UDP 53", "`network.dns`")),
        ("test-web", set_("egress", []), "spec.egress", ("169.254.20.10 on TCP 53, UDP 53", "`network.dns.addresses`")),
        ("test-web", set_("egress", []), "spec.egress", ("mcp/test-store on TCP 5432", "`servers.web.egress[0]`")),
        ("test-web", set_("egress", []), "spec.egress", ("8.0.0.0 on TCP 443", "`servers.web.egress[1]`")),
        ("test-web", set_("egress", []), "spec.egress", ("fd00:96::1 on TCP 443, TCP 6443", "`servers.web.egress[2]`")),
        ("test-box", set_("egress", []), "spec.egress", ("namespace db with any labels on TCP 3306", "`servers.box.egress[1]`")),
        ("test-gateway", set_("egress", []), "spec.egress", ("namespace tools", "every port", "`servers.near.url`")),
        ("test-gateway", set_("egress", []), "spec.egress", ("2001:db8::7 on TCP 81", "`servers.six.url`")),
        ("test-gateway", set_("egress", []), "spec.egress", ("10.20.0.0 on TCP 443", "`servers.inner.egress[0]`")),
        ("test-web", rule("egress", 0, "ports", [{"port": 53, "protocol": "UDP"}]), "spec.egress", ("on TCP 53 (`network.dns`)",)),
    ],
)
def test_a_declared_flow_that_is_refused_is_found_with_the_policy_to_mend(policy, edit, place, parts):
    found = proven(stack(), (policy, edit))
    assert [
        message
        for name, path, message in found
        if (name, path) == (f"NetworkPolicy mcp/{policy}", place) and all(part in message for part in parts)
    ], found


@pytest.mark.parametrize(
    ("policy", "edit", "place", "parts"),
    [
        ("test-web", set_("ingress", ANYONE), "spec.ingress[0]", ("reach Deployment mcp/test-web and", "on every port")),
        (
            "test-web",
            rule("ingress", 0, "ports", []),
            "spec.ingress[0]",
            ("test-gateway reach", "TCP 1-7999", "no key of Pulumi.test.yaml"),
        ),
        ("test-web", rule("ingress", 0, "ports", [{"port": 8000, "endPort": 8001}]), "spec.ingress[0]", ("on TCP 8001",)),
        (
            "test-web",
            rule("ingress", 0, "ports", [{"port": 8000}, {"port": 8000, "protocol": "UDP"}]),
            "spec.ingress[0]",
            ("on UDP 8000",),
        ),
        (
            "test-store",
            rule("ingress", 0, "from", [{"podSelector": {}}]),
            "spec.ingress[0]",
            ("test-box reach Deployment mcp/test-store",),
        ),
        (
            "test-store",
            rule("ingress", 0, "from", [{"namespaceSelector": {}}]),
            "spec.ingress[0]",
            ("test-box reach Deployment mcp/test-store and",),
        ),
        ("test-store", rule("ingress", 0, "from", [{"ipBlock": {"cidr": "10.0.0.0/8"}}]), "spec.ingress[0]", ("10.0.0.0 reach",)),
        (
            "test-gateway",
            rule("ingress", 1, "from", [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}]),
            "spec.ingress[1]",
            ("a pod of namespace monitoring without labels reach",),
        ),
        ("test-store", set_("egress", EVERYWHERE), "spec.egress[0]", ("169.254.169.254, the metadata service,",)),
        (
            "test-store",
            set_("egress", [{"to": [{"ipBlock": {"cidr": "fd00:ec2::/32"}}]}]),
            "spec.egress[0]",
            ("fd00:ec2::254, the metadata service,",),
        ),
        (
            "test-store",
            set_("egress", [{"to": [{"ipBlock": {"cidr": "8.8.8.8/32"}}]}]),
            "spec.egress[0]",
            ("test-store reach 8.8.8.8 on",),
        ),
        (
            "test-store",
            set_("egress", [{"to": [{"podSelector": {}}]}]),
            "spec.egress[0]",
            ("test-store reach Deployment mcp/test-box and",),
        ),
        ("test-web", rule("egress", 0, "ports", []), "spec.egress[0]", ("TCP 1-52",)),
        (
            "test-box",
            rule("egress", 1, "to", [{"ipBlock": {"cidr": "169.254.0.0/16"}}]),
            "spec.egress[1]",
            ("169.254.169.254, the metadata service,",),
        ),
        ("test-web", set_("policyTypes", ["Ingress"]), "spec.template.spec", ()),
    ],
)
def test_what_passes_undeclared_is_found_with_the_rule_that_lets_it(policy, edit, place, parts):
    edits = [(policy, edit), *([(DEFAULT_DENY, None)] if place == "spec.template.spec" else [])]
    found = proven(stack(), *edits)
    assert [message for _, path, message in found if path == place and all(part in message for part in parts)], found


def test_a_rule_for_somebody_whom_nothing_declares_is_found():
    peer = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "hidden"}},
        "podSelector": {"matchLabels": {"app": "x"}},
    }
    found = proven(stack(), ("test-store", lambda spec: spec["ingress"].append({"from": [peer], "ports": [{"port": 5432}]})))
    ((name, path, message),) = found
    assert (name, path) == ("NetworkPolicy mcp/test-store", "spec.ingress[1]")
    assert message.startswith("lets a pod of namespace hidden that NetworkPolicy mcp/test-store means reach")


def test_an_internet_rule_that_includes_private_ranges_is_no_internet_rule():
    open_ = [{"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.169.254/32"]}}], "ports": [{"port": 443}]}]
    found = proven(stack(), ("test-web", lambda spec: spec["egress"].extend(open_)))
    ((name, path, message),) = found
    assert (name, path) == ("NetworkPolicy mcp/test-web", "spec.egress[4]")
    assert "reach 100.100.100.200, the metadata service, and" in message


def test_a_namespace_of_our_own_without_default_deny_is_found():
    assert [(name, message.partition(" denies")[0]) for name, _, message in proven(stack(), (DEFAULT_DENY, None))] == [
        ("Namespace mcp", "no NetworkPolicy"),
        ("Namespace mcp", "no NetworkPolicy"),
    ]


def foreign(name, spec, namespace="mcp"):
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": namespace},
        "spec": spec,
    }


OPEN_DOOR = foreign("open-door", {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{}]})


def test_somebody_elses_policy_that_widens_ours_is_found():
    found = proven(stack({"namespace.create": False}), more=[OPEN_DOOR])
    assert {name for name, _, _ in found} == {"NetworkPolicy mcp/open-door"}


def alone(*more, without=()):
    """A component in a namespace of somebody else, without a stack file."""
    objects = [one for one in manifests_for(stack({"namespace.create": False})) if one["metadata"]["name"] == "test-web"]
    objects = [one for one in objects if one["kind"] not in without]
    found = flows(Cluster([KubeObject(one) for one in [*objects, *more]], External()), None)
    return [(one.object, one.path, one.severity, one.message) for one in found]


def test_a_component_alone_is_held_to_its_own_policy():
    assert alone() == []
    deny = foreign("deny", {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]})
    assert alone(deny) == []
    ((name, path, severity, message),) = alone(deny, OPEN_DOOR)
    assert (name, path, severity) == ("NetworkPolicy mcp/open-door", "spec.ingress[0]", "error")
    assert "NetworkPolicy mcp/test-web does not declare it" in message


def test_a_component_without_a_policy_of_its_own_is_found():
    ((name, path, _, message),) = alone(OPEN_DOOR, without=["NetworkPolicy"])
    assert (name, path) == ("Deployment mcp/test-web", "spec.template.spec")
    assert message.startswith("has no NetworkPolicy of its own")


def deployment(name, namespace="mcp", **labels):
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": name, "ports": [{"containerPort": 1}, {"name": "x", "containerPort": 2}]}]},
    }
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {"template": template}}


def test_somebody_elses_pods_are_told_of_the_metadata_service_alone():
    outward = foreign("out", {"podSelector": {"matchLabels": {"app": "own"}}, "policyTypes": ["Egress"], "egress": EVERYWHERE})
    ((name, path, severity, message),) = alone(deployment("own", app="own"), deployment("free", app="free"), outward)
    assert (name, path, severity) == ("NetworkPolicy mcp/out", "spec.egress[0]", "warning")
    assert "Deployment mcp/own reach 169.254.169.254" in message


def test_clients_that_the_set_itself_holds_are_asked_too():
    agent = deployment("agent", namespace="agents", app="agent")
    shut = foreign("shut", {"podSelector": {}, "policyTypes": ["Egress"]}, namespace="agents")
    assert proven(stack(), more=[agent]) == []
    ((name, _, message),) = proven(stack(), more=[agent, shut])
    assert name == "NetworkPolicy agents/shut"
    assert (
        "Deployment agents/agent must reach Deployment mcp/test-gateway on TCP 8080 (`gateway.clients[0]`), and is refused"
        in message
    )


def test_the_proof_is_part_of_the_check():
    spec = stack()
    objects = [
        KubeObject(one) for one in manifests_for(spec) if one["metadata"]["name"] != "test-shared" or one["kind"] != "NetworkPolicy"
    ]
    assert {found.check for found in check_objects(objects, External(frozenset({("Gateway", "edge", "public")})), spec)} >= {
        "flows"
    }
