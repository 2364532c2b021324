"""What a real process says of itself, and whether it is alive."""

import asyncio
import json
import signal
import sys

import pytest

from tests.serve.asking import ModernAsker, http
from tests.serve.running import SOON
from tests.serve.test_management import ECHO
from tests.serve.test_management import serving as with_output
from tests.serve.test_process import cli, serving

ECHOING = {"command": sys.executable, "args": ["-c", ECHO]}


@pytest.mark.parity("aggregate.log-format")
async def test_diagnostics_are_json_on_standard_error_and_the_audit_stands_alone_on_standard_output(tmp_path, monkeypatch):
    monkeypatch.setenv("MCP_LOG_FORMAT", "json")
    monkeypatch.setenv("MCP_LOG_LEVEL", "debug")
    config = {"servers": {"s": ECHOING, "none": {"command": "/no/such"}}, "audit": {}}
    async with with_output(config, tmp_path) as (process, (main, _)), http() as client:
        asker = ModernAsker(client, f"http://127.0.0.1:{main}/mcp")
        await asker.result("tools/call", {"name": "s__x"})
        await asker.result("tools/list")
        process.send_signal(signal.SIGTERM)
        output, said = await asyncio.wait_for(process.communicate(), SOON)
    lines = [json.loads(line) for line in said.splitlines()]
    assert lines
    assert all({"timestamp", "level", "target", "message", "fields"} == set(line) for line in lines)
    records = [json.loads(line) for line in output.splitlines()]
    assert "tools/call" in [record["method"] for record in records]
    assert all("message" not in record for record in records)


@pytest.mark.parity("aggregate.log-format")
async def test_a_configuration_that_is_refused_is_a_line_of_json_too(tmp_path):
    path = tmp_path / "proxy.json"
    path.write_text(json.dumps({"servers": {"s": ECHOING}, "log": {"level": "loud"}, "nonsense": 1}))
    code, _, said = await cli("serve", "--config", str(path), MCP_LOG_FORMAT="json")
    (line,) = [json.loads(one) for one in said.splitlines()]
    assert (code, line["level"]) == (2, "error")
    assert "nonsense" in line["message"]
    assert "'loud'" in line["message"]


@pytest.mark.parity("aggregate.log-level")
async def test_a_filter_that_means_nothing_stops_the_start(tmp_path):
    path = tmp_path / "proxy.json"
    path.write_text(json.dumps({"servers": {"s": ECHOING}}))
    code, _, said = await cli("serve", "--config", str(path), MCP_LOG_LEVEL="loud")
    assert code == 2
    assert "$MCP_LOG_LEVEL" in said
    code, _, said = await cli("serve", "--config", str(path), "--log-level", "info,=debug")
    assert (code, "is no part of the proxy" in said) == (2, True)


@pytest.mark.parity("aggregate.probe-liveness")
async def test_liveness_fails_where_the_event_loop_does_not_turn(tmp_path):
    async with serving({"servers": {"none": {"command": "/no/such"}}}, tmp_path) as proxy:
        assert (await cli("health", "--url", f"{proxy.url}/livez"))[0] == 0
        proxy.stop(signal.SIGSTOP)
        try:
            code, _, said = await cli("health", "--url", f"{proxy.url}/livez")
        finally:
            proxy.stop(signal.SIGCONT)
        assert (code, "timed out" in said) == (1, True)
        assert (await cli("health", "--url", f"{proxy.url}/livez"))[0] == 0
