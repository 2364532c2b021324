"""Pods of a real node: what their image has, how one sees that they are ready, and keys for whoever calls them."""

import re
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from tests.e2e.cluster import Cluster
from tests.judges.stacks import ROOT

PACKAGES = "/opt/e2e/packages"
START_SECONDS = 180


def in_pod(cluster: Cluster, namespace: str, pod: str, script: str, *arguments: object) -> list[str]:
    """Command that runs a Python script in a pod."""
    kubectl = ["kubectl", "--kubeconfig", cluster.kubeconfig, "exec", "-n", namespace, pod, "--"]
    return [*kubectl, "python", "-c", script, *map(str, arguments)]


def is_ready(pod: Mapping[str, Any]) -> bool:
    """Whether a pod gets calls."""
    return any(one["type"] == "Ready" and one["status"] == "True" for one in pod.get("status", {}).get("conditions", []))


def rolled_out(deployment: Mapping[str, Any]) -> bool:
    """As `kubectl rollout status` tells it."""
    wanted, status = deployment["spec"]["replicas"], deployment.get("status", {})
    current = status.get("observedGeneration", 0) >= deployment["metadata"]["generation"]
    return current and all(status.get(name, 0) == wanted for name in ("replicas", "updatedReplicas", "availableReplicas"))


def new_key() -> tuple[str, str]:
    """A key for a client, and its entry for the file of keys."""
    done = subprocess.run(
        [sys.executable, "-m", "mcp_stack_proxy.cli", "new-key", "--subject", "e2e", "--role", "caller"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    key = re.search(r"msk_\S+", done.stderr + done.stdout)
    assert key, done
    return key[0], done.stdout


def new_session_key() -> str:
    """A line for the file of session keys."""
    command = [sys.executable, "-m", "mcp_stack_proxy.cli", "new-session-key"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
