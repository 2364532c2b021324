"""New values in the stores, under load: they reach the processes within the refresh time, and no call or stream is lost."""

import subprocess
import time

import pytest

from tests.e2e.node.load.deployed import ENVIRONMENT, NAMESPACE, STACK
from tests.e2e.node.pods import START_SECONDS, in_pod, new_key, new_session_key
from tests.e2e.waiting import until

REFRESH_SECONDS = 150
"""A kubelet looks for changed Secrets every minute, with a cache of another (kubernetes.io, configuration/secret)."""

EXEC_SECONDS = 120
LOOK_SECONDS = 4
"""A look starts a Python in a pod."""

RESTARTED = ("clock", "units")


@pytest.mark.usefixtures("stream")
@pytest.mark.parity("stack.secret-rotation", "stack.secret-consume")
def test_rotated_keys_reach_every_gateway_without_a_restart_and_rotated_variables_by_one(
    deployed, load, keys, aws, tokens, cluster
):
    gateways = {pod["metadata"]["uid"]: pod for pod in deployed.pods("gateway")}
    old_pods = {part: {pod["metadata"]["uid"] for pod in deployed.pods(part)} for part in RESTARTED}
    addresses = [pod["status"]["podIP"] for pod in gateways.values()]
    old, new = keys["retired"], new_key()

    def answers():
        """Whether the old and the new key are admitted, at each gateway."""
        return admitted(cluster, addresses, [old[0], new[0]])

    def seen():
        """What the processes of the servers have as their token."""
        return {part: {token(cluster, pod, f"{part}.py") for pod in deployed.pods(part)} for part in RESTARTED}

    assert answers() == {(True, False)}
    assert seen() == {"clock": {"first-of-clock"}, "units": {"first-of-units"}}
    with load.lossless("rotation of keys and tokens"):
        began = time.monotonic()
        aws.put_secret_value(SecretId="mcp/api-keys", SecretString=keys["load"][1] + new[1])
        aws.put_secret_value(SecretId="mcp/session-keys", SecretString=new_session_key() + keys["sessions"])
        tokens.values |= {(ENVIRONMENT, "/CLOCK"): "second-of-clock", (ENVIRONMENT, "/UNITS"): "second-of-units"}
        what = "the new key in place of the old one at every gateway"
        until(lambda: answers() == {(False, True)}, REFRESH_SECONDS, what, longest=LOOK_SECONDS)
        print(f"rotation of files: {time.monotonic() - began:.0f} s")
        for part in RESTARTED:
            until(lambda part=part: old_pods[part] - uids(deployed, part), START_SECONDS, f"{part} to be rolled")
            deployed.settled(part)
            assert not old_pods[part] & uids(deployed, part)
        assert seen() == {"clock": {"second-of-clock"}, "units": {"second-of-units"}}
        print(f"rotation of variables: {time.monotonic() - began:.0f} s")
    after = {pod["metadata"]["uid"]: pod for pod in deployed.pods("gateway")}
    assert after.keys() == gateways.keys()
    assert {one["restartCount"] for pod in after.values() for one in pod["status"]["containerStatuses"]} == {0}


def uids(deployed, part):
    """Which pods there are."""
    return {pod["metadata"]["uid"] for pod in deployed.pods(part)}


TOKEN = """
import pathlib, sys
for process in pathlib.Path("/proc").glob("[0-9]*"):
    try:
        if sys.argv[1] in (process / "cmdline").read_text().split("\\0")[1]:
            found = dict(one.split("=", 1) for one in (process / "environ").read_text().split("\\0") if "=" in one)
            print(found["TOKEN"])
            break
    except (OSError, IndexError):
        continue
"""


def token(cluster, pod, program):
    """Variable TOKEN of the process that runs `program`."""
    return inside(cluster, pod["metadata"]["name"], TOKEN, f"/opt/e2e/servers/{program}").strip()


def inside(cluster, pod, script, *arguments):
    """What a Python script prints in a pod."""
    done = subprocess.run(
        in_pod(cluster, NAMESPACE, pod, script, *arguments), capture_output=True, text=True, timeout=EXEC_SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


ASK = """
import http.client, sys
count = int(sys.argv[2])
for address in sys.argv[3 : 3 + count]:
    for key in sys.argv[3 + count :]:
        connection = http.client.HTTPConnection(address, 8080, timeout=20)
        headers = {"Authorization": "Bearer " + key, "Host": sys.argv[1], "Content-Type": "application/json"}
        connection.request("POST", "/mcp", body="{}", headers={**headers, "Accept": "application/json, text/event-stream"})
        print(connection.getresponse().status)
"""


def admitted(cluster, addresses, keys):
    """Of each gateway, whether it lets each key in. An empty request does: 401 comes before anybody looks at the request."""
    host = f"{STACK}-gateway.{NAMESPACE}.svc:8080"
    lines = inside(cluster, "load", ASK, host, str(len(addresses)), *addresses, *keys).split()
    found = [line != "401" for line in lines]
    return {tuple(found[at : at + len(keys)]) for at in range(0, len(found), len(keys))}
