"""What the system says of a process, and a child that writes down what it said."""

import asyncio
from contextlib import suppress
from pathlib import Path

from tests.deadlines import SOON

PROC = Path("/proc")
ECHO = "import sys\nfor line in sys.stdin.buffer: sys.stdout.buffer.write(line); sys.stdout.buffer.flush()"
DEAF = "import time, signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('ready', flush=True)\ntime.sleep(600)"


class Run:
    """A child with what it said so far."""

    def __init__(self):
        self.lines, self.exits = [], []
        self.said, self.over = asyncio.Event(), asyncio.Event()
        self.child = None

    def hear(self, line):
        assert not self.exits, "a line after the end"
        self.lines.append(line)
        self.said.set()

    def end(self, exit_):
        self.exits.append(exit_)
        self.over.set()

    async def line(self, number=0):
        async with asyncio.timeout(SOON):
            while len(self.lines) <= number:
                self.said.clear()
                await self.said.wait()
        return self.lines[number]

    async def exit(self):
        await asyncio.wait_for(self.over.wait(), SOON)
        assert len(self.exits) == 1
        return self.exits[0]


def descriptors():
    """What a child costs: pipes and pidfds. A loop opens others for itself when it first needs them."""
    found = set()
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            target = str(entry.readlink())
            if target.startswith(("pipe:", "anon_inode:[pidfd]")):
                found.add((entry.name, target))
    return found


def stat(pid):
    """State, process group and session of a process, or None."""
    try:
        fields = (PROC / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return fields[0], int(fields[2]), int(fields[3])


def members(group):
    """Living processes of a process group."""
    found = {int(entry.name): stat(entry.name) for entry in PROC.iterdir() if entry.name.isdecimal()}
    return [pid for pid, info in found.items() if info and info[1] == group and info[0] != "Z"]


async def vanished(pid):
    return await _found(lambda: stat(pid) is None)


async def dead(pid):
    """Gone, or a zombie that its own parent has to collect."""
    return await _found(lambda: (info := stat(pid)) is None or info[0] == "Z")


async def _found(true):
    with suppress(TimeoutError):
        async with asyncio.timeout(SOON):
            while not true():
                await asyncio.sleep(0.02)
    return true()
