"""Closed-loop load with wrk, and what it cost the process tree under test."""

import re
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .asks import Ask
from .machine import LOAD_CORE, cpu_seconds, on_core
from .targets import Target

RUNS = 3
FEW, LONGER = 100, 5
"""Where the warm-up, one second, answers fewer, the runs take so many times as long: a p99 of forty calls is none."""
_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


class BadRun(SystemExit):
    """A run that measured nothing: something was refused, or broke."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Medians of a few runs. Times in milliseconds unless said; no CPU for a target without process."""

    per_second: float
    cpu_us: float
    p50: float
    p99: float

    @property
    def busy(self) -> float:
        """Share of its core that the system under test had while it was under load."""
        return self.cpu_us * self.per_second / 1e6


def measure(target: Target, request: Ask, connections: int, seconds: float, directory: Path) -> Figures:
    """Median of RUNS after a warm-up. A run with a single bad answer is an error: it would have been measured for nothing."""
    script = directory / "ask.lua"
    script.write_text(request.wrk_script())
    if (answered := _answered(_wrk(target.url, script, connections, 1))) < FEW:
        seconds *= LONGER if answered else 2 * LONGER
    runs = [_run(target, script, connections, seconds) for _ in range(RUNS)]
    return middle(runs)


def in_turn(
    contests: Mapping[str, tuple[Target, Ask]], connections: int, seconds: float, rounds: int, directory: Path
) -> dict[str, list[Figures]]:
    """What each answered and cost, round by round, everybody in every round: what else the machine does then meets them all alike.

    The first round warms up, and does not count.
    """
    scripts = {name: directory / f"{name}.lua" for name in contests}
    for name, (_, request) in contests.items():
        scripts[name].write_text(request.wrk_script())
    found: dict[str, list[Figures]] = {name: [] for name in contests}
    for _ in range(rounds + 1):
        for name, (target, _) in contests.items():
            found[name].append(_run(target, scripts[name], connections, seconds))
    return {name: figures[1:] for name, figures in found.items()}


def middle(figures: Sequence[Figures]) -> Figures:
    """Their medians, field by field."""
    return Figures(*(statistics.median(getattr(one, field) for one in figures) for field in Figures.__slots__))


def _run(target: Target, script: Path, connections: int, seconds: float) -> Figures:
    before = cpu_seconds(target.pid) if target.pid else 0.0
    report = _wrk(target.url, script, connections, seconds)
    spent = cpu_seconds(target.pid) - before if target.pid else 0.0
    requests = _answered(report)
    if not requests:
        raise BadRun(f"{target.url} answered nothing in {seconds:g} s at {connections} connections")
    p50, p99 = (_milliseconds(report, percent) for percent in ("50", "99"))
    duration = float(re.search(r"requests in ([\d.]+)s", report)[1])
    return Figures(requests / duration, spent / requests * 1e6, p50, p99)


def _answered(report: str) -> int:
    return int(re.search(r"(\d+) requests in ", report)[1])


def _wrk(url: str, script: Path, connections: int, seconds: float) -> str:
    options = ["-t1", f"-c{connections}", f"-d{seconds:g}", "--timeout", "30s", "--latency", "-s", script]
    command = on_core(LOAD_CORE, "wrk", *options, url)
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=False)
    bad = re.search(r"(Non-2xx or 3xx responses: .*|Socket errors: .*)", done.stdout)
    if done.returncode or bad:
        raise BadRun(f"wrk against {url}: {bad[1] if bad else (done.stderr or done.stdout).strip()[:200]}")
    return done.stdout


def _milliseconds(report: str, percent: str) -> float:
    found = re.search(rf"^\s+{percent}%\s+([\d.]+)(us|ms|s|m) *$", report, re.MULTILINE)
    if found is None:
        raise BadRun(f"wrk tells no latency:\n{report}")
    return float(found[1]) * _UNITS[found[2]]
