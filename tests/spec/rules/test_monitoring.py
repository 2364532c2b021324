"""Monitoring that finds something to scrape, and opens it to nobody else."""

import pytest

BOX = {"command": ["run"]}
PROMETHEUS = {"address": "http://prometheus.example:9090"}
WHY = "does nothing, nothing is scaled by `calls` with `autoscaling.keda`; remove it"
SCALED = {"servers.web.autoscaling": {"calls": 3, "keda": {}}}


def monitoring(**keys):
    return {"monitoring": {"labels": {}, **keys}}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(monitoring(), [], id="as it is"),
        pytest.param({"monitoring": {}}, ["monitoring.labels: required, but missing"], id="no labels"),
        pytest.param(
            {**monitoring(), "gateway": {"enabled": False}},
            ["monitoring: does nothing, no proxy runs: no gateway, and no server with `command` or `proxy`; remove it"],
            id="no proxy",
        ),
        pytest.param(
            {**monitoring(), "gateway": {"enabled": False}, "servers.box": {**BOX, "trust_network": True}}, [], id="a wrapper"
        ),
        pytest.param(
            monitoring(interval_seconds=5),
            ["monitoring.timeout_seconds: 10 is above `interval_seconds` (5), which Prometheus refuses"],
            id="timeout",
        ),
        pytest.param(
            monitoring(alerts={"enabled": False, "error_percent": 3}),
            ["monitoring.alerts.error_percent: does nothing, `alerts.enabled` is false; remove one of them"],
            id="alerts off",
        ),
        pytest.param(
            monitoring(dashboard={"enabled": False, "folder": "x"}),
            ["monitoring.dashboard.folder: does nothing, `dashboard.enabled` is false; remove one of them"],
            id="dashboard off",
        ),
        pytest.param(monitoring(prometheus=PROMETHEUS), [f"monitoring.prometheus: {WHY}"], id="nobody asks"),
        pytest.param({**monitoring(prometheus=PROMETHEUS), **SCALED}, [], id="KEDA asks"),
        pytest.param(
            {**monitoring(prometheus=PROMETHEUS), "servers.web.autoscaling": {"calls": 3, "keda": {}, "enabled": False}},
            [
                "servers.web.autoscaling.calls: does nothing, `enabled` is false; remove one of them",
                "servers.web.autoscaling.keda: does nothing, `enabled` is false; remove one of them",
                f"monitoring.prometheus: {WHY}",
            ],
            id="KEDA would ask",
        ),
        pytest.param(
            {**monitoring(), "gateway.service": {"type": "LoadBalancer"}},
            ["gateway.service.type: 'LoadBalancer' would lead to the metrics from outside; set `monitoring.via: pod-monitor`"],
            id="open Service",
        ),
        pytest.param(
            {**monitoring(via="pod-monitor"), "gateway.service": {"type": "LoadBalancer"}}, [], id="open Service, pods scraped"
        ),
        pytest.param(
            {**monitoring(), "gateway.service": {"port": 9100}},
            ["gateway.service.port: 9100 is where the Service has the metrics (`gateway.management.port`)"],
            id="port taken",
        ),
        pytest.param(
            {**monitoring(), "servers.box": {**BOX, "service": {"port_name": "metrics"}}},
            ["servers.box.service.port_name: 'metrics' is the port of the metrics; choose another"],
            id="name taken",
        ),
        pytest.param(
            {**monitoring(), "servers.web.service": {"type": "NodePort", "port": 9100, "port_name": "metrics"}},
            [],
            id="a Service without metrics",
        ),
    ],
)
def test_what_cannot_be_watched_is_refused(problems, changes, expected):
    assert problems(changes) == expected


TOKEN = {"secrets.token": {"existing": "mcp", "key": "token"}}
REF = {"secret": "token"}


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ({"bearer_token": REF}, None),
        ({"username": REF, "password": REF}, None),
        ({"bearer_token": REF, "certificate": REF, "key": REF, "ca": REF}, None),
        ({}, "names no secret; give one, or leave it out"),
        ({"username": REF}, "`username` and `password` belong together"),
        ({"certificate": REF}, "`certificate` and `key` belong together"),
        ({"ca": REF}, "`ca` does nothing without `certificate` and `key`; give KEDA's operator the authority instead"),
        ({"bearer_token": REF, "username": REF, "password": REF}, "give either `bearer_token` or `username` with `password`"),
    ],
)
def test_an_authentication_is_one_that_keda_knows(problems, shown, expected):
    changes = {**monitoring(prometheus={**PROMETHEUS, "authentication": shown}), **SCALED, **TOKEN}
    found = problems(changes)
    if expected is None:
        assert found == []
    else:
        assert f"monitoring.prometheus.authentication: {expected}" in found


def test_a_secret_that_keda_shows_is_used_and_has_to_be_declared(problems):
    shown = {**PROMETHEUS, "authentication": {"bearer_token": {"secret": "tokem"}}}
    found = problems({**monitoring(prometheus=shown), **SCALED, **TOKEN})
    assert "monitoring.prometheus.authentication.bearer_token.secret: no secret 'tokem' is declared; did you mean `token`?" in found


def test_a_server_may_have_the_secret_for_itself(problems):
    shown = {**PROMETHEUS, "authentication": {"bearer_token": REF}}
    own = {"servers.web.secrets": {"token": {"existing": "mcp", "key": "token"}}}
    assert problems({**monitoring(prometheus=shown), **SCALED, **own}) == []


@pytest.mark.parametrize("address", ["prometheus:9090", "http://", "http://p.example/?x=1", "http://p example"])
def test_an_address_is_one(problems, address):
    found = problems({**monitoring(prometheus={"address": address}), **SCALED})
    assert any(one.startswith("monitoring.prometheus.address") for one in found)
