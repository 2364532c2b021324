"""A small valid stack, and what is said of it when it is changed."""

from collections.abc import Callable
from typing import Any

import pytest

from mcp_stack.spec import StackSpec, load_spec
from mcp_stack_proxy.config import ConfigError
from tests.dotted import changed

Changes = dict[str, Any]

VALID: dict[str, Any] = {
    "proxy": {"image": {"repository": "acme/proxy", "tag": "1.0.0"}},
    "gateway": {"trust_network": True},
    "servers": {"web": {"image": {"repository": "acme/web", "tag": "1.0.0"}}},
}


@pytest.fixture
def load() -> Callable[..., StackSpec]:
    """The stack `staging` that VALID describes with the given changes."""
    return lambda changes=None, stack="staging", **options: load_spec(changed(VALID, changes), stack, **options)


@pytest.fixture
def problems() -> Callable[..., list[str]]:
    """Lines of the error for VALID with the given changes; empty where there is none."""

    def lines(changes: Changes, stack: str = "staging", **options: Any) -> list[str]:
        try:
            load_spec(changed(VALID, changes), stack, **options)
        except ConfigError as error:
            return [str(problem) for problem in error.problems]
        return []

    return lines
