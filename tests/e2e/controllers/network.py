"""The network in which the cluster's API server runs, where this machine has one of its own for it."""

import json
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from tests.e2e.cluster import Cluster

SPACES = Path("/run/netns")
"""Network namespaces that have a name (ip-netns(8))."""


class Network:
    """A network namespace of this machine, which reaches its `address` by a route."""

    def __init__(self, path: Path, address: str) -> None:
        self.address = address
        self._enter = ("nsenter", f"--net={path}")

    def command(self, *command: str, hosts: Path | None = None) -> list[str]:
        """`command` in there, where `hosts` is what it reads as `/etc/hosts`."""
        if hosts is None:
            return [*self._enter, *command]
        mounted = 'mount --bind "$0" /etc/hosts && exec "$@"'
        return [*self._enter, "unshare", "--mount", "sh", "-c", mounted, str(hosts), *command]

    def add(self, address: str) -> None:
        """Makes `address` one of its own."""
        self._run("addr", "replace", f"{address}/32", "dev", "lo")

    def remove(self, address: str) -> None:
        """Takes it away again."""
        self._run("addr", "del", f"{address}/32", "dev", "lo")

    def _run(self, *arguments: str) -> None:
        subprocess.run(self.command("ip", *arguments), check=True, timeout=30)


def network_of(cluster: Cluster) -> Network:
    """The one that has the API server's address; skips where there is none to enter."""
    config = yaml.safe_load(Path(cluster.kubeconfig).read_text("utf-8"))
    server = urlsplit(config["clusters"][0]["cluster"]["server"]).hostname
    for path in sorted(SPACES.iterdir()) if SPACES.is_dir() else []:
        found = subprocess.run(
            ["nsenter", f"--net={path}", "ip", "-json", "addr"], capture_output=True, text=True, check=False, timeout=30
        )
        links = json.loads(found.stdout) if found.returncode == 0 else []
        if server in [one.get("local") for link in links for one in link["addr_info"]]:
            return Network(path, str(server))
    pytest.skip(
        f"the API server's network ({server}) is none of this machine's own, so no controller can listen there on 80 and 443"
    )
