"""trivy's checks of Kubernetes objects (tools/trivy-checks, built where Go is), beyond what an object of a stack can heed."""

import json
import os
import subprocess
from typing import Any

from tests.judges.stacks import ROOT

ELSEWHERE = {
    "KSV032": "images of Azure's registry alone",
    "KSV033": "images of Google's registry alone",
    "KSV034": "images of no public registry, such as those that ours are made up to be in",
    "KSV035": "images of Amazon's registry alone",
    "KSV039": "a LimitRange, which is the namespace's owner's; our containers all have requests and limits",
    "KSV040": "a ResourceQuota, which is the namespace's owner's",
    "KSV0109": "no names in a ConfigMap that sound like secrets; their values there are placeholders",
}
"""Checks that ask for what no stack can have at once, or is not its own."""

WRITTEN = {"company-cluster": {"KSV007"}}
"""Checks that one example's file decides by a key: entries of /etc/hosts."""

DEADLINE_SECONDS = 120


def program() -> str | None:
    """Where `make test` has built it; None on a machine without Go."""
    here = ROOT / ".cache" / "bin" / "trivy-checks"
    return str(here) if os.access(here, os.X_OK) else None


def complaints(objects: list[dict[str, Any]], example: str = "") -> list[str]:
    """What the checks find in `objects`; nothing looked at is a complaint, too."""
    done = subprocess.run(
        [str(program())], input=json.dumps(objects), capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=True
    )
    told = [line.split("\t") for line in done.stdout.splitlines()]
    ours = [(check, index, said) for check, index, said in told if check not in ELSEWHERE.keys() | WRITTEN.get(example, set())]
    return [f"{check} {objects[int(index)]['metadata']['name']}: {said}" for check, index, said in ours] if objects else ["nothing"]
