"""Waiting for what somebody else's program does, which sends no event."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

FIRST_SECONDS, LONGEST_SECONDS, GROWTH = 0.1, 0.6, 1.25
"""Pauses between two looks: what is soon there is soon seen, and what takes long is not asked for ten times a second."""


def until(holds: Callable[[], T], seconds: float, what: str, longest: float = LONGEST_SECONDS) -> T:
    """The first truthy answer of `holds`, looked for every `longest` seconds in the end; TimeoutError that names `what`."""
    deadline, pause = time.monotonic() + seconds, FIRST_SECONDS
    while True:
        answer = holds()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:g} s for {what}; the last answer was {answer!r}")
        time.sleep(pause)
        pause = min(pause * GROWTH, longest)
