"""All tests on a cluster: those that need a node, and beside them, on a control plane of its own, those that do not.

    python -m tests.e2e [FILE or directory below tests/e2e]

With a path, or on the cluster of $KUBECONFIG, one after the other in one process.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.e2e.cluster import Cluster, given
from tests.judges.stacks import ROOT

HERE = Path("tests/e2e")
PYTEST = [sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider", "--durations=10", "--durations-min=10"]
LANE_SECONDS = 2400

BESIDE = {
    "CLUSTER_NAME": "mcpe2e",
    "CLUSTER_LINK": "10.123.0",
    "CLUSTER_PODS": "10.223",
    "CLUSTER_SERVICES": "10.99",
    "E2E_AT_ONCE": "1",
}
"""Of the lane without a node: its cluster, by the variables of the cluster's commands; and room for the other lane."""

LATER = ["nice", "-n", "19"]
"""Pods have the weight of the CPU that they request, which is little beside a process that was not made nice."""


def main(only: list[str]) -> int:
    """The exit code of the lane that went worse."""
    # Hundreds of processes import our modules; they are compiled once, beside the sources of nobody.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(ROOT / ".cache" / "pycache")
    if only or given() or not Cluster().there:
        return subprocess.run([*PYTEST, *(str(HERE / path) for path in only or [""])], cwd=ROOT, check=False).returncode
    Cluster().build()
    began = time.monotonic()
    with tempfile.TemporaryFile("w+") as said:
        engine = subprocess.Popen(
            [*LATER, *PYTEST, str(HERE), f"--ignore={HERE / 'node'}"], cwd=ROOT, stdout=said, env={**os.environ, **BESIDE}
        )
        try:
            node = subprocess.run([*PYTEST, str(HERE / "node")], cwd=ROOT, check=False).returncode
            worst = max(node, engine.wait(LANE_SECONDS))
        finally:
            engine.terminate()
            engine.wait(LANE_SECONDS)
        said.seek(0)
        sys.stdout.write(said.read())
    print(f"e2e: {time.monotonic() - began:.0f} s of wall time in two lanes")
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
