"""The Pulumi Kubernetes Operator's Stack of the examples, before a real API server that has the operator's definitions."""

import copy

import pytest
import yaml

from tests.e2e.api import ApiError
from tests.e2e.waiting import until
from tests.judges.stacks import EXAMPLES, ROOT, rendered

OPERATOR = EXAMPLES / "gitops" / "operator"
DEFINITION = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/stacks.pulumi.com"
OPERATORS, OURS = "pulumi-stacks", "mcp-staging"
MANAGER = "e2e-operator"
ACCOUNT = f"system:serviceaccount:{OPERATORS}:mcp-stack-staging"
ROLE_SECONDS = 10
"""The API server hears of a new RoleBinding by its own watch."""

BUILT_IN = {"v1", "apps/v1", "autoscaling/v2", "policy/v1", "networking.k8s.io/v1"}


def documents():
    return [one for path in sorted(OPERATOR.glob("*.yaml")) for one in yaml.safe_load_all(path.read_text("utf-8")) if one]


def the_stack():
    (found,) = [one for one in documents() if one["kind"] == "Stack"]
    return found


@pytest.fixture(scope="module")
def applied(api, definitions, journeys):
    """Everything of the example, as `kubectl apply --server-side` sends it."""
    journeys.over(OURS)
    if api.get(DEFINITION) is None:
        pytest.skip("the cluster has no definition of Stack (pulumi.com/v1); name a directory that has it in $MCP_STACK_CRDS")
    made = [name for name in (OPERATORS, OURS) if api.get(f"/api/v1/namespaces/{name}") is None]
    for name in made:
        api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, MANAGER)
    yield [api.apply(one, MANAGER) for one in documents()]
    api.delete(*map(api.path_of, reversed(documents())))
    api.delete(*(f"/api/v1/namespaces/{name}" for name in made))


@pytest.mark.parity("stack.gitops")
def test_the_operators_stack_is_taken_as_it_is_written(applied, api):
    wanted = the_stack()
    live = api.get(api.path_of(wanted))
    assert {key: live["spec"].get(key) for key in wanted["spec"]} == wanted["spec"]


def unknown_key(spec):
    spec["resyncFrequency"] = 600


def wrong_type(spec):
    spec["resyncFrequencySeconds"] = "600"


def wrong_source(spec):
    spec["envRefs"]["PULUMI_CONFIG_PASSPHRASE"] = {"secret": {"name": "x", "key": "y"}}


@pytest.mark.parametrize("spoil", [unknown_key, wrong_type, wrong_source])
def test_a_stack_that_the_operator_does_not_know_is_refused(applied, api, spoil):
    wrong = copy.deepcopy(the_stack())
    wrong["metadata"]["name"] = "spoiled"
    spoil(wrong["spec"])
    with pytest.raises(ApiError):
        api.apply(wrong, MANAGER)


def may(api, verb, namespace, api_version, kind):
    """Whether the Stack's account may do that, as the API server decides it."""
    group = api_version.rpartition("/")[0]
    asked = {"verb": verb, "group": group, "resource": api.kind(api_version, kind).plural, "namespace": namespace}
    version = "authorization.k8s.io/v1"
    review = {"user": ACCOUNT, "groups": ["system:serviceaccounts"], "resourceAttributes": asked}
    body = {"apiVersion": version, "kind": "SubjectAccessReview", "spec": review}
    answer = api.request("POST", f"/apis/{version}/subjectaccessreviews", body)
    return answer["status"]["allowed"]


@pytest.mark.parity("stack.gitops")
def test_the_stacks_account_may_apply_what_staging_consists_of_there_and_nowhere_else(applied, api):
    until(lambda: may(api, "create", OURS, "v1", "Secret"), ROLE_SECONDS, "the RoleBinding to be heard of")
    kinds = {(one.plain["apiVersion"], one.kind) for one in rendered(ROOT, "staging").objects}
    inside = sorted(one for one in kinds if one[0] in BUILT_IN and one[1] != "Namespace")
    assert inside
    lacking = [(*one, verb) for one in inside for verb in ("create", "patch", "delete") if not may(api, verb, OURS, *one)]
    assert lacking == [], "docs/gitops.md says that `edit` is enough for these"
    assert [one for one in inside if may(api, "create", "default", *one)] == []
    assert not may(api, "create", "", "v1", "Namespace"), "so that the stack says namespace: {create: false}"
