"""checkov over rendered stacks: zero failed, nothing waived, and never an empty run."""

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.judges.stacks import ROOT

PROGRAM = ROOT / ".venv-checkov" / "bin" / "checkov"
"""In an environment of its own: its pins collide with those of the project. `make test` installs it."""

DEADLINE_SECONDS = 180


def reports(directories: list[Path]) -> list[dict[str, Any]]:
    """One report per directory; each is scanned alone, so that no stack profits from another's policies."""
    if not PROGRAM.is_file():
        raise FileNotFoundError(f"{PROGRAM} is not installed; run `make .venv-checkov/.installed`")
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(_report, directories))


def _report(directory: Path) -> dict[str, Any]:
    command = [
        str(PROGRAM),
        "-d",
        str(directory),
        "--framework",
        "kubernetes",
        "--compact",
        "--quiet",
        "--skip-download",
        "-o",
        "json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False)
    return json.loads(done.stdout)


def complaints(report: dict) -> list[str]:
    """What is wrong with a report: failed checks, waivers, files that were not understood, or nothing scanned at all."""
    summary = report.get("summary", report)
    failed = [f"{check['check_id']} {check['resource']}" for check in report.get("results", {}).get("failed_checks", [])]
    told = [f"{summary[kind]} {kind}" for kind in ("failed", "skipped", "parsing_errors") if summary.get(kind)]
    return [*failed, *told, *([] if summary.get("resource_count") else ["nothing was scanned"])]
