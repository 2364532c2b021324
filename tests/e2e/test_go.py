"""A program in Go, with the SDK that Pulumi's own generator writes of our schema, through the real engine."""

import json
import os
import shutil
import subprocess

import pytest

from mcp_stack import names
from tests.e2e.engine import Bucket, engine_environment
from tests.judges.stacks import ROOT

GENERATOR, PROGRAM = ROOT / "tools" / "pulumi-sdk", ROOT / "tests" / "e2e" / "go"
SDK = "example.com/pulumi-mcp-stack/sdk/go/mcp-stack"
"""Path of the generated module."""

NAMESPACE, TOKEN = "mcp-go", "a-token-of-a-program-in-go"
BUILD_SECONDS, SECONDS = 900, 180

pytestmark = [
    pytest.mark.skipif(shutil.which("go") is None, reason="no go on PATH"),
    pytest.mark.parity("stack.package"),
]


def go(directory, *arguments):
    done = subprocess.run(["go", *arguments], cwd=directory, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The program with a fresh SDK; without names of directories in it, so that a second build finds the first one's parts."""
    place = tmp_path_factory.mktemp("go")
    go(GENERATOR, "run", "-trimpath", ".", str(ROOT / "components" / "schema.json"), str(place))
    sdk = place / "mcpstack"
    pins = (GENERATOR / "go.mod").read_text("utf-8").partition("\n")[2]
    (sdk / "go.mod").write_text(f"module {SDK}\n{pins}", "utf-8")
    (place / "go.mod").write_text(f"module program\n{pins}\nrequire {SDK} v0.0.0\n\nreplace {SDK} => ./mcpstack\n", "utf-8")
    for directory in (sdk, place):
        shutil.copy(GENERATOR / "go.sum", directory)
    shutil.copy(PROGRAM / "main.go", place)
    go(place, "build", "-trimpath", "-o", "program", ".")
    return place / "program"


@pytest.fixture(scope="module")
def ask(built, plugin, api, provider, endpoint, pulumi_home):
    """Runs the program with a command; what it says, as data."""
    bucket = Bucket(endpoint, "state-go")
    environment = {**os.environ, **engine_environment(pulumi_home, bucket, provider[1]), "TOKEN": TOKEN}
    environment["PATH"] = f"{plugin.parent}{os.pathsep}{os.environ['PATH']}"
    api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}, "e2e")

    def asked(command):
        done = subprocess.run(
            [str(built), command], env=environment, cwd=built.parent, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return {**json.loads(done.stdout), "state": [bucket.text(key) for key in bucket.keys(".pulumi/stacks")]}

    yield asked
    asked("destroy")
    api.delete(f"/api/v1/namespaces/{NAMESPACE}")


@pytest.fixture(scope="module")
def up(ask):
    previewed = ask("preview")
    return {**ask("up"), "previewed": previewed["changes"]}


def test_what_a_preview_says_with_unknown_outputs_is_what_comes(up, ask):
    assert up["previewed"] == up["changes"]
    assert set(up["changes"]) == {"create"}
    assert up["url"] == names.gateway_url("go", NAMESPACE)
    again = ask("up")
    assert set(again["changes"]) == {"same"}


def test_each_component_made_its_objects(up, api):
    gateway = api.get(f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/{names.object_name('go')}")
    (container,) = gateway["spec"]["template"]["spec"]["containers"]
    assert {"name": "URL_OF_TICKETS", "value": names.server_url("go", "tickets", NAMESPACE)} in container["env"]
    server = api.get(f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/{names.object_name('go', 'tickets')}")
    assert server["spec"]["replicas"] == 2
    policy = api.get(f"/apis/networking.k8s.io/v1/namespaces/{NAMESPACE}/networkpolicies/workers")
    assert (policy["spec"]["policyTypes"], policy["spec"].get("ingress")) == (["Ingress", "Egress"], None)
    assert api.get(f"/apis/policy/v1/namespaces/{NAMESPACE}/poddisruptionbudgets/workers")["spec"]["maxUnavailable"] == 1


def test_a_secret_of_the_program_is_in_no_state(up, api):
    assert up["state"]
    assert [text for text in up["state"] if TOKEN in text] == []
    held = [one["data"] for one in api.list("v1", "Secret", NAMESPACE)]
    assert len(held) == 1
