"""What a proxy is told to observe."""

import pytest
from pydantic import ValidationError

from mcp_stack_proxy.config import ProxyConfig

SERVERS = {"s": {"command": "run"}}


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"management": {"listen": "9100"}}, "is no HOST:PORT"),
        ({"management": {}}, "Field required"),
        ({"metrics": {"tools_per_server": 0}}, "greater than 0"),
        ({"metrics": {"tools_per_server": 10_001}}, "less than or equal to 10000"),
        ({"audit": {"output": ""}}, "at least 1 character"),
        ({"audit": {"arguments": "some"}}, "'none', 'digest' or 'full'"),
        ({"audit": {"flush_seconds": 61}}, "less than or equal to 60"),
        ({"audit": {"buffer_bytes": True}}, "true is no number"),
        ({"audit": {"files": {"path": ""}}}, "at least 1 character"),
        ({"audit": {"files": {"max_file_bytes": 1000}}}, "greater than or equal to 65536"),
        ({"audit": {"files": {"max_file_bytes": 10**6, "max_bytes": 10**6}}}, "less than two files of `max_file_bytes`"),
        ({"audit": {"files": {"max_age": "a week"}}}, "is no duration"),
        ({"audit": {"files": {}, "output": "stdout"}}, "`files` does nothing beside `output: stdout`"),
    ],
)
def test_what_cannot_act_is_refused(keys, message):
    with pytest.raises(ValidationError, match=message):
        ProxyConfig.model_validate({"servers": SERVERS, **keys})


def test_nothing_is_observed_unless_asked_for():
    config = ProxyConfig.model_validate({"servers": SERVERS})
    assert (config.management, config.metrics, config.audit) == (None, None, None)


def test_empty_sections_have_working_defaults():
    config = ProxyConfig.model_validate({"servers": SERVERS, "metrics": {}, "audit": {}, "management": {"listen": "[::1]:0"}})
    assert config.audit is not None
    assert (config.audit.outputs(stdio=False), config.audit.arguments, config.audit.flush_seconds) == (("stdout",), "none", 0.5)


@pytest.mark.parametrize(
    ("audit", "http", "stdio"),
    [
        ({}, ("stdout",), ("stdout",)),
        ({"output": "stderr"}, ("stderr",), ("stderr",)),
        ({"output": "none"}, (), ()),
        ({"output": "file"}, ("file",), ("file",)),
        ({"output": "file+stdout"}, ("file", "stdout"), ("file", "stdout")),
        ({"output": "/var/log/calls"}, ("/var/log/calls",), ("/var/log/calls",)),
        ({"files": {}}, ("file", "stdout"), ("file",)),
    ],
)
@pytest.mark.parity("aggregate.audit-output")
def test_records_go_exactly_where_they_are_sent(audit, http, stdio):
    found = ProxyConfig.model_validate({"servers": SERVERS, "audit": audit}).audit
    assert (found.outputs(stdio=False), found.outputs(stdio=True)) == (http, stdio)
