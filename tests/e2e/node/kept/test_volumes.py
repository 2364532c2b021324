"""Volumes on a node: bound, mounted, kept over the replacement of a pod, and kept or deleted afterwards as the stack file says."""

import json
import subprocess

import pytest

from tests.e2e.cli import Cli
from tests.e2e.engine import Bucket, engine_environment
from tests.e2e.node.kept.volumes import SIZE, provided
from tests.e2e.node.pods import PACKAGES, START_SECONDS, is_ready
from tests.e2e.project import KEY, Copy
from tests.e2e.waiting import until
from tests.judges.stacks import ROOT

STACK = "volumes"
NAMESPACE = "mcp-e2e-volumes"
CLASS = "premium-ssd"
END_SECONDS = 90

VOLUMES = ("one", "two", "three")


@pytest.fixture(scope="module")
def storage_class(cluster, api, reference, tmp_path_factory):
    """Where volumes come from."""
    with provided(cluster, api, tmp_path_factory.mktemp("volumes"), CLASS, VOLUMES) as found:
        yield found


def server(reference, storage_class, claims, when_deleted):
    """A server with volumes of its own."""
    repository, _, digest = reference.partition("@")
    return {
        "image": {"repository": repository, "digest": digest},
        "command": ["python", "/opt/e2e/servers/units.py", "--host", "0.0.0.0", "--port", "8000"],
        "env": {"PYTHONPATH": PACKAGES},
        "resources": {"requests": {"cpu": "50m", "memory": "96Mi"}},
        "storage_class": storage_class,
        "storage": {"when_deleted": when_deleted, "claims": {name: {"path": path, "size": SIZE} for name, path in claims.items()}},
    }


@pytest.fixture(scope="module")
def project(reference, storage_class, tmp_path_factory):
    stack = {
        "namespace": {"name": NAMESPACE},
        "image": {"pull_policy": "IfNotPresent"},
        "gateway": {"enabled": False},
        "servers": {
            "kept": server(reference, storage_class, {"data": "/data/db", "index": "/data/index"}, "Retain"),
            "gone": server(reference, storage_class, {"data": "/data/db"}, "Delete"),
        },
    }
    copy = Copy(ROOT, "staging", tmp_path_factory.mktemp("volumes") / "project")
    return copy.as_stack(STACK, {"pulumi:disable-default-providers": ["kubernetes"], KEY: stack})


@pytest.fixture(scope="module")
def cli(project, api, provider, endpoint, pulumi_home, hosts):
    """The project with its stack up; whatever it leaves behind is taken away at the end."""
    found = Cli(project.directory, engine_environment(pulumi_home, Bucket(endpoint, "state-volumes"), provider[1]), hosts)
    found.must("stack", "init", STACK)
    found.up(STACK)
    yield found
    found.destroy(STACK)
    api.delete(f"/api/v1/namespaces/{NAMESPACE}")


def pod(api, name):
    """The one pod of a server, once it is ready."""
    return api.wait(f"/api/v1/namespaces/{NAMESPACE}/pods/{STACK}-{name}-0", is_ready, START_SECONDS, "ready")


def claims(api):
    """Claims by name."""
    return {one["metadata"]["name"]: one for one in api.list("v1", "PersistentVolumeClaim", NAMESPACE)}


