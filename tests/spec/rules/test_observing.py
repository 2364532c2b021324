"""Ports that collide, and keys that do nothing."""

import pytest


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"gateway.port": 9100}, ["gateway.port: 9100 is the proxies' `gateway.management.port`; choose another for one of them"]),
        (
            {"gateway.management": {"port": 8080}},
            ["gateway.port: 8080 is the proxies' `gateway.management.port`; choose another for one of them"],
        ),
        (
            {"servers.box": {"command": ["run"], "port": 9100}},
            ["servers.box.port: 9100 is the proxies' `gateway.management.port`; choose another for one of them"],
        ),
        ({"servers.web.port": 9100}, []),
        (
            {"gateway.metrics": {"enabled": False, "tools_per_server": 5}},
            ["gateway.metrics.tools_per_server: does nothing, `metrics.enabled` is false; remove one of them"],
        ),
        (
            {"gateway.audit": {"enabled": False, "arguments": "full"}},
            ["gateway.audit.arguments: does nothing, `audit.enabled` is false; remove one of them"],
        ),
        ({"gateway.audit": {"enabled": False}}, []),
        (
            {"gateway.audit": {"enabled": False, "files": {"claim": {"size": "1Gi"}}}},
            ["gateway.audit.files: does nothing, `audit.enabled` is false; remove one of them"],
        ),
        ({"gateway.audit": {"flush_seconds": 61}}, ["gateway.audit.flush_seconds: 61: input should be less than or equal to 60"]),
    ],
)
def test_what_collides_or_does_nothing_is_refused(problems, change, expected):
    assert problems(change) == expected
