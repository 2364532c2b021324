"""From what the cluster says to what to do: the first pattern that fits."""

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """`pattern`: a regular expression over what the cluster says, in lower case."""

    pattern: str
    next_step: str


def first(causes: Iterable[Cause], message: str, otherwise: str) -> str:
    """The step of the first cause that `message` tells of."""
    said = message.lower()
    return next((one.next_step for one in causes if re.search(one.pattern, said)), otherwise)
