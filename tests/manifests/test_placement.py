import pytest

from mcp_stack.spec.affinity import AffinitySpec

REQUIRED = "required_during_scheduling_ignored_during_execution"
PREFERRED = "preferred_during_scheduling_ignored_during_execution"
NODES = {"match_expressions": [{"key": "disk", "operator": "In", "values": ["ssd"]}], "match_fields": None}
PODS = {"topology_key": "kubernetes.io/hostname", "label_selector": {"match_labels": {"my-App_kind": "x_y"}}}
AFFINITY = {
    "node_affinity": {REQUIRED: {"node_selector_terms": [NODES]}, PREFERRED: [{"weight": 5, "preference": NODES}]},
    "pod_affinity": {REQUIRED: [{**PODS, "namespace_selector": {}}]},
    "pod_anti_affinity": {PREFERRED: [{"weight": 100, "pod_affinity_term": {**PODS, "match_label_keys": ["pod-template-hash"]}}]},
}
SHAPED_PODS = {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"my-App_kind": "x_y"}}}
SHAPED_NODES = {"matchExpressions": [{"key": "disk", "operator": "In", "values": ["ssd"]}]}


@pytest.mark.parametrize("place", ["servers.web", "servers.box", "gateway"])
def test_affinity_is_what_kubernetes_has_and_labels_stay_as_they_are(render, place):
    pod = render({f"{place}.affinity": AFFINITY}).pod(f"test-{place.rpartition('.')[2]}")
    assert pod["affinity"] == {
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [SHAPED_NODES]},
            "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 5, "preference": SHAPED_NODES}],
        },
        "podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{**SHAPED_PODS, "namespaceSelector": {}}]},
        "podAntiAffinity": {
            "preferredDuringSchedulingIgnoredDuringExecution": [
                {"weight": 100, "podAffinityTerm": {**SHAPED_PODS, "matchLabelKeys": ["pod-template-hash"]}}
            ]
        },
    }


@pytest.mark.parametrize(
    ("affinity", "path", "message"),
    [
        ({"nodeAffinity": {}}, "nodeAffinity", "unknown key, did you mean `node_affinity`?"),
        (
            {"node_affinity": {REQUIRED: {"node_selector_terms": []}}},
            f"node_affinity.{REQUIRED}.node_selector_terms",
            "a list: list should have at least 1 item",
        ),
        (
            {"node_affinity": {REQUIRED: {"node_selector_terms": [{}]}}},
            f"node_affinity.{REQUIRED}.node_selector_terms[0]",
            "without a condition no node is meant",
        ),
        (
            {"pod_affinity": {REQUIRED: [{"topology_key": "a"}]}},
            f"pod_affinity.{REQUIRED}[0]",
            "without `label_selector` no pod is meant",
        ),
        (
            {"pod_affinity": {REQUIRED: [{**PODS, "match_label_keys": ["a", "b"], "mismatch_label_keys": ["b"]}]}},
            f"pod_affinity.{REQUIRED}[0]",
            "b: in `match_label_keys` and in `mismatch_label_keys`; remove one of them",
        ),
        ({"pod_affinity": {PREFERRED: [{"weight": 101, "pod_affinity_term": PODS}]}}, f"pod_affinity.{PREFERRED}[0].weight", "101"),
    ],
)
def test_what_the_api_server_would_refuse_is_refused_with_its_path(render, affinity, path, message):
    with pytest.raises(ValueError, match="problem") as refused:
        render({"servers.web.affinity": affinity})
    assert f"servers.web.affinity.{path}: {message}" in str(refused.value)


@pytest.mark.parametrize(
    ("operator", "values", "fits"),
    [
        ("In", ["a"], True),
        ("NotIn", ["a", "b"], True),
        ("In", [], False),
        ("In", None, False),
        ("Exists", None, True),
        ("DoesNotExist", ["a"], False),
        ("Gt", ["5"], True),
        ("Lt", ["-5"], True),
        ("Gt", ["five"], False),
        ("Gt", ["1", "2"], False),
        ("Lt", None, False),
    ],
)
def test_a_condition_has_the_values_that_its_operator_compares_with(operator, values, fits):
    def parse(kind, term):
        expression = {"key": "a", "operator": operator, "values": values}
        return AffinitySpec.model_validate({kind: term(expression)})

    def nodes(expression):
        return {REQUIRED: {"node_selector_terms": [{"match_expressions": [expression]}]}}

    def near(expression):
        return {REQUIRED: [{"topology_key": "a", "label_selector": {"match_expressions": [expression]}}]}

    for kind, term, known in (("node_affinity", nodes, True), ("pod_affinity", near, operator not in ("Gt", "Lt"))):
        if fits and known:
            assert parse(kind, term).shape()
        else:
            with pytest.raises(ValueError, match=r"value"):
                parse(kind, term)


