"""How long a stack takes to evaluate: `mcp-stack render` and `check` as a user calls them, interpreter and imports included."""

import shutil
import statistics
import subprocess
import tempfile
import time
from copy import deepcopy
from itertools import cycle, islice
from pathlib import Path

import yaml

from .budgets import Row
from .targets import BIN

ROOT = Path(__file__).parents[1]
SERVERS = 200
_KEY = "mcp-stack:stack"


def rows() -> list[Row]:
    """The shipped production stack, and one that repeats its servers until there are 200."""
    production = ROOT / "Pulumi.production.yaml"
    with tempfile.TemporaryDirectory(prefix="mcp-stack-bench-") as name:
        project = Path(name)
        for file in ("Pulumi.yaml", "__main__.py"):
            shutil.copy(ROOT / file, project)
        (project / "Pulumi.large.yaml").write_text(large(production.read_text(encoding="utf-8")), encoding="utf-8")
        shutil.copy(production, project)
        return [
            Row("render of the production stack", _median(project, "production"), "s"),
            Row(f"render of a stack with {SERVERS} servers", _median(project, "large"), "s", 10, 3),
            Row(f"check of a stack with {SERVERS} servers", _median(project, "large", "check"), "s", 15, 5),
        ]


def large(text: str) -> str:
    """A stack file like `text` with SERVERS servers: its own, in turn, under numbered names.

    Copies, so that the file has no anchors, as nobody writes them.
    """
    document = yaml.safe_load(text)
    stack = document["config"][_KEY]
    originals = cycle(stack["servers"].items())
    stack["servers"] = {f"{name}-{number}": deepcopy(server) for number, (name, server) in enumerate(islice(originals, SERVERS))}
    return yaml.safe_dump(document, sort_keys=False)


def _median(project: Path, stack: str, what: str = "render") -> float:
    print(f"  measuring {what} of {stack}", flush=True)
    seconds: list[float] = []
    for run in range(3):
        out = ["--out", project / f"{stack}-{run}"] if what == "render" else []
        command = [BIN / "mcp-stack", what, "--stack", stack, *out]
        start = time.monotonic()
        done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=120, check=False)
        seconds.append(time.monotonic() - start)
        if done.returncode:
            raise SystemExit(f"{what} of {stack} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return statistics.median(seconds)
