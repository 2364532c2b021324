"""The commands that README names, as a user types them: the plain CLI on the real Pulumi.yaml and the staging stack."""

import base64
import json

import pytest

from mcp_stack.preview import render
from mcp_stack.preview.diff import compare
from mcp_stack.preview.diff.markdown import markdown_report
from tests.e2e.cli import Cli
from tests.e2e.engine import Bucket, engine_environment
from tests.e2e.project import Copy
from tests.e2e.waiting import until
from tests.judges.stacks import ROOT, rendered

STACK = "staging"
CHANGES_EXIT = 7
"""Exit code of `--expect-no-changes` where there are some (reference: pulumi preview --help)."""


@pytest.fixture(scope="module")
def bucket(endpoint):
    return Bucket(endpoint, "state-cli")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return Copy(ROOT, STACK, tmp_path_factory.mktemp("cli") / "project")


@pytest.fixture(scope="module")
def cli(project, bucket, definitions, provider, pulumi_home, hosts, journeys):
    """The project with a stack that `up` has run once."""
    journeys.over("mcp-staging")
    found = Cli(project.directory, engine_environment(pulumi_home, bucket, provider[1], each_step=True), hosts)
    found.must("stack", "init", STACK)
    yield found
    found.destroy(STACK)


@pytest.fixture(scope="module")
def up(cli):
    return cli.must("up", "--yes", "-s", STACK, "--suppress-progress")


def test_preview_shows_what_render_shows_and_makes_nothing(cli, api):
    digest = json.loads(cli.must("preview", "-s", STACK, "--json"))
    expected = {one.urn for one in rendered(ROOT, STACK).resources}
    assert {step["urn"] for step in digest["steps"] if step["op"] == "create"} - expected == {
        f"urn:pulumi:{STACK}::mcp-stack::pulumi:pulumi:Stack::mcp-stack-{STACK}"
    }
    assert {step["urn"] for step in digest["steps"]} >= expected
    assert api.get("/api/v1/namespaces/mcp-staging") is None


def test_up_says_where_the_gateway_is(cli, up):
    outputs = json.loads(cli.must("stack", "output", "--json", "-s", STACK))
    assert outputs["gateway_url"] == "http://staging-gateway.mcp-staging.svc:8080/mcp"
    assert outputs["gateway_host"] == "mcp.staging.example.com"


def test_a_second_up_expects_no_changes(cli, up):
    cli.must("up", "--yes", "-s", STACK, "--expect-no-changes", "--suppress-progress")


def test_a_preview_of_a_change_exits_otherwise(cli, up, project):
    original = project.data
    project.write({**original, "annotations": {"e2e": "changed"}})
    try:
        done = cli.run("preview", "-s", STACK, "--expect-no-changes", "--diff")
    finally:
        project.write(original)
    assert done.returncode == CHANGES_EXIT, done.stdout
    assert '"changed"' in done.stdout


@pytest.mark.parity("stack.diff")
def test_the_preview_in_process_names_the_objects_that_the_engine_would_change(cli, up, project):
    """What `mcp-stack diff` comments on a pull request, without a cluster, is what `pulumi preview` finds with one."""
    original = project.data
    before = render(project.directory, STACK)
    changed = {**original["gateway"], "labels": {"e2e": "changed"}, "instructions": "Said to clients."}
    project.write({**original, "gateway": changed})
    try:
        digest = json.loads(cli.must("preview", "-s", STACK, "--json"))
        comparison = compare(before, render(project.directory, STACK))
    finally:
        project.write(original)
    found = {(one["op"], one["urn"]) for one in digest["steps"] if ":kubernetes:" in one["urn"].replace("$", ":")}
    updated = {urn for op, urn in found if op == "update"}
    assert updated == {one.item.urn for one in comparison.items if one.action == "change"}
    replaced = {urn for op, urn in found if op in ("replace", "create-replacement", "delete-replaced")}
    assert replaced == {one.item.urn for one in comparison.items if one.action == "replace"}
    comment = markdown_report(comparison, "main", "head")
    assert [one.item.name for one in comparison.items if one.item.name not in comment] == []


def test_a_wrong_stack_file_is_refused_with_all_problems_and_without_a_traceback(cli, up, project):
    original = project.data
    project.write({**original, "nonsense": 1, "gateway": {**original["gateway"], "replicas": 0}})
    try:
        done = cli.run("preview", "-s", STACK)
    finally:
        project.write(original)
    assert done.returncode != 0
    assert f"Pulumi.{STACK}.yaml" in done.stdout
    assert "nonsense" in done.stdout
    assert "gateway.replicas" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_drift_is_shown_by_a_refresh_that_only_previews(cli, up, api):
    deployment = next(one for one in rendered(ROOT, STACK).objects if one.kind == "Deployment")
    path = api.path_of(deployment.plain)
    assert cli.run("refresh", "-s", STACK, "--preview-only", "--expect-no-changes").returncode == 0
    api.merge(path, {"metadata": {"labels": {"app.kubernetes.io/part-of": "somebody-else"}}})
    try:
        assert cli.run("refresh", "-s", STACK, "--preview-only", "--expect-no-changes").returncode != 0
    finally:
        api.apply({**deployment.plain}, "pulumi-kubernetes", force=True)


def test_the_state_is_locked_while_an_update_runs(cli, up, project, provider, bucket):
    original = project.data
    project.write({**original, "annotations": {"e2e": "held"}})
    provider[0].gate.clear()
    try:
        first = cli.start("up", "--yes", "-s", STACK, "--suppress-progress")
        until(lambda: bucket.keys(".pulumi/locks/"), 60, "the first update to lock the state")
        second = cli.run("up", "--yes", "-s", STACK, "--suppress-progress")
        assert second.returncode != 0
        assert "locked" in second.stdout + second.stderr
    finally:
        provider[0].gate.set()
        output, errors = first.communicate(timeout=120)
        project.write(original)
    assert first.returncode == 0, output + errors
    assert bucket.keys(".pulumi/locks/") == []
    cli.up(STACK)


def test_a_secret_of_the_stack_file_stands_nowhere_in_plain_text(cli, up, project, bucket, api):
    value = "e2e-plain-value-of-a-secret"
    cli.must("config", "set", "--secret", "e2e-token", value, "-s", STACK)
    original = project.data
    secrets = {**original["secrets"], "e2e": {"config": "e2e-token"}}
    project.write({**original, "secrets": secrets, "servers": {**original["servers"], **with_secret(original)}})
    shown = cli.must("up", "--yes", "-s", STACK, "--diff", "--suppress-progress")
    assert value not in shown
    assert value not in project.path.read_text("utf-8")
    for key in bucket.keys(""):
        assert value not in bucket.text(key), key
    assert any(value_of(one) == value for one in api.list("v1", "Secret", "mcp-staging"))
    project.write(original)
    cli.up(STACK)


def with_secret(data):
    tickets = data["servers"]["tickets"]
    return {"tickets": {**tickets, "env": {**tickets.get("env", {}), "E2E_TOKEN": {"secret": "e2e"}}}}


def value_of(secret):
    return base64.b64decode(secret.get("data", {}).get("value", "")).decode()
