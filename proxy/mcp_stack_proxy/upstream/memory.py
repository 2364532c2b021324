"""What processes occupy, as the kernel tells it (proc(5)). RLIMIT_AS bounds address space, of which runtimes reserve far more."""

import os
from collections import Counter
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")

_SESSION, _RESIDENT = 3, 21
"""Fields 6 and 24 of `stat`, counted from the state, which is the first behind the name."""


def resident_by_session(proc: Path = PROC) -> Counter[int] | None:
    """Resident bytes of each session's processes, what they share counted for each of them; None where the system does not tell."""
    if not (proc / "self" / "stat").exists():
        return None
    page = os.sysconf("SC_PAGE_SIZE")
    found: Counter[int] = Counter()
    for entry in os.scandir(proc):
        if entry.name.isdecimal():
            with suppress(OSError):  # it has just ended
                with open(f"{entry.path}/stat", "rb") as file:  # noqa: PTH123 - hundreds of them: Path would double the cost
                    fields = file.read().rpartition(b")")[2].split()
                found[int(fields[_SESSION])] += int(fields[_RESIDENT]) * page
    return found


def shown(size: int) -> str:
    """`size` in bytes, for people."""
    return f"{size / 1024 / 1024:.1f} MiB"
