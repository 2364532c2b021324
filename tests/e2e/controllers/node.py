"""A node whose pods are processes of this machine: what the Services' own endpoints lead to, where only a control plane runs.

It does of a kubelet's work what a way from outside needs (kubernetes.io, "Nodes" and "Pod Lifecycle"): it takes the pods of one
namespace, runs the command of each pod's first container at an address of its own with what its ConfigMaps say, calls it ready
when its port answers, and ends it when it is deleted. Images, limits, probes, init containers and restarts mean nothing here.
"""

import datetime
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.e2e.api import Api, ApiError
from tests.e2e.controllers.network import Network
from tests.e2e.waiting import until
from tests.judges.stacks import ROOT

NAME = "e2e-processes"
PROGRAM = "mcp-stack-proxy"
ADDRESSES = "192.0.2"
"""First three bytes of the pods' addresses: a range for documentation (RFC 5737), which nobody else has."""

LEASE_SECONDS = 10.0
PAUSE_SECONDS = 0.3
READY_SECONDS = 60.0
GRACE_SECONDS = 10.0


class Node:
    """It begins with the block in which it is used, and ends with it."""

    def __init__(self, api: Api, network: Network, namespace: str, directory: Path) -> None:
        self._api, self._network, self._namespace, self._directory = api, network, namespace, directory
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        """By the pod's UID."""
        self._addresses: dict[str, str] = {}
        self._ready: set[str] = set()
        self._renewed = 0.0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.failure: Exception | None = None
        """What ended it before its time."""

    def __enter__(self) -> "Node":
        self._register()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join(60)
        for uid in list(self._processes):
            self._stop(uid)
        self._api.delete(f"/api/v1/nodes/{NAME}")
        if self.failure is not None:
            raise self.failure

    def ready(self, replicas: Mapping[str, int]) -> None:
        """Waits until so many pods of each Service are ready, and the Service leads to them."""
        for service, count in replicas.items():
            until(lambda service=service, count=count: self._led(service) == count, READY_SECONDS, f"{count} pods of {service}")

    def _led(self, service: str) -> int:
        if self.failure is not None:
            raise self.failure
        slices = self._api.list(
            "discovery.k8s.io/v1", "EndpointSlice", self._namespace, labelSelector=f"kubernetes.io/service-name={service}"
        )
        return sum(bool(one["conditions"].get("ready")) for each in slices for one in each.get("endpoints") or [])

    def _run(self) -> None:
        while not self._end.wait(PAUSE_SECONDS):
            try:
                self._look()
            except ApiError as error:
                if not error.overtaken:
                    self.failure = error
                    return
            except Exception as error:
                self.failure = error
                return

    def _look(self) -> None:
        if time.monotonic() - self._renewed > LEASE_SECONDS:
            self._renew()
        for pod in self._api.list("v1", "Pod", self._namespace):
            uid, gone = pod["metadata"]["uid"], "deletionTimestamp" in pod["metadata"]
            if gone and pod["spec"].get("nodeName") == NAME:
                self._stop(uid)
                path = self._api.path("v1", "Pod", self._namespace, pod["metadata"]["name"])
                self._api.request("DELETE", path, {"gracePeriodSeconds": 0, "preconditions": {"uid": uid}})
            elif not gone and uid not in self._processes:
                self._take(pod)
            elif not gone and uid not in self._ready and self._answers(pod):
                self._tell(pod)

    def _register(self) -> None:
        """A node that is ready, and on which nothing is scheduled: it takes what it wants by itself."""
        taint = {"key": "e2e.example.com/processes", "effect": "NoSchedule"}
        node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": NAME}, "spec": {"taints": [taint]}}
        self._api.apply(node, "e2e-node", force=True)
        self._renew()
        now = _now()
        ready = {"type": "Ready", "status": "True", "reason": "Ready", "lastHeartbeatTime": now, "lastTransitionTime": now}
        self._api.request(
            "PATCH", f"/api/v1/nodes/{NAME}/status", {"status": {"conditions": [ready]}}, "application/strategic-merge-patch+json"
        )

    def _renew(self) -> None:
        """Its sign of life."""
        self._renewed = time.monotonic()
        spec = {"holderIdentity": NAME, "leaseDurationSeconds": 40, "renewTime": _now("microseconds")}
        lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "spec": spec}
        self._api.apply({**lease, "metadata": {"name": NAME, "namespace": "kube-node-lease"}}, "e2e-node", force=True)

    def _take(self, pod: dict[str, Any]) -> None:
        name, uid = pod["metadata"]["name"], pod["metadata"]["uid"]
        if pod["spec"].get("nodeName") is None:
            target = {"apiVersion": "v1", "kind": "Node", "name": NAME}
            binding = {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": name}, "target": target}
            self._api.request("POST", f"{self._api.path('v1', 'Pod', self._namespace, name)}/binding", binding)
        address = self._addresses[uid] = f"{ADDRESSES}.{len(self._addresses) + 1}"
        container = pod["spec"]["containers"][0]
        places = self._files(pod, container)
        words = [_placed(word, places).replace("0.0.0.0", address) for word in [*container["command"], *container.get("args", [])]]
        program = [sys.executable, "-m", "mcp_stack_proxy.cli"] if words[0] == PROGRAM else words[:1]
        self._network.add(address)
        hosts = self._named(pod, address)
        with (self._directory / f"{name}.log").open("wb") as log:
            command = self._network.command(*program, *words[1:], hosts=hosts)
            self._processes[uid] = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)

    def _named(self, pod: dict[str, Any], address: str) -> Path:
        """What pods read as `/etc/hosts`: the names of the Services that lead to one of them, since no DNS runs here."""
        labels = pod["metadata"]["labels"].items()
        services = self._api.list("v1", "Service", self._namespace)
        names = [one["metadata"]["name"] for one in services if one["spec"]["selector"].items() <= labels]
        path = self._directory / "hosts"
        with path.open("a", encoding="utf-8") as hosts:
            hosts.writelines(f"{address} {name}.{self._namespace}.svc\n" for name in names)
        return path

    def _files(self, pod: dict[str, Any], container: dict[str, Any]) -> dict[str, str]:
        """Directories in which what the pod mounts from ConfigMaps stands here, by the path that it has there."""
        maps = {one["name"]: one["configMap"]["name"] for one in pod["spec"]["volumes"] if "configMap" in one}
        found: dict[str, str] = {}
        for mount in container["volumeMounts"]:
            if mount["name"] in maps:
                directory = self._directory / pod["metadata"]["name"] / mount["name"]
                directory.mkdir(parents=True)
                path = self._api.path("v1", "ConfigMap", self._namespace, maps[mount["name"]])
                for key, text in self._api.request("GET", path)["data"].items():
                    (directory / key).write_text(text, "utf-8")
                found[mount["mountPath"]] = str(directory)
        return found

    def _answers(self, pod: dict[str, Any]) -> bool:
        """Whether somebody listens at the pod's port."""
        process, port = self._processes[pod["metadata"]["uid"]], pod["spec"]["containers"][0]["ports"][0]["containerPort"]
        if process.poll() is not None:
            raise AssertionError((self._directory / f"{pod['metadata']['name']}.log").read_text("utf-8"))
        asked = f": </dev/tcp/{self._addresses[pod['metadata']['uid']]}/{port}"
        command = self._network.command("bash", "-c", asked)
        return subprocess.run(command, capture_output=True, check=False, timeout=30).returncode == 0

    def _tell(self, pod: dict[str, Any]) -> None:
        """That it runs and is ready, and where."""
        uid, now = pod["metadata"]["uid"], _now()
        kinds = ("PodScheduled", "Initialized", "ContainersReady", "Ready")
        names = [one["name"] for one in pod["spec"]["containers"]]
        running = {"ready": True, "restartCount": 0, "imageID": "", "state": {"running": {"startedAt": now}}}
        images = {one["name"]: one["image"] for one in pod["spec"]["containers"]}
        status = {
            "phase": "Running",
            "podIP": self._addresses[uid],
            "podIPs": [{"ip": self._addresses[uid]}],
            "conditions": [{"type": kind, "status": "True", "lastTransitionTime": now} for kind in kinds],
            "containerStatuses": [{"name": name, "image": images[name], **running} for name in names],
        }
        path = f"{self._api.path('v1', 'Pod', self._namespace, pod['metadata']['name'])}/status"
        self._api.request("PATCH", path, {"status": status}, "application/strategic-merge-patch+json")
        self._ready.add(uid)

    def _stop(self, uid: str) -> None:
        process = self._processes.pop(uid, None)
        if process is not None:
            process.terminate()
            try:
                process.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            self._network.remove(self._addresses[uid])


def _now(unit: str = "seconds") -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec=unit).replace("+00:00", "Z")


def _placed(word: str, places: Mapping[str, str]) -> str:
    for there, here in places.items():
        if word.startswith(f"{there}/"):
            return here + word.removeprefix(there)
    return word
