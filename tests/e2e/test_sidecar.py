"""The example whose proxy runs in a team's own pods, through the real engine against a real API server."""

import base64
import json

import pytest

from mcp_stack.preview.values import revealed
from tests.e2e.agreement import disagreements
from tests.e2e.cli import Cli
from tests.e2e.engine import Bucket, engine_environment
from tests.e2e.project import Copy
from tests.judges.stacks import EXAMPLES, rendered

STACK = "production"
QUICK = ("--yes", "--skip-preview", "--suppress-progress")
PRIVATE = base64.b64encode(b"a key that is read and not shown").decode()
PROJECT = EXAMPLES / "sidecar"


KEYS = {"agent-keys": "api-keys.yaml", "session-keys": "session-keys"}


@pytest.fixture(scope="module")
def team(api, journeys):
    """The team's namespace with what the example reads there; the keys themselves are for pods, of which none runs here."""
    journeys.over("mpl")
    api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "mpl"}}, "e2e")
    for name, key in KEYS.items():
        metadata = {"name": name, "namespace": "mpl"}
        api.apply({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": {key: PRIVATE}}, "e2e")
    yield
    api.delete("/api/v1/namespaces/mpl")


@pytest.fixture(scope="module")
def bucket(endpoint):
    return Bucket(endpoint, "state-sidecar")


@pytest.fixture(scope="module")
def cli(team, definitions, provider, bucket, pulumi_home, hosts, tmp_path_factory):
    copy = Copy(PROJECT, STACK, tmp_path_factory.mktemp("sidecar") / "project")
    found = Cli(copy.directory, engine_environment(pulumi_home, bucket, provider[1]), hosts)
    found.must("stack", "init", STACK)
    yield found
    found.must("destroy", *QUICK, "-s", STACK)


@pytest.fixture(scope="module")
def up(cli):
    cli.must("up", *QUICK, "-s", STACK)


@pytest.mark.parity("stack.package")
def test_the_api_server_holds_what_is_rendered_object_by_object(up, api):
    objects = rendered(PROJECT, STACK).objects
    faults = {item.title: disagreements(revealed(item.manifest), api.get(api.path_of(item.plain))) for item in objects}
    assert {title: found for title, found in faults.items() if found} == {}


@pytest.mark.parity("stack.package")
def test_a_second_up_changes_nothing(up, cli):
    cli.must("up", "--yes", "-s", STACK, "--expect-no-changes", "--suppress-progress")


@pytest.mark.parity("stack.package")
def test_the_teams_pods_have_the_proxy_beside_the_server_and_its_service_leads_there(up, cli, api):
    (deployment,) = api.list("apps/v1", "Deployment", "mpl")
    pod = deployment["spec"]["template"]["spec"]
    (proxy,) = pod["initContainers"]
    (server,) = pod["containers"]
    assert proxy["restartPolicy"] == "Always"
    assert [port["containerPort"] for port in server["ports"]] == [8080]
    url = json.loads(cli.must("stack", "output", "--json", "-s", STACK))["url"]
    host, _, port = url.removeprefix("http://").removesuffix("/mcp").partition(":")
    (service,) = api.list("v1", "Service", "mpl")
    assert f"{service['metadata']['name']}.mpl.svc" == host
    (leading,) = [one for one in service["spec"]["ports"] if one["port"] == int(port)]
    assert leading["targetPort"] in {one["name"] for one in proxy["ports"]} | {one["containerPort"] for one in proxy["ports"]}
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"].items() <= labels.items()


def test_what_it_reads_of_the_cluster_stays_there_and_stands_nowhere_in_plain_text(up, cli, api, bucket):
    assert [key for key in bucket.keys("") if PRIVATE in bucket.text(key)] == []
    cli.must("destroy", *QUICK, "-s", STACK)
    assert [name for name in KEYS if api.get(f"/api/v1/namespaces/mpl/secrets/{name}") is None] == []
    assert api.list("apps/v1", "Deployment", "mpl") == []
