"""Records that a stack keeps on a volume are kept below the project in a local run."""

import json
import sys
from pathlib import Path

import pytest

from mcp_stack.local.plan import plan
from mcp_stack_proxy.cli import main
from mcp_stack_proxy.observe.stored.naming import stored
from tests.local.stacks import spec_of, write_project
from tests.local.test_run import up

CLOCK = {"command": [sys.executable, str(Path(__file__).parents[2] / "examples" / "servers" / "clock.py")]}
KEPT = {"gateway": {"trust_network": True, "audit": {"files": {"claim": {"size": "1Gi"}}}}}


@pytest.mark.parity("aggregate.audit-volume")
async def test_a_local_run_keeps_records_below_the_project(tmp_path, capsys):
    (tmp_path / "calls.local.yaml").write_text(
        'clock:\n  - {tool: between, arguments: {start: "2026-01-01", end: "2026-01-03"}, result: {days: 2}}\n'
    )
    with up(write_project(tmp_path, {"clock": CLOCK}, **KEPT), "'local', check=True") as run:
        assert run.finish() == 0, run.output
    place = tmp_path / ".mcp-stack" / "audit"
    assert main(["audit", "--json", "--tool", "between", "--path", str(place / "data"), "--index-path", str(place / "index")]) == 0
    assert {json.loads(line)["server_name"] for line in capsys.readouterr().out.splitlines()} == {"clock"}
    assert stored(place / "data")


def test_without_files_nothing_is_said_of_places():
    spec = spec_of({"clock": CLOCK}, gateway={"trust_network": True})
    assert "MCP_AUDIT_PATH" not in plan(spec, {"clock": 1, "gateway": 2}, {}, Path("/scratch"))[-1].env
