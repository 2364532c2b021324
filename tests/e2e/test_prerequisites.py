"""`pulumi up` on a cluster without the kinds that a stack uses, as a user types it."""

import json

import pytest
import yaml

from tests.cluster.served import Cluster, kubeconfig, serving
from tests.e2e.cli import Cli
from tests.e2e.engine import Bucket, engine_environment
from tests.e2e.project import Copy
from tests.judges.stacks import ROOT

STACK = "staging"


@pytest.fixture
def bare():
    cluster = Cluster()
    with serving(cluster) as address:
        yield cluster, address


@pytest.fixture
def cli(bare, tmp_path, endpoint, provider, pulumi_home, hosts):
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(kubeconfig(bare[1])), "utf-8")
    project = Copy(ROOT, STACK, tmp_path / "project")
    environment = engine_environment(pulumi_home, Bucket(endpoint, "state-prerequisites"), provider[1])
    found = Cli(project.directory, {**environment, "KUBECONFIG": str(path)}, hosts)
    found.must("stack", "init", STACK)
    return found


@pytest.mark.parity("stack.prerequisites")
def test_up_fails_before_the_first_change_with_the_missing_kind_and_what_brings_it(cli, bare):
    previewed = cli.must("preview", "-s", STACK)
    assert "HTTPRoute gateway.networking.k8s.io/v1: the cluster does not know this kind" in previewed
    done = cli.run("up", "--yes", "-s", STACK, "--suppress-progress")
    assert done.returncode != 0
    assert "the cluster lacks what the stack needs, and nothing was changed" in done.stdout
    assert "standard-install.yaml" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    exported = json.loads(cli.must("stack", "export", "-s", STACK))["deployment"].get("resources", [])
    assert [one for one in exported if one["type"].startswith("kubernetes:")] == []
    assert all(path in ("/version",) or path.startswith(("/apis/", "/api/v1/")) for path in bare[0].asked)
