"""What the machine has to bring, and what a process tree costs it."""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from .interpreter import build

PROGRAMS = {"gcc": "gcc", "nginx": "nginx", "wrk": "wrk", "taskset": "util-linux"}
"""Program -> Debian package that brings it."""

SYSTEM_CORE, LOAD_CORE = 0, 1
"""The system under test has one core for itself; the load and the server behind it share the other."""

_TICK = os.sysconf("SC_CLK_TCK")


def require_programs() -> None:
    """Installs what is missing where that is possible; says what to install otherwise."""
    missing = sorted({package for program, package in PROGRAMS.items() if not find(program)})
    if not missing:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sys.exit(f"make bench needs {', '.join(missing)}; on Debian and Ubuntu: sudo apt-get install {' '.join(missing)}")
    print(f"installing {', '.join(missing)}", flush=True)
    subprocess.run(["apt-get", "update", "-qq"], check=True, stdout=subprocess.DEVNULL)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})


def find(program: str) -> str | None:
    """Path of `program`; nginx is in /usr/sbin, which is not on every user's PATH."""
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin")


def require_cores() -> None:
    if not {SYSTEM_CORE, LOAD_CORE} <= os.sched_getaffinity(0):
        sys.exit(
            f"make bench needs the cores {SYSTEM_CORE} and {LOAD_CORE}; this process may use {sorted(os.sched_getaffinity(0))}"
        )


def on_core(core: int, *command: str | Path) -> list[str]:
    return ["taskset", "--cpu-list", str(core), *map(str, command)]


def cpu_seconds(root: int) -> float:
    """CPU time, user and system, of process `root` and all below it."""
    return sum(_times(pid) for pid in tree(root)) / _TICK


def memory_mb(root: int) -> float:
    """Memory of the tree; what several processes share counts once (PSS)."""
    return sum(_pss(pid) for pid in tree(root)) / 1024


def tree(root: int) -> list[int]:
    """`root` and its descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def description() -> str:
    """One line that a reader needs to compare two runs."""
    model = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), ": unknown")
    cores = os.cpu_count()
    return f"{model.partition(': ')[2]}, {cores} cores, Linux {platform.release()}, {build()}"


def _stat(pid: int) -> list[str]:
    """Fields of /proc/PID/stat after the name, which may hold spaces: state, parent, ...; empty where it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _times(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[11]) + int(fields[12]) if fields else 0


def _pss(pid: int) -> int:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(next(line for line in rollup.splitlines() if line.startswith("Pss:")).split()[1])
