"""A stack on a real node, under load by real clients: what happens to pods in a cluster's life loses no call."""

import json
import subprocess
import time

import pytest

from tests.e2e.cli import Cli
from tests.e2e.deployed import (
    HIGH_PERCENT,
    LOW_PERCENT,
    NAMESPACE,
    STACK,
    START_SECONDS,
    Deployed,
    Load,
    keys_secret,
    load_pod,
    new_key,
    new_session_key,
    stack,
)
from tests.e2e.engine import Bucket, engine_environment
from tests.e2e.images import image
from tests.e2e.project import KEY, Copy
from tests.e2e.waiting import until
from tests.judges.stacks import ROOT

CALLS = 2000
"""At least so many calls are made while something happens, and none of them is lost."""

CLIENTS = 12
PARTS = ("gateway", "clock", "units")

CALL_SECONDS = 240
SCALE_SECONDS = 180

REFRESH_SECONDS = 150
"""A kubelet looks for changed Secrets every minute, with a cache of another (kubernetes.io, configuration/secret)."""


@pytest.fixture(scope="module")
def reference(cluster, tmp_path_factory):
    """The image by digest, on a cluster with a node."""
    cluster.up("all")
    return image(cluster, tmp_path_factory.mktemp("image"))


@pytest.fixture(scope="module")
def project(reference, tmp_path_factory):
    copy = Copy(ROOT, "staging", tmp_path_factory.mktemp("node") / "project")
    document = {"pulumi:disable-default-providers": ["kubernetes"], KEY: stack(reference)}
    return copy.as_stack(STACK, document)


@pytest.fixture(scope="module")
def cli(project, provider, endpoint, pulumi_home, hosts):
    found = Cli(project.directory, engine_environment(pulumi_home, Bucket(endpoint, "state-node"), provider[1]), hosts)
    found.must("stack", "init", STACK)
    yield found
    found.destroy(STACK)


@pytest.fixture(scope="module")
def keys():
    """Keys of two callers with their entries, and the file of session keys."""
    return {"load": new_key(), "retired": new_key(), "sessions": new_session_key()}


@pytest.fixture(scope="module")
def deployed(cli, api, keys):
    """The stack, up and ready."""
    cli.up(STACK)
    api.apply(keys_secret(keys["load"][1] + keys["retired"][1], keys["sessions"]), "e2e")
    found = Deployed(api)
    for part in PARTS:
        found.settled(part)
    return found


@pytest.fixture(scope="module")
def load(deployed, api, reference, keys):
    """Clients that call until the module's tests are over."""
    pod = load_pod(reference, keys["load"][0], CLIENTS)
    api.apply(pod, "e2e")
    api.wait(api.path_of(pod), is_ready, 120, "ready")
    found = Load(api)
    yield found
    api.delete(api.path_of(pod))


def is_ready(pod):
    return any(one["type"] == "Ready" and one["status"] == "True" for one in pod.get("status", {}).get("conditions", []))