def written(cluster, name, path, text=None):
    """What a file says in a server's container, after `text` was written to it."""
    script = (
        "import pathlib, sys; at = pathlib.Path(sys.argv[1]); sys.argv[2:] and at.write_text(sys.argv[2]); print(at.read_text())"
    )
    command = ["kubectl", "--kubeconfig", cluster.kubeconfig, "exec", "-n", NAMESPACE, f"{STACK}-{name}-0", "--"]
    done = subprocess.run(
        [*command, "python", "-c", script, path, *([text] if text else [])],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parity("stack.persistence")
def test_claims_are_bound_as_written_and_mounted(cli, api, cluster, storage_class):
    found = pod(api, "kept")
    mounts = {one["name"]: one["mountPath"] for one in found["spec"]["containers"][0]["volumeMounts"]}
    assert {"data": "/data/db", "index": "/data/index"}.items() <= mounts.items()
    bound = {
        name: (one["status"]["phase"], one["spec"]["storageClassName"], one["spec"]["resources"]["requests"])
        for name, one in claims(api).items()
    }
    expected = ("Bound", storage_class, {"storage": SIZE})
    pod(api, "gone")
    assert bound == dict.fromkeys((f"data-{STACK}-kept-0", f"index-{STACK}-kept-0", f"data-{STACK}-gone-0"), expected)


@pytest.mark.parity("stack.stateful")
def test_data_survive_the_replacement_of_a_pod(cli, api, cluster):
    old = pod(api, "kept")["metadata"]["uid"]
    assert written(cluster, "kept", "/data/db/one", "first") == "first"
    api.request("DELETE", f"/api/v1/namespaces/{NAMESPACE}/pods/{STACK}-kept-0")
    until(lambda: uid(api) not in (None, old), END_SECONDS, "another pod in its place")
    assert pod(api, "kept")["metadata"]["uid"] != old
    assert written(cluster, "kept", "/data/db/one") == "first"


def uid(api):
    """Which pod it is."""
    found = api.get(f"/api/v1/namespaces/{NAMESPACE}/pods/{STACK}-kept-0")
    return found and found["metadata"]["uid"]


@pytest.mark.parity("stack.stateful", "stack.persistence")
def test_a_new_configuration_replaces_the_pod_without_a_deadlock_over_its_volume(cli, api, cluster, project):
    data, old = project.data, pod(api, "kept")["metadata"]["uid"]
    data["servers"]["kept"]["env"]["CHANGED"] = "yes"
    project.write(data)
    cli.up(STACK)
    until(lambda: uid(api) not in (None, old), END_SECONDS, "another pod in its place")
    pod(api, "kept")
    assert written(cluster, "kept", "/data/db/one") == "first"


@pytest.mark.parity("stack.persistence")
def test_a_removed_server_keeps_or_loses_its_volumes_as_the_stack_file_says(cli, api, cluster, project):
    data = project.data
    other = {"other": {key: value for key, value in data["servers"]["kept"].items() if not key.startswith("storage")}}
    project.write({**data, "servers": other})
    cli.up(STACK)
    kept = {f"data-{STACK}-kept-0", f"index-{STACK}-kept-0"}
    until(lambda: claims(api).keys() == kept, END_SECONDS, "the claim of the server that gives its volumes up to go")
    project.write(data)
    cli.up(STACK)
    pod(api, "kept")
    assert written(cluster, "kept", "/data/db/one") == "first"


@pytest.mark.parity("stack.uninstall")
def test_destroy_leaves_the_volumes_that_are_to_stay_and_their_namespace_and_nothing_else(cli, api):
    cli.destroy(STACK)
    assert json.loads(cli.must("stack", "export", "-s", STACK))["deployment"].get("resources", []) == []
    kept = {f"data-{STACK}-kept-0", f"index-{STACK}-kept-0"}
    until(lambda: claims(api).keys() == kept, END_SECONDS, "the claim that is to go with its server")
    assert "deletionTimestamp" not in api.get(f"/api/v1/namespaces/{NAMESPACE}")["metadata"]
    until(lambda: ours(api) == [], END_SECONDS, "everything else to go")


def ours(api):
    """What is left with the stack's labels, claims aside."""
    kinds = [
        ("v1", "Pod"),
        ("v1", "Service"),
        ("v1", "Secret"),
        ("v1", "ConfigMap"),
        ("v1", "ServiceAccount"),
        ("apps/v1", "StatefulSet"),
    ]
    kinds += [("apps/v1", "Deployment"), ("networking.k8s.io/v1", "NetworkPolicy"), ("policy/v1", "PodDisruptionBudget")]
    found = [
        (kind, api.list(version, kind, NAMESPACE, labelSelector=f"app.kubernetes.io/instance={STACK}")) for version, kind in kinds
    ]
    return [f"{kind} {one['metadata']['name']}" for kind, items in found for one in items]


@pytest.mark.parity("stack.uninstall")
def test_destroy_takes_the_namespace_along_where_nothing_in_it_is_to_stay(cli, api, project):
    """The next stack in the namespace that stayed calls it somebody else's; this one goes on in another."""
    data = project.data
    project.write({**data, "namespace": {"name": f"{NAMESPACE}-2"}, "servers": {"gone": data["servers"]["gone"]}})
    cli.up(STACK)
    path = f"/api/v1/namespaces/{NAMESPACE}-2"
    assert api.get(path) is not None
    cli.destroy(STACK)
    assert api.get(path) is None
