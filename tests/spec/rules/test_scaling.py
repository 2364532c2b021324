"""Autoscalers that can act, and targets that something measures."""

import pytest

from mcp_stack.spec.rules.scaling import ZERO

PROMETHEUS = {"monitoring": {"labels": {}, "prometheus": {"address": "http://prometheus.example:9090"}}}
KEYS = {"secrets.keys": {"existing": "mcp", "key": "session-keys"}, "gateway.sessions": {"keys": {"secret": "keys"}}}
BOX = {"command": ["run"]}
EXAMPLE = "`monitoring: {labels: {…}, prometheus: {address: http://prometheus-operated.monitoring.svc:9090}}`"
HOW = "give `keda: {}`, or `calls_metric`, the name under which an adapter for custom metrics serves them"
NOBODY = f"keda: nobody says where Prometheus is, which it asks for the calls in flight; give {EXAMPLE}"
GATEWAY_COUNTS = "calls: its pods do not count calls, the gateway does; give `keda`, which can ask for those"
NO_CALLS = "does nothing without `calls`: CPU and memory need no more than Kubernetes itself"


def web(**keys):
    return {"servers.web.autoscaling": keys}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(web(), [], id="defaults"),
        pytest.param(web(min=1, max=1), [], id="one"),
        pytest.param(web(min=0), [f"min: {ZERO}"], id="zero"),
        pytest.param({**web(min=0, calls=3, keda={}), **PROMETHEUS}, [f"min: {ZERO}"], id="zero by KEDA"),
        pytest.param(web(min=5, max=4), ["min: 5 is above `max` (4)"], id="bounds"),
        pytest.param(
            web(calls=3),
            [f"calls: 3 is a target that Kubernetes alone cannot measure; {HOW}", GATEWAY_COUNTS],
            id="calls by nobody",
        ),
        pytest.param(web(keda={}), [f"keda: {NO_CALLS}"], id="KEDA for nothing"),
        pytest.param(web(calls_metric="m"), [f"calls_metric: {NO_CALLS}"], id="a metric for nothing"),
        pytest.param({**web(calls=3, keda={}), **PROMETHEUS}, [], id="calls by KEDA"),
        pytest.param(web(calls=3, keda={}), [NOBODY], id="no Prometheus"),
        pytest.param({**web(calls=3, keda={}), "monitoring": {"labels": {}}}, [NOBODY], id="no address"),
        pytest.param(
            {**web(calls=3, keda={}, calls_metric="m"), **PROMETHEUS},
            ["calls_metric: does nothing beside `keda`, which asks Prometheus; remove one of them"],
            id="both",
        ),
        pytest.param(web(calls=3, calls_metric="m"), [GATEWAY_COUNTS], id="an adapter for an image"),
        pytest.param(
            {**web(calls=3, keda={"fallback": {"replicas": 11}}), **PROMETHEUS},
            ["keda.fallback.replicas: 11 is not between `min` (2) and `max` (10)"],
            id="fallback above",
        ),
        pytest.param(
            {**web(calls=3, keda={"fallback": {"replicas": 1}}), **PROMETHEUS},
            ["keda.fallback.replicas: 1 is not between `min` (2) and `max` (10)"],
            id="fallback below",
        ),
        pytest.param(
            {**web(calls=3, keda={}), **PROMETHEUS, "servers.web.in_gateway": False, "servers.box": BOX},
            ["calls: nothing counts its calls: it has no proxy, and no gateway offers it; aim at `cpu`"],
            id="not behind the gateway",
        ),
        pytest.param(web(enabled=False, cpu=50), ["cpu: does nothing, `enabled` is false; remove one of them"], id="off"),
    ],
)
def test_an_autoscaler_that_cannot_act_is_refused(problems, changes, expected):
    assert problems(changes) == [f"servers.web.autoscaling.{one}" for one in expected]


def test_nothing_is_scaled_by_what_nobody_counts(problems):
    changes = {**web(calls=3, keda={}), **PROMETHEUS, "gateway.metrics": {"enabled": False}}
    assert problems(changes) == [
        "servers.web.autoscaling.calls: nothing counts calls, `gateway.metrics.enabled` is false; remove one of them",
        "monitoring: does nothing, `gateway.metrics.enabled` is false, so nothing is counted; remove one of them",
    ]


@pytest.mark.parametrize("by", [{"keda": {}}, {"calls_metric": "mcp_calls"}])
@pytest.mark.parametrize("place", ["gateway", "servers.box"])
def test_proxies_count_their_calls_themselves(problems, place, by):
    changes = {"servers.box": {**BOX}, **KEYS, f"{place}.autoscaling": {"calls": 9, **by}, **(PROMETHEUS if "keda" in by else {})}
    assert problems(changes) == []


def test_a_default_that_a_server_cannot_follow_can_be_taken_back(problems):
    changes = {"defaults.autoscaling": {"calls": 9, "calls_metric": "m"}, "servers.box": BOX, **KEYS}
    assert [one.partition(":")[0] for one in problems(changes)] == ["servers.web.autoscaling.calls"]
    assert problems({**changes, "servers.web.autoscaling": {"calls": None, "calls_metric": None, "cpu": 70}}) == []


def test_a_container_without_a_target_says_nothing(problems):
    assert problems(web(container={})) == ["servers.web.autoscaling.container: give `cpu`, `memory` or both"]
