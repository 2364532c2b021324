"""kube-score over rendered stacks: what it calls critical, and what it warns of beyond what a stack file has asked for."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from tests.judges.stacks import ROOT

VERSION = "v1.36"
CHOSEN = {"Deployment Replicas", "Container Image Pull Policy"}
"""Checks that a stack file decides by a key of its own: `replicas: 1`, `pull_policy: IfNotPresent` (seed 003's page)."""

WRITTEN = {
    "mongodb": {"Pod Probes Identical"},  # as seed 003's page has them
}
"""The same, where one example's file does."""

_WARNING = 5
"""Grade up to which a check is a warning or worse."""
DEADLINE_SECONDS = 60


def program() -> str | None:
    """Where `make test` has built it, from its Go module; None on a machine without Go."""
    here = ROOT / ".cache" / "bin" / "kube-score"
    return str(here) if os.access(here, os.X_OK) else shutil.which("kube-score")


def complaints(directory: Path, example: str) -> list[str]:
    """What it finds in the manifests of `directory`; nothing looked at is a complaint, too."""
    files = sorted(map(str, directory.glob("*.yaml")))
    command = [str(program()), "score", "--output-format", "json", "--kubernetes-version", VERSION, *files]
    done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False)
    scored = json.loads(done.stdout)
    chosen = CHOSEN | WRITTEN.get(example, set())
    told = [
        f"{one['object_name']}: {check['check']['name']}: {'; '.join(comment['summary'] for comment in check['comments'])}"
        for one in scored
        for check in one["checks"] or []
        if not check["skipped"] and check["grade"] <= _WARNING and check["check"]["name"] not in chosen
    ]
    return told if scored else ["nothing was looked at"]
