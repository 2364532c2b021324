"""Replicas by the calls in flight: what KEDA, or an adapter, is asked for, and that only one of them owns a workload."""

from dataclasses import replace

import pytest

from mcp_stack.manifests.autoscaling import autoscaler
from mcp_stack.manifests.keda import scaled_object
from mcp_stack.spec import load_spec
from mcp_stack.spec.autoscaling import AutoscalingSpec
from tests.spec.stores import store

SCALERS = {"HorizontalPodAutoscaler", "ScaledObject"}
REFERENCE = {"secret": "token"}


@pytest.fixture
def scaled(render):
    """The stack with KEDA for `web`, and what is said otherwise."""

    def rendered(scaling=None, prometheus=None, **more):
        return render(
            {
                "monitoring": {"labels": {}, "prometheus": {"address": "http://prometheus.example", **(prometheus or {})}},
                "servers.web.autoscaling": {"calls": 8, "keda": {}, **(scaling or {})},
                **more,
            }
        )

    return rendered


@pytest.mark.parity("stack.autoscaling-calls")
def test_keda_asks_prometheus_for_the_calls_in_flight(scaled):
    rendered = scaled({"min": 3, "max": 9})
    body = rendered.one("ScaledObject", "test-web")["spec"]
    assert body == {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "test-web"},
        "minReplicaCount": 3,
        "maxReplicaCount": 9,
        "pollingInterval": 30,
        "triggers": [
            {
                "type": "prometheus",
                "name": "calls",
                "metricType": "AverageValue",
                "useCachedMetrics": True,
                "metadata": {
                    "serverAddress": "http://prometheus.example",
                    "query": 'sum(mcp_proxy_calls_in_flight{namespace="mcp-test",app_kubernetes_io_instance="test",'
                    'app_kubernetes_io_name="gateway",server="web"})',
                    "threshold": "8",
                    "ignoreNullValues": "false",
                },
            }
        ],
    }
    assert "replicas" not in rendered.one("Deployment", "test-web")["spec"]
    assert [one["kind"] for one in rendered if one["kind"] in SCALERS] == ["ScaledObject"]


def test_other_targets_stand_beside_it(scaled):
    rules = {"scale_down": {"stabilization_seconds": 60}}
    body = scaled({"cpu": 70, "container": {"memory": 90}, **rules}).one("ScaledObject", "test-web")["spec"]
    assert body["triggers"][1:] == [
        {"type": "cpu", "metricType": "Utilization", "metadata": {"value": "70"}},
        {"type": "memory", "metricType": "Utilization", "metadata": {"value": "90", "containerName": "web"}},
    ]
    behavior = {"scaleDown": {"stabilizationWindowSeconds": 60}}
    assert body["advanced"] == {"horizontalPodAutoscalerConfig": {"behavior": behavior}}


def test_what_holds_while_prometheus_is_away(scaled):
    fallback = {"replicas": 6, "failures": 4, "behavior": "currentReplicasIfHigher"}
    body = scaled({"keda": {"polling_seconds": 15, "fallback": fallback}}).one("ScaledObject", "test-web")["spec"]
    assert body["fallback"] == {"failureThreshold": 4, "replicas": 6, "behavior": "currentReplicasIfHigher"}
    assert body["pollingInterval"] == 15
    assert "cooldownPeriod" not in body, "KEDA heeds it on the way to zero alone"


@pytest.mark.parametrize(
    ("shown", "modes", "parameters"),
    [
        ({"bearer_token": REFERENCE}, "bearer", ["bearerToken"]),
        ({"username": REFERENCE, "password": REFERENCE}, "basic", ["username", "password"]),
        (
            {"bearer_token": REFERENCE, "certificate": REFERENCE, "key": REFERENCE, "ca": REFERENCE},
            "bearer,tls",
            ["bearerToken", "cert", "key", "ca"],
        ),
    ],
)
def test_keda_shows_who_asks_and_no_value_stands_in_any_object_of_its(scaled, shown, modes, parameters):
    rendered = scaled(prometheus={"authentication": shown})
    (trigger,) = rendered.one("ScaledObject", "test-web")["spec"]["triggers"]
    assert trigger["metadata"]["authModes"] == modes
    assert trigger["authenticationRef"] == {"name": "test-web"}
    references = rendered.one("TriggerAuthentication", "test-web")["spec"]["secretTargetRef"]
    assert [one["parameter"] for one in references] == parameters
    assert {(one["name"], one["key"]) for one in references} == {("test-shared.token", "value")}
    assert "[secret]" in str(rendered)
    assert "[secret]" not in str([one for one in rendered if one["kind"] in ("ScaledObject", "TriggerAuthentication")])


