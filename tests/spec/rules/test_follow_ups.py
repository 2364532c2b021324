"""Beside the schema's own faults everything else is named, but for what may only follow from what they made the schema drop."""

import pytest

from tests.spec.stores import store

IMAGE = {"image": {"repository": "acme/x", "tag": "1.0.0"}}
SPOILED = {**IMAGE, "planted": 1}
FAKE = {"secret_stores.kept": store("fake"), "secrets.token": {"store": "kept", "remote": {"key": "TOKEN"}}}
READS = {"servers.web.env": {"T": {"secret": "token"}}}
UNKNOWN = "unknown key"


def paths(lines):
    return sorted(line.partition(": ")[0] for line in lines if UNKNOWN not in line)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"servers.x": SPOILED, "servers.web.env": {"A": {"secret": "nobody"}}}, ["servers.web.env.A"]),
        ({"servers.x": SPOILED, "servers.web.egress": [{"server": "nobody"}]}, ["servers.web.egress[0].server"]),
        ({"servers.x": SPOILED, "servers.web.egress": [{"api_server": True}]}, ["servers.web.egress[0].api_server"]),
        ({"servers.x": SPOILED, "servers.web.secrets": {"own": {"config": "own"}}}, ["servers.web.secrets.own"]),
        ({"namespace.planted": 1, "secrets": {"idle": {"config": "idle"}}}, ["secrets.idle"]),
        (
            {"servers.x": SPOILED, "gateway.virtual_servers": {"v": {"tools": [{"server": "nobody", "tool": "t"}]}}},
            ["gateway.virtual_servers.v.tools[0].server"],
        ),
        ({"servers.x": SPOILED, **FAKE, **READS}, ["servers.web.restart"]),
        (
            {"servers.x": SPOILED, **READS, "secrets.token": FAKE["secrets.token"], "servers.web.restart": "reloader"},
            ["secrets.token.store"],
        ),
        (
            {"servers.x": SPOILED, **FAKE, "servers.web.env": {"T": {"secret": "token/KEY"}}, "servers.web.restart": "reloader"},
            ["servers.web.env.T"],
        ),
        ({"servers.x": SPOILED, "servers.web.restart": "reloader"}, ["servers.web.restart"]),
        ({"secrets.other": {"planted": 1}, **FAKE, **READS}, ["servers.web.restart"]),
        ({"secret_stores.other": {"planted": 1}, **FAKE, **READS, "servers.web.restart": "infisical"}, []),
        ({"servers.x": SPOILED, **FAKE, **READS, "servers.web.restart": "infisical"}, ["servers.web.restart"]),
        ({"namespace.planted": 1, "secret_stores.idle": store("fake")}, ["secret_stores.idle"]),
    ],
)
def test_what_is_wrong_elsewhere_is_named(problems, changes, expected):
    assert paths(problems(changes)) == expected


@pytest.mark.parametrize(
    "changes",
    [
        {"secrets": {"one": {"config": "one", "planted": 1}}, "servers.web.env": {"A": {"secret": "one"}}},
        {
            "secrets": {"one": {"planted": 1}},
            "gateway.trust_network": ...,
            "gateway.authentication": {"api_keys": {"secret": "one"}},
        },
        {"servers.x": SPOILED, "secrets": {"one": {"config": "one"}}},
        {"defaults.planted": 1, "servers.web.secrets": {"own": {"config": "own"}}},
        {"servers.x": {**SPOILED, "image": 1}, "servers.web.egress": [{"server": "x"}]},
        {"servers.x": {**SPOILED, "image": 1}, "gateway.virtual_servers": {"v": {"tools": [{"server": "x", "tool": "t"}]}}},
        {"network.api_server": {"cidrs": ["x"]}, "servers.web.egress": [{"api_server": True}]},
        {"servers.x": SPOILED, "network.api_server": {"cidrs": ["10.96.0.1/32"]}},
        {"defaults.autoscaling": {"calls": -1}, "servers.web.autoscaling": {"keda": {}}},
        {"secret_stores.kept": {"planted": 1}, "secrets.token": FAKE["secrets.token"], **READS, "servers.web.restart": "reloader"},
        {"servers.x": SPOILED, "secret_stores.kept": store("fake")},
        {"secrets.token": {"planted": 1}, **READS, "servers.web.restart": "reloader"},
        {"secrets.token": {"store": "kept", "data": {"A": {"kee": "a"}}}, "secret_stores.kept": store("fake"), **READS},
        {"servers.x": {"url": 1}, "gateway.restart": "reloader"},
        {"defaults.env": 1, "servers.web.restart": "reloader"},
    ],
)
def test_what_may_only_follow_is_not(problems, changes):
    found = [line for line in problems(changes) if UNKNOWN not in line]
    hidden = (
        "no secret",
        "nothing refers",
        "no server",
        "does nothing",
        "unknown where",
        "no store",
        "is a set",
        "it as its `store`",
    )
    assert [line for line in found if any(words in line for words in hidden)] == []
    assert problems(changes) != []


def test_what_scales_by_a_prometheus_that_was_dropped_is_not_judged(problems):
    keda = {"servers.web.autoscaling": {"calls": 3, "keda": {}}}
    assert any("autoscaling" in line for line in problems(keda))
    assert not any("autoscaling" in line for line in problems({**keda, "monitoring": {"planted": 1}}))


def test_a_prometheus_that_something_dropped_may_ask_is_not_idle(problems):
    idle = {"monitoring": {"labels": {}, "prometheus": {"address": "http://prometheus.example"}}}
    assert any(line.startswith("monitoring.prometheus") for line in problems(idle))
    assert not any(line.startswith("monitoring.prometheus") for line in problems({**idle, "servers.x": SPOILED}))
