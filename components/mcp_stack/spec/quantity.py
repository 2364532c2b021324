"""Kubernetes quantities (`100m`, `1.5Gi`): syntax and size, so that a request above its limit is found at preview."""

import math
import re
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

_SUFFIXES = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "": Decimal(1),
    **{letter: Decimal(1000) ** power for power, letter in enumerate(("k", "M", "G", "T", "P", "E"), 1)},
    **{f"{letter}i": Decimal(1024) ** power for power, letter in enumerate(("K", "M", "G", "T", "P", "E"), 1)},
}
_QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]+)?|\.[0-9]+)([a-zA-Z]{0,2})")


def amount(quantity: str) -> Decimal:
    """Size of `quantity` in cores or bytes; ValueError where it is none, or is zero."""
    match = _QUANTITY.fullmatch(quantity)
    if match is None or match[2] not in _SUFFIXES:
        raise ValueError(f"{quantity!r} is no quantity, such as 250m, 1.5 or 256Mi")
    value = Decimal(match[1]) * _SUFFIXES[match[2]]
    if value <= 0:
        raise ValueError(f"{quantity!r} is nothing; leave the key out or give a positive quantity")
    return value


def _text(value: object) -> object:
    """YAML reads `cpu: 1` as a number, which Kubernetes accepts as well; a float from a component package is no `1.0`."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return value
    return f"{value:g}" if value == int(value) else repr(value)


def _checked(value: str) -> str:
    amount(value)
    return value


Quantity = Annotated[str, BeforeValidator(_text), AfterValidator(_checked)]