def nothing_lost(load, before, happened, calls=CALLS):
    """Counts after at least `calls` since `before`, of which some came after everything had happened."""
    stats = load.after(max(before["done"] + calls, load.stats()["done"] + calls // 10), CALL_SECONDS)
    print(f"{happened}: {stats['done'] - before['done']} calls, slowest {stats['slowest']} s")
    assert stats["first_lost"] == []
    assert stats["lost"] == 0
    return stats


def test_the_image_runs_restricted(deployed, api):
    labels = api.get(f"/api/v1/namespaces/{NAMESPACE}")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    for part in PARTS:
        pods = deployed.pods(part)
        assert len(pods) == 2, part
        assert all(is_ready(pod) for pod in pods)
        assert {one["restartCount"] for pod in pods for one in pod["status"]["containerStatuses"]} == {0}
        for pod in pods:
            container = pod["spec"]["containers"][0]
            assert pod["spec"]["securityContext"]["runAsUser"] >= 10000
            assert container["securityContext"]["readOnlyRootFilesystem"] is True


def test_a_real_client_calls_a_tool_of_each_server_through_service_and_gateway(load):
    stats = load.after(200, CALL_SECONDS)
    assert stats["first_lost"] == []
    called = {tuple(name.split()) for name in stats["by"]}
    assert called == {(era, tool) for era in ("auto", "legacy") for tool in ("units__convert", "clock__between")}


@pytest.mark.parity("aggregate.graceful-shutdown")
@pytest.mark.parametrize("part", PARTS)
def test_a_rollout_loses_no_call(deployed, load, part):
    before = load.stats()
    old = {pod["metadata"]["uid"] for pod in deployed.pods(part)}
    deployed.restart(part)
    deployed.settled(part)
    assert not old & {pod["metadata"]["uid"] for pod in deployed.pods(part)}
    nothing_lost(load, before, f"rollout of {part}", CALLS // len(PARTS) + 1)


@pytest.mark.parity("stack.upgrade-rollback")
def test_a_new_configuration_and_its_rollback_lose_no_call_and_stand_in_the_history(deployed, load, cli, project):
    data, before = project.data, load.stats()
    for instructions in ("Changed while it runs.", None):
        project.write({**data, "gateway": {**data["gateway"], **({"instructions": instructions} if instructions else {})}})
        old = {pod["metadata"]["uid"] for pod in deployed.pods("gateway")}
        cli.up(STACK)
        deployed.settled("gateway")
        assert not old & {pod["metadata"]["uid"] for pod in deployed.pods("gateway")}
    nothing_lost(load, before, "new configuration and rollback")
    newest = json.loads(cli.must("stack", "history", "--json", "-s", STACK))[:2]
    assert [(one["kind"], one["result"]) for one in newest] == [("update", "succeeded")] * 2


@pytest.mark.parity("stack.upgrade-rollback")
def test_a_rollout_that_does_not_become_ready_keeps_the_old_pods_and_can_be_taken_back(deployed, load, cli, project):
    data, before = project.data, load.stats()
    old = {pod["metadata"]["uid"] for pod in deployed.pods("units")}
    absent = {**data["servers"]["units"], "image": {**data["servers"]["units"]["image"], "digest": f"sha256:{'0' * 64}"}}
    project.write({**data, "servers": {**data["servers"], "units": absent}})
    cli.up(STACK)
    until(lambda: any(cannot_be_pulled(pod) for pod in deployed.pods("units")), START_SECONDS, "the absent image to be asked for")
    assert old <= {pod["metadata"]["uid"] for pod in deployed.pods("units") if is_ready(pod)}
    project.write(data)
    cli.up(STACK)
    deployed.settled("units")
    assert old == {pod["metadata"]["uid"] for pod in deployed.pods("units")}
    nothing_lost(load, before, "absent image", CALLS // 4)


def cannot_be_pulled(pod):
    waiting = [one["state"].get("waiting", {}) for one in pod.get("status", {}).get("containerStatuses", [])]
    return any(one.get("reason") in ("ErrImagePull", "ImagePullBackOff") for one in waiting)


def test_the_eviction_of_each_pod_loses_no_call(deployed, load):
    before = load.stats()
    evicted = 0
    for part in PARTS:
        for pod in deployed.pods(part):
            deployed.evict(pod)
            evicted += 1
            deployed.settled(part)
            assert pod["metadata"]["uid"] not in {one["metadata"]["uid"] for one in deployed.pods(part)}
    assert evicted >= 2 * len(PARTS)
    nothing_lost(load, before, f"eviction of {evicted} pods")


def test_the_autoscaler_adds_gateways_under_load_and_takes_them_away_without_losing_a_call(deployed, load, cli, project):
    """What a gateway takes of a CPU depends on the machine, so the target moves to the load and away again, by the stack file."""
    before = load.stats()
    aim_at(cli, project, LOW_PERCENT)
    until(lambda: len([pod for pod in deployed.pods("gateway") if is_ready(pod)]) > 2, SCALE_SECONDS, "a third gateway")
    grown = nothing_lost(load, before, "scaling up")
    aim_at(cli, project, HIGH_PERCENT)
    until(lambda: len(deployed.pods("gateway")) == 2, SCALE_SECONDS, "the autoscaler to take the third gateway away")
    deployed.settled("gateway")
    nothing_lost(load, grown, "scaling down")


def aim_at(cli, project, percent):
    """Sets the autoscaler's target."""
    data = project.data
    data["gateway"]["autoscaling"]["cpu"] = percent
    project.write(data)
    cli.up(STACK)


def test_a_rotated_key_reaches_every_gateway_without_a_restart(deployed, load, api, keys, cluster):
    parts = ("gateway", "clock")
    pods = {pod["metadata"]["uid"]: pod for part in parts for pod in deployed.pods(part)}
    gateways = [pod["status"]["podIP"] for pod in deployed.pods("gateway")]
    before = load.stats()
    old, new = keys["retired"], new_key()

    def answers():
        """Whether the old and the new key are admitted, at each gateway."""
        return {tuple(ask(cluster, address, key[0]) != 401 for key in (old, new)) for address in gateways}

    assert answers() == {(True, False)}
    api.apply(keys_secret(keys["load"][1] + new[1], new_session_key() + keys["sessions"]), "e2e")
    began = time.monotonic()
    until(lambda: answers() == {(False, True)}, REFRESH_SECONDS, "the new key in place of the old one at every gateway")
    print(f"rotation: {time.monotonic() - began:.0f} s")
    nothing_lost(load, before, "rotation of the keys")
    after = {pod["metadata"]["uid"]: pod for part in parts for pod in deployed.pods(part)}
    assert after.keys() == pods.keys()
    assert {one["restartCount"] for pod in after.values() for one in pod["status"]["containerStatuses"]} == {0}


ASK = """
import http.client, sys
connection = http.client.HTTPConnection(sys.argv[1], 8080, timeout=10)
headers = {"Authorization": "Bearer " + sys.argv[2], "Host": sys.argv[3], "Content-Type": "application/json"}
connection.request("POST", "/mcp", body="{}", headers={**headers, "Accept": "application/json, text/event-stream"})
print(connection.getresponse().status)
"""


def ask(cluster, address, key):
    """Status of an empty request to one gateway, sent from within the cluster: 401 before anybody looks at the request."""
    host = f"{STACK}-gateway.{NAMESPACE}.svc:8080"
    command = ["kubectl", "--kubeconfig", cluster.kubeconfig, "exec", "-n", NAMESPACE, "load", "--"]
    done = subprocess.run(
        [*command, "python", "-c", ASK, address, key, host], capture_output=True, text=True, timeout=30, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return int(done.stdout)
