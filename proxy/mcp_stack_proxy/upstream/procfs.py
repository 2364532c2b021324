"""Processes by the session that they belong to, as the kernel tells it (proc(5)): what they occupy, and who they are.

A server's process leads a session of its own, which its descendants share unless they leave it on purpose. What is resident is what
counts: RLIMIT_AS bounds address space, of which runtimes reserve far more than they use.
"""

import os
from collections import Counter
from collections.abc import Iterator
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
    for _, session, pages in _processes(proc):
        found[session] += pages * page
    return found


def members(session: int, proc: Path = PROC) -> list[int]:
    """Process ids of a session; none where the system does not tell."""
    return [pid for pid, found, _ in _processes(proc) if found == session] if proc.exists() else []


def shown(size: int) -> str:
    """`size` in bytes, for people."""
    return f"{size / 1024 / 1024:.1f} MiB"


def _processes(proc: Path) -> Iterator[tuple[int, int, int]]:
    """Process id, session and resident pages."""
    for entry in os.scandir(proc):
        if entry.name.isdecimal():
            with suppress(OSError):  # it has just ended
                with open(f"{entry.path}/stat", "rb") as file:  # noqa: PTH123 - hundreds of them: Path would double the cost
                    fields = file.read().rpartition(b")")[2].split()
                yield int(entry.name), int(fields[_SESSION]), int(fields[_RESIDENT])