@pytest.mark.parity("stack.autoscaling-calls", "stack.secret-backends")
def test_what_it_shows_may_come_from_a_store(scaled):
    made = {
        "secret_stores": {"one": store("fake")},
        "secrets.key": {"store": "one", "remote": {"key": "a"}},
        "secrets.login": {"store": "one", "data": {"USER": {"key": "b"}, "PASSWORD": {"key": "c"}}, "target": {"name": "login"}},
    }
    shown = {"username": {"secret": "login/USER"}, "password": {"secret": "login/PASSWORD"}}
    shown |= {"certificate": {"secret": "key"}, "key": {"secret": "key"}}
    rendered = scaled(prometheus={"authentication": shown}, **made)
    references = rendered.one("TriggerAuthentication", "test-web")["spec"]["secretTargetRef"]
    assert references == [
        {"parameter": "username", "name": "login", "key": "USER"},
        {"parameter": "password", "name": "login", "key": "PASSWORD"},
        {"parameter": "cert", "name": "test-shared.key", "key": "value"},
        {"parameter": "key", "name": "test-shared.key", "key": "value"},
    ]
    assert rendered.has("ExternalSecret", "test-shared.key")
    assert "reloader" not in str(rendered), "KEDA reads it whenever it asks, and no pod does"


def test_nothing_is_shown_where_nothing_is_asked_for(scaled):
    rendered = scaled(
        prometheus={"authentication": {"bearer_token": REFERENCE}}, **{"servers.box.autoscaling": {"cpu": 50, "max": 1, "min": 1}}
    )
    assert [one["metadata"]["name"] for one in rendered if one["kind"] == "TriggerAuthentication"] == ["test-web"]
    assert rendered.has("HorizontalPodAutoscaler", "test-box")


@pytest.mark.parity("stack.autoscaling-calls", "stack.autoscaling")
def test_an_adapter_that_the_cluster_has_can_serve_them(render):
    changes = {"gateway.autoscaling": {"calls": 40, "calls_metric": "mcp_calls"}, "gateway.sessions": {"keys": REFERENCE}}
    body = render(changes).one("HorizontalPodAutoscaler", "test-gateway")["spec"]
    target = {"type": "AverageValue", "averageValue": "40"}
    assert body["metrics"] == [{"type": "Pods", "pods": {"metric": {"name": "mcp_calls"}, "target": target}}]


@pytest.mark.parity("stack.autoscaling")
def test_a_container_has_targets_of_its_own(render):
    keys = {"cpu": 60, "container": {"cpu": 70, "memory": 80}}
    body = render({"servers.web.autoscaling": keys}).one("HorizontalPodAutoscaler", "test-web")["spec"]
    found = [(one["type"], next(value for key, value in one.items() if key != "type")) for one in body["metrics"]]
    assert [(kind, one.get("container"), one["name"], one["target"]["averageUtilization"]) for kind, one in found] == [
        ("Resource", None, "cpu", 60),
        ("ContainerResource", "web", "cpu", 70),
        ("ContainerResource", "web", "memory", 80),
    ]


def test_an_autoscaler_of_kubernetes_lets_keda_take_over(render):
    """KEDA's webhook refuses a ScaledObject while another autoscaler for the workload exists, unless that one says so."""
    found = render({"servers.web.autoscaling": {}}).one("HorizontalPodAutoscaler", "test-web")
    assert found["metadata"]["annotations"]["validations.keda.sh/hpa-ownership"] == "false"


def test_a_body_without_what_keda_asks_for_is_a_mistake():
    with pytest.raises(ValueError, match="give both `keda` and `calls`"):
        scaled_object(AutoscalingSpec(), {}, {}, container=None, address="http://a", query="q", authentication=None)


def test_nobody_is_asked_whose_address_is_not_known():
    data = {
        "gateway": {"trust_network": True},
        "monitoring": {"labels": {}, "prometheus": {"address": "http://prometheus.example"}},
        "servers": {"web": {"image": {"repository": "web", "tag": "1.0.0"}, "autoscaling": {"calls": 3, "keda": {}}}},
    }
    spec = load_spec(data, "test", cluster=False)
    with pytest.raises(ValueError, match=r"monitoring\.prometheus: required, 'web' is scaled"):
        autoscaler(replace(spec, monitoring=None), "web")
