"""Numbers of a configuration. Text is read as a number, since placeholders yield text; `true` is not one."""

import math
import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field


def _no_bool(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError(f"{str(value).lower()} is no number")  # noqa: TRY004 - pydantic reports ValueErrors
    return value


NO_BOOL = BeforeValidator(_no_bool)
"""`true` is no number. It stands last in an annotation, so that bounds before it show in the JSON Schema."""

Count = Annotated[int, NO_BOOL, Field(gt=0)]
"""Whole number above zero."""

Amount = Annotated[int, NO_BOOL, Field(ge=0)]
"""Whole number, zero included."""

Seconds = Annotated[float, NO_BOOL, Field(gt=0, allow_inf_nan=False)]
"""Duration above zero."""

_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(s|m|h)?")
_MEMORY = re.compile(r"([0-9]+(?:\.[0-9]+)?)([kMGT]i?|Ki)?")
_FACTORS = {"s": 1, "m": 60, "h": 3600}
_POWERS = {"k": 1, "M": 2, "G": 3, "T": 4}


def as_text(value: object) -> object:
    """A number as text, since YAML reads `90` as a number; `true` is refused, anything else stays."""
    return number_as_text(_no_bool(value))


def number_as_text(value: object) -> object:
    """`value` with all of its digits, and without a fraction that is zero, where it is a finite number; anything else as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return value
    return str(int(value)) if value == int(value) else repr(value)


def seconds_of(duration: str) -> float:
    """Seconds of `30s`, `2m`, `1h` or `90`; ValueError for anything else, and for nothing."""
    match = _DURATION.fullmatch(duration)
    if match is None or float(match[1]) <= 0:
        raise ValueError(f"{duration!r} is no duration above zero, such as 30s, 2m, 1h or 90 (seconds)")
    return float(match[1]) * _FACTORS[match[2] or "s"]


def bytes_of(memory: str) -> int:
    """Bytes of `512Mi`, `1.5G` or `1000000`; ValueError for anything else, and for nothing."""
    match = _MEMORY.fullmatch(memory)
    if match is None:
        raise ValueError(f"{memory!r} is no amount of memory, such as 512Mi, 1.5G or 536870912 (bytes)")
    suffix = match[2] or ""
    factor = (1024 if suffix.endswith("i") else 1000) ** _POWERS.get(suffix[:1].replace("K", "k"), 0)
    if (size := int(float(match[1]) * factor)) == 0:
        raise ValueError(f"{memory!r} is less than a byte; leave the key out, or give more")
    return size


def _duration(text: str) -> str:
    seconds_of(text)
    return text


def _memory(text: str) -> str:
    bytes_of(text)
    return text


Duration = Annotated[str, BeforeValidator(as_text), AfterValidator(_duration)]
"""Duration above zero as `seconds_of` reads it."""

Memory = Annotated[str, BeforeValidator(as_text), AfterValidator(_memory)]
"""Amount of memory as `bytes_of` reads it, spelt as Kubernetes does."""
