"""Values to be checked: decoded within bounds, measured, and pointed into."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

import msgspec

from ..config import Validation

_decoder = msgspec.json.Decoder()


class Unreadable(Exception):
    """A value over a bound, or none that JSON Schema knows. The message names the bound, never the value."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Where a value breaks its schema, as a JSON pointer (RFC 6901), and the keyword that it breaks."""

    pointer: str
    keyword: str


def decoded(data: bytes, bounds: Validation) -> Any:
    """`data` as Python objects. Of duplicate keys the last one counts."""
    if len(data) > bounds.max_bytes:
        raise Unreadable(f"larger than {bounds.max_bytes} bytes (validation.max_bytes)")
    try:
        value = _decoder.decode(data)
    except RecursionError:
        raise _too_deep(bounds) from None
    except msgspec.DecodeError:
        raise Unreadable("holds a number out of range, or half of a character") from None
    most = bounds.max_depth
    # what is nested has to be opened and closed: most values are too short, or open too little, to be looked through
    if len(data) > 2 * most and data.count(b"{") + data.count(b"[") > most and deeper(value, most):
        raise _too_deep(bounds)
    return value


def _too_deep(bounds: Validation) -> Unreadable:
    return Unreadable(f"nested deeper than {bounds.max_depth} (validation.max_depth)")


def deeper(value: object, most: int) -> bool:
    """Whether objects and lists of `value` lie within each other more than `most` times."""
    level: list[Any] = [value]
    for _ in range(most):
        level = [inner for one in level for inner in inside(one)]
        if not level:
            return False
    return any(isinstance(one, dict | list) for one in level)


def parts(value: object, most: int) -> int:
    """Values within `value`, itself included; stops counting above `most`."""
    count, stack = 0, [value]
    while stack and count <= most:
        count += 1
        stack += inside(stack.pop())
    return count


def pointer(path: Iterable[str | int]) -> str:
    """`path` as a JSON pointer, cut where it gets long."""
    text = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
    return text if len(text) <= 200 else text[:197] + "..."


def inside(value: object) -> Iterable[Any]:
    """What an object or list holds; nothing for anything else."""
    if isinstance(value, dict):
        return cast("dict[str, Any]", value).values()
    return cast("list[Any]", value) if isinstance(value, list) else ()
