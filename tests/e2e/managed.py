"""What a manager has set of an object, by the API server's own account (`metadata.managedFields`, FieldsV1).

Format: sigs.k8s.io/structured-merge-diff, fieldpath/serialize.go. `f:` is a field, `k:` an item of a list by its keys, `v:` one of
a set by its value, `.` the thing itself. An empty set of children says that the whole value is the manager's: a scalar, or an
atomic structure, in which the API server may have filled in defaults.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any


@dataclass(frozen=True)
class Whole:
    """A value that belongs to its manager as a whole."""

    value: Any


@dataclass(frozen=True)
class Keyed:
    """Items of a list that the API tells apart by their `keys`. Their order is nobody's: a merge may change it."""

    keys: tuple[str, ...]
    items: list[tuple[Any, Any]]
    """Each as it is, and the manager's part of it."""


def fields_of(live: Mapping[str, Any], manager: str) -> dict[str, Any]:
    """The fields that `manager` has applied."""
    entries = [
        entry["fieldsV1"]
        for entry in live["metadata"].get("managedFields", [])
        if entry["manager"] == manager and entry["operation"] == "Apply" and not entry.get("subresource")
    ]
    assert len(entries) <= 1, entries
    return entries[0] if entries else {}


def extract(value: Any, fields: Mapping[str, Any]) -> Any:
    """The part of `value` that `fields` name."""
    children = {key: below for key, below in fields.items() if key != "."}
    if not children:
        return Whole(value)
    if isinstance(value, list):
        found = [(item, extract(item, below)) for item in value if (below := _below(item, children)) is not None]
        names = next((tuple(json.loads(key[2:])) for key in children if key.startswith("k:")), ())
        return Keyed(names, found) if names else [part for _, part in found]
    return {key[2:]: extract(value[key[2:]], below) for key, below in children.items() if key[2:] in value}


def _below(item: Any, children: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Fields of `item` if one of the `children` names it."""
    for key, below in children.items():
        wanted = json.loads(key[2:])
        if key.startswith("v:") and item == wanted:
            return below
        if key.startswith("k:") and isinstance(item, dict) and all(item.get(name) == part for name, part in wanted.items()):
            return below
    return None


def differences(rendered: Any, held: Any, path: str = "") -> Iterator[str]:
    """Where what was rendered and what the API server holds as ours are not the same; see `Whole` for its defaults."""
    whole = isinstance(held, Whole)
    value = held.value if isinstance(held, Whole) else held
    if isinstance(rendered, dict) and isinstance(value, dict):
        for key in sorted(rendered.keys() | value.keys()):
            below = f"{path}.{key}" if path else key
            if key not in value:
                if rendered[key] not in ({}, []):
                    yield f"{below}: rendered as {rendered[key]!r}, and not held"
            elif key in rendered:
                yield from differences(rendered[key], Whole(value[key]) if whole else value[key], below)
            elif not whole:
                yield f"{below}: held, and not rendered"
    elif isinstance(rendered, list) and isinstance(value, Keyed):
        yield from _keyed_differences(rendered, value, path)
    elif isinstance(rendered, list) and isinstance(value, list):
        if len(rendered) != len(value):
            yield f"{path}: {len(rendered)} items rendered, {len(value)} held"
        for index, (ours, theirs) in enumerate(zip(rendered, value, strict=False)):
            yield from differences(ours, Whole(theirs) if whole else theirs, f"{path}[{index}]")
    elif not same(rendered, value):
        yield f"{path}: rendered as {rendered!r}, held as {value!r}"


def _keyed_differences(rendered: list[Any], held: Keyed, path: str) -> Iterator[str]:
    left = list(held.items)
    for item in rendered:
        found = next((pair for pair in left if all(item.get(key, pair[0].get(key)) == pair[0].get(key) for key in held.keys)), None)
        if found is None:
            yield f"{path}: {item!r} rendered, and not held"
        else:
            left.remove(found)
            yield from differences(item, found[1], f"{path}[{'/'.join(str(found[0].get(key)) for key in held.keys)}]")
    for item, _ in left:
        yield f"{path}: {item!r} held, and not rendered"


def same(rendered: Any, held: Any) -> bool:
    """Whether two scalars mean the same: the API server writes quantities as text, in their shortest form."""
    if type(rendered) is type(held) and rendered == held:
        return True
    if not isinstance(held, str):
        return False
    left, right = quantity(rendered), quantity(held)
    return left is not None and left == right


_SUFFIXES = {"m": Decimal("0.001"), "": Decimal(1)}
_SUFFIXES |= {letter: Decimal(1000) ** power for power, letter in enumerate(["k", "M", "G", "T", "P"], 1)}
_SUFFIXES |= {f"{letter}i": Decimal(1024) ** power for power, letter in enumerate(["K", "M", "G", "T", "P"], 1)}


def quantity(value: Any) -> Decimal | None:
    """`1Gi` as a number (apimachinery, resource.Quantity); None for what is no quantity."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = str(value)
    number = text.rstrip("kMGTPKim")
    try:
        return Decimal(number) * _SUFFIXES[text[len(number) :]]
    except (InvalidOperation, KeyError):
        return None
