"""Times by variables, as seed 001 takes them: they stand over the document."""

from collections.abc import Mapping
from typing import Any

TIMES: Mapping[str, str] = {"MCP_TIMEOUT": "exchange_seconds", "MCP_PROXY_REQUEST_TIMEOUT": "request_seconds"}
"""Variable with seconds -> key of `limits`."""


def times_by_variables(limits: object, environment: Mapping[str, str]) -> dict[str, Any]:
    """`limits` of a document with what variables say in their place; nothing where they say nothing. The model checks it."""
    given = {key: _number(environment[name]) for name, key in TIMES.items() if name in environment}
    if not given:
        return {}
    return {"limits": {**limits, **given} if isinstance(limits, Mapping) else given}


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
