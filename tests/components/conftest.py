"""Programs that use the components, evaluated without a cluster."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from mcp_stack.preview.engine import Settings, execute
from mcp_stack.preview.resources import Run

PROXY = {"repository": "ghcr.io/acme/proxy", "tag": "1.0.0"}


@pytest.fixture
def run() -> Callable[..., Run]:
    """What a program registers, with the given configuration of the stack `test`."""

    def evaluated(program: Callable[[], object], config: Mapping[str, Any] | None = None, secret_keys: tuple[str, ...] = ()) -> Run:
        values = {key: value if isinstance(value, str) else json.dumps(value) for key, value in (config or {}).items()}
        return execute(program, Settings("mcp-stack", "test", values, secret_keys), timeout_seconds=30)

    return evaluated
