"""The checks. They run in two lanes, one for each core of a small machine; in a lane, in the order of how fast they answer."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PYTHON = sys.executable
BIN = Path(PYTHON).parent

_QUIET = ("-q", "--no-header", "-p", "no:cacheprovider")
_PYTEST = (PYTHON, "-m", "coverage", "run", "--parallel-mode", "-m", "pytest", *_QUIET)
_APART = ("tests/conformance", "tests/judges", "tests/serve")
"""Directories of tests that are steps of their own, so that the summary says how each went."""

_ELSEWHERE = ("tests/e2e",)
"""Directories of tests that need a cluster: `make e2e`."""


@dataclass(frozen=True, slots=True)
class Step:
    """One command. `applies`: whether there is anything to check; `note`: what of its output the summary repeats."""

    name: str
    what: str
    command: tuple[str, ...]
    note: Callable[[str], list[str]] = lambda output: []
    applies: Callable[[], bool] = lambda: True
    lane: int = 0
    """Lanes run at the same time. `LAST` comes when all of them are done."""


LAST = -1


def last_line(output: str) -> list[str]:
    """What a tool says at its end: `412 passed in 61.20s`."""
    lines = output.strip().splitlines()
    return [lines[-1].strip("= ")] if lines else []


def findings(output: str) -> list[str]:
    """Last line, and those that tests print for the reader: conformance scores, counts of the ledger."""
    told = [line for line in output.splitlines() if line.startswith(("conformance ", "parity "))]
    return [*last_line(output), *told]


STEPS = (
    Step("format", "ruff format", (str(BIN / "ruff"), "format", "--check", "--quiet")),
    Step("lint", "ruff check", (str(BIN / "ruff"), "check", "--quiet")),
    Step(
        "types",
        "pyright, strict",
        (str(ROOT / "tools/node_modules/.bin/pyright"), "--project", str(ROOT / "pyproject.toml")),
        last_line,
    ),
    Step("tests", "pytest", (*_PYTEST, "tests", *(f"--ignore={path}" for path in (*_APART, *_ELSEWHERE))), findings),
    Step("serve", "pytest, the proxy as a whole", (*_PYTEST, "tests/serve"), findings, lane=1),
    Step("conformance", "official MCP suite, both sets", (PYTHON, "-m", "pytest", *_QUIET, "tests/conformance"), findings, lane=1),
    Step("judges", "manifests of every stack", (*_PYTEST, "tests/judges"), findings, (ROOT / "tests/judges").is_dir, lane=1),
    Step("coverage", "branches, room by room", (PYTHON, "-m", "tools.checks.rooms"), str.splitlines, lane=LAST),
)
