"""The stack that most of these tests are about."""

import pytest

from tests.local.stacks import PYTHON_SERVER


@pytest.fixture
def stack():
    """One server of each kind, secrets among their variables."""
    return {
        "proxy": {"image": {"repository": "acme/mcp-stack-proxy", "tag": "0.1.0"}},
        "secrets": {"sentry-token": {"existing": "credentials", "key": "sentry"}},
        "servers": {
            "clock": {
                "command": ["python", "clock.py"],
                "env": {"ZONE": "Europe/Berlin", "CLOCK_KEY": {"secret": "clock-key"}},
                "secrets": {"clock-key": {"config": "clock-key"}},
            },
            "units": {**PYTHON_SERVER, "path": "/units", "port": 9000, "env": {"DIGITS": "12"}},
            "sentry": {
                "url": "https://mcp.sentry.dev/mcp",
                "headers": {"Authorization": "Bearer ${SENTRY_TOKEN}"},
                "env": {"SENTRY_TOKEN": {"secret": "sentry-token"}},
            },
        },
    }
