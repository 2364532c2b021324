"""Random policies: the evaluator agrees with a second one, which tries port by port and knows the rules in another form."""

import ipaddress
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from mcp_stack.preview.flows import Address, Network
from mcp_stack.preview.flows.atoms import atoms, named_ranges
from tests.preview.flows.net import address, pod, policy

KEYS, WORDS, SPACES = ("app", "tier"), ("a", "b"), ("one", "two")
NAMED = {"one": {"app": "a"}, "two": {}}
PORTS = (1, 2, 3, 4)
NAME = "kubernetes.io/metadata.name"

LABELS = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(WORDS))
EXPRESSION = st.one_of(
    st.builds(
        lambda key, operator: {"key": key, "operator": operator}, st.sampled_from(KEYS), st.sampled_from(["Exists", "DoesNotExist"])
    ),
    st.builds(
        lambda key, operator, values: {"key": key, "operator": operator, "values": values},
        st.sampled_from(KEYS),
        st.sampled_from(["In", "NotIn"]),
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=2),
    ),
)
SELECTOR = st.fixed_dictionaries({}, optional={"matchLabels": LABELS, "matchExpressions": st.lists(EXPRESSION, max_size=2)})
BLOCK = st.sampled_from(
    [
        {"cidr": "10.0.0.0/8"},
        {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]},
        {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]},
        {"cidr": "::/0", "except": ["fd00::/8", "fd00:1::/32"]},
    ]
)
PEER = st.one_of(
    st.builds(lambda block: {"ipBlock": block}, BLOCK),
    st.builds(lambda one: {"podSelector": one}, SELECTOR),
    st.builds(lambda one: {"namespaceSelector": one}, SELECTOR),
    st.builds(lambda one, two: {"namespaceSelector": one, "podSelector": two}, SELECTOR, SELECTOR),
)
PORT = st.one_of(
    st.fixed_dictionaries({"port": st.sampled_from([1, 2, 3, "http"])}, optional={"protocol": st.sampled_from(["TCP", "UDP"])}),
    st.builds(lambda first, more: {"port": first, "endPort": first + more}, st.integers(1, 3), st.integers(0, 2)),
    st.just({"protocol": "UDP"}),
)


def rules(side):
    return st.lists(
        st.fixed_dictionaries({}, optional={side: st.lists(PEER, max_size=2), "ports": st.lists(PORT, max_size=2)}), max_size=2
    )


SPEC = st.fixed_dictionaries(
    {"podSelector": SELECTOR},
    optional={
        "policyTypes": st.lists(st.sampled_from(["Ingress", "Egress"]), max_size=2, unique=True),
        "ingress": rules("from"),
        "egress": rules("to"),
    },
)
POLICIES = st.lists(st.tuples(st.sampled_from(SPACES), SPEC), max_size=3)
PODS = st.builds(
    lambda space, labels, http: pod(space, {"http": http}, space=NAMED[space], **labels),
    st.sampled_from(SPACES),
    LABELS,
    st.sampled_from(PORTS),
)
ENDS = st.one_of(PODS, st.sampled_from(["10.0.0.1", "10.1.0.1", "192.0.2.1", "fd00::1", "2001:db8::1"]).map(address))


def chosen(selector, labels):
    verdicts = [key in labels and labels[key] == value for key, value in (selector.get("matchLabels") or {}).items()]
    for one in selector.get("matchExpressions") or []:
        has, value = one["key"] in labels, labels.get(one["key"])
        verdicts.append(
            {"In": has and value in one.get("values", []), "NotIn": not has or value not in one.get("values", [])}.get(
                one["operator"]
            )
            if "values" in one
            else has == (one["operator"] == "Exists")
        )
    return all(verdicts)


def peer_is(peer, home, end):
    if isinstance(end, Address) or "ipBlock" in peer:
        if not isinstance(end, Address) or "ipBlock" not in peer:
            return False
        block = peer["ipBlock"]
        inside = [end.ip in ipaddress.ip_network(one) for one in [block["cidr"], *block.get("except", [])]]
        return inside[0] and not any(inside[1:])
    spaces = {**end.namespace_labels, NAME: end.namespace}
    there = chosen(peer["namespaceSelector"], spaces) if "namespaceSelector" in peer else end.namespace == home
    return there and chosen(peer.get("podSelector", {}), end.labels)


def port_is(entry, called, protocol, number):
    if entry.get("protocol", "TCP") != protocol:
        return False
    if "port" not in entry:
        return True
    if entry["port"] == "http":
        return not isinstance(called, Address) and called.ports.get(("http", protocol)) == number
    return number in range(entry["port"], entry.get("endPort", entry["port"]) + 1)


def one_side(policies, own, other, called, direction, protocol, number):
    field, side = {"Ingress": ("ingress", "from"), "Egress": ("egress", "to")}[direction]
    isolated, verdict = False, False
    for home, spec in policies:
        types = spec.get("policyTypes") or (["Ingress", "Egress"] if spec.get("egress") else ["Ingress"])
        if home != own.namespace or direction not in types or not chosen(spec["podSelector"], own.labels):
            continue
        isolated = True
        for rule in spec.get(field, []):
            who = not rule.get(side) or any(peer_is(peer, home, other) for peer in rule[side])
            what = not rule.get("ports") or any(port_is(entry, called, protocol, number) for entry in rule["ports"])
            verdict = verdict or (who and what)
    return verdict or not isolated


def oracle(policies, source, target, protocol, number):
    out = isinstance(source, Address) or one_side(policies, source, target, target, "Egress", protocol, number)
    into = isinstance(target, Address) or one_side(policies, target, source, target, "Ingress", protocol, number)
    return source is target or (out and into)


@settings(max_examples=300, deadline=None)
@given(POLICIES, ENDS, ENDS)
def test_the_evaluator_agrees_with_trying_every_port(policies, source, target):
    found = Network(policy(spec, str(index), space) for index, (space, spec) in enumerate(policies))
    for protocol, number in product(("TCP", "UDP", "SCTP"), PORTS):
        assert found.allows(source, target, number, protocol) == oracle(policies, source, target, protocol, number)


@settings(max_examples=100, deadline=None)
@given(POLICIES, PODS, st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_no_address_fares_otherwise_than_the_one_that_stands_for_it(policies, source, ip):
    cut = [one for _, spec in policies for one in named_ranges(spec)]
    found = Network(policy(spec, str(index), space) for index, (space, spec) in enumerate(policies))
    below = [atom for atom in atoms(cut) if atom.ip.version == ip.version and atom.ip <= ip]
    assert found.open_ports(source, max(below, key=lambda atom: int(atom.ip))) == found.open_ports(source, Address(ip))


def test_ranges_that_are_none_cut_nothing():
    assert list(named_ranges({"egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/99"}}, {"podSelector": {}}]}, None]})) == []
    assert [str(one) for one in atoms([])] == ["0.0.0.0", "::"]
