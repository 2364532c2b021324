"""A gateway in front of two other stacks' servers, by the plain CLI: real references between stacks whose state is in S3."""

import pytest
import yaml

from mcp_stack import names
from tests.e2e.cli import Cli
from tests.e2e.engine import Bucket, engine_environment
from tests.e2e.project import Copy
from tests.judges.stacks import EXAMPLES

TEAMS = ("notes", "clock")
"""Stacks of the example and of a second team, each with a server of its stack's name."""

EDGE = "edge"
CHANGES_EXIT = 7

QUICK = ("--yes", "--skip-preview", "--suppress-progress")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The example, with a second team's stack like the first's, behind the same gateway."""
    copy = Copy(EXAMPLES / "federation", "notes", tmp_path_factory.mktemp("federation") / "project")
    notes = yaml.safe_load(copy.path.read_text("utf-8"))
    servers = notes["config"]["mcp-stack:stack"]["servers"]
    servers["clock"] = servers.pop("notes")
    write(copy, "clock", notes)
    edge = yaml.safe_load((copy.directory / f"Pulumi.{EDGE}.yaml").read_text("utf-8"))
    edge["config"]["mcp-stack:teams"]["organization/mcp-stack/clock"] = ["clock"]
    write(copy, EDGE, edge)
    return copy


def write(copy, stack, document):
    (copy.directory / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump(document, sort_keys=False), "utf-8")


@pytest.fixture(scope="module")
def cli(project, definitions, provider, endpoint, pulumi_home, hosts):
    found = Cli(project.directory, engine_environment(pulumi_home, Bucket(endpoint, "state-federation"), provider[1]), hosts)
    found.must("stack", "init", EDGE)
    yield found
    for stack in (EDGE, *TEAMS):
        found.run("destroy", *QUICK, "-s", stack)


@pytest.fixture(scope="module")
def early(cli):
    """What previews of the gateway's stack say: before the others exist, and before they were brought up."""
    unknown = cli.run("preview", "-s", EDGE)
    for stack in TEAMS:
        cli.must("stack", "init", stack)
    return {"unknown": unknown, "empty": cli.run("preview", "-s", EDGE)}


@pytest.fixture(scope="module")
def up(cli, early):
    """All three, in order."""
    for stack in (*TEAMS, EDGE):
        cli.must("up", *QUICK, "-s", stack)


def said(done):
    assert done.returncode not in (0, CHANGES_EXIT), done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    return done.stdout


@pytest.mark.parity("stack.package")
def test_a_preview_before_the_others_exist_says_which_stack_is_missing(early):
    assert 'unknown stack "organization/mcp-stack/' in said(early["unknown"])


@pytest.mark.parity("stack.package")
def test_a_preview_before_the_others_are_up_says_which_server_waits_for_which_stack(early):
    assert "has no output 'server_urls', from which server '" in said(early["empty"])


def variables(api):
    deployment = api.get(f"/apis/apps/v1/namespaces/mcp-edge/deployments/{names.object_name(EDGE)}")
    return {one["name"]: one.get("value") for one in deployment["spec"]["template"]["spec"]["containers"][0]["env"]}


@pytest.mark.parity("stack.package")
def test_the_gateway_knows_where_the_servers_of_both_stacks_are(up, api):
    expected = {f"URL_OF_{stack.upper()}": names.server_url(stack, stack) for stack in TEAMS}
    assert variables(api).items() >= expected.items()
    for stack in TEAMS:
        host, port = names.server_url(stack, stack).removeprefix("http://").removesuffix("/mcp").split(":")
        service, namespace, _ = host.split(".")
        live = api.get(f"/api/v1/namespaces/{namespace}/services/{service}")
        assert [one["port"] for one in live["spec"]["ports"]] == [int(port)]


@pytest.mark.parity("stack.package")
def test_a_port_that_one_of_them_changes_reaches_the_gateway_with_its_next_up(up, cli, api, project):
    assert cli.run("preview", "-s", EDGE, "--expect-no-changes").returncode == 0
    data = project.data
    project.write({**data, "servers": {"notes": {**data["servers"]["notes"], "port": 9000}}})
    cli.must("up", *QUICK, "-s", "notes")
    assert variables(api)["URL_OF_NOTES"].endswith(":8000/mcp"), "nobody has told the gateway yet"
    assert cli.run("preview", "-s", EDGE, "--expect-no-changes").returncode == CHANGES_EXIT
    cli.must("up", *QUICK, "-s", EDGE)
    assert variables(api)["URL_OF_NOTES"] == names.server_url("notes", "notes", port=9000)
    assert opened(api) == [9000]


def opened(api):
    """Ports on which the policies of both sides let the gateway reach the server."""
    path = "/apis/networking.k8s.io/v1/namespaces"
    server = api.get(f"{path}/mcp-notes/networkpolicies/{names.object_name('notes', 'notes')}")
    gateway = api.get(f"{path}/mcp-edge/networkpolicies/{names.object_name(EDGE)}")
    pods = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "mcp-notes"}},
        "podSelector": {"matchLabels": names.selector("notes", "notes")},
    }
    (out,) = [way for way in gateway["spec"]["egress"] if way["to"] == [pods]]
    (into,) = server["spec"]["ingress"]
    return [one["port"] for one in into["ports"] if one["port"] in [other["port"] for other in out.get("ports", into["ports"])]]


@pytest.mark.parity("stack.package")
def test_whoever_destroys_a_stack_that_is_needed_is_told_by_the_gateways_next_preview(up, cli, api):
    cli.must("destroy", *QUICK, "-s", "clock")
    text = said(cli.run("preview", "-s", EDGE))
    assert "stack organization/mcp-stack/clock has no output 'server_urls', from which server 'clock' is to come" in text
    assert variables(api)["URL_OF_CLOCK"] == names.server_url("clock", "clock"), "the gateway runs on, for the others' servers"


def test_the_gateways_stack_can_be_destroyed_without_the_others(up, cli, api):
    cli.must("destroy", *QUICK, "-s", "notes")
    for stack in TEAMS:
        cli.must("stack", "rm", "--yes", stack)
    cli.must("destroy", *QUICK, "-s", EDGE)
    assert api.get("/api/v1/namespaces/mcp-edge") is None
