"""Pod Security Admission at `restricted`, from the API server's own library (tools/pod-security, built where Go is)."""

import json
import os
import subprocess
from collections.abc import Sequence

from mcp_stack.preview.checks import External
from mcp_stack.preview.checks.cluster import Cluster
from mcp_stack.preview.rendered import KubeObject
from tests.judges.stacks import ROOT

DEADLINE_SECONDS = 60


def program() -> str | None:
    """Where `make test` has built it; None on a machine without Go."""
    here = ROOT / ".cache" / "bin" / "pod-security"
    return str(here) if os.access(here, os.X_OK) else None


def complaints(objects: Sequence[KubeObject], version: str) -> list[str]:
    """What `restricted` of Kubernetes `version` refuses of the pods that `objects` make, one for each of its checks."""
    pods = Cluster(objects, External()).pods
    templates = [{"metadata": {"annotations": one.annotations}, "spec": one.spec} for one in pods]
    command = [str(program()), f"v{version}"]
    done = subprocess.run(
        command, input=json.dumps(templates), capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=True
    )
    told = [line.split("\t") for line in done.stdout.splitlines()]
    return [f"{pods[int(index)].owner.title}: {reason}: {detail}" for index, reason, detail in told]
