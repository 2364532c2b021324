"""McpProxy in a program: with pods of its own, in somebody's pods, and as the process that these run."""

import asyncio
import os
import re
import sys
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pulumi
import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError

from mcp_stack.manifests.sidecar import sidecar_objects
from mcp_stack.proxy import McpProxy
from mcp_stack.spec.upstream import load_upstream
from tests.components.conftest import PROXY
from tests.deadlines import SOON
from tests.ports import reserved

ROOT = Path(__file__).parents[2]
SIDECAR = {"port": 8080, "selector": {"app": "orders"}}
BASE = {"namespace": "team", "proxy_image": PROXY, "trust_network": True}
POD = {"metadata": {"labels": {"app": "orders"}}, "spec": {"containers": [{"name": "app", "image": "ghcr.io/acme/orders:1"}]}}


def made(result):
    return {one.inputs["kind"]: one.inputs for one in result.resources if one.type.startswith("kubernetes:")}


@pytest.mark.parity("mpl.standalone")
def test_a_proxy_with_pods_of_its_own(run):
    args = {
        **BASE,
        "url": "http://mcp-server.default.svc.cluster.local:8080/mcp",
        "monitoring": {"labels": {"release": "prometheus"}},
        "replicas": 1,
    }

    def program():
        pulumi.export("url", McpProxy("orders", args).url)

    result = run(program)
    found = made(result)
    assert {"Deployment", "Service", "ConfigMap", "ServiceAccount", "NetworkPolicy", "ServiceMonitor"} <= set(found)
    assert found["ServiceAccount"]["automountServiceAccountToken"] is False
    service = found["Service"]["spec"]
    assert service["type"] == "ClusterIP"
    assert {port["name"]: port["port"] for port in service["ports"]} == {"http": 9443, "metrics": 9100}
    labels = found["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert service["selector"].items() <= labels.items()
    assert found["Deployment"]["metadata"]["name"] == "test-orders"
    assert result.outputs["url"] == "http://test-orders.team.svc:9443/mcp"


def test_several_proxies_of_one_program_do_not_meet(run):
    secrets = {"keys": {"config": "keys"}}
    keys = {"secrets": secrets, "authentication": {"api_keys": {"secret": "keys"}}, "secret_values": {"keys": "- {}"}}
    own = {"namespace": "team", "proxy_image": PROXY, "url": "https://mcp.example.org/mcp", **keys}

    def program():
        McpProxy("one", own)
        McpProxy("two", own)

    names = [
        (one.inputs["kind"], one.inputs["metadata"]["name"]) for one in run(program).resources if one.type.startswith("kubernetes:")
    ]
    assert len(names) == len(set(names))
    assert {("Secret", "test-one.keys"), ("Secret", "test-two.keys")} <= set(names)


@pytest.mark.parametrize("exposed", [{}, {"domain": "example.com", "exposure": {"parent": {"name": "public"}}}])
def test_a_sidecar_has_no_pods_of_its_own(run, exposed):
    pods = []

    def program():
        proxy = McpProxy("orders", {**BASE, "sidecar": SIDECAR, **exposed})
        pods.append(proxy.inject(POD))
        pulumi.export("container", proxy.container)
        pulumi.export("volumes", proxy.volumes)
        pulumi.export("annotations", proxy.annotations)
        pulumi.export("host", proxy.host)

    result = run(program)
    (pod,) = pods
    assert set(made(result)) == {"ConfigMap", "Service", "NetworkPolicy"} | ({"HTTPRoute"} if exposed else set())
    assert result.outputs["container"] == pod["spec"]["initContainers"][-1]
    assert result.outputs["volumes"] == pod["spec"]["volumes"]
    assert result.outputs["annotations"] == pod["metadata"]["annotations"]
    assert result.outputs.get("host") == ("mcp-orders.test.example.com" if exposed else None)
    config = made(result)["ConfigMap"]["metadata"]["name"]
    assert config in [volume.get("configMap", {}).get("name") for volume in pod["spec"]["volumes"]]


@pytest.mark.parametrize(
    ("args", "pod", "message"),
    [
        ({"url": "https://mcp.example.org/mcp"}, POD, "give it `sidecar` in the place of `url`"),
        ({"sidecar": SIDECAR}, {"spec": {"containers": [{"name": "mcp-proxy"}]}}, "has a container 'mcp-proxy' already"),
        ({"sidecar": SIDECAR}, {**POD, "metadata": {"labels": {"app": "order"}}}, "app=orders is 'order' in the template"),
    ],
)
def test_what_cannot_be_injected_is_said(run, args, pod, message):
    with pytest.raises(pulumi.RunError, match=message):
        run(lambda: McpProxy("orders", {**BASE, **args}).inject(pod))


def test_mistakes_are_named_as_the_program_wrote_them(run):
    with pytest.raises(pulumi.RunError) as caught:
        run(lambda: McpProxy("orders", {**BASE, "sidecar": {**SIDECAR, "prot": 1}, "replicas": 2, "server_limits": {"max": 1}}))
    heading, *lines = str(caught.value).splitlines()
    assert heading == "McpProxy 'orders': 3 problems"
    assert [line.strip().partition(":")[0] for line in lines] == ["sidecar.prot", "replicas", "server_limits.max"]


def environment(**more):
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "PYTHONPATH": f"{ROOT}/proxy:{ROOT}", **more}


