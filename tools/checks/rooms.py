"""Branch coverage room by room, against the thresholds in pyproject.toml."""

import json
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from .steps import PYTHON, ROOT

_REPORT = ROOT / ".cache" / "coverage.json"


@dataclass(frozen=True, slots=True)
class Room:
    """Statements and branches of a directory: how many there are, how many ran, and which files have gaps."""

    covered: int
    total: int
    gaps: tuple[str, ...]

    @property
    def percent(self) -> float:
        """Rounded down to a tenth, so that 100 means all."""
        return 100.0 if self.covered == self.total else int(1000 * self.covered / self.total) / 10


def rooms(files: Mapping[str, Any]) -> dict[str, Room]:
    """Rooms of a coverage report's `files`: the directory below the package, or the package itself."""
    members: dict[str, list[tuple[str, Any]]] = defaultdict(list)
    for name, report in files.items():
        members["/".join(PurePosixPath(name).parts[:-1][:3])].append((name, report))
    return {room: _sum(found) for room, found in sorted(members.items())}


def short(found: Mapping[str, Room], thresholds: Mapping[str, float]) -> list[str]:
    """One line for each room below its threshold, and for each threshold without a room."""
    lines: list[str] = []
    for name, least in thresholds.items():
        if name not in found:
            lines.append(f"{name}: has a threshold and no code")
        elif found[name].percent < least:
            lines += [f"{name}: {found[name].percent} %, at least {least} % is asked", *(f"  {gap}" for gap in found[name].gaps)]
    return lines


def main() -> int:
    """Combines what the steps measured, prints the table, and what falls short of its threshold."""
    for command in (["combine", "--quiet"], ["json", "--quiet", "-o", str(_REPORT)]):
        subprocess.run([PYTHON, "-m", "coverage", *command], cwd=ROOT, check=True)
    found = rooms(json.loads(_REPORT.read_text(encoding="utf-8"))["files"])
    thresholds = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mcp-stack"]["coverage"]
    for name, room in found.items():
        asked = f"of {thresholds[name]:3}" if name in thresholds else ""
        print(f"{name:36} {room.percent:5} % {asked}".rstrip())
    missed = short(found, thresholds)
    print("\n".join(missed), file=sys.stderr)
    return 1 if missed else 0


def _sum(files: Iterable[tuple[str, Any]]) -> Room:
    covered = total = 0
    gaps: list[str] = []
    for name, report in files:
        summary = report["summary"]
        covered += summary["covered_lines"] + summary["covered_branches"]
        total += summary["num_statements"] + summary["num_branches"]
        branches = [f"{start}->{end}" for start, end in report["missing_branches"]]
        if missing := [*map(str, report["missing_lines"]), *branches]:
            gaps.append(f"{name}: {', '.join(missing[:12])}{' ...' if len(missing) > 12 else ''}")
    return Room(covered, total, tuple(gaps))


if __name__ == "__main__":
    sys.exit(main())
