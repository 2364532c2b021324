"""A program in each language with an SDK, through the real engine: the same components, and so the same objects."""

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from mcp_stack import names
from tests.e2e.building import go_program, missing_go, missing_node, typescript
from tests.e2e.engine import Bucket, engine_environment

TOKEN = "a-token-of-a-program"
SECONDS = 180

pytestmark = pytest.mark.parity("stack.package")


@dataclass(frozen=True)
class Language:
    """A program, and under which names it makes what the others make, too."""

    stack: str
    """`stack` of its components."""
    namespace: str
    build: Callable[[Path], list[str]]
    """Its command, given a directory for what is built; `preview`, `up` or `destroy` is added."""
    missing: str | None
    """Why it can't be built here."""


LANGUAGES = {
    "go": Language("go", "mcp-go", go_program, missing_go()),
    "typescript": Language("desk", "mcp-desk", lambda _: typescript().command("index"), missing_node()),
}


def each():
    for name, one in LANGUAGES.items():
        yield pytest.param(one, id=name, marks=[pytest.mark.skipif(one.missing is not None, reason=one.missing or "")])


@pytest.fixture(scope="module", params=each())
def language(request):
    return request.param


@pytest.fixture(scope="module")
def ask(language, plugin, api, provider, endpoint, pulumi_home, tmp_path_factory):
    """Runs the program with a command; what it says, as data."""
    place = tmp_path_factory.mktemp(language.stack)
    program, bucket = language.build(place), Bucket(endpoint, f"state-{language.stack}")
    environment = {**os.environ, **engine_environment(pulumi_home, bucket, provider[1], plugin.parent), "TOKEN": TOKEN}
    api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": language.namespace}}, "e2e")

    def asked(command):
        done = subprocess.run(
            [*program, command], env=environment, cwd=place, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return {**json.loads(done.stdout), "state": [bucket.text(key) for key in bucket.keys(".pulumi/stacks")]}

    yield asked
    asked("destroy")
    api.delete(f"/api/v1/namespaces/{language.namespace}")


@pytest.fixture(scope="module")
def up(ask):
    previewed = ask("preview")
    return {**ask("up"), "previewed": previewed["changes"]}


def test_what_a_preview_says_with_unknown_outputs_is_what_comes(up, ask, language):
    assert up["previewed"] == up["changes"]
    assert set(up["changes"]) == {"create"}
    assert up["url"] == names.gateway_url(language.stack, language.namespace)
    again = ask("up")
    assert set(again["changes"]) == {"same"}


def test_each_component_made_its_objects(up, api, language):
    def got(path, name):
        return api.get(f"/apis/{path.replace('/', f'/v1/namespaces/{language.namespace}/')}/{name}")

    gateway = got("apps/deployments", names.object_name(language.stack))
    (container,) = gateway["spec"]["template"]["spec"]["containers"]
    url = names.server_url(language.stack, "tickets", language.namespace)
    assert {"name": "URL_OF_TICKETS", "value": url} in container["env"]
    server = got("apps/deployments", names.object_name(language.stack, "tickets"))
    assert server["spec"]["replicas"] == 2
    policy = got("networking.k8s.io/networkpolicies", "workers")
    assert (policy["spec"]["policyTypes"], policy["spec"].get("ingress")) == (["Ingress", "Egress"], None)
    assert got("policy/poddisruptionbudgets", "workers")["spec"]["maxUnavailable"] == 1


def test_a_secret_of_the_program_is_in_no_state(up, api, language):
    assert up["state"]
    assert [text for text in up["state"] if TOKEN in text] == []
    held = [one["data"] for one in api.list("v1", "Secret", language.namespace)]
    assert len(held) == 1
