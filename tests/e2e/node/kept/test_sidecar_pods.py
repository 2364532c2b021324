"""The proxy as a native sidecar in a team's own pods, on a real node: who reaches the server, and what begins and ends when."""

import base64
import json
import subprocess
import time

import pulumi
import pulumi_kubernetes as k8s
import pytest

from mcp_stack.proxy import McpProxy
from tests.e2e.engine import Bucket, engine_environment
from tests.e2e.node.pods import PACKAGES, START_SECONDS, in_pod, is_ready, rolled_out
from tests.e2e.programs import Program
from tests.e2e.waiting import until

STACK, NAMESPACE = "sidecar", "mcp-sidecar"
LABELS = {"app": "units"}
DEPLOYMENT = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/units"
REPLICAS = 2
CALLS = 400
CALLS_SECONDS = 240

RESTRICTED = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
SECURITY = {"runAsNonRoot": True, "runAsUser": 20001, "runAsGroup": 20001, "seccompProfile": {"type": "RuntimeDefault"}}

CALL = """
import asyncio, json, os, sys, time
from contextlib import asynccontextmanager
import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

@asynccontextmanager
async def transport(url, key):
    sockets = httpx2.AsyncHTTPTransport(retries=6)
    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {key}"}, transport=sockets, timeout=30) as http,
        streamable_http_client(url, http_client=http) as streams,
    ):
        yield streams

async def main(url, key, calls):
    done, lost = 0, []
    for number in range(calls // 20):
        mode = ("auto", "legacy")[number % 2]
        try:
            async with Client(transport(url, key), mode=mode, read_timeout_seconds=30) as client:
                for value in range(20):
                    answer = await client.call_tool("convert", {"value": value, "source": "km", "target": "m"})
                    assert (answer.structured_content or {}).get("value") == value * 1000, answer
                    done += 1
                    await asyncio.sleep(0.02)
        except BaseException as error:
            lost.append(f"{mode}: {error!r}")
    print(json.dumps({"done": done, "lost": lost}))

asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""
"""Calls one after the other, half of them with sessions. Only connecting is tried again: see tests/e2e/image/load.py."""

ASK = """
import http.client, sys
connection = http.client.HTTPConnection(sys.argv[1], int(sys.argv[2]), timeout=10)
headers = {"Host": sys.argv[3], "Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
connection.request("POST", "/mcp", body="{}", headers={**headers, **dict(one.split("=", 1) for one in sys.argv[4:])})
print(connection.getresponse().status)
"""


def container(name, image, command, **more):
    return {
        "name": name,
        "image": image,
        "command": command,
        "env": [{"name": "PYTHONPATH", "value": PACKAGES}, {"name": "HOME", "value": "/tmp"}],
        "securityContext": RESTRICTED,
        "resources": {"requests": {"cpu": "50m", "memory": "96Mi"}, "limits": {"memory": "256Mi"}},
        **more,
    }


def template(image):
    """The team's pod as it is without us. The pause lets the Service forget a pod before its server ends."""
    command = ["python", "/opt/e2e/servers/units.py", "--host", "0.0.0.0", "--port", "8000"]
    server = container(
        "units", image, command, ports=[{"containerPort": 8000}], lifecycle={"preStop": {"sleep": {"seconds": 8}}},
        readinessProbe={"tcpSocket": {"port": 8000}, "periodSeconds": 1},
    )  # fmt: skip
    spec = {"securityContext": SECURITY, "automountServiceAccountToken": False, "terminationGracePeriodSeconds": 40}
    return {"metadata": {"labels": LABELS}, "spec": {**spec, "containers": [server]}}


def team(image):
    """As examples/sidecar, with an image that is there."""

    def run():
        repository, _, digest = image.partition("@")
        options = pulumi.ResourceOptions(provider=k8s.Provider("cluster", enable_secret_mutable=True))
        proxy = McpProxy(
            "units",
            {
                "namespace": NAMESPACE,
                "proxy_image": {"repository": repository, "digest": digest},
                "sidecar": {"port": 8000, "selector": LABELS, "replicas": REPLICAS},
                "secrets": {
                    "callers": {"existing": "agent-keys", "key": "api-keys.yaml"},
                    "sealing": {"existing": "agent-keys", "key": "session-keys"},
                },
                "authentication": {"api_keys": {"secret": "callers"}},
                "sessions": {"keys": {"secret": "sealing"}},
                "validation": {"arguments": "enforce"},
                "clients": [{"pods": {"app": "ai-agent"}}],
            },
            options,
        )
        spec = {
            "replicas": REPLICAS,
            "selector": {"matchLabels": LABELS},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
            "template": proxy.inject(template(image)),
        }
        after = pulumi.ResourceOptions.merge(options, pulumi.ResourceOptions(depends_on=[proxy]))
        k8s.apps.v1.Deployment("units", metadata={"name": "units", "namespace": NAMESPACE}, spec=spec, opts=after)
        pulumi.export("url", proxy.url)

    return run


@pytest.fixture(scope="module")
def namespace(api, keys):
    """What is there before: the namespace, as restricted as they go, and the keys of callers and sessions."""
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": labels}}, "e2e")
    files = {"api-keys.yaml": keys["load"][1], "session-keys": keys["sessions"]}
    data = {name: base64.b64encode(text.encode()).decode() for name, text in files.items()}
    api.apply(
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "agent-keys", "namespace": NAMESPACE}, "data": data}, "e2e"
    )
    yield
    api.delete(f"/api/v1/namespaces/{NAMESPACE}")


