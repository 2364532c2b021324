import pytest

BEHAVIOR = {
    "scale_down": {"stabilization_seconds": 300, "policies": [{"type": "Percent", "value": 25, "period_seconds": 60}]},
    "scale_up": {"stabilization_seconds": 0, "select": "Max", "policies": [{"type": "Percent", "value": 50, "period_seconds": 30}]},
}


@pytest.mark.parity("stack.autoscaling")
def test_an_autoscaler_carries_what_is_written(render):
    rendered = render({"servers.web.autoscaling": {"min": 3, "max": 50, "cpu": 70, "memory": 80, **BEHAVIOR}})
    body = rendered.one("HorizontalPodAutoscaler", "test-web")["spec"]
    assert (body["minReplicas"], body["maxReplicas"]) == (3, 50)
    assert targets(body) == {"cpu": 70, "memory": 80}
    assert body["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "test-web"}
    assert body["behavior"] == {
        "scaleUp": {
            "stabilizationWindowSeconds": 0,
            "selectPolicy": "Max",
            "policies": [{"type": "Percent", "value": 50, "periodSeconds": 30}],
        },
        "scaleDown": {"stabilizationWindowSeconds": 300, "policies": [{"type": "Percent", "value": 25, "periodSeconds": 60}]},
    }
    assert "replicas" not in rendered.one("Deployment", "test-web")["spec"]


def targets(body):
    return {one["resource"]["name"]: one["resource"]["target"]["averageUtilization"] for one in body["metrics"]}


@pytest.mark.parity("stack.autoscaling")
@pytest.mark.parametrize(
    ("keys", "expected"), [({}, {"cpu": 80, "memory": 80}), ({"cpu": 60}, {"cpu": 60}), ({"memory": 60}, {"memory": 60})]
)
def test_cpu_and_memory_aim_at_80_percent_unless_one_is_given(render, keys, expected):
    assert targets(render({"servers.web.autoscaling": keys}).one("HorizontalPodAutoscaler", "test-web")["spec"]) == expected


@pytest.mark.parity("stack.autoscaling")
def test_an_environments_default_autoscales_every_server_that_does_not_object(render):
    rendered = render(
        {
            "defaults.autoscaling": {"min": 3},
            "servers.box.autoscaling": {"enabled": False},
            "servers.box.replicas": 2,
            "gateway.sessions": {"keys": {"secret": "token"}},
        }
    )
    assert rendered.has("HorizontalPodAutoscaler", "test-web")
    assert not rendered.has("HorizontalPodAutoscaler", "test-box")
    assert rendered.one("Deployment", "test-box")["spec"]["replicas"] == 2
    assert not rendered.has("HorizontalPodAutoscaler", "test-gateway")


def test_utilization_always_has_a_request_to_refer_to(render):
    container = render({"servers.web.autoscaling": {}}).container("test-web")
    assert {"cpu", "memory"} <= set(container["resources"]["requests"])
