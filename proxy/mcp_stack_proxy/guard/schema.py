"""A tool's schema, compiled: bounded in what it may cost, and deaf to addresses.

What holds, and why: references to files and hosts are never followed (the library would by itself: SSRF). Patterns run on an engine
of linear time, without look-around and back-references, and their size is bounded; a schema that needs more is not compiled.
Circles of references end. Work that grows with schema times value is estimated first, and refused above a bound; a check below it
can still take some hundred milliseconds of the event loop.
"""

from typing import Any

import msgspec
from jsonschema_rs import RegexOptions, ValidationError, Validator, validator_for
from msgspec import Raw

from .payload import Fault, Unreadable, deeper, parts, pointer
from .weight import Unfollowed, Weight

MAX_FAULTS = 10
"""Faults that are named."""
SCHEMA_BYTES = 256 * 1024
SCHEMA_DEPTH = 100
MAX_WEIGHT = 50_000
"""Schemas that may apply to one value."""
WORK = 5_000_000
"""Bound of: parts of a value times schemas that apply to one."""
NAMED_WORK = 5_000
"""The same bound for naming faults one by one, which costs a hundred times as much as finding that there is one."""
NAMED_BYTES = 64 * 1024

_PATTERNS = RegexOptions(size_limit=4 << 20, dfa_size_limit=4 << 20)


class Uncompilable(Exception):
    """A schema by which nothing can be checked; the message says why."""


class Schema:
    """One compiled schema. Draft 2020-12 unless it says otherwise; `format` is an annotation, as that draft has it."""

    def __init__(self, raw: Raw) -> None:
        """Uncompilable where that is impossible."""
        data = bytes(raw)
        if len(data) > SCHEMA_BYTES:
            raise Uncompilable(f"the schema is larger than {SCHEMA_BYTES} bytes")
        try:
            schema: Any = msgspec.json.decode(data)
            if not isinstance(schema, dict):
                raise Uncompilable("the schema is no object")
            if deeper(schema, SCHEMA_DEPTH):  # pyright: ignore[reportUnknownArgumentType]
                raise Uncompilable(f"the schema is nested deeper than {SCHEMA_DEPTH}")
            weight = Weight(schema)  # pyright: ignore[reportUnknownArgumentType]
            if weight.heaviest > MAX_WEIGHT:
                raise Uncompilable(f"more than {MAX_WEIGHT} schemas would apply to one value")
            self._validator: Validator = validator_for(
                schema,  # pyright: ignore[reportUnknownArgumentType]
                retriever=_refuse,
                pattern_options=_PATTERNS,
                validate_formats=False,
                mask="*",
            )
        except Unfollowed as error:
            raise Uncompilable(f"the schema refers to {error}") from None
        except (msgspec.DecodeError, RecursionError, ValueError) as error:  # ValidationError is a ValueError
            raise Uncompilable(_why(error)) from None
        self._heaviest = weight.heaviest
        self._bound = WORK // weight.heaviest
        self._loops = weight.loops

    def faults(self, value: object, size: int) -> list[Fault]:
        """What is wrong with `value`, at most MAX_FAULTS; empty where nothing is. `size`: its bytes as JSON."""
        if size > self._bound and parts(value, self._bound) > self._bound:
            raise Unreadable(f"has too many parts for its schema (at most {self._bound})")
        if self._validator.is_valid(value):
            return []
        if size > NAMED_BYTES or parts(value, most := self._namable(value)) > most:
            return [Fault("", "schema")]
        found: list[Fault] = []
        for error in self._validator.iter_errors(value):
            found += [fault for fault in _located(error) if fault not in found]
            if len(found) >= MAX_FAULTS:
                break
        return found[:MAX_FAULTS]

    def _namable(self, value: object) -> int:
        """Parts up to which faults of `value` are named: where the schema holds itself, each level may multiply the work."""
        levels = 1
        while self._loops and levels < SCHEMA_DEPTH and deeper(value, levels):
            levels += 1
        return NAMED_WORK // self._heaviest**levels


def _located(error: ValidationError) -> list[Fault]:
    """Faults of an error: what is missing or too much is pointed at itself, not at the object around it."""
    path, kind = error.instance_path, error.kind
    details = kind.as_dict()
    names: list[Any] = [details["property"]] if kind.name == "required" else details.get("unexpected", [])
    if not names:
        return [Fault(pointer(path), kind.name)]
    return [Fault(pointer([*path, name]), kind.name) for name in names[:MAX_FAULTS]]


def _refuse(uri: str) -> Any:
    raise ValueError(f"{uri[:80]!r} is not fetched")


def _why(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return f"the schema is invalid at {pointer(error.instance_path)!r} ({error.kind.name})"
    return f"the schema is invalid: {str(error)[:200]}"
