"""All tests on a cluster: those that need a node, in two lanes, and beside them, on a control plane of its own, those that do not.

    python -m tests.e2e [FILE or directory below tests/e2e]

With a path, or on the cluster of $KUBECONFIG, one after the other in one process.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.cluster import KEEP, Cluster
from tests.e2e.once import SHARED
from tests.judges.stacks import ROOT

HERE = Path("tests/e2e")
NODE = HERE / "node"
PYTEST = [sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider", "--durations=10", "--durations-min=10"]
LANE_SECONDS = 2400

BESIDE = {"CLUSTER_NAME": "mcpe2e", "CLUSTER_LINK": "10.123.0", "CLUSTER_PODS": "10.223", "CLUSTER_SERVICES": "10.99"}
"""Another cluster than the node's, by the variables of the cluster's commands."""


@dataclass(frozen=True)
class Lane:
    """Tests that run one after the other, in a process of their own."""

    name: str
    tests: list[str]
    niceness: int
    """Pods have the weight of the CPU that they request, which is little beside a process that was not made nice."""

    variables: Mapping[str, str]

    def start(self, shared: Path) -> subprocess.Popen[bytes]:
        """The process. What it says is kept in the directory of all lanes."""
        command = ["nice", "-n", str(self.niceness), *PYTEST, *self.tests]
        with self._log(shared).open("w") as said:
            return subprocess.Popen(command, cwd=ROOT, stdout=said, env={**os.environ, SHARED: str(shared), **self.variables})

    def show(self, shared: Path) -> None:
        """Prints what it has said."""
        print(f"{self.name}\n{self._log(shared).read_text('utf-8')}", flush=True)

    def _log(self, shared: Path) -> Path:
        return shared / f"{self.name}.log"


LANES = [
    Lane("under load", [str(NODE / "load")], 0, {KEEP: "yes"}),
    Lane("kept on volumes", [str(NODE / "kept")], 10, {KEEP: "yes"}),
    Lane("without a node", [str(HERE), f"--ignore={NODE}"], 19, BESIDE),
]
"""The cluster with the node is of two lanes, so that neither stops it."""


def main(only: list[str]) -> int:
    """The exit code of the lane that went worst."""
    # Hundreds of processes import our modules; they are compiled once, beside the sources of nobody.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(ROOT / ".cache" / "pycache")
    cluster = Cluster()
    if only or cluster.given or not cluster.there:
        return subprocess.run([*PYTEST, *(str(HERE / path) for path in only or [""])], cwd=ROOT, check=False).returncode
    cluster.build()
    began = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="mcp-stack-e2e-") as shared:
            worst = together(Path(shared), cluster)
    finally:
        down(cluster)
    print(f"e2e: {time.monotonic() - began:.0f} s of wall time in three lanes")
    return worst


def down(cluster: Cluster) -> None:
    """Stops it, unless the user wants to look at it."""
    if KEEP not in os.environ:
        cluster.down()


def together(shared: Path, cluster: Cluster) -> int:
    """All lanes at once, on `cluster` and that beside it; `shared`: a directory for what they make once."""
    with ExitStack() as ends:
        running = [ends.enter_context(lane.start(shared)) for lane in LANES]
        for process in running:
            ends.callback(process.terminate)
        codes: list[int] = []
        for lane, process in zip(LANES, running, strict=True):
            if lane.variables is BESIDE:
                down(cluster)  # nobody needs it any more; it would have to be waited for in the end
            codes.append(process.wait(LANE_SECONDS))
            lane.show(shared)
    return max(codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
