import pytest


@pytest.mark.parametrize(
    ("keys", "allowed"),
    [
        ({}, None),
        ({"replicas": 2}, 1),
        ({"replicas": 5, "disruption": {"max_unavailable": 2}}, 2),
        ({"autoscaling": {"min": 1}}, None),
        ({"autoscaling": {"min": 3}}, 1),
    ],
)
def test_budget_exists_only_where_it_can_protect(render, keys, allowed):
    rendered = render({f"servers.web.{key}": value for key, value in keys.items()})
    assert rendered.has("PodDisruptionBudget", "test-web") == (allowed is not None)
    if allowed is not None:
        budget = rendered.one("PodDisruptionBudget", "test-web")["spec"]
        assert budget["maxUnavailable"] == allowed
        assert budget["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
        assert budget["selector"] == rendered.one("Deployment", "test-web")["spec"]["selector"]
