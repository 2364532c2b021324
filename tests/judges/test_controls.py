"""Each judge bites: it is shown a fault that it has to find."""

from copy import deepcopy

import pytest
import yaml

from mcp_stack.preview.checks import check_objects
from mcp_stack.preview.documents import stream
from mcp_stack.preview.rendered import KubeObject
from tests.judges import kube_linter
from tests.judges.checkov import complaints, reports
from tests.judges.schemas import VERSIONS, definition_schemas, schema_faults
from tests.judges.stacks import ROOT, manifests


@pytest.fixture
def objects():
    """A sound stack, to be spoiled."""
    return deepcopy(manifests(ROOT, "production"))


def one(objects, kind):
    return next(item for item in objects if item["kind"] == kind)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("kind", "spoil"),
    [
        ("Deployment", lambda item: item["spec"].update(replica=1)),
        ("Deployment", lambda item: item["spec"]["template"]["spec"]["containers"][0].update(imagePullpolicy="Always")),
        ("Service", lambda item: item["spec"].update(ports="http")),
        ("Service", lambda item: item.update(kind="Servicee")),
        ("PodDisruptionBudget", lambda item: item.update(apiVersion="policy/v1beta1")),
        ("HTTPRoute", lambda item: item["spec"].update(hostname="mcp.example.com")),
        ("HTTPRoute", lambda item: item["spec"]["rules"][0]["timeouts"].update(request="0")),
        ("HTTPRoute", lambda item: item["spec"]["rules"][0].update(retry={"attempts": 2})),
        ("HTTPRoute", lambda item: item.update(apiVersion="gateway.networking.k8s.io/v9")),
    ],
)
def test_a_schema_refuses_a_spoiled_object(objects, version, kind, spoil):
    item = one(objects, kind)
    assert schema_faults(item, version) == []
    spoil(item)
    assert schema_faults(item, version) != []


def test_a_kind_without_a_schema_is_a_fault():
    (fault,) = schema_faults({"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "a"}}, VERSIONS[0])
    assert fault.startswith("no schema for Thing of example.com/v1")


DEFINITION = """
kind: CustomResourceDefinition
spec:
  group: example.com
  names: {kind: Thing}
  versions:
    - name: v1
      served: true
      schema:
        openAPIV3Schema:
          properties:
            apiVersion: {type: string}
            kind: {type: string}
            metadata: {type: object}
            spec:
              properties:
                size: {enum: [small, large]}
                extra: {type: object, properties: {a: {type: string}}, x-kubernetes-preserve-unknown-fields: true}
    - {name: v1beta1, served: false}
"""


def test_a_definition_that_was_found_is_made_strict(monkeypatch, tmp_path):
    monkeypatch.setenv("MCP_STACK_CRDS", str(tmp_path))
    (tmp_path / "things.yaml").write_text(DEFINITION)
    from tests.judges import schemas

    forget(schemas)
    try:
        thing = {
            "apiVersion": "example.com/v1",
            "kind": "Thing",
            "metadata": {"name": "a"},
            "spec": {"size": "small", "extra": {"b": 1}},
        }
        assert schema_faults(thing, VERSIONS[0]) == []
        assert schema_faults({**thing, "spec": {"size": "huge"}}, VERSIONS[0]) == [
            "spec.size: 'huge' is not one of ['small', 'large']"
        ]
        assert len(schema_faults({**thing, "spec": {"sise": "small"}}, VERSIONS[0])) == 1
        assert len(schema_faults({**thing, "apiVersion": "example.com/v1beta1"}, VERSIONS[0])) == 1
    finally:
        forget(schemas)


def forget(schemas):
    schemas.custom_schemas.cache_clear()
    schemas.definitions.cache_clear()


def test_only_definitions_are_read():
    assert list(definition_schemas({"kind": "ConfigMap"})) == []
    assert list(definition_schemas(None)) == []


SPOILED = {
    "root": lambda pod: pod["securityContext"].update(runAsUser=0, runAsNonRoot=False),
    "privileged": lambda pod: pod["containers"][0]["securityContext"].update(privileged=True),
    "latest": lambda pod: pod["containers"][0].update(image="acme/web:latest"),
    "no limits": lambda pod: pod["containers"][0].pop("resources"),
}


@pytest.fixture(scope="module")
def spoiled_reports(tmp_path_factory):
    """checkov's report of a stack, once per fault; of one that holds nothing; of one with a waiver."""
    directories = {}
    for name, spoil in SPOILED.items():
        objects = deepcopy(manifests(ROOT, "production"))
        spoil(one(objects, "Deployment")["spec"]["template"]["spec"])
        directories[name] = _written(tmp_path_factory, objects)
    directories["empty"] = _written(
        tmp_path_factory, [{"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "a"}}]
    )
    waived = deepcopy(manifests(ROOT, "production"))
    target = one(waived, "Deployment")
    SPOILED["latest"](target["spec"]["template"]["spec"])
    target["metadata"]["annotations"] = {"checkov.io/skip1": "CKV_K8S_14=x", "checkov.io/skip2": "CKV_K8S_43=x"}
    directories["waived"] = _written(tmp_path_factory, waived)
    return dict(zip(directories, reports(list(directories.values())), strict=True))


def _written(tmp_path_factory, objects):
    directory = tmp_path_factory.mktemp("spoiled")
    (directory / "stack.yaml").write_text(stream(KubeObject(item) for item in objects))
    return directory


@pytest.mark.parametrize("name", [*SPOILED, "empty", "waived"])
def test_checkov_finds_what_was_planted(spoiled_reports, name):
    assert complaints(spoiled_reports[name]) != []


def test_a_set_in_which_checkov_knows_nothing_is_no_success(spoiled_reports):
    assert complaints(spoiled_reports["empty"]) == ["nothing was scanned"]


@pytest.mark.parametrize("kind", ["ServiceAccount", "Service", "ConfigMap"])
def test_the_stacks_own_judge_misses_nothing_that_is_taken_away(objects, kind):
    left = [KubeObject(item) for item in objects if item is not one(objects, kind)]
    before = {str(finding) for finding in check_objects(KubeObject(item) for item in objects)}
    assert {str(finding) for finding in check_objects(left)} - before


def test_what_is_judged_is_what_is_rendered(objects):
    assert list(yaml.safe_load_all(stream(KubeObject(item) for item in objects))) == objects


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (
            lambda spec: spec["containers"][0]["env"].append({"name": "CLIENT_SECRET", "value": "x"}),
            "env-var-secret: CLIENT_SECRET",
        ),
        (lambda spec: spec["containers"][0]["livenessProbe"]["httpGet"].update(port=1), "liveness-port: 1"),
        (lambda spec: spec["containers"][0].update(ports=[]), "readiness-port: management"),
        (lambda spec: spec.pop("affinity"), "no-anti-affinity"),
    ],
)
def test_a_rule_of_kube_linter_bites(objects, spoil, said):
    gateway = next(item for item in objects if item["metadata"]["name"] == "production-gateway" and item["kind"] == "Deployment")
    gateway["spec"]["replicas"] = 2
    assert kube_linter.complaints(objects) == []
    spoil(gateway["spec"]["template"]["spec"])
    assert f"production-gateway: {said}" in kube_linter.complaints(objects)
