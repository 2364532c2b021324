"""Policies over a whole program: whatever it registers, ours or not."""

import json

import pytest

from mcp_stack.preview import PreviewError
from mcp_stack.preview.checking import check_stack

PROGRAM = """
labels = {"app": "web"}
secret = pulumi.Output.secret("hush")
pod = {"containers": [{"name": "web", "image": "acme/web", "env": [{"name": "LEVEL", "value": secret}]}]}
spec = {"selector": {"match_labels": labels}, "template": {"metadata": {"labels": labels}, "spec": pod}}
provider = k8s.Provider("cluster", namespace="shop")
options = pulumi.ResourceOptions(provider=provider)
k8s.apps.v1.Deployment("web", metadata={"name": "web"}, spec=spec, opts=options)
one = {"metadata": {"name": "one"}, "spec": {"containers": [{"name": "a", "image": "acme/a:latest"}]}}
k8s.core.v1.PodList("pods", items=[one])
k8s.apps.v1.DeploymentPatch("other", metadata={"name": "other"}, spec={"template": {"spec": {"hostNetwork": True}}}, opts=options)
"""


def found(directory, *checks, **options):
    """`(severity, object, path)` of the findings of these policies."""
    return sorted((one.severity, one.object, one.path) for one in check_stack(directory, "dev", **options) if one.check in checks)


@pytest.mark.parity("stack.best-practices")
def test_every_resource_of_a_program_is_judged(project):
    directory = project(PROGRAM)
    container = "spec.template.spec.containers[web]"
    assert found(directory, "pinned-images") == [
        ("error", "Deployment shop/web", f"{container}.image"),
        ("error", "Pod one", "spec.containers[a].image"),
    ]
    assert found(directory, "secret-literals") == [("error", "Deployment shop/web", f"{container}.env[LEVEL].value")]
    assert found(directory, "host-access") == [("error", "Deployment other", "spec.template.spec.hostNetwork")]
    assert found(directory, "probes") == [("warning", "Deployment shop/web", container)]
    assert ("error", "Deployment shop/web", f"{container}.resources.limits") in found(directory, "container-resources")


@pytest.mark.parity("stack.best-practices")
def test_a_stack_has_levels_of_its_own(project):
    directory = project(PROGRAM)
    (directory / "policies.json").write_text('{"all": "mandatory"}')
    assert {severity for severity, *_ in found(directory, "pinned-images", "probes")} == {"error"}
    (directory / "policies.dev.json").write_text('{"all": "advisory", "probes": "disabled"}')
    assert {severity for severity, *_ in found(directory, "pinned-images")} == {"warning"}
    assert found(directory, "probes") == []
    given = directory / "other.json"
    given.write_text(json.dumps({"pinned-images": {"exempt": ["Deployment shop/*"]}}))
    assert [title for _, title, _ in found(directory, "pinned-images", policies=given)] == ["Pod one"]


def test_a_value_that_only_a_deployment_tells_breaks_nothing(project):
    program = """
    made = k8s.core.v1.ConfigMap("made", metadata={"name": "made", "namespace": "shop"}, data={})
    pod = {"containers": [{"name": "web", "image": made.id}]}
    k8s.core.v1.Pod("web", metadata={"name": "web", "namespace": "shop"}, spec=pod)
    """
    assert found(project(program), "pinned-images") == []


def test_no_secret_shows_in_a_finding(project):
    assert [one for one in check_stack(project(PROGRAM), "dev") if "hush" in str(one)] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '{"probe": "advisory", "all": 1}',
            "2 problems\n  probe: no such policy, did you mean `probes`?\n  all.enforcementLevel: 1 is no",
        ),
        ("{", "policies.json: no JSON: "),
    ],
)
def test_a_configuration_that_cannot_be_used_is_refused(project, text, said):
    directory = project()
    (directory / "policies.json").write_text(text)
    with pytest.raises(PreviewError) as caught:
        check_stack(directory, "dev")
    assert said in str(caught.value)


def test_a_configuration_that_is_not_there_is_refused(project, tmp_path):
    with pytest.raises(PreviewError, match=r"nowhere\.json: No such file"):
        check_stack(project(), "dev", policies=tmp_path / "nowhere.json")
