"""This process in numbers, under the names that every Prometheus client uses. Linux; elsewhere the numbers are absent."""

import functools
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from resource import RLIMIT_NOFILE, getrlimit

from .. import __version__
from .exposition import Family, series

_PROC = Path("/proc/self")


def process_families() -> Iterator[Family]:
    """CPU, memory, descriptors, start, and what was built."""
    python = ".".join(map(str, sys.version_info[:3]))
    info = series("mcp_proxy_build_info", {"version": __version__, "python": python})
    yield Family("mcp_proxy_build_info", "gauge", "Version of the proxy and of Python; always 1.", [(info, 1)])
    times = os.times()
    yield _family("process_cpu_seconds_total", "counter", "CPU time of this process.", times.user + times.system)
    try:
        fields = (_PROC / "stat").read_text().rpartition(")")[2].split()
        descriptors = sum(1 for _ in (_PROC / "fd").iterdir())
    except OSError:  # no Linux
        return
    started = _boot_time() + int(fields[19]) / os.sysconf("SC_CLK_TCK")
    yield _family("process_start_time_seconds", "gauge", "When this process started, in seconds since the epoch.", started)
    yield _family("process_virtual_memory_bytes", "gauge", "Virtual memory.", int(fields[20]))
    yield _family("process_resident_memory_bytes", "gauge", "Resident memory.", int(fields[21]) * os.sysconf("SC_PAGE_SIZE"))
    yield _family("process_open_fds", "gauge", "Open file descriptors.", descriptors)
    yield _family("process_max_fds", "gauge", "Most file descriptors that may be open.", getrlimit(RLIMIT_NOFILE)[0])


@functools.cache
def _boot_time() -> int:
    lines = Path("/proc/stat").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("btime"))


def _family(name: str, kind: str, text: str, value: float) -> Family:
    return Family(name, kind, text, [(name, value)])
