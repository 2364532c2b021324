"""The stack that keeps things, once for all tests that look at what it keeps."""

from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest

from tests.e2e.cli import Cli
from tests.e2e.engine import Bucket, engine_environment, s3
from tests.e2e.node.kept.audited import audited
from tests.e2e.node.kept.store import KEYS, REGION, STACK, VOLUMES, Store, beside, stack
from tests.e2e.node.kept.volumes import provided
from tests.e2e.project import KEY, Copy
from tests.judges.stacks import ROOT

CLASS = "archive"


@pytest.fixture(scope="session")
def bucket(api, reference):
    """A client of an S3 that pods reach, without a bucket."""
    with s3(beside(api)) as address:
        client = boto3.client("s3", endpoint_url=address, region_name=REGION, aws_access_key_id="a", aws_secret_access_key="b")
        yield client
        client.close()


@pytest.fixture(scope="session")
def store(cluster, api, reference, bucket, provider, endpoint, pulumi_home, hosts, tmp_path_factory):
    """The stack, up and ready; whatever it leaves behind is taken away at the end."""
    with provided(cluster, api, tmp_path_factory.mktemp("store-volumes"), CLASS, VOLUMES) as storage_class:
        work = tmp_path_factory.mktemp("store")
        document = {"pulumi:disable-default-providers": ["kubernetes"]}
        document[KEY] = stack(reference, storage_class, bucket.meta.endpoint_url)
        project = Copy(ROOT, "staging", work / "project").as_stack(STACK, document)
        cli = Cli(project.directory, engine_environment(pulumi_home, Bucket(endpoint, "state-store"), provider[1]), hosts)
        cli.must("stack", "init", STACK)
        cli.secrets(STACK, KEYS)
        cli.up(STACK)
        found = Store(api, cluster, project.directory, work)
        for server in ("notes", "drafts"):
            found.ready(server)
        found.gateway()
        yield found
        found.forgotten()


@pytest.fixture(scope="session")
def audit(store):
    """What becomes of the gateway's records, while other tests look at backups."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(audited, store)
