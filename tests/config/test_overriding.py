"""Times by the variables of seed 001."""

import json

import pytest

from mcp_stack_proxy.cli import main
from mcp_stack_proxy.config.overriding import times_by_variables


@pytest.mark.parity("aggregate.request-timeout")
def test_variables_stand_over_the_document_and_leave_the_rest():
    given = {"MCP_TIMEOUT": "7", "MCP_PROXY_REQUEST_TIMEOUT": "9.5"}
    assert times_by_variables({"drain_seconds": 3, "request_seconds": 1}, given) == {
        "limits": {"drain_seconds": 3, "exchange_seconds": 7.0, "request_seconds": 9.5}
    }
    assert times_by_variables(None, {"MCP_TIMEOUT": "7"}) == {"limits": {"exchange_seconds": 7.0}}
    assert times_by_variables({"drain_seconds": 3}, {}) == {}


@pytest.mark.parametrize("wrong", ["soon", "-1", "0"])
def test_a_time_that_is_none_is_refused_by_its_key(wrong, tmp_path, monkeypatch, capsys):
    path = tmp_path / "proxy.json"
    path.write_text(json.dumps({"servers": {"s": {"command": "true"}}}))
    monkeypatch.setenv("MCP_TIMEOUT", wrong)
    assert main(["check-config", str(path)]) == 2
    assert "limits.exchange_seconds: " in capsys.readouterr().err
