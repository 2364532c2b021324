"""The example in YAML as its reader runs it: the plain CLI, the language of YAML, and the package by its directory.

The language comes with every release of the CLI. Where it is not on the PATH, `make e2e` builds it (tools/pulumi-yaml).
"""

import json
import os
import shutil
from pathlib import Path

import pulumi
import pytest
import yaml

from mcp_stack import names
from tests.components.test_construct_every import CASES, MAKES_NOTHING
from tests.e2e.cli import Cli
from tests.e2e.engine import Bucket, engine_environment
from tests.e2e.language_host import install
from tests.e2e.programs import Program
from tests.judges.stacks import EXAMPLES, ROOT

LANGUAGE = "pulumi-language-yaml"
STACK, NAMESPACE = "edge", "mcp-edge"
PLACE = Path("examples") / "in-yaml"
BUILT = ROOT / ".cache" / "bin" / LANGUAGE


def language():
    return str(BUILT) if os.access(BUILT, os.X_OK) else shutil.which(LANGUAGE)


pytestmark = [
    pytest.mark.skipif(language() is None, reason=f"no {LANGUAGE}: neither on PATH nor built, which takes Go"),
    pytest.mark.parity("stack.package"),
]


@pytest.fixture(scope="module")
def environment(endpoint, provider, pulumi_home):
    return engine_environment(pulumi_home, Bucket(endpoint, "state-yaml"), provider[1])


@pytest.fixture(scope="module")
def other(environment, tmp_path_factory):
    """The other team's stack, as far as the example reads it."""
    found = Program("notes", tmp_path_factory.mktemp("notes"), environment)
    found.up(lambda: pulumi.export("server_urls", {"notes": names.server_url("notes", "notes")}))


@pytest.fixture(scope="module")
def namespace(api):
    api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}, "e2e")
    yield
    api.delete(f"/api/v1/namespaces/{NAMESPACE}")


@pytest.fixture(scope="module")
def cli(environment, other, namespace, definitions, python, tmp_path_factory):
    """The example in a copy of the repository, with what the CLI has to find: the languages of program and package."""
    copy, hosts = tmp_path_factory.mktemp("repository"), tmp_path_factory.mktemp("languages")
    shutil.copytree(EXAMPLES / PLACE.name, copy / PLACE)
    for part in ("components", "proxy"):
        (copy / part).symlink_to(ROOT / part)
    install(hosts, ROOT, python)
    (hosts / LANGUAGE).symlink_to(str(language()))
    found = Cli(copy / PLACE, environment, hosts)
    found.must("stack", "init", STACK)
    yield found
    found.destroy(STACK)


@pytest.fixture(scope="module")
def planned(cli):
    return json.loads(cli.must("preview", "--json", "-s", STACK))


@pytest.fixture(scope="module")
def up(cli, planned):
    return cli.up(STACK)


def test_a_preview_shows_what_each_component_makes(planned):
    """URLs are outputs there: of a component that is still to be made, and of another stack."""
    made = {step["urn"].rpartition("::")[2]: step["newState"]["type"] for step in planned["steps"] if step["op"] == "create"}
    assert made["tickets"] == "mcp-stack:index:McpServer"
    assert made["gateway"] == "mcp-stack:index:McpGateway"
    assert made["tickets-deployment"] == made["gateway-deployment"] == "kubernetes:apps/v1:Deployment"


def test_what_is_brought_up_is_what_was_shown(cli, up, planned, api):
    assert json.loads(cli.must("stack", "output", "--json", "-s", STACK)) == {"url": names.gateway_url(STACK)}
    gateway = api.get(f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/{names.object_name(STACK)}")
    variables = {one["name"]: one.get("value") for one in gateway["spec"]["template"]["spec"]["containers"][0]["env"]}
    assert variables["URL_OF_NOTES"] == names.server_url("notes", "notes")
    assert variables["URL_OF_TICKETS"] == names.server_url(STACK, "tickets")
    server = api.get(f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/{names.object_name(STACK, 'tickets')}")
    assert server["spec"]["replicas"] == 2


def escaped(value):
    """A placeholder of ours in YAML, which would read it itself."""
    if isinstance(value, dict):
        return {key: escaped(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [escaped(inner) for inner in value]
    return value.replace("${", "$${") if isinstance(value, str) else value


@pytest.fixture(scope="module")
def every(cli):
    """What a preview of each component of the package makes, one beside the other in one program: URNs and types."""
    directory = cli.directory.parent / "every"
    directory.mkdir()
    resources = {one.lower(): {"type": f"mcp-stack:index:{one}", "properties": escaped(case.given)} for one, case in CASES.items()}
    program = {"name": "every", "runtime": "yaml", "packages": {"mcp-stack": "../../components"}, "resources": resources}
    (directory / "Pulumi.yaml").write_text(yaml.safe_dump(program), "utf-8")
    beside = cli.beside(directory)
    beside.must("stack", "init", "every")
    steps = json.loads(beside.must("preview", "--json", "-s", "every"))["steps"]
    return [(step["urn"], step["newState"]["type"]) for step in steps]


@pytest.mark.parametrize("component", CASES)
def test_every_component_is_made_by_a_program_in_yaml(every, component):
    (own,) = [urn for urn, made in every if made == f"mcp-stack:index:{component}" and urn.endswith(f"::{component.lower()}")]
    assert own
    children = [urn for urn, made in every if f"mcp-stack:index:{component}$kubernetes:" in urn and made.startswith("kubernetes:")]
    assert bool(children) == (component not in MAKES_NOTHING)


def test_a_second_up_expects_no_changes(cli, up):
    cli.must("up", "--yes", "--expect-no-changes", "--suppress-progress", "-s", STACK)


WRONG = {
    "an unknown key, by the schema's types": ({"replcas": 2}, "replcas"),
    "a wrong type, by the schema's types": ({"replicas": "two"}, "replicas: Cannot assign type 'string'"),
    "a rule of the stack file": ({"replicas": 0}, "replicas: 0"),
}


@pytest.mark.parametrize(("change", "said"), WRONG.values(), ids=WRONG)
def test_a_mistake_is_said_where_it_was_made(cli, up, change, said):
    path = cli.directory / "Pulumi.yaml"
    text = path.read_text("utf-8")
    program = yaml.safe_load(text)
    program["resources"]["tickets"]["properties"] |= change
    path.write_text(yaml.safe_dump(program, sort_keys=False), "utf-8")
    try:
        done = cli.run("preview", "-s", STACK)
    finally:
        path.write_text(text, "utf-8")
    assert done.returncode != 0
    assert said in done.stdout + done.stderr
