"""Waiting for what somebody else's program does, which sends no event."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PAUSE_SECONDS = 0.15


def until(holds: Callable[[], T], seconds: float, what: str) -> T:
    """The first truthy answer of `holds`; TimeoutError that names what was waited for."""
    deadline = time.monotonic() + seconds
    while True:
        answer = holds()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:g} s for {what}; the last answer was {answer!r}")
        time.sleep(PAUSE_SECONDS)
