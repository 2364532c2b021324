"""Times and audit by the variables of seed 001."""

import json

import pytest

from mcp_stack_proxy.cli import main
from mcp_stack_proxy.config import ConfigError
from mcp_stack_proxy.config.overriding import audit_by_variables, times_by_variables


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


ENABLED, OUTPUT, PATH, INDEX = "MCP_AUDIT_ENABLED", "MCP_AUDIT_OUTPUT", "MCP_AUDIT_PATH", "MCP_AUDIT_INDEX_PATH"
BOTH = {PATH: "/d", INDEX: "/i"}
FILES = {"path": "/d", "index_path": "/i"}


@pytest.mark.parametrize(
    ("document", "variables", "audit"),
    [
        (None, {}, {}),
        (None, {INDEX: "/i"}, {}),
        (None, {**BOTH, ENABLED: "false"}, {"audit": None}),
        ({"output": "stdout"}, {ENABLED: "False"}, {"audit": None}),
        ({"output": "stdout"}, {OUTPUT: "none", ENABLED: "true"}, {"audit": None}),
        (None, {ENABLED: "true"}, {"audit": {}}),
        (None, {ENABLED: ""}, {}),
        (None, {OUTPUT: "stdout"}, {"audit": {"output": "stdout"}}),
        (None, {OUTPUT: "stdout", **BOTH}, {"audit": {"output": "stdout"}}),
        (None, {OUTPUT: "file"}, {"audit": {"output": "file"}}),
        (None, {OUTPUT: "file", **BOTH}, {"audit": {"output": "file", "files": FILES}}),
        (None, BOTH, {"audit": {"files": FILES}}),
        (None, {PATH: "/a$b"}, {"audit": {"files": {"path": "/a$$b"}}}),
        (
            {"files": {"max_age": "1h"}, "sync": True},
            {INDEX: "/i"},
            {"audit": {"files": {"max_age": "1h", "index_path": "/i"}, "sync": True}},
        ),
        ({"files": {}, "output": "file"}, {OUTPUT: "stderr"}, {"audit": {"output": "stderr"}}),
        ({"output": "stdout"}, BOTH, {"audit": {"output": "stdout"}}),
        ({}, {INDEX: "/i"}, {"audit": {}}),
        ("nonsense", BOTH, {}),
        ({"files": 5}, BOTH, {"audit": {"files": 5}}),
    ],
)
@pytest.mark.parity("aggregate.audit-output")
def test_the_audit_by_variables(document, variables, audit):
    assert audit_by_variables(document, variables) == audit


def test_a_switch_that_is_neither_on_nor_off_is_refused():
    with pytest.raises(ConfigError, match="'perhaps' is neither `true` nor `false`"):
        audit_by_variables(None, {ENABLED: "perhaps"})
