"""Rights that nobody has, or that nobody uses."""

import pytest

from tests.judges.stacks import NAMES, STACKS, manifests
from tests.preview.checks.sound import POD, brief, findings

RULE = {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "update"], "resourceNames": ["gateway"]}
API = "rbac.authorization.k8s.io"


def role(*rules, kind="Role"):
    metadata = {"name": "leads", **({"namespace": "shop"} if kind == "Role" else {})}
    return (None, (), {"apiVersion": f"{API}/v1", "kind": kind, "metadata": metadata, "rules": list(rules)})


def binding(account="gateway", kind="Role"):
    return (
        None,
        (),
        {
            "apiVersion": f"{API}/v1",
            "kind": "RoleBinding",
            "metadata": {"name": "leads", "namespace": "shop"},
            "roleRef": {"apiGroup": API, "kind": kind, "name": "leads"},
            "subjects": [{"kind": "ServiceAccount", "name": account}],
        },
    )


NO_TOKEN = ("Deployment gateway", (*POD, "automountServiceAccountToken"), False)
NO_TOKEN_BY_ACCOUNT = ("ServiceAccount gateway", ("automountServiceAccountToken",), False)


def test_a_right_that_is_bound_and_used_is_sound():
    create = {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["create"]}
    assert findings(role(RULE, create), binding()) == []


@pytest.mark.parametrize("off", [NO_TOKEN, NO_TOKEN_BY_ACCOUNT])
def test_rights_of_an_account_whose_pods_have_no_token_are_found(off):
    assert brief(findings(role(RULE), binding(), off)) == [("rights", "RoleBinding shop/leads", "subjects[0]")]


def test_people_need_no_pods():
    (_, _, bound) = binding()
    people = {**bound, "subjects": [{"kind": "User", "name": "ada"}]}
    assert findings(role(RULE), (None, (), people)) == []


def test_a_role_that_nobody_has_is_found():
    assert brief(findings(role(RULE))) == [("rights", "Role shop/leads", "")]
    assert findings(role(RULE, kind="ClusterRole")) == [], "others may bind it"


def test_a_token_that_gives_no_right_is_found():
    on = ("Deployment gateway", (*POD, "automountServiceAccountToken"), True)
    assert brief(findings(on)) == [("rights", "Deployment shop/gateway", "spec.template.spec.automountServiceAccountToken")]
    assert findings(on, role(RULE), binding()) == []


@pytest.mark.parity("mesh.next-rbac")
@pytest.mark.parametrize(("directory", "stack"), STACKS, ids=NAMES)
def test_no_stack_of_ours_has_rights_or_tokens(directory, stack):
    """Nothing that is deployed today calls the Kubernetes API."""
    objects = manifests(directory, stack)
    assert [one["kind"] for one in objects if one["apiVersion"].startswith(API)] == []
    accounts = {one["metadata"]["name"]: one for one in objects if one["kind"] == "ServiceAccount"}
    assert all(one["automountServiceAccountToken"] is False for one in accounts.values())
    owners = [one["spec"] for one in objects if one["kind"] in ("Deployment", "StatefulSet")]
    owners += [one["spec"]["jobTemplate"]["spec"] for one in objects if one["kind"] == "CronJob"]
    pods = [one["template"]["spec"] for one in owners]
    assert all(one["automountServiceAccountToken"] is False for one in pods)
    assert {one["serviceAccountName"] for one in pods} == set(accounts), "an account for each, and none without pods"
