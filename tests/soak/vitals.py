"""What a process tree holds: memory, descriptors, tasks, children, and those who ended and were not reaped. Read from /proc."""

import asyncio
import json
import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.soak.client import ANSWER_SECONDS


@dataclass(frozen=True, slots=True)
class Vitals:
    """One look. `rss` in MB; `tasks` by the name of what they run."""

    at: float
    rss: float
    fds: int
    children: int
    zombies: int
    tasks: dict[str, int]


async def look(pid: int, tasks_file: Path) -> Vitals:
    """Asks the process `pid` (see observed.py), and /proc."""
    tasks_file.unlink(missing_ok=True)  # noqa: ASYNC240 - small files in memory
    os.kill(pid, signal.SIGUSR1)  # ProcessLookupError where it has ended
    async with asyncio.timeout(ANSWER_SECONDS):
        while not tasks_file.exists():  # noqa: ASYNC240
            await asyncio.sleep(0.01)
    return _seen(pid, asyncio.get_running_loop().time(), json.loads(tasks_file.read_text()))  # noqa: ASYNC240


def _seen(pid: int, now: float, tasks: dict[str, int]) -> Vitals:
    status = Path(f"/proc/{pid}/status").read_text()
    rss = int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024
    states = [state for _, state in children(pid)]
    fds = sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    return Vitals(now, rss, fds, len(states), states.count("Z"), tasks)


def children(pid: int) -> list[tuple[int, str]]:
    """Children of `pid` with their state; what they started in turn is below them."""
    found: list[tuple[int, str]] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(FileNotFoundError, ProcessLookupError):
                state, parent, *_ = (entry / "stat").read_text().rpartition(") ")[2].split()
                if int(parent) == pid:
                    found.append((int(entry.name), state))
    return found


def growth(looks: list[Vitals]) -> float:
    """MB that memory grew by from the first to the last look, along the line of least squares."""
    if len(looks) < 2:
        return 0.0
    mean_at = sum(look.at for look in looks) / len(looks)
    mean_rss = sum(look.rss for look in looks) / len(looks)
    spread = sum((look.at - mean_at) ** 2 for look in looks) or 1.0
    slope = sum((look.at - mean_at) * (look.rss - mean_rss) for look in looks) / spread
    return slope * (looks[-1].at - looks[0].at)