@asynccontextmanager
async def process(*words, **env):
    """A program, killed at the end; and the lines that it says."""
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(sys.executable, *words, stdout=pipe, stderr=asyncio.subprocess.STDOUT, env=env)
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        await child.communicate()


async def said(child, pattern):
    """What `pattern` finds first in the lines of `child`."""
    lines = []
    async with asyncio.timeout(SOON):
        while line := await child.stdout.readline():
            lines.append(line.decode())
            if found := re.search(pattern, lines[-1]):
                return found
    raise AssertionError("".join(lines))


async def listening(port):
    """Until somebody takes connections at `port`."""
    async with asyncio.timeout(SOON):
        while True:
            with suppress(ConnectionError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.02)


async def status(port, path):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
    async with asyncio.timeout(SOON):
        answer = await reader.read()
    writer.close()
    return int(answer.split(b" ", 2)[1])


@pytest.mark.parity("mpl.sidecar", "mpl.standalone")
async def test_the_sidecars_config_map_before_a_real_server(tmp_path):
    """As a pod does it: the sidecar is up and startup has passed before the server listens; then a call goes through both."""
    with reserved() as app:
        around = {"namespace": {"name": "team", "create": False}, "proxy": {"image": PROXY}}
        own = {"sidecar": {**SIDECAR, "port": app}, "trust_network": True, "validation": {"arguments": "enforce"}}
        objects = sidecar_objects(*load_upstream(own, around, "units", "test", "here", lambda problem, _: problem))
        (name, text), *_ = objects["config"]["data"].items()
        (tmp_path / name).write_text(text)
        with reserved() as management:
            serve = ("-m", "mcp_stack_proxy.cli", "serve", "--config", str(tmp_path / name))
            listen = ("--listen", "127.0.0.1:0", "--management", f"127.0.0.1:{management}")
            async with process(*serve, *listen, **environment()) as proxy:
                url = (await said(proxy, r"serving.*(http://[^/\s]+)"))[1]
                assert await status(management, "/startupz") == 200, "else the pod's server would never be started"
                server = str(ROOT / "examples" / "servers" / "units.py")
                async with process(server, **environment(PORT=str(app))):
                    await listening(app)
                    async with Client(f"{url}/mcp") as client:
                        tools = {tool.name for tool in (await client.list_tools()).tools}
                        assert "convert" in tools
                        result = await client.call_tool("convert", {"value": 1, "source": "km", "target": "m"})
                        assert (result.is_error, result.structured_content["value"]) == (False, 1000)
                        with pytest.raises(MCPError, match="arguments of tool 'convert' break its schema"):
                            await client.call_tool("convert", {"value": 1, "source": "km"})
                assert await status(management, "/metrics") == 200
