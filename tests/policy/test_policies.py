"""Each policy bites, and what is right passes."""

from pathlib import Path

import pytest

from mcp_stack_policy import POLICIES, UNKNOWN, Object, Sensitive, configuration, disruption, judge
from tests.policy.program import CONTAINER, DEPLOYMENT, GONE, POD, WEB, broken, judged, made, objects

SPEC = "spec.template.spec"
ITEM = "Deployment shop/web"


def test_a_program_without_fault_breaks_nothing():
    assert judged() == []


def test_every_policy_says_what_has_to_hold_and_what_to_do():
    for policy in POLICIES:
        assert policy.title.endswith("."), policy.name
        assert not policy.remedy.endswith("."), policy.name
        assert all("description" in option.schema and "default" in option.schema for option in policy.options.values())
    assert len({policy.name for policy in POLICIES}) == len(POLICIES)


@pytest.mark.parametrize(
    ("image", "config", "hit"),
    [
        ("acme/web", {}, True),
        ("registry.example.com:5000/acme/web", {}, True),
        ("acme/web:latest", {}, True),
        ("acme/web:main", {}, True),
        ("acme/web:1.2.3", {}, False),
        ("acme/web:latest@sha256:" + "a" * 64, {}, False),
        ("acme/web@sha256:" + "a" * 64, {"require_digest": True}, False),
        ("acme/web:1.2.3", {"require_digest": True}, True),
        ("acme/web:main", {"moving_tags": ["latest"]}, False),
        (UNKNOWN, {}, False),
    ],
)
def test_images_are_pinned(image, config, hit):
    edits = [(DEPLOYMENT, (*POD, "initContainers"), []), (DEPLOYMENT, (*WEB, "image"), image)]
    assert broken("pinned-images", *edits, config={"pinned-images": config}) == ([(ITEM, f"{CONTAINER}.image")] if hit else [])


@pytest.mark.parametrize(
    ("resources", "config", "paths"),
    [
        ({}, {}, ["requests", "limits"]),
        ({"requests": {"cpu": "1", "memory": "1Gi"}}, {}, ["limits"]),
        ({"limits": {"cpu": "1", "memory": "1Gi"}}, {}, []),
        ({"limits": {"memory": "1Gi"}}, {}, ["requests"]),
        ({"limits": {"memory": "1Gi"}, "requests": {"cpu": UNKNOWN}}, {}, []),
        ({"limits": {"memory": "1Gi"}, "requests": {"cpu": "1"}}, {"limits": ["cpu", "memory"]}, ["limits"]),
        ({}, {"limits": [], "requests": []}, []),
    ],
)
def test_containers_say_what_they_need(resources, config, paths):
    edits = [(DEPLOYMENT, (*POD, "initContainers"), []), (DEPLOYMENT, (*WEB, "resources"), resources)]
    found = broken("container-resources", *edits, config={"container-resources": config})
    assert found == [(ITEM, f"{CONTAINER}.resources.{path}") for path in paths]


def test_resources_of_the_pod_as_a_whole_count():
    edits = [(DEPLOYMENT, (*WEB, "resources"), {}), (DEPLOYMENT, (*POD, "resources"), {"limits": {"cpu": "1", "memory": "1Gi"}})]
    assert broken("container-resources", *edits) == []


