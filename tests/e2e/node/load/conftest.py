"""One stack under load, for all tests of this directory; its secrets come from stores."""

import subprocess

import boto3
import pytest

from tests.e2e.cli import Cli
from tests.e2e.engine import Bucket, engine_environment
from tests.e2e.node.load.deployed import ENVIRONMENT, NAMESPACE, PARTS, REGION, STACK, Deployed, Load, load_pod, stack
from tests.e2e.node.load.quiet import QUIET_SECONDS, STREAM
from tests.e2e.node.pods import in_pod, is_ready
from tests.e2e.project import KEY, Copy
from tests.e2e.provider import serving
from tests.e2e.stores import infisical
from tests.e2e.stores.running import controlling
from tests.judges.stacks import ROOT

CLIENTS = 12


@pytest.fixture(scope="session")
def aws(endpoint, keys):
    """Secrets Manager with the files of keys."""
    client = boto3.client(
        "secretsmanager", endpoint_url=endpoint, region_name=REGION, aws_access_key_id="a", aws_secret_access_key="b"
    )
    client.create_secret(Name="mcp/api-keys", SecretString=keys["load"][1] + keys["retired"][1])
    client.create_secret(Name="mcp/session-keys", SecretString=keys["sessions"])
    yield client
    client.close()


@pytest.fixture(scope="session")
def tokens():
    """Infisical with the tokens of the servers."""
    with infisical.serving("acme") as found:
        found.values = {(ENVIRONMENT, "/CLOCK"): "first-of-clock", (ENVIRONMENT, "/UNITS"): "first-of-units"}
        yield found


@pytest.fixture(scope="session")
def project(reference, tokens, tmp_path_factory):
    copy = Copy(ROOT, "staging", tmp_path_factory.mktemp("node") / "project")
    document = {"pulumi:disable-default-providers": ["kubernetes"], KEY: stack(reference, tokens.address)}
    return copy.as_stack(STACK, document)


@pytest.fixture(scope="session")
def cli(project, api, definitions, aws, tokens, endpoint, pulumi_home, hosts):
    """The project, where controllers look after its namespace."""
    with serving(api, waits=True) as (_, port), controlling(api, NAMESPACE, endpoint):
        found = Cli(project.directory, engine_environment(pulumi_home, Bucket(endpoint, "state-node"), port), hosts)
        found.must("stack", "init", STACK)
        credentials = {
            "access-key": "a", "secret-key": "b", "client-id": tokens.client_id, "client-secret": tokens.client_secret,
        }  # fmt: skip
        found.secrets(STACK, credentials)
        yield found
        found.destroy(STACK)


@pytest.fixture(scope="session")
def deployed(cli, api):
    """The stack, up and ready."""
    cli.up(STACK)
    found = Deployed(api)
    for part in PARTS:
        found.settled(part)
    return found


@pytest.fixture(scope="session")
def load(deployed, api, reference, keys):
    """Clients that call until the tests are over."""
    pod = load_pod(reference, keys["load"][0], CLIENTS)
    api.apply(pod, "e2e")
    api.wait(api.path_of(pod), is_ready, 120, "ready")
    found = Load(api)
    yield found
    with found.lossless("the end", 50):
        pass
    api.delete(api.path_of(pod))


@pytest.fixture(scope="session")
def stream(load, cluster):
    """A client whose stream is open from the rotation of keys and tokens on, and until it has been quiet for long."""
    asked = in_pod(cluster, NAMESPACE, "load", STREAM, f"{STACK}-gateway.{NAMESPACE}.svc", QUIET_SECONDS)
    with subprocess.Popen(asked, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()