@pytest.fixture(scope="module")
def up(reference, namespace, api, provider, endpoint, pulumi_home, tmp_path_factory):
    """The program's outputs, once its pods are ready."""
    environment = engine_environment(pulumi_home, Bucket(endpoint, "state-sidecar-node"), provider[1])
    program = Program(STACK, tmp_path_factory.mktemp("sidecar-node"), environment)
    program.up(team(reference))
    api.wait(DEPLOYMENT, rolled_out, START_SECONDS, "rolled out")
    yield program.outputs()
    program.destroy()


@pytest.fixture(scope="module")
def agent(up, api, reference):
    """A pod that may call, in which tests run what they need."""
    asleep = container("agent", reference, ["python", "-c", "import time; time.sleep(86400)"])
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "agent", "namespace": NAMESPACE, "labels": {"app": "ai-agent"}},
        "spec": {
            "containers": [asleep],
            "securityContext": SECURITY,
            "automountServiceAccountToken": False,
            "terminationGracePeriodSeconds": 1,
        },
    }
    api.apply(pod, "e2e")
    api.wait(api.path_of(pod), is_ready, START_SECONDS, "ready")
    yield "agent"
    api.delete(api.path_of(pod))


def printed(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def pods(api):
    found = api.list("v1", "Pod", NAMESPACE, labelSelector="app=units")
    return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]


@pytest.mark.parity("stack.package")
def test_the_server_begins_when_the_proxy_has_started_and_neither_begins_twice(up, api):
    found = pods(api)
    assert len(found) == REPLICAS
    for pod in found:
        (proxy,) = pod["status"]["initContainerStatuses"]
        (server,) = pod["status"]["containerStatuses"]
        assert (proxy["started"], proxy["ready"], proxy["restartCount"], server["restartCount"]) == (True, True, 0, 0)
        assert proxy["state"]["running"]["startedAt"] <= server["state"]["running"]["startedAt"]
        assert pod["spec"]["initContainers"][0]["securityContext"]["runAsUser"] >= 10000


@pytest.mark.parity("stack.package")
def test_clients_of_both_eras_call_the_server_through_the_proxy(up, agent, cluster, keys):
    asked = in_pod(cluster, NAMESPACE, agent, CALL, up["url"], keys["load"][0], 40)
    answer = printed(subprocess.run(asked, capture_output=True, text=True, timeout=CALLS_SECONDS, check=False))
    assert answer == {"done": 40, "lost": []}


@pytest.mark.parity("stack.package")
def test_who_has_no_key_is_answered_by_the_proxy_and_not_by_the_server(up, agent, cluster, keys):
    host, _, port = up["url"].removeprefix("http://").removesuffix("/mcp").partition(":")
    for header, expected in (((), 401), ((f"Authorization=Bearer {keys['retired'][0]}",), 401)):
        asked = in_pod(cluster, NAMESPACE, agent, ASK, host, port, f"{host}:{port}", *header)
        assert printed(subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False)) == expected


@pytest.mark.parity("stack.package")
def test_a_rollout_of_the_teams_pods_loses_no_call(up, agent, cluster, keys, api):
    old = {pod["metadata"]["uid"] for pod in pods(api)}
    asked = in_pod(cluster, NAMESPACE, agent, CALL, up["url"], keys["load"][0], CALLS)
    with subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as calling:
        annotation = {"kubectl.kubernetes.io/restartedAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
        api.merge(DEPLOYMENT, {"spec": {"template": {"metadata": {"annotations": annotation}}}})
        api.wait(DEPLOYMENT, rolled_out, START_SECONDS, "rolled out")
        until(lambda: not old & {pod["metadata"]["uid"] for pod in pods(api)}, START_SECONDS, "the old pods to end")
        output, errors = calling.communicate(timeout=CALLS_SECONDS)
    assert calling.returncode == 0, errors
    answer = json.loads(output)
    assert answer == {"done": CALLS, "lost": []}
