"""ScaledObjects that KEDA takes, and that can ask."""

import pytest

from mcp_stack.preview.checks import External
from tests.preview.checks.sound import GONE, brief, findings

ASKS = {"type": "prometheus", "metadata": {"query": "sum(x)"}, "useCachedMetrics": True}
CPU = {"type": "cpu", "metadata": {"value": "70"}}
SHOWN = {**ASKS, "authenticationRef": {"name": "prometheus"}}
NO_HPA = ("HorizontalPodAutoscaler gateway", (), GONE)


def scaled(**spec):
    """A ScaledObject in the place of the stack's own autoscaler."""
    body = {"scaleTargetRef": {"name": "gateway"}, "minReplicaCount": 2, "maxReplicaCount": 5, "triggers": [ASKS], **spec}
    metadata = {"name": "gateway", "namespace": "shop"}
    return [NO_HPA, (None, (), {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": metadata, "spec": body})]


def authentication(**spec):
    metadata = {"name": "prometheus", "namespace": "shop"}
    return (None, (), {"apiVersion": "keda.sh/v1alpha1", "kind": "TriggerAuthentication", "metadata": metadata, "spec": spec})


def secret(name, key):
    return {"secretTargetRef": [{"parameter": "bearerToken", "name": name, "key": key}]}


@pytest.mark.parametrize(
    ("spec", "paths", "text"),
    [
        ({}, [], ""),
        ({"pollingInterval": 15, "fallback": {"replicas": 3}}, [], ""),
        ({"triggers": []}, ["spec.triggers"], "nothing to scale by"),
        ({"triggers": [CPU], "fallback": {"replicas": 3}}, ["spec.fallback"], "KEDA refuses it"),
        ({"cooldownPeriod": 60}, ["spec.cooldownPeriod"], "does nothing while minReplicaCount is above 0"),
        ({"cooldownPeriod": 60, "idleReplicaCount": 0}, [], ""),
        ({"triggers": [{**ASKS, "useCachedMetrics": False}], "pollingInterval": 15}, ["spec.pollingInterval"], "useCachedMetrics"),
        ({"minReplicaCount": 6}, ["spec.maxReplicaCount"], "5 is less than minReplicaCount (6)"),
        ({"minReplicaCount": 5}, ["spec.maxReplicaCount"], "so nothing scales"),
        ({"triggers": [SHOWN]}, ["spec.triggers[0].authenticationRef"], "TriggerAuthentication shop/prometheus is neither"),
    ],
)
def test_a_scaled_object_that_keda_refuses_or_that_does_nothing_is_found(spec, paths, text):
    found = findings(*scaled(**spec))
    assert [one.path for one in found if one.check == "autoscaling"] == paths
    assert all(text in one.message for one in found)


def test_zero_by_cpu_alone_and_its_budget_are_found():
    found = findings(*scaled(triggers=[CPU], minReplicaCount=0))
    assert ("autoscaling", "ScaledObject shop/gateway", "spec.minReplicaCount") in brief(found)


def test_an_authentication_of_somebody_else_can_be_declared():
    external = External(frozenset({("TriggerAuthentication", "shop", "prometheus")}))
    assert findings(*scaled(triggers=[SHOWN]), external=external) == []
    shared = {**ASKS, "authenticationRef": {"name": "prometheus", "kind": "ClusterTriggerAuthentication"}}
    assert findings(*scaled(triggers=[shared])) == []


@pytest.mark.parametrize(
    ("shown", "faults"),
    [
        (secret("tokens", "clock"), []),
        (secret("tokens", "other"), ["Secret tokens has no key 'other'; it has: clock"]),
        (secret("gone", "clock"), ["Secret shop/gone is neither in the stack nor declared; create it, or declare it as existing"]),
        ({}, ["gives nothing to show; name a secret, or leave it out"]),
    ],
)
def test_what_is_shown_is_there(shown, faults):
    found = findings(*scaled(triggers=[SHOWN]), authentication(**shown))
    assert [one.message for one in found] == faults


@pytest.mark.parametrize(("least", "budget"), [(1, "spec.maxUnavailable"), (2, None)])
def test_a_budget_counts_the_replicas_that_keda_keeps(least, budget):
    item = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "gateway", "namespace": "shop"},
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "gateway"}}},
    }
    removed = [("PodDisruptionBudget gateway", (), GONE)]
    found = findings(*scaled(minReplicaCount=least), *removed, (None, (), item))
    assert [one.path for one in found if one.check == "disruption"] == ([budget] if budget else [])
