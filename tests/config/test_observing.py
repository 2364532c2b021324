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
    assert (config.audit.output, config.audit.arguments, config.audit.flush_seconds) == ("stdout", "none", 0.5)
