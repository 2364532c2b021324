"""Headers that a configuration adds to requests. What could break out of its line, or would be overruled, is refused here."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, cast

from pydantic import AfterValidator, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""Token (RFC 9110, 5.6.2)."""

_VALUE = re.compile(r"[\t\x20-\x7e]*")
"""Visible ASCII, space and tab (RFC 9110, 5.5)."""

OWN = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade", "expect"}
    | {"content-type", "accept", "accept-encoding", "last-event-id"}
    | {"mcp-protocol-version", "mcp-session-id", "mcp-method", "mcp-name"}
)
"""Headers that the proxy sets itself, request by request."""


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no header name")
    if name.lower() in OWN:
        raise ValueError(f"the proxy sets {name} itself")
    return name


def _value(value: str) -> str:
    """The message never holds the value, which may be a credential."""
    if not _VALUE.fullmatch(value):
        raise ValueError("its value holds a line break or another character that no header may hold")
    return value


def _each_once(given: object, check: ValidatorFunctionWrapHandler) -> dict[str, str]:
    """What `check` makes of single headers; beside its faults, those of names that stand there twice."""
    twice = list(_twice(cast("Mapping[Any, Any]", given))) if isinstance(given, Mapping) else []
    try:
        headers = check(given)
    except ValidationError as error:
        raise ValidationError.from_exception_data(error.title, [*map(_again, error.errors(include_url=False)), *twice]) from None
    if twice:
        raise ValidationError.from_exception_data("headers", twice)
    return headers


def _twice(headers: Mapping[Any, Any]) -> Iterator[InitErrorDetails]:
    seen: set[str] = set()
    for name in filter(lambda one: isinstance(one, str), headers):
        if name.lower() in seen:
            yield _fault(f"{name} is given twice; header names do not distinguish case", (name,))
        seen.add(name.lower())


def _again(detail: ErrorDetails) -> InitErrorDetails:
    """A fault as it was found, to be told together with others."""
    if detail["type"] == "value_error":
        return _fault(detail["msg"].removeprefix("Value error, "), detail["loc"])
    return InitErrorDetails(type=detail["type"], loc=detail["loc"], input=detail["input"], ctx=detail.get("ctx", {}))


def _fault(message: str, location: tuple[int | str, ...]) -> InitErrorDetails:
    return InitErrorDetails(type=PydanticCustomError("value_error", "{fault}", {"fault": message}), loc=location, input=None)


Headers = Annotated[
    dict[Annotated[str, AfterValidator(_name)], Annotated[str, AfterValidator(_value)]],
    WrapValidator(_each_once),
]
"""Name and value of each. All that is wrong is told at once, with the name as the place."""
