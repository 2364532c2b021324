"""The component package as the engine runs it for another language: a plugin that it starts, asked to construct over gRPC."""

import json
import re

import pulumi
import pytest
import yaml

from mcp_stack import names
from tests.e2e.cli import Cli
from tests.e2e.engine import Bucket, engine_environment
from tests.e2e.programs import Program
from tests.judges.stacks import EXAMPLES, ROOT

SCHEMA = json.loads((ROOT / "components" / "schema.json").read_text("utf-8"))
NAMESPACE, SECRET = "mcp-edge", "a-token-that-stands-nowhere"


@pytest.fixture(scope="module")
def environment(plugin, endpoint, provider, pulumi_home):
    return engine_environment(pulumi_home, Bucket(endpoint, "state-package"), provider[1], plugin.parent)


@pytest.fixture(scope="module")
def namespace(api):
    api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}, "e2e")
    yield
    api.delete(f"/api/v1/namespaces/{NAMESPACE}")


@pytest.fixture(scope="module")
def stack(environment, namespace, definitions, tmp_path_factory):
    found = Program("consumer", tmp_path_factory.mktemp("consumer"), environment)
    yield found
    found.destroy()


class Remote(pulumi.ComponentResource):
    """What a typed class of another language comes to: a type, inputs with keys in camel case, and outputs by the schema."""

    def __init__(self, token, name, inputs, opts=None):
        outputs = dict.fromkeys(SCHEMA["resources"][token]["properties"])
        super().__init__(token, name, {**outputs, **inputs}, opts, True)


def evaluated(value, made):
    """A value of a program in YAML, whose `${name.output}` are outputs of what was made before."""
    if isinstance(value, dict):
        return {key: evaluated(inner, made) for key, inner in value.items()}
    if isinstance(value, list):
        return [evaluated(inner, made) for inner in value]
    reference = re.fullmatch(r"\$\{([^}]+)\}", value) if isinstance(value, str) else None
    return made[reference[1]] if reference else value


def in_yaml():
    """The example's components in the order of the file. The other stack's output is one that comes late, too."""
    program = yaml.safe_load((EXAMPLES / "in-yaml" / "Pulumi.yaml").read_text("utf-8"))
    there = pulumi.Output.from_input(names.server_url("notes", "notes"))
    made = {'team.outputs["server_urls"]["notes"]': there}
    for name, one in program["resources"].items():
        if one["type"].startswith("mcp-stack:"):
            found = Remote(one["type"], name, evaluated(one["properties"], made))
            made |= {f"{name}.{output}": getattr(found, output) for output in SCHEMA["resources"][one["type"]]["properties"]}
    for name, value in program["outputs"].items():
        pulumi.export(name, evaluated(value, made))


@pytest.mark.parity("stack.package")
def test_the_engine_reads_the_schema_that_is_committed(plugin, environment, tmp_path):
    got = json.loads(Cli(tmp_path, environment, plugin.parent).must("package", "get-schema", str(plugin)))
    assert got["version"] == SCHEMA["version"]
    for kind in ("resources", "types"):
        assert got[kind].keys() == SCHEMA[kind].keys()
    for token, one in SCHEMA["resources"].items():
        assert got["resources"][token]["inputProperties"].keys() == one["inputProperties"].keys()
        assert got["resources"][token]["properties"].keys() == one["properties"].keys()


@pytest.mark.parity("stack.package")
def test_the_example_in_yaml_is_previewed_with_what_is_unknown_and_then_brought_up(stack, api):
    planned = stack.preview(in_yaml)
    assert {one["op"] for one in planned} == {"create"}
    done = stack.up(in_yaml)
    assert sorted(one["urn"] for one in done) == sorted(one["urn"] for one in planned)
    assert stack.preview(in_yaml) == []
    assert stack.outputs() == {"url": names.gateway_url("edge")}
    gateway = api.get(f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/{names.object_name('edge')}")
    (container,) = gateway["spec"]["template"]["spec"]["containers"]
    variables = {one["name"]: one.get("value") for one in container["env"]}
    assert variables["URL_OF_NOTES"] == names.server_url("notes", "notes")
    assert variables["URL_OF_TICKETS"] == names.server_url("edge", "tickets")
    server = api.get(f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/{names.object_name('edge', 'tickets')}")
    assert server["spec"]["replicas"] == 2


def secretive(protect):
    """A server of the package whose token is the program's secret, and a proxy before a URL that is one."""

    def run():
        args = {"namespace": NAMESPACE, "image": {"repository": "ghcr.io/acme/web", "tag": "1.0.0"}}
        more = {"env": {"TOKEN": {"secret": "token"}}, "secrets": {"token": {"config": "theToken"}}}
        values = {"secretValues": {"theToken": pulumi.Output.secret(SECRET)}}
        options = pulumi.ResourceOptions(protect=protect)
        Remote("mcp-stack:index:McpServer", "web", {**args, **more, **values}, options)
        far = {"url": pulumi.Output.secret(f"https://{SECRET}.example.com/mcp"), "egress": [{"internet": True}]}
        proxy = {"namespace": NAMESPACE, "proxyImage": {"repository": "ghcr.io/acme/proxy", "tag": "1.0.0"}, "trustNetwork": True}
        made = Remote("mcp-stack:index:McpProxy", "far", {**proxy, **far}, options)
        pulumi.export("url", made.url)

    return run


@pytest.mark.parity("stack.package")
def test_a_secret_of_a_program_reaches_its_pods_and_stands_nowhere_in_the_state(
    environment, namespace, definitions, endpoint, api, tmp_path
):
    bucket = Bucket(endpoint, "state-package-secret")
    stack = Program("secretive", tmp_path, {**environment, "PULUMI_BACKEND_URL": bucket.url})
    try:
        stack.up(secretive(protect=True))
        assert [key for key in bucket.keys("") if SECRET in bucket.text(key)] == []
        assert stack.outputs() == {"url": f"http://{names.object_name('secretive', 'far')}.{NAMESPACE}.svc:9443/mcp"}
        (held,) = [one for one in api.list("v1", "Secret", NAMESPACE) if one["metadata"]["name"].startswith("secretive-web")]
        assert held["data"]
        texts = [str(one) for kind in ("ConfigMap", "Service", "ServiceAccount") for one in api.list("v1", kind, NAMESPACE)]
        assert [text for text in texts if SECRET in text] == []
        deployments = api.list("apps/v1", "Deployment", NAMESPACE)
        assert [one for one in deployments if SECRET in str(one["metadata"].get("annotations"))] == []
        assert "protected" in stack.refused(None)
    finally:
        stack.up(secretive(protect=False))
        stack.destroy()


@pytest.mark.parity("stack.package")
def test_a_mistake_is_said_by_the_engine_with_its_place(stack):
    wrong = {"namespace": NAMESPACE, "image": {"repository": "web", "tag": "latest"}}
    text = stack.refused(lambda: Remote("mcp-stack:index:McpServer", "wrong", wrong))
    assert "McpServer 'wrong': 1 problem" in text
    assert "image.tag: 'latest' names another image tomorrow" in text
