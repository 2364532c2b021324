"""Every shipped stack before every judge."""

import pytest

from mcp_stack.preview.checking import check_stack
from mcp_stack.preview.documents import write
from tests.judges import kube_linter, kube_score, trivy, yamllint
from tests.judges.checkov import complaints, reports
from tests.judges.schemas import CRDS, VERSIONS, schema_faults, unjudged
from tests.judges.stacks import NAMES, STACKS, manifests, rendered

EVERY = pytest.mark.parametrize(("directory", "stack"), STACKS, ids=NAMES)

ONLY = {"generators.external-secrets.io/v1alpha1", "keda.sh/v1alpha1", "secrets.infisical.com/v1beta1"}
"""Interfaces whose projects have published no later version, and keep what they call so stable."""

SEED_EXAMPLES = {"mongodb", "rest-api", "shared-secret", "streaming-server", "side-by-side", "environments"}
"""The examples of seed 003's page, in its order."""


@pytest.mark.parity("stack.kubernetes-versions")
@pytest.mark.parametrize("version", VERSIONS)
@EVERY
def test_every_object_is_valid_strictly_in_every_supported_version(directory, stack, version):
    objects = manifests(directory, stack)
    known = [item for item in objects if not unjudged(item)]
    faults = {f"{item['kind']} {item['metadata']['name']}": schema_faults(item, version) for item in known}
    assert {title: found for title, found in faults.items() if found} == {}
    if missing := sorted({item["kind"] for item in objects if item not in known}):
        pytest.skip(f"no definition of {', '.join(missing)} here; name a directory in ${CRDS}")


@pytest.mark.parity("stack.kubernetes-versions")
@EVERY
def test_no_object_uses_an_interface_that_is_not_stable(directory, stack):
    versions = {item["apiVersion"] for item in manifests(directory, stack)} - ONLY
    assert {version.rpartition("/")[2] for version in versions} <= {"v1", "v2"}


@EVERY
def test_objects_fit_together_and_pods_run_restricted(directory, stack):
    assert [str(finding) for finding in check_stack(directory, stack) if finding.fails] == []


@pytest.fixture(scope="module")
def checkov_reports(tmp_path_factory):
    """checkov's report of each stack."""
    directories = [tmp_path_factory.mktemp(name) for name in NAMES]
    for directory, (project, stack) in zip(directories, STACKS, strict=True):
        write(rendered(project, stack).objects, directory)
    return dict(zip(NAMES, reports(directories), strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_checkov_fails_nothing_and_nothing_is_waived(checkov_reports, name):
    assert complaints(checkov_reports[name]) == []


@pytest.mark.skipif(kube_score.program() is None, reason="kube-score is not here: it is built where Go is")
@EVERY
def test_kube_score_has_nothing_to_say_but_what_the_stack_file_chose(directory, stack, tmp_path):
    write(rendered(directory, stack).objects, tmp_path)
    assert kube_score.complaints(tmp_path, directory.name) == []


@pytest.mark.skipif(trivy.program() is None, reason="trivy's checks are not here: they are built where Go is")
@EVERY
def test_trivys_checks_find_nothing(directory, stack):
    assert trivy.complaints(manifests(directory, stack), directory.name) == []


@pytest.mark.skipif(trivy.program() is None, reason="trivy's checks are not here: they are built where Go is")
def test_trivys_checks_see_what_is_wrong():
    pod = {"containers": [{"name": "bad", "image": "bad", "securityContext": {"privileged": True}}]}
    bad = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "bad", "namespace": "bad"}, "spec": pod}
    found = {line.split()[0] for line in trivy.complaints([bad])}
    assert found >= {"KSV001", "KSV003", "KSV011", "KSV012", "KSV014", "KSV017", "KSV020", "KSV030", "KSV104"}


@EVERY
def test_yamllint_has_nothing_to_say(directory, stack, tmp_path):
    write(rendered(directory, stack).objects, tmp_path)
    assert yamllint.complaints(tmp_path) == []


@EVERY
def test_the_default_rules_of_kube_linter_hold(directory, stack):
    assert kube_linter.complaints(manifests(directory, stack)) == []


@EVERY
def test_no_object_carries_a_waiver(directory, stack):
    annotations = [key for item in manifests(directory, stack) for key in item["metadata"].get("annotations", {})]
    assert [key for key in annotations if key.startswith(("checkov.io/skip", "kube-score/ignore"))] == []


@pytest.mark.parity("stack.examples")
def test_every_example_of_the_seed_is_a_stack_that_is_judged():
    judged = {directory.name for directory, _ in STACKS}
    assert judged >= SEED_EXAMPLES
    assert {stack for directory, stack in STACKS if directory.name == "environments"} == {"staging", "production"}


@EVERY
def test_a_stack_has_pods_to_judge(directory, stack):
    kinds = {item["kind"] for item in manifests(directory, stack)}
    assert {"Deployment", "ServiceAccount", "NetworkPolicy"} <= kinds
