"""What lanes that run beside each other make only once: whoever comes first makes it, the others wait for it."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

SHARED = "E2E_SHARED"
"""Variable that names a directory of all lanes of one run; without it there is but one."""


def once(name: str, make: Callable[[], str]) -> str:
    """What `make` gives, or has given to another lane under that name."""
    if SHARED not in os.environ:
        return make()
    made = Path(os.environ[SHARED]) / name
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            made.write_text(make(), "utf-8")
        return made.read_text("utf-8")