def test_containers_that_serve_are_probed():
    assert broken("probes", (DEPLOYMENT, (*WEB, "livenessProbe"), GONE)) == [(ITEM, CONTAINER)]
    only = {"probes": {"required": ["readinessProbe"]}}
    assert broken("probes", (DEPLOYMENT, (*WEB, "livenessProbe"), GONE), config=only) == []
    pod = objects()[2].manifest["spec"]["template"]["spec"]
    bare = {key: value for key, value in pod["containers"][0].items() if not key.endswith("Probe")}
    job = {"template": {"metadata": {"labels": {"app": "web"}}, "spec": {**pod, "containers": [bare]}}}
    assert judged(made("Job", "batch/v1", spec=job)) == []
    assert judged(made("CronJob", "batch/v1", spec={"jobTemplate": {"spec": job}})) == []


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ((*POD, "hostNetwork"), True, f"{SPEC}.hostNetwork"),
        ((*POD, "hostPID"), True, f"{SPEC}.hostPID"),
        ((*POD, "hostIPC"), True, f"{SPEC}.hostIPC"),
        ((*POD, "securityContext", "seccompProfile"), {"type": "Unconfined"}, f"{SPEC}.securityContext.seccompProfile"),
        (
            (*POD, "securityContext", "windowsOptions"),
            {"hostProcess": True},
            f"{SPEC}.securityContext.windowsOptions.hostProcess",
        ),
        ((*WEB, "securityContext", "appArmorProfile"), {"type": "Unconfined"}, f"{CONTAINER}.securityContext.appArmorProfile"),
        ((*WEB, "securityContext", "procMount"), "Unmasked", f"{CONTAINER}.securityContext.procMount"),
        ((*POD, "volumes", 2), {"name": "node", "hostPath": {"path": "/"}}, f"{SPEC}.volumes[node].hostPath"),
        ((*POD, "securityContext", "runAsUser"), 0, f"{SPEC}.securityContext.runAsUser"),
        ((*WEB, "securityContext", "privileged"), True, f"{CONTAINER}.securityContext.privileged"),
        ((*WEB, "securityContext", "allowPrivilegeEscalation"), True, f"{CONTAINER}.securityContext.allowPrivilegeEscalation"),
        ((*WEB, "securityContext", "capabilities", "add"), ["SYS_ADMIN"], f"{CONTAINER}.securityContext.capabilities.add"),
        ((*WEB, "securityContext", "runAsUser"), 0, f"{CONTAINER}.securityContext.runAsUser"),
        ((*WEB, "ports", 0, "hostPort"), 80, f"{CONTAINER}.ports[0].hostPort"),
    ],
)
def test_pods_have_no_rights_on_their_node(path, value, place):
    assert broken("host-access", (DEPLOYMENT, path, value)) == [(ITEM, place)]


def test_a_capability_may_be_allowed():
    edit = (DEPLOYMENT, (*WEB, "securityContext", "capabilities", "add"), ["NET_ADMIN"])
    assert broken("host-access", edit, config={"host-access": {"capabilities": ["NET_ADMIN"]}}) == []


def test_a_token_is_mounted_only_where_a_role_is_bound():
    place = [(ITEM, f"{SPEC}.automountServiceAccountToken")]
    mounted = (DEPLOYMENT, (*POD, "automountServiceAccountToken"), True)
    assert broken("mounted-tokens", mounted) == place
    assert broken("mounted-tokens", ("ServiceAccount web", ("automountServiceAccountToken",), GONE)) == place
    assert broken("mounted-tokens", (DEPLOYMENT, (*POD, "serviceAccountName"), GONE)) == place
    assert broken("mounted-tokens", mounted, ("RoleBinding web", ("subjects", 0, "name"), "web")) == []
    assert broken("mounted-tokens", mounted, ("RoleBinding web", ("subjects",), [{"kind": "ServiceAccount", "name": "web"}])) == []
    assert broken("mounted-tokens", (DEPLOYMENT, (*POD, "automountServiceAccountToken"), UNKNOWN)) == []


@pytest.mark.parametrize(
    ("spec", "paths"),
    [
        ({"maxUnavailable": 0}, ["spec.maxUnavailable"]),
        ({"maxUnavailable": "0%"}, ["spec.maxUnavailable"]),
        ({"maxUnavailable": "25%"}, []),
        ({"maxUnavailable": UNKNOWN}, []),
        ({"minAvailable": 1}, []),
        ({"minAvailable": 2}, ["spec.minAvailable"]),
        ({"minAvailable": "50%"}, []),
        ({"minAvailable": "51%"}, ["spec.minAvailable"]),
        ({"minAvailable": "100%"}, ["spec.minAvailable"]),
    ],
)
def test_budgets_let_nodes_be_drained(spec, paths):
    edit = ("PodDisruptionBudget web", ("spec",), {"selector": {"matchLabels": {"app": "web"}}, **spec})
    assert broken("blocked-drains", edit) == [("PodDisruptionBudget shop/web", path) for path in paths]


def test_pods_have_one_budget_and_a_single_pod_none():
    second = made("PodDisruptionBudget", "policy/v1", spec={"maxUnavailable": 1, "selector": {}})
    assert broken("blocked-drains", second) == [("PodDisruptionBudget shop/web", "spec.selector")]
    least = ("PodDisruptionBudget web", ("spec",), {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}})
    alone = ("HorizontalPodAutoscaler web", (), None)
    assert broken("blocked-drains", least, alone) == [("PodDisruptionBudget shop/web", "spec.minAvailable")]
    unknown = ("HorizontalPodAutoscaler web", ("spec", "minReplicas"), UNKNOWN)
    assert broken("blocked-drains", least, unknown) == []


