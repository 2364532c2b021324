"""Authentication in a local run: enforced as in a cluster, with a key that the run makes for itself."""

import json
import stat
import sys
from pathlib import Path

import httpx2
import pytest

from mcp_stack.local.client import client_of
from mcp_stack.local.keys import VARIABLE, key_problems, local_keys, local_session_keys
from mcp_stack.local.plan import plan
from mcp_stack.local.run import _write
from mcp_stack.local.table import invitation
from mcp_stack.manifests.objects import gateway_objects
from mcp_stack.spec import cluster_address
from mcp_stack_proxy.config import Source
from mcp_stack_proxy.config.api_keys import digest_of, entries_text, new_key, parse_keys
from mcp_stack_proxy.config.session_keys import parse_session_keys
from tests.local.stacks import spec_of, write_project
from tests.local.test_run import port_option, up

CLOCK = {"command": [sys.executable, str(Path(__file__).parents[2] / "examples" / "servers" / "clock.py")]}
GUARDED = {
    "proxy": {"image": {"repository": "acme/proxy", "tag": "0.1.0"}},
    "secrets": {"keys": {"config": "keys"}},
    "gateway": {"authentication": {"api_keys": {"secret": "keys"}}},
}
KEY, ENTRY = new_key("developer", ["reader"])
OWN = {VARIABLE: entries_text([ENTRY])}
PORTS = {"clock": 40001, "gateway": 8080}


@pytest.fixture
def spec():
    return spec_of({"clock": CLOCK}, **GUARDED)


def accepted(text):
    return {entry.hash: entry.subject for entry in parse_keys(Source("file", text)).values()}


def test_a_run_makes_a_key_of_its_own_beside_those_of_the_developer(spec):
    alone, together = local_keys(spec, {}), local_keys(spec, OWN)
    assert accepted(alone.text) == {digest_of(alone.key.encode()): "local-run"}
    assert accepted(together.text) == {ENTRY.hash: "developer", digest_of(together.key.encode()): "local-run"}
    assert alone.key != together.key
    assert alone.key not in alone.text + repr(alone)


def test_a_gateway_that_asks_nobody_has_no_keys():
    assert local_keys(spec_of({"clock": CLOCK}), OWN) is None
    assert list(key_problems(spec_of({"clock": CLOCK}), {VARIABLE: "["})) == []


def test_keys_that_cannot_be_read_are_told_before_anything_starts_and_never_repeated(spec):
    [problem] = key_problems(spec, {VARIABLE: "- {subject: me, hash: s3cr3t}"})
    assert problem.path == "gateway.authentication.api_keys"
    assert problem.message.startswith(f"read from ${VARIABLE} on this machine: [0].hash: expected `sha256:`")
    assert "s3cr3t" not in str(problem)


def test_the_gateway_reads_the_very_text_of_the_cluster_and_finds_its_keys_by_a_variable(spec):
    gateway = plan(spec, PORTS, OWN, Path("/scratch"))[-1]
    [(config, text), (keys, entries)] = gateway.files.items()
    assert (config, keys) == (Path("/scratch/gateway/proxy.yaml"), Path("/scratch/keys/api-keys.yaml"))
    in_cluster = gateway_objects(spec)["config"]["data"]["proxy.yaml"]
    assert text == in_cluster.replace(cluster_address(spec)("clock"), "http://127.0.0.1:40001")
    assert gateway.env["MCP_API_KEYS_FILE"] == str(keys)
    assert ENTRY.hash in entries
    assert VARIABLE not in gateway.env
    assert gateway.key is not None
    assert gateway.key not in repr(gateway) + json.dumps([*gateway.argv, *gateway.env.values(), *map(str, gateway.files.values())])


def test_files_of_a_run_are_for_its_user_alone(tmp_path):
    _write(tmp_path / "file", "text")
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        _write(tmp_path / "file", "other")


def test_the_invitation_shows_the_key_of_the_run():
    *_, snippet, note = invitation(8080, "msk_x").splitlines()
    server = json.loads(snippet.removeprefix("in a client: "))["mcpServers"]["mcp-stack"]
    assert server["headers"] == {"Authorization": "Bearer msk_x"}
    assert note == "this key ends with the run; $MCP_API_KEYS takes a file of keys that stay"


@pytest.mark.parity("aggregate.auth-tokens")
async def test_a_stack_with_keys_asks_for_them_on_this_machine_too(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, OWN[VARIABLE])
    port, options = port_option()
    with up(write_project(tmp_path, {"clock": CLOCK}, **GUARDED), options) as run:
        run.wait_for("everything is ready")
        async with httpx2.AsyncClient() as http:
            assert (await http.post(f"http://127.0.0.1:{port}/mcp")).status_code == 401
        async with client_of(f"http://127.0.0.1:{port}/mcp", KEY) as client:
            assert "clock__between" in {tool.name for tool in (await client.list_tools()).tools}


async def test_a_check_shows_the_key_of_its_run(tmp_path):
    (tmp_path / "calls.local.yaml").write_text(
        'clock:\n  - {tool: between, arguments: {start: "2026-01-01", end: "2026-01-03"}, result: {days: 2}}\n'
    )
    with up(write_project(tmp_path, {"clock": CLOCK}, **GUARDED), "'local', check=True") as run:
        assert run.finish() == 0, run.output
    assert "msk_" not in run.output


def test_each_proxy_of_a_local_run_seals_with_a_key_of_its_own():
    sessions = {"trust_network": True, "sessions": {"keys": {"secret": "sealing"}}}
    spec = spec_of({"clock": {"command": ["run"]}}, secrets={"sealing": {"config": "sealing"}}, gateway=sessions)
    found = plan(spec, {"clock": 1, "gateway": 2}, {}, Path("/scratch"))
    files = [process.env["MCP_SESSION_KEYS_FILE"] for process in found]
    assert files == ["/scratch/session-keys/clock/session-keys", "/scratch/session-keys/gateway/session-keys"]
    keys = [parse_session_keys(Source("file", process.files[Path(file)])) for process, file in zip(found, files, strict=True)]
    assert [len(one) for one in keys] == [1, 1]
    assert keys[0] != keys[1]
    assert local_session_keys(spec_of({"clock": CLOCK})) is None
