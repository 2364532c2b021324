"""Two stacks in one namespace: nothing of the one is the other's, and neither reaches the other."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcp_stack.manifests import manifests_for
from mcp_stack.preview.checks import check_objects
from mcp_stack.preview.checks.cluster import Cluster
from mcp_stack.preview.checks.external import External
from mcp_stack.preview.checks.flows import _Scene
from mcp_stack.preview.declared import declared_by
from mcp_stack.preview.flows.selection import matches
from mcp_stack.preview.rendered import KubeObject
from mcp_stack.spec import load_spec

NAMESPACE = "shared-by-teams"
DIGEST = "sha256:" + "a" * 64
PROXY = {"repository": "ghcr.io/acme/proxy", "tag": "1.0.0", "digest": DIGEST}
WEB = {"repository": "ghcr.io/acme/web", "tag": "1.0.0", "digest": DIGEST}
PARTS = {
    "web": {"image": WEB, "files": {"/run/t": {"secret": "token"}, "/a": {"content": "x"}}, "replicas": 2},
    "box": {"command": ["run"]},
    "db": {"image": WEB, "in_gateway": False, "storage": {"claims": {"data": {"path": "/data", "size": "1Gi"}}}},
}
DB = {"egress": [{"server": "db"}]}


def stack(name, create=False, servers=None):
    data = {
        "namespace": {"name": NAMESPACE, "create": create},
        "domain": "example.com",
        "exposure": {"gateway": {"gateway_class": "eg"}, "tls": {"cluster_issuer": "letsencrypt"}},
        "proxy": {"image": PROXY},
        "secrets": {"token": {"config": "token"}, "sealing": {"config": "sealing"}},
        "monitoring": {"labels": {"release": "prometheus"}},
        "gateway": {
            "trust_network": True,
            "exposure": {"host": f"{name}.example.com"},
            "replicas": 2,
            "sessions": {"keys": {"secret": "sealing"}},
            "clients": [{"namespace": "agents"}],
        },
        "servers": servers or {**PARTS, "web": {**PARTS["web"], **DB}},
    }
    return load_spec(data, name)


def objects(spec):
    return [KubeObject(one) for one in manifests_for(spec)]


PAIRS = [("staging", "eu-staging"), ("staging", "staging-web"), ("a", "b"), ("team", "team-gateway")]


@pytest.fixture(params=PAIRS, ids="+".join)
def pair(request):
    """The first has made the namespace, the second comes into it."""
    one, other = request.param
    return stack(one, create=True), stack(other)


def test_no_object_has_the_name_of_one_of_the_neighbours(pair):
    first, second = ({one.identity for one in objects(spec)} for spec in pair)
    assert len(first) > 20
    assert not first & second


def test_selectors_match_pods_of_their_own_stack_only(pair):
    cluster = Cluster([*objects(pair[0]), *objects(pair[1])], External())
    looked_at = 0
    for item in cluster.objects:
        spec = item.plain.get("spec") or {}
        kinds = {"Service": {"matchLabels": spec.get("selector")}, "NetworkPolicy": spec.get("podSelector")}
        selector = kinds.get(item.kind, spec.get("selector"))
        if item.kind == "ServiceMonitor" or not selector or item.name.endswith("-shared"):
            continue
        looked_at += 1
        selected = {one.labels["app.kubernetes.io/instance"] for one in cluster.pods if matches(selector, one.labels)}
        assert selected == {item.plain["metadata"]["labels"]["app.kubernetes.io/instance"]}, item.title
    assert looked_at > 20


def test_what_scrapes_the_one_does_not_scrape_the_other(pair):
    every = [*objects(pair[0]), *objects(pair[1])]
    services = [one.plain["metadata"]["labels"] for one in every if one.kind == "Service"]
    monitors = [one for one in every if one.kind == "ServiceMonitor"]
    assert monitors
    for one in monitors:
        own = one.plain["metadata"]["labels"]["app.kubernetes.io/instance"]
        chosen = {labels["app.kubernetes.io/instance"] for labels in services if matches(one.plain["spec"]["selector"], labels)}
        assert chosen == {own}


def test_both_together_pass_every_check_for_each_of_them(pair):
    every = [*objects(pair[0]), *objects(pair[1])]
    known = declared_by(pair[0]) | declared_by(pair[1])
    for spec in pair:
        assert [str(one) for one in check_objects(every, known, spec) if one.fails] == []


def test_no_pod_of_the_one_reaches_a_pod_of_the_other(pair):
    scene = _Scene(Cluster([*objects(pair[0]), *objects(pair[1])], External()))
    pods = list(scene.pods.values())
    stacks = [{pod for pod in pods if pod.labels["app.kubernetes.io/instance"] == spec.stack} for spec in pair]
    assert [len(one) for one in stacks] == [4, 4]
    for one, other in (*itertools.product(*stacks), *itertools.product(*reversed(stacks))):
        assert not scene.network.open_ports(one, other), f"{one} reaches {other}"
    first = [pod for pod in stacks[0] if pod.labels["app.kubernetes.io/name"] == "gateway"]
    assert any(scene.network.open_ports(first[0], pod) for pod in stacks[0] if pod is not first[0]), "its own it does reach"


LABEL = st.from_regex(r"[a-z](-?[a-z0-9]){0,12}", fullmatch=True)
SERVERS = st.lists(LABEL.filter(lambda one: one not in ("gateway", "shared")), min_size=1, max_size=4, unique=True)


@settings(max_examples=100, deadline=None)
@given(st.lists(LABEL, min_size=2, max_size=2, unique=True), SERVERS, SERVERS)
def test_names_of_any_two_stacks_differ(stacks, first, second):
    def of(name, servers):
        given = {one: {**PARTS["web"], "replicas": 1} for one in servers}
        return {one.identity for one in objects(stack(name, servers=given))}

    assert not of(stacks[0], first) & of(stacks[1], second)