def test_a_budget_without_a_selector_holds_nobody_up():
    whose = ("PodDisruptionBudget web", ("spec",), {"minAvailable": 1})
    assert broken("blocked-drains", whose, ("HorizontalPodAutoscaler web", (), None)) == []


def test_each_budget_meets_each_workload_once_however_many_budgets_there_are(monkeypatch):
    asked = []
    monkeypatch.setattr(disruption, "selects", lambda selector, labels: asked.append(selector) or False)
    budgets = [made("PodDisruptionBudget", "policy/v1", f"more-{number}", spec={"selector": {}}) for number in range(20)]
    assert broken("blocked-drains", *budgets) == []
    assert len(asked) == 21, "one workload, the program's own budget and twenty more"


def scaled(**fields):
    return made("ScaledObject", "keda.sh/v1alpha1", spec={"scaleTargetRef": {"name": "web"}, **fields})


def test_the_number_of_pods_has_one_owner():
    fixed = (DEPLOYMENT, ("spec", "replicas"), 3)
    assert broken("autoscaled-replicas", fixed) == [(ITEM, "spec.replicas")]
    assert broken("autoscaled-replicas", fixed, ("HorizontalPodAutoscaler web", (), None)) == []
    assert broken("autoscaled-replicas", fixed, ("HorizontalPodAutoscaler web", (), None), scaled()) == [(ITEM, "spec.replicas")]


def test_servers_that_keep_data_have_one_pod():
    claim = (DEPLOYMENT, (*POD, "volumes", 2), {"name": "data", "persistentVolumeClaim": {"claimName": "data"}})
    place = [(ITEM, f"{SPEC}.volumes[data].persistentVolumeClaim")]
    one_node = made("PersistentVolumeClaim", name="data", spec={"accessModes": ["ReadWriteOnce"]})
    assert broken("scaled-storage", claim) == []  # a claim of somebody else, of which nobody here knows
    assert broken("scaled-storage", claim, one_node) == place
    assert (
        broken("scaled-storage", claim, made("PersistentVolumeClaim", name="data", spec={"accessModes": ["ReadWriteMany"]})) == []
    )
    alone = ("HorizontalPodAutoscaler web", (), None)
    assert broken("scaled-storage", claim, one_node, alone) == []
    assert broken("scaled-storage", claim, one_node, alone, ("PodDisruptionBudget web", (), None), scaled()) == place
    assert broken("scaled-storage", claim, one_node, ("HorizontalPodAutoscaler web", ("spec", "maxReplicas"), UNKNOWN)) == []
    pod = objects()[2].manifest["spec"]["template"]
    stateful = made("StatefulSet", "apps/v1", spec={"replicas": 2, "template": pod, "volumeClaimTemplates": [{}]})
    assert broken("scaled-storage", stateful) == [("StatefulSet shop/one", "spec.volumeClaimTemplates")]


