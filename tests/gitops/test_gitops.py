"""What examples/gitops and the workflows say is what the tools take, and the parts fit each other."""

import os
from pathlib import Path

import jsonschema
import pytest
import yaml
from kubernetes_validate import utils

from mcp_stack.preview import render
from mcp_stack.preview.documents import write
from tests.judges.schemas import CRDS, VERSIONS, definition_schemas

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "gitops"
WORKFLOWS = ROOT / ".github" / "workflows"
ENVIRONMENTS = ("staging", "production")


def documents(path):
    return [one for one in yaml.safe_load_all(path.read_text(encoding="utf-8")) if one]


EVERY = [(path.relative_to(EXAMPLES), one) for path in sorted(EXAMPLES.rglob("*.yaml")) for one in documents(path)]


@pytest.fixture(scope="module")
def schemas():
    """Strict schemas of the definitions in $MCP_STACK_CRDS, else beside the repository."""
    directory = Path(os.environ.get(CRDS, ROOT.parent / "shared" / "crds"))
    found = {}
    for path in sorted(directory.glob("*.yaml")) if directory.is_dir() else []:
        text = path.read_text(encoding="utf-8")
        if any(group in text[:2000] for group in ("pulumi.com", "toolkit.fluxcd.io", "argoproj.io")):
            for one in yaml.load_all(text, yaml.CSafeLoader):
                found.update(definition_schemas(one))
    return found


@pytest.mark.parametrize(("path", "item"), EVERY, ids=[f"{path}-{item['kind']}" for path, item in EVERY])
@pytest.mark.parity("stack.gitops")
def test_every_object_is_valid_strictly(path, item, schemas):
    if item["apiVersion"] == "v1" or item["apiVersion"].startswith("rbac."):
        for version in VERSIONS:
            utils.validate(item, version, strict=True)
        return
    schema = schemas.get((item["apiVersion"], item["kind"]))
    if schema is None:
        pytest.skip(f"no definition of {item['kind']} of {item['apiVersion']}; name a directory that has it in ${CRDS}")
    assert [fault.message for fault in jsonschema.Draft202012Validator(schema).iter_errors(item)] == []


def of(kind):
    return {item["metadata"]["name"]: item["spec"] for _, item in EVERY if item["kind"] == kind}


@pytest.mark.parity("stack.gitops")
def test_flux_reads_every_five_minutes_and_tries_what_fails_three_times_before_the_next_turn():
    (source,) = of("GitRepository").values()
    assert (source["interval"], source["ref"]) == ("5m", {"branch": "rendered"})
    kustomizations = of("Kustomization")
    assert set(kustomizations) == {f"mcp-stack-{name}" for name in ENVIRONMENTS}
    for spec in kustomizations.values():
        assert int(spec["interval"][:-1]) // int(spec["retryInterval"][:-1]) == 3
        assert (spec["prune"], spec["wait"]) == (True, True)


@pytest.mark.parity("stack.gitops")
def test_each_environment_is_read_from_where_the_workflow_writes_it():
    text = (WORKFLOWS / "render.yml").read_text(encoding="utf-8")
    assert f"for stack in {' '.join(ENVIRONMENTS)}; do" in text
    assert 'render --stack "$stack" --out "$RUNNER_TEMP/rendered/$stack"' in text
    assert "HEAD:refs/heads/rendered" in text
    for name in ENVIRONMENTS:
        assert of("Kustomization")[f"mcp-stack-{name}"]["path"] == f"./{name}"
        source = of("Application")[f"mcp-stack-{name}"]["source"]
        assert (source["targetRevision"], source["path"]) == ("rendered", name)


def test_argo_tries_three_times():
    assert {spec["syncPolicy"]["retry"]["limit"] for spec in of("Application").values()} == {3}


@pytest.mark.parity("stack.gitops")
def test_the_operator_runs_with_an_account_and_an_image_of_its_own():
    (stack,) = of("Stack").values()
    accounts = {item["metadata"]["name"] for _, item in EVERY if item["kind"] == "ServiceAccount"}
    assert stack["serviceAccountName"] in accounts
    assert "@sha256:" in stack["workspaceTemplate"]["spec"]["image"]
    assert stack["workspaceTemplate"]["spec"]["securityProfile"] == "restricted"
    assert all(one["type"] == "Secret" for one in stack["envRefs"].values())


@pytest.mark.parametrize("stack", ENVIRONMENTS)
def test_a_rendered_environment_is_manifests_alone(tmp_path, stack):
    """Flux and Argo take every file of the directory."""
    files = write(render(ROOT / "examples" / "environments", stack).objects, tmp_path)
    assert {path.suffix for path in files} == {".yaml"}
    assert all({"apiVersion", "kind", "metadata"} <= one.keys() for path in files for one in documents(path))


SECRETS = {"KUBECONFIG", "PULUMI_ACCESS_TOKEN", "PULUMI_CONFIG_PASSPHRASE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}


@pytest.mark.parity("stack.gitops")
def test_credentials_are_never_there_for_forks():
    for path in WORKFLOWS.glob("*.yml"):
        workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
        for job in workflow["jobs"].values():
            if "secrets." in str(job):
                assert "head.repo.full_name == github.repository" in job["if"], path
                assert "pull_request_target" not in str(workflow[True])  # YAML reads `on` as true
    text = (WORKFLOWS / "pulumi-preview.yml").read_text(encoding="utf-8")
    assert all(f"secrets.{name}" in text for name in SECRETS)
