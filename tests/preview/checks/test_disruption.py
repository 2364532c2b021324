"""Budgets that protect something and let nodes be drained."""

import pytest

from tests.preview.checks.sound import SOUND, expect, find, findings

BUDGET = "PodDisruptionBudget gateway"
TITLE = "PodDisruptionBudget shop/gateway"
SELECTOR = {"matchLabels": {"app": "gateway"}}


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        ({"minAvailable": 2}, "spec.minAvailable", "2 of Deployment shop/gateway's 2 replica(s) leaves none to evict"),
        ({"minAvailable": "51%"}, "spec.minAvailable", "leaves none to evict"),
        ({"minAvailable": "100%"}, "spec.minAvailable", "leaves none to evict"),
        ({"maxUnavailable": 0}, "spec.maxUnavailable", "0 forbids every eviction"),
        ({"maxUnavailable": "0%"}, "spec.maxUnavailable", "'0%' forbids every eviction"),
        ({"maxUnavailable": 2}, "spec.maxUnavailable", "2 allows all 2 replica(s)"),
        ({}, "spec", "says neither minAvailable nor maxUnavailable"),
    ],
)
def test_a_budget_that_blocks_or_protects_nothing_is_found(rule, path, text):
    expect("disruption", [(BUDGET, ("spec",), {**rule, "selector": SELECTOR})], [(TITLE, path, text)])


@pytest.mark.parametrize("rule", [{"minAvailable": 1}, {"minAvailable": "50%"}, {"maxUnavailable": 1}, {"maxUnavailable": "50%"}])
def test_a_budget_that_leaves_one_to_evict_is_sound(rule):
    assert findings((BUDGET, ("spec",), {**rule, "selector": SELECTOR})) == []


def test_the_fewest_replicas_count_not_the_most():
    found = findings(("HorizontalPodAutoscaler gateway", ("spec", "minReplicas"), 1))
    assert [finding.message.partition(" of ")[0] for finding in found] == ["1 allows all 1 replica(s)"]


def test_two_budgets_for_the_same_pods_are_found():
    second = {**find(SOUND, BUDGET), "metadata": {"name": "second", "namespace": "shop"}}
    expect("disruption", [(None, (), second)], [("PodDisruptionBudget shop/second", "spec.selector", f"already has {TITLE}")])
