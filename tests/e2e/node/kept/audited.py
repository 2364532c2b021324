"""What becomes of records of calls when the gateway's pod is replaced, and when its process is killed."""

import os
import signal
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.node.kept.store import NAMESPACE, STACK, Store
from tests.e2e.node.pods import START_SECONDS, is_ready
from tests.e2e.waiting import until

CALLS = 40
WRITTEN_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Audited:
    """Traces of calls that were answered, and of the records that were found, in their order."""

    before_rollout: list[str]
    after_rollout: list[str]
    before_kill: list[str]
    after_kill: list[str] | None
    """None where the node is another machine: nobody can kill the first process of a container from inside."""
    exit_code: int | None
    """How the process ended that was killed."""


def audited(store: Store) -> Audited:
    """Calls, a rollout, calls, and kill -9."""
    first = _made(store)
    old = store.gateway()["metadata"]["uid"]
    store.run(f"kubectl rollout restart deploy/{STACK}-gateway")
    until(lambda: store.gateway()["metadata"]["uid"] != old, START_SECONDS, "another gateway in its place")
    after_rollout = _recorded(store)
    second = _made(store)
    until(lambda: len(_recorded(store)) >= 2 * CALLS, WRITTEN_SECONDS, "the records to be written")
    pod = store.gateway()
    process = main_process(pod)
    if process is None:
        return Audited(first, after_rollout, second, None, None)
    os.kill(process, signal.SIGKILL)
    path = f"/api/v1/namespaces/{NAMESPACE}/pods/{pod['metadata']['name']}"
    again = store.api.wait(path, lambda one: is_ready(one) and _restarts(one) == 1, START_SECONDS, "ready again")
    ended = again["status"]["containerStatuses"][0]["lastState"]["terminated"]
    return Audited(first, after_rollout, second, _recorded(store), ended["exitCode"])


def main_process(pod: Mapping[str, Any]) -> int | None:
    """Id on this machine of the first process of a pod's container; None where its node is another one."""
    container = pod["status"]["containerStatuses"][0]["containerID"].rpartition("/")[2]
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if container in (process / "cgroup").read_text("utf-8") and _is_first(process):
                return int(process.name)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return None


def _is_first(process: Path) -> bool:
    """Whether it is number one among the processes of its container."""
    lines = (process / "status").read_text("utf-8").splitlines()
    return next(line for line in lines if line.startswith("NSpid:")).split()[2:] == ["1"]


def _made(store: Store) -> list[str]:
    traces = [uuid.uuid4().hex for _ in range(CALLS)]
    store.called(traces)
    return traces


def _recorded(store: Store) -> list[str]:
    return [one["trace_id"] for one in store.records()]


def _restarts(pod: Mapping[str, Any]) -> int:
    return sum(one["restartCount"] for one in pod["status"]["containerStatuses"])
