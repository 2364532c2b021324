"""A stack on a real node, under load by real clients: what happens to pods in a cluster's life loses no call."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.node.load.deployed import CALLS, HIGH_PERCENT, LOW_PERCENT, NAMESPACE, PARTS, STACK
from tests.e2e.node.pods import START_SECONDS, is_ready
from tests.e2e.waiting import until

SCALE_SECONDS = 180


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


@pytest.mark.parity("hangar.container-server")
def test_a_real_client_calls_a_tool_of_each_server_through_service_and_gateway(load):
    with load.lossless("nothing", 200) as stats:
        pass
    called = {tuple(name.split()) for name in stats["by"]}
    assert called == {(era, tool) for era in ("auto", "legacy") for tool in ("units__convert", "clock__between")}


@pytest.mark.parity("aggregate.graceful-shutdown")
def test_a_rollout_loses_no_call(deployed, load):
    """Of the three parts at once."""
    old = {part: {pod["metadata"]["uid"] for pod in deployed.pods(part)} for part in PARTS}
    with load.lossless("rollout of all parts"):
        for part in PARTS:
            deployed.restart(part)
        for part in PARTS:
            deployed.settled(part)
    for part, uids in old.items():
        assert not uids & {pod["metadata"]["uid"] for pod in deployed.pods(part)}, part


@pytest.mark.parity("stack.upgrade-rollback", "aggregate.configmap")
def test_a_new_configuration_and_its_rollback_lose_no_call_and_stand_in_the_history(deployed, load, cli, project):
    data = project.data
    with load.lossless("new configuration and rollback"):
        for instructions in ("Changed while it runs.", None):
            project.write({**data, "gateway": {**data["gateway"], **({"instructions": instructions} if instructions else {})}})
            old = {pod["metadata"]["uid"] for pod in deployed.pods("gateway")}
            cli.up(STACK)
            deployed.settled("gateway")
            assert not old & {pod["metadata"]["uid"] for pod in deployed.pods("gateway")}
    newest = json.loads(cli.must("stack", "history", "--json", "-s", STACK))[:2]
    assert [(one["kind"], one["result"]) for one in newest] == [("update", "succeeded")] * 2


@pytest.mark.parity("stack.upgrade-rollback")
def test_a_rollout_that_does_not_become_ready_keeps_the_old_pods_and_can_be_taken_back(deployed, load, cli, project):
    """An image that is not there, and a stdio server whose process ends when it starts."""
    data = project.data
    servers = {name: dict(data["servers"][name]) for name in ("clock", "units")}
    old = {part: {pod["metadata"]["uid"] for pod in deployed.pods(part)} for part in servers}
    servers["clock"]["env"] = {**servers["clock"]["env"], "PYTHONPATH": "/nowhere"}
    servers["units"]["image"] = {**servers["units"]["image"], "digest": f"sha256:{'0' * 64}"}
    with load.lossless("absent image and crash", CALLS // 4):
        project.write({**data, "servers": servers})
        cli.up(STACK)
        until(lambda: any(cannot_be_pulled(pod) for pod in deployed.pods("units")), START_SECONDS, "the image to be asked for")
        until(lambda: any(not_started(deployed, pod) for pod in deployed.pods("clock")), START_SECONDS, "the process to end")
        for part, uids in old.items():
            assert uids <= {pod["metadata"]["uid"] for pod in deployed.pods(part) if is_ready(pod)}
        project.write(data)
        cli.up(STACK)
        for part in servers:
            deployed.settled(part)
    assert old == {part: {pod["metadata"]["uid"] for pod in deployed.pods(part)} for part in servers}


def cannot_be_pulled(pod):
    waiting = [one["state"].get("waiting", {}) for one in pod.get("status", {}).get("containerStatuses", [])]
    return any(one.get("reason") in ("ErrImagePull", "ImagePullBackOff") for one in waiting)


def not_started(deployed, pod):
    """Whether a pod's log says that its server's process does not start."""
    running = any("running" in one["state"] for one in pod.get("status", {}).get("containerStatuses", []))
    return running and "has not started" in deployed.log(pod)


def test_the_eviction_of_each_pod_loses_no_call(deployed, load):
    """Of the three parts at once, and of each part one after the other, as the budgets have it."""
    with load.lossless("eviction of each pod"), ThreadPoolExecutor(len(PARTS)) as pool:
        evicted = sum(pool.map(lambda part: evict_each(deployed, part), PARTS))
    assert evicted >= 2 * len(PARTS)


def evict_each(deployed, part):
    """How many pods were evicted."""
    pods = deployed.pods(part)
    for pod in pods:
        deployed.evict(pod)
        deployed.settled(part)
        assert pod["metadata"]["uid"] not in {one["metadata"]["uid"] for one in deployed.pods(part)}
    return len(pods)


def test_the_autoscaler_adds_gateways_under_load_and_takes_them_away_without_losing_a_call(deployed, load, cli, project):
    """What a gateway takes of a CPU depends on the machine, so the target moves to the load and away again, by the stack file."""
    with load.lossless("scaling up"):
        aim_at(cli, project, LOW_PERCENT)
        until(lambda: len([pod for pod in deployed.pods("gateway") if is_ready(pod)]) > 2, SCALE_SECONDS, "a third gateway")
    with load.lossless("scaling down"):
        aim_at(cli, project, HIGH_PERCENT)
        until(lambda: len(deployed.pods("gateway")) == 2, SCALE_SECONDS, "the autoscaler to take the third gateway away")
        deployed.settled("gateway")


def aim_at(cli, project, percent):
    """Sets the autoscaler's target."""
    data = project.data
    data["gateway"]["autoscaling"]["cpu"] = percent
    project.write(data)
    cli.up(STACK)
