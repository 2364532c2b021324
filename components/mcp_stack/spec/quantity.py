"""Kubernetes quantities (`100m`, `1.5Gi`): syntax and size, so that a request above its limit is found at preview."""

import re
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from mcp_stack_proxy.config.amounts import number_as_text

_SUFFIXES = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "": Decimal(1),
    **{letter: Decimal(1000) ** power for power, letter in enumerate(("k", "M", "G", "T", "P", "E"), 1)},
    **{f"{letter}i": Decimal(1024) ** power for power, letter in enumerate(("K", "M", "G", "T", "P", "E"), 1)},
}
_QUANTITY = re.compile(r"\+?([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE]([-+]?[0-9]{1,2})|([a-zA-Z]{0,2}))")

LEAST_CORES, MOST_CORES = Decimal("0.001"), 1000
"""Kubernetes counts thousandths; no node has as many cores as the latter."""

LEAST_BYTES = 1024
"""No container starts, and no volume holds anything, with less: it was meant with a unit, or with another one."""


def amount(quantity: str) -> Decimal:
    """Size of `quantity` in cores or bytes; ValueError where it is none, or is zero."""
    match = _QUANTITY.fullmatch(quantity)
    if match is None or (match[3] or "") not in _SUFFIXES:
        raise ValueError(f"{quantity!r} is no quantity, such as 250m, 1.5 or 256Mi")
    value = Decimal(match[1]) * (Decimal(10) ** int(match[2]) if match[2] else _SUFFIXES[match[3]])
    if value <= 0:
        raise ValueError(f"{quantity!r} is nothing; leave the key out or give a positive quantity")
    return value


def _cores(value: str) -> str:
    cores = amount(value)
    if cores < LEAST_CORES:
        raise ValueError(f"{value!r} is less than a thousandth of a core, which is the least; give 1m or more")
    if cores >= MOST_CORES:
        raise ValueError(f"{value!r} would be {cores:f} cores; write cores (1.5) or thousandths of one (500m)")
    return value


def _bytes(value: str) -> str:
    if (size := amount(value)) < LEAST_BYTES:
        milli = "`m` is a thousandth of a byte; " if value.endswith("m") else ""
        raise ValueError(f"{value!r} is {size:f} bytes, and {LEAST_BYTES} are the least; {milli}units are Mi, Gi and the like")
    return value


Cores = Annotated[str, BeforeValidator(number_as_text), AfterValidator(_cores)]
"""CPU: `cpu: 1` of YAML, which is a number, is as good as text, and a float of a component package is no `1.0`."""

Bytes = Annotated[str, BeforeValidator(number_as_text), AfterValidator(_bytes)]
"""Memory or room on a disk."""
