import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_stack.spec.hosts import host_of
from mcp_stack.spec.names import MAX_LABEL, default_namespace, is_stack_name, object_name, service_hosts

names = st.from_regex(r"[a-z](?:-?[a-z0-9]){0,39}", fullmatch=True).filter(lambda name: len(name) <= 40)
stacks = st.from_regex(r"[a-z](?:-?[a-z0-9]){0,62}", fullmatch=True).filter(lambda name: len(name) <= 63)


@pytest.mark.parity("stack.naming")
@given(stacks, names, stacks, names)
def test_two_stacks_in_one_namespace_never_share_a_name(stack, part, other_stack, other_part):
    same = (stack, part) == (other_stack, other_part)
    assert (object_name(stack, part) == object_name(other_stack, other_part)) == same


@pytest.mark.parity("stack.naming")
@given(stacks, names, st.sampled_from(["", "-config-0123456789", "." + "s" * 40]))
def test_names_are_dns_names_of_at_most_63_characters(stack, part, suffix):
    name = object_name(stack, part, suffix)
    assert len(name) <= MAX_LABEL
    assert re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", name)
    assert name.endswith(suffix)


def test_the_obvious_collisions_are_told_apart():
    assert object_name("x", "a-b") == "x-a-b"
    assert object_name("x-a", "b") == "x-a--b"
    assert default_namespace("staging") == "mcp-staging"


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("staging", True),
        ("eu-1", True),
        ("", False),
        ("Prod", False),
        ("a--b", False),
        ("1a", False),
        ("a.b", False),
        ("a" * 64, False),
    ],
)
def test_a_stack_name_can_prefix_names(name, good):
    assert is_stack_name(name) is good


@pytest.mark.parity("stack.ingress-host")
@pytest.mark.parametrize(
    ("part", "environment", "host"),
    [
        ("api", "production", "mcp-api.example.com"),
        ("api", "staging", "mcp-api.staging.example.com"),
        ("gateway", "production", "mcp.example.com"),
        ("gateway", "review", "mcp.review.example.com"),
    ],
)
def test_hosts_follow_the_environment(part, environment, host):
    assert host_of(part, environment, "example.com") == host


def test_a_service_has_four_names():
    assert service_hosts("a", "n") == ["a", "a.n", "a.n.svc", "a.n.svc.cluster.local"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"servers.gateway": {"command": ["x"]}},
            "servers.gateway: 'gateway' names the stack's own objects; call the server otherwise",
        ),
        (
            {"servers.Web": {"command": ["x"]}},
            "servers.Web: 'Web' is no server name: a lower-case letter, then letters, digits and single dashes, "
            "at most 40 characters",
        ),
        (
            {"labels": {"app.kubernetes.io/name": "x"}},
            "labels.\"app.kubernetes.io/name\": 'app.kubernetes.io/name' is set by the stack, selectors depend on it; "
            "use a key of your own",
        ),
        (
            {"labels": {"a b": "x"}},
            "labels.a b: 'a b' is no label key: [prefix/]name with at most 63 letters, digits, `-`, `_` and `.`",
        ),
        (
            {"labels": {"a": "-x"}},
            "labels.a: '-x' is no label value: at most 63 letters, digits, `-`, `_` and `.`, no edge punctuation",
        ),
        (
            {"annotations": {"/a": "x"}},
            "annotations./a: '/a' is no annotation key: [prefix/]name with at most 63 letters, digits, `-`, `_` and `.`",
        ),
        (
            {"namespace": {"name": "A"}},
            "namespace.name: 'A' is no DNS label: lower-case letters, digits and dashes inside, at most 63 characters",
        ),
        (
            {"domain": "a_b.com"},
            "domain: 'a_b.com' is no DNS name: labels of lower-case letters, digits and dashes, joined by dots",
        ),
        (
            {"domain": "bücher.example"},
            "domain: 'bücher.example' is no DNS name: write it in punycode, as it goes over the wire: `xn--bcher-kva.example`",
        ),
        (
            {"servers.web.host_aliases": {"é.example": "10.0.0.1"}},
            "servers.web.host_aliases.\"é.example\": 'é.example' is no DNS name: "
            "write it in punycode, as it goes over the wire: `xn--9ca.example`",
        ),
        (
            {"domain": "*.example.com"},
            "domain: '*.example.com' is a wildcard, and hosts are named in full, each as `host` or one of `aliases`; "
            "one certificate for all is `tls.wildcard: true`, "
            "and what the gateway answers to is `gateway.allowed_hosts`, which takes `*.example.com`",
        ),
        (
            {"servers.web.probes": {"readiness": {"http_get": {"headers": {"A b": "x", "X-A": "y"}}}}},
            "servers.web.probes.readiness.http_get.headers.A b: 'A b' is no name of a header that a probe may have: "
            "letters, digits and dashes",
        ),
        (
            {"servers.web.namespace": "A"},
            "servers.web.namespace: 'A' is no namespace: "
            "a lower-case letter, then letters, digits and single dashes, at most 40 characters",
        ),
        (
            {"servers.web.env": {"1A": "x"}},
            "servers.web.env.1A: '1A' is no variable name: letters, digits and `_`, not starting with a digit",
        ),
        (
            {"servers.web.secrets": {"t": {"existing": "s", "key": "a/b"}}},
            "servers.web.secrets.t.key: 'a/b' is no key of a Secret: letters, digits, `-`, `_` and `.`",
        ),
        (
            {"servers.web.files": {"/run/s/t": {"secret": "a/b c"}}},
            "servers.web.files./run/s/t.secret: 'b c' is no key of a Secret: letters, digits, `-`, `_` and `.`",
        ),
        (
            {"servers.web.env": {"T": {"secret": "a/b c"}}},
            "servers.web.env.T: secret: 'b c' is no key of a Secret: letters, digits, `-`, `_` and `.`",
        ),
    ],
)
def test_names_that_kubernetes_would_refuse_are_refused_here(problems, changes, message):
    assert problems(changes) == [message]


@pytest.mark.parity("stack.labels")
def test_labels_of_selectors_cannot_be_replaced_anywhere(problems):
    reserved = {"app.kubernetes.io/instance": "x"}
    for place in ("labels", "gateway.labels", "defaults.labels", "servers.web.labels"):
        assert [line.split(":")[0] for line in problems({place: reserved})] == [f'{place}."app.kubernetes.io/instance"']
