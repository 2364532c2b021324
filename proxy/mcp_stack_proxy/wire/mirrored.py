"""Arguments of a tool that headers repeat: `x-mcp-header` in its schema, `Mcp-Param-*` in its calls.

Source: 2026-07-28, basic/transports/streamable-http, custom headers from tool parameters.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import msgspec
from msgspec import Raw

from .errors import HEADER_MISMATCH, RpcError
from .headers import PARAM_PREFIX, decode_value, encode_value

Header = tuple[bytes, bytes]

ANNOTATION = "x-mcp-header"

_TYPES = ("string", "integer", "boolean")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NUMBER = re.compile(r"-?\d{1,400}(?:\.\d{1,400})?")

_ONE = ("items", "contains", "unevaluatedItems", "additionalProperties", "propertyNames", "unevaluatedProperties", "not")
_MORE_ONE = ("if", "then", "else", "contentSchema", "additionalItems")
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems", "items")
_MAPS = ("patternProperties", "dependentSchemas", "dependencies", "$defs", "definitions")
"""Keywords that hold schemas, but for `properties`. What stands under others, `default` say, is data."""


class NotMirrorable(Exception):
    """A schema whose annotations break a rule: clients over HTTP must not offer its tool."""


@dataclass(frozen=True, slots=True)
class Mirror:
    """One argument that a header repeats."""

    header: bytes
    """Its whole name, in lower case."""
    path: tuple[str, ...]
    """Where the argument stands: keys from the outermost object inwards."""
    is_number: bool = False


def mirrors_of(schema: Raw) -> tuple[Mirror, ...]:
    """What headers repeat of arguments that follow `schema`; NotMirrorable where one of its annotations is not allowed."""
    if ANNOTATION.encode() not in bytes(schema):
        return ()
    try:
        root = msgspec.json.decode(schema)
    except (msgspec.DecodeError, RecursionError):
        raise NotMirrorable("its schema cannot be read") from None
    found: dict[bytes, Mirror] = {}
    for path, node in _positions(root):
        if ANNOTATION in node:
            mirror = _mirror(path, node)
            if mirror.header in found:
                raise NotMirrorable(f"{ANNOTATION} {mirror.header.decode()!r} is there twice")
            found[mirror.header] = mirror
    return tuple(found.values())


def made(mirrors: Sequence[Mirror], arguments: Raw | None) -> list[Header]:
    """The headers that repeat `arguments`. A value that is absent, null or no scalar has none."""
    given = _decoded(arguments)
    values = ((mirror, _text(_at(given, mirror.path))) for mirror in mirrors)
    return [(mirror.header, encode_value(text).encode() if text else b"") for mirror, text in values if text is not None]


def check(mirrors: Sequence[Mirror], arguments: Raw | None, headers: Iterable[Header]) -> None:
    """RpcError HEADER_MISMATCH unless `headers`, names in lower case, repeat `arguments` as a client has to."""
    given = _decoded(arguments)
    sent: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        if name.startswith(PARAM_PREFIX):
            sent.setdefault(name, []).append(value)
    for mirror in mirrors:
        value, copies = _at(given, mirror.path), sent.get(mirror.header, [])
        text = _text(value)
        where = f"{_shown(mirror.header)} header does not match params.arguments.{'.'.join(mirror.path)} of the body"
        if len(copies) > 1:
            raise RpcError(HEADER_MISMATCH, f"{_shown(mirror.header)} header appears more than once")
        if (text is None) != (not copies):
            raise RpcError(HEADER_MISMATCH, where)
        if text is not None and not _same(mirror, text, decode_value(copies[0].decode("latin-1"))):
            raise RpcError(HEADER_MISMATCH, where)


def _positions(root: Any) -> Iterator[tuple[tuple[str, ...] | None, dict[str, Any]]]:
    """Each schema in `root`, with its path where nothing but `properties` leads there. Without recursion: a schema may be deep."""
    open_: list[tuple[tuple[str, ...] | None, Any]] = [((), root)]
    while open_:
        path, node = open_.pop()
        if not isinstance(node, dict):
            continue
        schema = cast("dict[str, Any]", node)
        yield path, schema
        for name, inner in _members(schema.get("properties")).items():
            open_.append((None if path is None else (*path, name), inner))
        open_.extend((None, schema.get(keyword)) for keyword in (*_ONE, *_MORE_ONE))
        for keyword in _LISTS:
            if isinstance(inner := schema.get(keyword), list):
                open_.extend((None, each) for each in cast("list[Any]", inner))
        for keyword in _MAPS:
            open_.extend((None, each) for each in _members(schema.get(keyword)).values())


def _mirror(path: tuple[str, ...] | None, schema: Mapping[str, Any]) -> Mirror:
    if not path:
        raise NotMirrorable(f"{ANNOTATION} stands where `properties` alone do not lead")
    where, name, kind = ".".join(path), schema[ANNOTATION], schema.get("type")
    if not isinstance(name, str) or _TOKEN.fullmatch(name) is None:
        raise NotMirrorable(f"{ANNOTATION} of {where!r} is no name of a header")
    if kind not in _TYPES:
        raise NotMirrorable(f"{ANNOTATION} of {where!r} needs a type of {', '.join(_TYPES)}")
    return Mirror(PARAM_PREFIX + name.lower().encode(), path, kind == "integer")


def _decoded(arguments: Raw | None) -> Any:
    try:
        return None if arguments is None else msgspec.json.decode(arguments)
    except (msgspec.DecodeError, RecursionError):
        return None  # it is the server's to refuse


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        value = _members(value).get(key)
    return value


def _members(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    """A scalar as text; None for what has none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value)
    if isinstance(value, int):
        return str(value)
    return value if isinstance(value, str) else None


def _same(mirror: Mirror, text: str, header: str | None) -> bool:
    """Whether a decoded header has the value `text`; numbers are compared as such, so that 42.0 is 42."""
    if header == text:
        return True
    if header is None or not mirror.is_number or _NUMBER.fullmatch(header) is None or _NUMBER.fullmatch(text) is None:
        return False
    whole, _, fraction = header.partition(".")
    return not fraction.strip("0") and int(whole) == (int(text) if text.lstrip("-").isdigit() else math.nan)


def _shown(header: bytes) -> str:
    return "-".join(part.capitalize() for part in header.decode().split("-"))
