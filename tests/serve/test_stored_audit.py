"""Where a real process records its calls, and that the command beside it finds them: after a kill, too."""

import asyncio
import json
import signal
import sys
from contextlib import asynccontextmanager

import pytest

from mcp_stack_proxy.observe.stored.naming import stored
from tests.serve.asking import ModernAsker, http
from tests.serve.running import SOON, until
from tests.serve.test_management import ECHO
from tests.serve.test_management import serving as with_output
from tests.serve.test_process import CLI, cli, environment, serving

SERVERS = {"s": {"command": sys.executable, "args": ["-c", ECHO]}}
QUICK = {"flush_seconds": 0.02}


@pytest.fixture
def places(tmp_path, monkeypatch):
    """Directories of records and of their index, as variables name them."""
    found = {"MCP_AUDIT_PATH": str(tmp_path / "kept" / "data"), "MCP_AUDIT_INDEX_PATH": str(tmp_path / "kept" / "index")}
    for name, path in found.items():
        monkeypatch.setenv(name, path)
    return found


async def call(port, count=1):
    async with http() as client:
        asker = ModernAsker(client, f"http://127.0.0.1:{port}/mcp")
        for _ in range(count):
            await asker.result("tools/call", {"name": "s__x"})


def lines_in(tmp_path):
    directory = tmp_path / "kept" / "data"
    return [line for one in stored(directory) for line in one.path.read_bytes().splitlines()] if directory.exists() else []


@pytest.mark.parametrize(
    ("variables", "where"),
    [
        ({"MCP_AUDIT_OUTPUT": "stdout"}, ["stdout"]),
        ({"MCP_AUDIT_OUTPUT": "stderr"}, ["stderr"]),
        ({"MCP_AUDIT_OUTPUT": "file"}, ["file"]),
        ({"MCP_AUDIT_OUTPUT": "file+stdout"}, ["file", "stdout"]),
        ({"MCP_AUDIT_OUTPUT": "none"}, []),
        ({}, ["file", "stdout"]),
        ({"MCP_AUDIT_ENABLED": "false"}, []),
        ({"MCP_AUDIT_ENABLED": "false", "MCP_AUDIT_OUTPUT": "file"}, []),
    ],
)
@pytest.mark.parity("aggregate.audit-output")
async def test_records_are_where_the_variables_say_and_nowhere_else(tmp_path, monkeypatch, places, variables, where):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    async with with_output({"servers": SERVERS}, tmp_path) as (process, (main, _)):
        await call(main)
        process.send_signal(signal.SIGTERM)
        said = dict(zip(("stdout", "stderr"), await asyncio.wait_for(process.communicate(), SOON), strict=True))
    found = {name: [line for line in text.splitlines() if b'"method":"tools/call"' in line] for name, text in said.items()}
    found["file"] = lines_in(tmp_path)
    assert sorted(name for name, lines in found.items() if lines) == where
    assert all(len(lines) == 1 and json.loads(lines[0])["tool_name"] == "x" for lines in found.values() if lines)
    assert (tmp_path / "kept").exists() == ("file" in where)


@pytest.mark.parity("aggregate.audit-query")
async def test_the_command_beside_the_proxy_finds_its_records_and_follows_them(tmp_path, places):
    config = {"servers": SERVERS, "audit": {"output": "file", **QUICK}}
    async with serving(config, tmp_path, **places) as proxy:
        port = proxy.url.rpartition(":")[2]
        await call(port, 3)
        await until(lambda: len(lines_in(tmp_path)) == 3)
        code, out, said = await cli("audit", "--since", "5m", "--tool", "x", "--json", **places)
        assert (code, len(out.splitlines()), said) == (0, 3, "")
        async with following(places) as follower:
            await call(port)
            async with asyncio.timeout(SOON):
                line = (await follower.stdout.readline()).decode()
        assert "  ok  " in line
        assert "tools/call  s/x" in line


@asynccontextmanager
async def following(places):
    """The command that follows, which has seen what there is."""
    command = [*CLI, "audit", "-f", "--since", "5m"]
    env = environment(**places, PYTHONUNBUFFERED="1")
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, env=env)
    try:
        async with asyncio.timeout(SOON):
            for _ in range(3):
                await process.stdout.readline()
        yield process
    finally:
        process.kill()
        await process.wait()


@pytest.mark.parity("aggregate.audit-volume")
async def test_two_workers_that_are_killed_leave_whole_lines_of_their_own_and_the_next_run_goes_on(tmp_path, places):
    config = {"servers": SERVERS, "audit": {"output": "file", **QUICK}}
    async with serving(config, tmp_path, "--workers", "2", **places) as proxy:
        port = proxy.url.rpartition(":")[2]
        await asyncio.gather(*(call(port, 5) for _ in range(8)))
        await until(lambda: len(lines_in(tmp_path)) == 40)
        proxy.stop(signal.SIGKILL)
        await proxy.ended()
    (torn, *_) = stored(tmp_path / "kept" / "data")
    with torn.path.open("ab") as file:
        file.write(b'{"timestamp":"2026-')
    async with serving(config, tmp_path, **places) as proxy:
        await call(proxy.url.rpartition(":")[2])
        await until(lambda: len(lines_in(tmp_path)) == 42)
        code, out, said = await cli("audit", "--json", **places)
    records = [json.loads(line) for line in out.splitlines()]
    assert (code, len(records), len({one["id"] for one in records})) == (0, 41, 41)
    assert said.startswith("lines left out: 1 torn at the end of a file")


async def test_on_standard_output_of_a_client_there_is_no_record(tmp_path, places):
    path = tmp_path / "proxy.json"
    path.write_text(json.dumps({"servers": SERVERS}))
    pipe = asyncio.subprocess.PIPE
    command = [*CLI, "serve", "--config", str(path), "--stdio"]
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment(**places))
    meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "s__x", "_meta": meta}}
    out, said = await asyncio.wait_for(process.communicate(json.dumps(message).encode() + b"\n"), SOON)
    assert [json.loads(line).get("id") for line in out.splitlines()] == [1]
    assert b'"method":"tools/call"' not in said
    assert [json.loads(line)["source"] for line in lines_in(tmp_path)] == ["serve:stdio"]
