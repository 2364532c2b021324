"""A server with its proxy in front of it, on this machine: the two processes that a pod has as containers."""

import asyncio
import re
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from mcp import Client

from mcp_stack.local.board import first_board
from mcp_stack.local.plan import listeners, plan
from mcp_stack.manifests.objects import server_objects
from mcp_stack.spec import GATEWAY, load_spec
from mcp_stack_proxy.config import Source
from mcp_stack_proxy.config.api_keys import parse_keys
from tests.deadlines import SOON
from tests.local.processes import gone
from tests.local.stacks import PYTHON_SERVER, write_project
from tests.local.test_run import ROOT, port_option, up

PORTS = {"units": 40001, "units.proxy": 40002, GATEWAY: 8080}
ENVIRON = {"PATH": "/usr/bin", "HOME": "/home/dev", "TOKEN": "private"}
KEYS = {
    "api_keys": {"secret": "callers"},
    "gateway_key": {"secret": "ours"},
}
SECRETS = {"callers": {"existing": "keys", "key": "api-keys.yaml"}, "ours": {"existing": "keys", "key": "gateway"}}


def spec(front, **stack):
    data = {
        "proxy": {"image": {"repository": "acme/proxy", "tag": "1.0.0"}},
        "gateway": {"trust_network": True},
        "servers": {"units": {**PYTHON_SERVER, "port": 9000, "proxy": front}},
    }
    return load_spec({**data, **stack}, "local", cluster=False)


def processes(front, **stack):
    return {one.name: one for one in plan(spec(front, **stack), PORTS, ENVIRON, Path("/scratch"))}


def test_the_proxy_runs_beside_the_server_and_the_gateway_goes_to_it():
    found = processes({})
    assert list(found) == ["units", "units.proxy", "gateway"] == [*listeners(spec({})), GATEWAY]
    assert found["units.proxy"].url == "http://127.0.0.1:40002/servers/units/mcp"
    [text] = found["gateway"].files.values()
    assert "url: http://127.0.0.1:40002/servers/units/mcp" in text
    assert found["units.proxy"].env == {"PATH": "/usr/bin", "HOME": "/home/dev"}


def test_it_reads_the_text_of_the_clusters_config_map_with_another_address():
    [text] = processes({"validation": {"arguments": "enforce"}})["units.proxy"].files.values()
    in_cluster = server_objects(spec({"validation": {"arguments": "enforce"}}), "units", str)["config"]["data"]["proxy.yaml"]
    assert "http://127.0.0.1:9000/mcp" in in_cluster
    assert text == in_cluster.replace("http://127.0.0.1:9000/mcp", "http://127.0.0.1:40001/mcp")


def test_keys_between_the_two_proxies_are_the_runs_own():
    """No developer has to hold what only proxies tell each other."""
    found = processes({"authentication": KEYS}, secrets=SECRETS)
    key = found["gateway"].env["MCP_KEY_UNITS"]
    file = Path(found["units.proxy"].env["MCP_API_KEYS_FILE"])
    assert [entry.subject for entry in parse_keys(Source("keys", found["units.proxy"].files[file])).values()] == ["local-run"]
    assert found["units.proxy"].key == key
    assert key not in repr(found)


def test_both_are_on_the_board():
    rows = first_board(spec({}), PORTS).rows
    assert [(row.name, row.kind, row.port) for row in rows] == [
        ("units", "http", 40001),
        ("units.proxy", "proxy", 40002),
        ("gateway", "gateway", 8080),
    ]


def status_of(url):
    """What is answered to somebody without a key."""
    try:
        with urllib.request.urlopen(url, data=b"{}", timeout=SOON) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.mark.parity("mpl.sidecar", "hangar.container-server")
async def test_a_call_goes_through_both_proxies_and_nobody_passes_without_a_key(tmp_path):
    port, options = port_option()
    units = {
        "image": {"repository": "a", "tag": "1"},
        "local": {"command": [sys.executable, str(ROOT / "examples" / "servers" / "units.py"), "--port", "${PORT}"]},
        "proxy": {"authentication": KEYS, "validation": {"arguments": "enforce"}, "tools": {"deny": ["symbols"]}},
    }
    with up(write_project(tmp_path, {"units": units}, secrets=SECRETS), options) as run:
        run.wait_for("everything is ready")
        async with Client(f"http://127.0.0.1:{port}/mcp") as client:
            assert [tool.name for tool in (await client.list_tools()).tools] == ["units__convert"]
            arguments = {"value": 1.0, "source": "km", "target": "m"}
            assert (await client.call_tool("units__convert", arguments)).structured_content["value"] == 1000
        [own] = re.findall(r"units\.proxy is ready.*port (\d+)", run.output)
        assert await asyncio.to_thread(status_of, f"http://127.0.0.1:{own}/servers/units/mcp") == 401
        pids = run.pids
        run.process.terminate()
        assert run.finish() == 0
    for pid in pids:
        await gone(pid)
