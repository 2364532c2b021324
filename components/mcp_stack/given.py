"""Whether a component was given arguments that can be read at all, in the place of a traceback. What they say, the models judge."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

import pulumi
from pulumi.output import Unknown

from mcp_stack_proxy.config import ConfigError, Problem

from .late import LATE
from .spec.names import is_dns_label

_TEXTS = ("stack", "server", "source")
"""Arguments that name things before anything else is read."""


def require_given(args: object, source: str, required: Iterable[str] = ()) -> None:
    """RunError that names everything without which `args` of `source` cannot be read; `required` keys have to be there."""
    if not isinstance(args, Mapping):
        found = [Problem("", f"takes a mapping of arguments, and was given {'none' if args is None else 'something else'}")]
    else:
        found = list(_unreadable(cast("Mapping[str, Any]", args), required))
    if found:
        raise pulumi.RunError(str(ConfigError(source, found)))


def _unreadable(args: Mapping[str, Any], required: Iterable[str]) -> Iterator[Problem]:
    yield from (Problem(key, "required, but missing") for key in sorted(required) if args.get(key) is None)
    for key in _TEXTS:
        if isinstance(args.get(key), pulumi.Output | Unknown):
            yield Problem(key, LATE)
        elif key in args and not isinstance(args[key], str):
            yield Problem(key, "expected a text; leave the key out for what is usual")
    if not isinstance(args.get("secret_values", {}), Mapping | pulumi.Output | Unknown):
        yield Problem("secret_values", "expected a mapping of keys")
    service = args.get("service")
    if "service" in required and isinstance(service, str) and not is_dns_label(service):
        yield Problem(
            "service", f"{service!r} is no name of a Service: lower-case letters, digits and dashes, at most 63 characters"
        )