@pytest.mark.parity("mesh.spread")
def test_a_demand_to_spread_has_to_be_asked_for(render):
    usual = render({"servers.web.replicas": 3}).pod("test-web")["topologySpreadConstraints"]
    assert {one["whenUnsatisfiable"] for one in usual} == {"ScheduleAnyway"}
    asked = {"required": True, "over": ["kubernetes.io/hostname"], "max_skew": 2}
    (one,) = render({"servers.web.replicas": 3, "servers.web.spreading": asked}).pod("test-web")["topologySpreadConstraints"]
    assert one["whenUnsatisfiable"] == "DoNotSchedule"
    assert one["nodeTaintsPolicy"] == "Honor", "else a node that the pods may not have would hold back all others"
    assert (one["topologyKey"], one["maxSkew"]) == ("kubernetes.io/hostname", 2)
    assert one["labelSelector"]["matchLabels"]["app.kubernetes.io/name"] == "web"


def test_a_rollout_leaves_its_own_pods_spread(render):
    """Those of the revision that ends would count otherwise, and the new ones lie where they had left room."""
    found = render({"servers.web.replicas": 3}).pod("test-web")["topologySpreadConstraints"]
    assert [one["matchLabelKeys"] for one in found] == [["pod-template-hash"]] * 2


def test_pods_of_a_stateful_set_have_no_revision_to_be_told_by(render):
    stored = {"replicas": 3, "storage": {"replicated": True, "claims": {"data": {"path": "/data", "size": "1Gi"}}}}
    pod = render({f"servers.web.{key}": value for key, value in stored.items()}).stateful("test-web")["template"]["spec"]
    assert pod["topologySpreadConstraints"]
    assert all("matchLabelKeys" not in one for one in pod["topologySpreadConstraints"])


def test_replicas_prefer_nodes_of_their_own_unless_somebody_says_otherwise(render):
    (one,) = render({"servers.web.replicas": 3}).pod("test-web")["affinity"]["podAntiAffinity"][
        "preferredDuringSchedulingIgnoredDuringExecution"
    ]
    assert (one["weight"], one["podAffinityTerm"]["topologyKey"]) == (100, "kubernetes.io/hostname")
    assert one["podAffinityTerm"]["labelSelector"]["matchLabels"]["app.kubernetes.io/name"] == "web"
    zones = {"servers.web.replicas": 3, "servers.web.spreading": {"over": ["topology.kubernetes.io/zone"]}}
    assert "affinity" not in render(zones).pod("test-web")
    own = {"pod_anti_affinity": {REQUIRED: [PODS]}}
    written = render({"servers.web.replicas": 3, "servers.web.affinity": own}).pod("test-web")["affinity"]
    assert list(written["podAntiAffinity"]) == ["requiredDuringSchedulingIgnoredDuringExecution"]


def test_spreading_can_be_left_to_the_scheduler(render):
    pod = render({"servers.web.replicas": 3, "servers.web.spreading": {"enabled": False}}).pod("test-web")
    assert {"topologySpreadConstraints", "affinity"}.isdisjoint(pod)


def test_priority_and_runtime_are_passed_on(render):
    pod = render({"gateway.priority_class": "important", "gateway.runtime_class": "gvisor"}).pod("test-gateway")
    assert (pod["priorityClassName"], pod["runtimeClassName"]) == ("important", "gvisor")
    assert {"priorityClassName", "runtimeClassName", "affinity"}.isdisjoint(render().pod("test-gateway"))


def test_a_toleration_may_end(render):
    given = {"key": "gone", "effect": "NoExecute", "toleration_seconds": 0}
    pod = render({"servers.web.tolerations": [given]}).pod("test-web")
    assert pod["tolerations"] == [{"key": "gone", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 0}]


@pytest.mark.parametrize(
    ("toleration", "message"),
    [
        ({"key": "a", "value": "b"}, "`value` does nothing without `operator: Equal`"),
        ({"operator": "Equal", "value": "b"}, "`operator: Equal` needs a `key`"),
        ({"key": "a", "toleration_seconds": 5}, "`toleration_seconds` does nothing without `effect: NoExecute`"),
    ],
)
def test_tolerations_that_mean_nothing_are_refused(render, toleration, message):
    with pytest.raises(ValueError, match=r"servers\.web\.tolerations\[0\]: ") as refused:
        render({"servers.web.tolerations": [toleration]})
    assert message in str(refused.value)
