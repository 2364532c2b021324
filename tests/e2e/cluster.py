"""Which cluster the tests use: the one of $KUBECONFIG, or one that is brought up for them."""

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.judges.stacks import ROOT

CLUSTER = "MCP_STACK_CLUSTER"
"""Variable that names the directory with the commands `up`, `down`, `crds`, `push`; by default one beside the repository."""

KEEP = "E2E_KEEP"
"""Variable with which a cluster that was brought up is left running."""

COMMAND_SECONDS, BUILD_SECONDS = 300, 2400


class Cluster:
    """A kubeconfig, and what else the tests have to know of where they run."""

    def __init__(self) -> None:
        self.given = "KUBECONFIG" in os.environ
        self.name = os.environ.get("CLUSTER_NAME", "mcps")
        self.home = Path(os.environ.get(CLUSTER, ROOT.parent / "shared" / "cluster"))

    @property
    def there(self) -> bool:
        """Whether there is something to bring up."""
        return (self.home / "up").is_file()

    def build(self) -> None:
        """Has the programs made that `up` starts, where that is left to do: ten minutes the first time."""
        if self.given:
            return
        if not self.there:
            pytest.fail(
                f"no cluster: set KUBECONFIG (kind create cluster), or {CLUSTER} to a directory with `up`; {self.home} has none",
                pytrace=False,
            )
        if (self.home / "build").is_file():
            self.command("build", seconds=BUILD_SECONDS)

    def up(self, part: str) -> None:
        """Starts `part` (control, node, all) if it does not run; a cluster that was given is taken as it is.

        What is up already stays, so that a second try ends what a first could not: of a node with many images the kubelet may come
        before the runtime has read them, and gives up.
        """
        if self.given:
            return
        try:
            exports = self.command("up", part)
        except subprocess.CalledProcessError:
            exports = self.command("up", part)
        for line in exports.splitlines():
            for assignment in shlex.split(line.removeprefix("export ")):
                name, _, value = assignment.partition("=")
                os.environ[name] = value.replace("$PATH", os.environ["PATH"])

    def command(self, name: str, *arguments: str, seconds: float = COMMAND_SECONDS) -> str:
        """Output of one of the cluster's commands."""
        return subprocess.run([self.home / name, *arguments], check=True, stdout=subprocess.PIPE, text=True, timeout=seconds).stdout

    def down(self) -> None:
        """Stops what `up` started."""
        if not self.given:
            self.command("down")

    @property
    def kubeconfig(self) -> str:
        """Path for `kubectl --kubeconfig`."""
        return os.environ["KUBECONFIG"]
