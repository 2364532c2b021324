"""yamllint over what is rendered: its relaxed rules. Images with digests and queries make long lines, which nothing can break.

It runs in a process of its own, because it changes what PyYAML takes for a number wherever it is imported.
"""

import subprocess
import sys
from pathlib import Path

CONFIG = "{extends: relaxed, rules: {line-length: disable, key-duplicates: enable, truthy: enable, octal-values: enable}}"
DEADLINE_SECONDS = 60


def complaints(directory: Path) -> list[str]:
    """What it finds in the manifests of `directory`; nothing looked at is a complaint, too."""
    files = sorted(map(str, directory.glob("*.yaml")))
    return _run(files) if files else ["nothing was looked at"]


def faults(text: str) -> list[str]:
    """What it finds in one document."""
    return _run(["-"], text)


def _run(places: list[str], text: str | None = None) -> list[str]:
    command = [sys.executable, "-m", "yamllint", "--config-data", CONFIG, "--format", "parsable", "--strict", *places]
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False)
    return [*done.stdout.splitlines(), *done.stderr.splitlines()]
