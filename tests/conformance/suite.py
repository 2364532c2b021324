"""The official conformance suite: what it requires, how it is run, and what it saw."""

import asyncio
import json
import re
import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "tools" / "node_modules" / "@modelcontextprotocol" / "conformance"

REVISIONS = {"2025-11-25": 30, "2026-07-28": 37}
"""Requirement sets, each with the number of server scenarios that were frozen in it."""

ALSO = {
    "2025-11-25": ("server-session-lifecycle", "json-schema-2020-12", "server-sse-polling"),
    "2026-07-28": ("http-header-validation", "http-custom-header-server-validation", "json-schema-2020-12"),
}
"""Scenarios outside the frozen sets that the fixture passes and that a proxy could break."""

CLIENT_SCENARIOS = {
    "2025-11-25": ("initialize", "tools_call", "elicitation-sep1034-client-defaults", "sse-retry"),
    "2026-07-28": (
        *("tools_call", "request-metadata", "http-standard-headers", "http-custom-headers", "http-invalid-tool-headers"),
        *("sep-2322-client-request-state", "json-schema-ref-no-deref", "json-schema-2020-12-preservation"),
    ),
}
"""Client scenarios apart from those of authorization, which a proxy is no party to: it logs in nowhere for a caller."""

_STAMP = re.compile(r"^(?:server-)?(?P<name>.+)-\d{4}-\d\d-\d\dT[\d-]+Z$")
_MARGIN_SECONDS = 180


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario's checks: how many passed, and what each failed one said."""

    name: str
    passed: int
    failures: tuple[str, ...]

    @property
    def green(self) -> bool:
        """A scenario that checked nothing is not green."""
        return self.passed > 0 and not self.failures


def required(revision: str, leg: str = "server") -> list[str]:
    """Scenarios of a leg (`server`, `client`) that `revision` asks for, as the suite itself lists them."""
    return yaml.safe_load((PACKAGE / "requirements" / f"{revision}.yaml").read_text(encoding="utf-8"))[leg]


async def run(url: str, revision: str, results: Path) -> dict[str, Scenario]:
    """Every server scenario of `revision` (scored or not) against the server at `url`."""
    return await _run(results, "server", "--url", url, "--requirements", revision, "--timeout", "15000")


async def run_client(command: str, scenario: str, revision: str, results: Path) -> dict[str, Scenario]:
    """One client scenario: the suite's server is called by `command`, which gets its URL as last argument."""
    arguments = ("--command", command, "--scenario", scenario, "--spec-version", revision, "--timeout", "60000")
    return await _run(results, "client", *arguments)


async def _run(results: Path, *arguments: str) -> dict[str, Scenario]:
    node = Path(sys.executable).parent / "node"
    command = [node, PACKAGE / "dist" / "index.js", *arguments, "-o", results]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
    try:
        async with asyncio.timeout(_MARGIN_SECONDS):
            output, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise AssertionError(f"the suite did not finish `{' '.join(arguments)}` in {_MARGIN_SECONDS} s") from None
    found = read(results)
    assert found, f"the suite ran no scenario; it said:\n{output.decode(errors='replace')[-2000:]}"
    return found


def read(results: Path) -> dict[str, Scenario]:
    """Scenarios of a results directory: one `checks.json` in a directory per scenario."""
    found: dict[str, Scenario] = {}
    for path in sorted(results.glob("*/checks.json")):
        if match := _STAMP.match(path.parent.name):
            checks = json.loads(path.read_text(encoding="utf-8"))
            failures = tuple(_failure(check) for check in checks if check["status"] == "FAILURE")
            passed = sum(check["status"] == "SUCCESS" for check in checks)
            found[match["name"]] = Scenario(match["name"], passed, failures)
    return found


def shortfall(revision: str, found: dict[str, Scenario]) -> list[str]:
    """One line for each scenario that has to be green and is not, absent ones included."""
    lines: list[str] = []
    for name in [*required(revision), *ALSO[revision]]:
        scenario = found.get(name)
        if scenario is None:
            lines.append(f"{name}: did not run")
        elif not scenario.green:
            lines.append(f"{name}: " + ("; ".join(scenario.failures) or "checked nothing"))
    return lines


def lacking(revision: str, found: dict[str, Scenario], in_part: Collection[str] = ()) -> set[str]:
    """Names of the scenarios that are not green, or `scenario/check` of each failed check where `in_part` has such an entry."""
    parts = {entry.partition("/")[0] for entry in in_part if "/" in entry}
    names = [line.partition(":")[0] for line in shortfall(revision, found)]
    return {entry for name in names for entry in (_checks(found[name]) if name in parts and name in found else [name])}


def _checks(scenario: Scenario) -> list[str]:
    return [f"{scenario.name}/{failure.partition(':')[0]}" for failure in scenario.failures]


def _failure(check: dict[str, str]) -> str:
    return f"{check['id']}: {check.get('errorMessage') or check['description']}"