@pytest.mark.parametrize(
    ("rule", "paths"),
    [
        ({"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}, ["rules[0].verbs", "rules[0].resources", "rules[0].apiGroups"]),
        ({"nonResourceURLs": ["*"], "verbs": ["get"]}, ["rules[0].nonResourceURLs"]),
        ({"apiGroups": [""], "resources": ["users"], "verbs": ["impersonate"]}, ["rules[0].verbs"]),
        ({"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}, []),
    ],
)
def test_roles_name_what_they_give(rule, paths):
    edit = made("ClusterRole", "rbac.authorization.k8s.io/v1", rules=[rule])
    assert broken("rbac-wildcards", edit) == [("ClusterRole shop/one", path) for path in paths]


def test_bindings_name_whom_they_give_it():
    admin = ("RoleBinding web", ("roleRef", "name"), "cluster-admin")
    assert broken("rbac-wildcards", admin) == [("RoleBinding shop/web", "roleRef")]
    everybody = ("RoleBinding web", ("subjects", 0), {"kind": "Group", "name": "system:authenticated"})
    assert broken("rbac-wildcards", everybody) == [("RoleBinding shop/web", "subjects[0]")]


SECRETS = [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}]
RBAC = "rbac.authorization.k8s.io/v1"


def bound(kind):
    return made(kind, RBAC, name="bound", roleRef={"kind": "ClusterRole", "name": "one"}, subjects=[])


def test_whoever_reads_secrets_names_them():
    assert broken("secret-scope", ("Role web", ("rules", 0, "resourceNames"), GONE)) == [
        ("Role shop/web", "rules[0].resourceNames")
    ]
    creating = made("Role", RBAC, rules=[{"apiGroups": [""], "resources": ["secrets"], "verbs": ["create"]}])
    assert broken("secret-scope", creating) == []
    role, named = (
        made("ClusterRole", RBAC, rules=SECRETS),
        made("ClusterRole", RBAC, rules=[{**SECRETS[0], "resourceNames": ["a"]}]),
    )
    assert broken("secret-scope", role) == [("ClusterRole shop/one", "rules[0]")]
    assert broken("secret-scope", named, bound("ClusterRoleBinding")) == [("ClusterRole shop/one", "rules[0]")]
    assert broken("secret-scope", role, bound("RoleBinding")) == [("ClusterRole shop/one", "rules[0].resourceNames")]
    assert broken("secret-scope", named, bound("RoleBinding")) == []


def test_a_store_of_the_cluster_says_which_namespaces_it_serves():
    store = made("ClusterSecretStore", "external-secrets.io/v1", spec={"provider": {}})
    assert broken("secret-scope", store) == [("ClusterSecretStore shop/one", "spec.conditions")]
    store = made("ClusterSecretStore", "external-secrets.io/v1", spec={"conditions": [{"namespaces": ["shop"]}]})
    assert broken("secret-scope", store) == []


def test_every_pod_has_a_network_policy():
    assert broken("unguarded-pods", ("NetworkPolicy web", ("metadata", "namespace"), "other")) == [(ITEM, SPEC)]
    for expression in ({"operator": "NotIn", "values": ["web"]}, {"operator": "DoesNotExist"}, {"operator": "Unheard"}):
        edit = ("NetworkPolicy web", ("spec", "podSelector", "matchExpressions"), [{"key": "app", **expression}])
        assert broken("unguarded-pods", edit) == [(ITEM, SPEC)]
    assert broken("unguarded-pods", ("NetworkPolicy web", ("spec", "podSelector"), {"matchLabels": {"app": "db"}})) == [
        (ITEM, SPEC)
    ]
    assert broken("unguarded-pods", ("NetworkPolicy web", ("spec", "podSelector"), {})) == []
    assert judged(("NetworkPolicy web", (), None), (DEPLOYMENT, (*POD, "hostNetwork"), True))[0][0] == "host-access"


def test_what_a_patch_leaves_out_is_not_missing():
    patch = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}}
    patch["spec"] = {"template": {"spec": {"containers": [{"name": "web", "securityContext": {"privileged": True}}]}}}
    found = list(judge([Object(patch, partial=True)], configuration({})))
    assert [one.policy.name for one in found] == ["host-access"]
    assert "Deployment web" in repr(found[0].violation.object.title)


def test_nothing_is_said_of_what_nobody_can_know():
    for path in ((*POD,), ("spec",), (*POD, "containers"), (*WEB, "env"), (*WEB, "securityContext")):
        names = {name for name, *_ in judged((DEPLOYMENT, path, UNKNOWN))}
        assert names <= {"unguarded-pods", "mounted-tokens"}, path
    assert repr(UNKNOWN) == "UNKNOWN"
    assert "hush" not in repr(Sensitive("hush"))


def test_the_page_names_every_policy_its_level_and_its_settings():
    page = (Path(__file__).parents[2] / "docs" / "policies.md").read_text(encoding="utf-8")
    rows = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `")}
    assert list(rows) == [policy.name for policy in POLICIES]
    for policy in POLICIES:
        cells = rows[policy.name].split(" | ")
        assert cells[2] == policy.level
        assert set(cells[3].replace("`", "").strip(" |").split(", ")) - {""} == set(policy.own)
    together = page.partition("Those that compare objects (")[2].partition(")")[0]
    assert {name.strip("` \n") for name in together.split(",")} == {policy.name for policy in POLICIES if policy.whole}
