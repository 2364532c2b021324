"""Calls to try and what has to come back, from `calls.{stack}.yaml` beside the stack file.

`{nonce}` in a text is replaced by letters that are new for every route and revision, so that no prepared answer can pass.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import yaml
from pydantic import TypeAdapter, ValidationError

from mcp_stack_proxy.config import ConfigError, Problem, Strict
from mcp_stack_proxy.config.strict import problems_of

from ..spec import StackSpec


class Call(Strict):
    """One tool call."""

    tool: str
    """Name of the tool as its server calls it."""
    arguments: dict[str, Any] = {}
    """Arguments of the call."""
    result: Any
    """What the structured result has to hold, or the text where there is none: of mappings and lists a part is enough."""


class _File(Strict):
    calls: dict[str, list[Call]]
    """Calls by server, made in this order."""


Calls = Mapping[str, list[Call]]


def read_calls(directory: Path, spec: StackSpec) -> Calls:
    """Calls for the servers of `spec`; none where there is no file. ConfigError for one that cannot be used."""
    path = directory / f"calls.{spec.stack}.yaml"
    try:
        document = yaml.safe_load(path.read_text("utf-8"))
        calls = TypeAdapter(_File).validate_python({"calls": document}).calls
    except FileNotFoundError:
        return {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(path.name, [Problem("", f"is no YAML: {' '.join(str(error).split())}")]) from None
    except ValidationError as error:
        problems = [Problem(one.path.removeprefix("calls").lstrip("."), one.message) for one in problems_of(_File, error)]
        raise ConfigError(path.name, problems) from None
    known = ", ".join(spec.servers)
    unknown = [Problem(name, f"no server of {spec.source}; it has {known}") for name in calls if name not in spec.servers]
    if unknown:
        raise ConfigError(path.name, unknown)
    return calls


def with_nonce(value: Any, nonce: str) -> Any:
    """`value` with every `{nonce}` filled."""
    if isinstance(value, str):
        return value.replace("{nonce}", nonce)
    if isinstance(value, dict):
        return {key: with_nonce(inner, nonce) for key, inner in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [with_nonce(inner, nonce) for inner in cast("list[Any]", value)]
    return value


def holds(actual: Any, expected: Any) -> bool:
    """Whether `expected` is in `actual`: the same value, each expected key, or each expected item of a list."""
    if isinstance(expected, dict):
        pairs = cast("dict[str, Any]", expected).items()
        return isinstance(actual, dict) and all(key in actual and holds(actual[key], inner) for key, inner in pairs)
    if isinstance(expected, list):
        found = cast("list[Any]", actual) if isinstance(actual, list) else []
        wanted = cast("list[Any]", expected)
        return isinstance(actual, list) and all(any(holds(item, inner) for item in found) for inner in wanted)
    return type(actual) is type(expected) and actual == expected
