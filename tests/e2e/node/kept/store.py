"""A stack that keeps things on a node: servers whose volumes are backed up, to a bucket and to a volume, and records of calls.

Its names are those of docs/backups.md and examples/backups, so that commands can be run as the documentation gives them.
"""

import json
import os
import re
import shlex
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.e2e.api import Api
from tests.e2e.cluster import Cluster
from tests.e2e.node.kept.volumes import SIZE
from tests.e2e.node.pods import PACKAGES, START_SECONDS, is_ready
from tests.e2e.waiting import until
from tests.judges.stacks import ROOT

STACK = "production"
NAMESPACE = "mcp-e2e-store"
BUCKET, PREFIX, REGION = "acme-mcp-backups", "production", "eu-central-1"
KEYS = {"s3-id": "a", "s3-secret": "b"}
VOLUMES = ("notes", "fresh-notes", "drafts", "fresh-drafts", "backups", "audit")
AUDITED = ("--json", "--method", "tools/call")
COMMAND_SECONDS, JOB_SECONDS, END_SECONDS = 60, 120, 90

SERVE = """
import pathlib, sqlite3, runpy, sys, threading, time

def write():
    directory = pathlib.Path("/data/db")
    database = sqlite3.connect(directory / "notes.db", timeout=30)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE IF NOT EXISTS notes (number INTEGER PRIMARY KEY, text TEXT)")
    for number in range(3):
        (directory / f"attachment-{number}").write_bytes(f"{number} of notes".encode() * 5000)
    while True:
        with database:
            database.execute("INSERT INTO notes (text) VALUES (hex(randomblob(64)))")
        time.sleep(0.05)

threading.Thread(target=write, daemon=True).start()
sys.argv = ["units.py", "--host", "0.0.0.0", "--port", "8000"]
runpy.run_path("/opt/e2e/servers/units.py", run_name="__main__")
"""
"""A server that writes for as long as it runs, with a write-ahead log."""

READ = """
import hashlib, json, pathlib, sqlite3, sys
files = {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in sorted(pathlib.Path("/data/db").glob("attachment-*"))}
database = sqlite3.connect("file:/data/db/notes.db?mode=ro", uri=True)
(most,) = database.execute("SELECT max(number) FROM notes").fetchone()
most = int(sys.argv[1]) if sys.argv[1:] else most
rows = database.execute("SELECT number, text FROM notes WHERE number <= ? ORDER BY number", (most,)).fetchall()
print(json.dumps({"files": files, "most": most, "rows": len(rows), "content": hashlib.sha256(repr(rows).encode()).hexdigest()}))
"""
"""What a server has, up to a row."""

CALL = """
import http.client, json, sys
meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}
headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
headers |= {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": "notes__convert"}
connection = http.client.HTTPConnection("127.0.0.1", 8080, timeout=30)
for trace in sys.argv[1:]:
    arguments = {"value": 1, "source": "km", "target": "m"}
    params = {"name": "notes__convert", "arguments": arguments, "_meta": meta}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
    connection.request("POST", "/mcp", body, {**headers, "traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
    answer = connection.getresponse()
    text = answer.read().decode()
    assert answer.status == 200 and '"result"' in text, (answer.status, text)
"""
"""Calls through the gateway, each with a trace of its own, from inside its pod."""


def stack(image: str, storage_class: str, bucket: str) -> dict[str, Any]:
    """Two servers and a gateway. `bucket`: address of an S3 that pods reach."""
    repository, _, digest = image.partition("@")
    reference = {"repository": repository, "digest": digest}
    small = {"requests": {"cpu": "50m", "memory": "96Mi"}}
    server = {
        "image": reference,
        "command": ["python", "-c", SERVE],
        "env": {"PYTHONPATH": PACKAGES},
        "resources": small,
        "pause_seconds": 3,
        "storage_class": storage_class,
        "storage": {"claims": {"data": {"path": "/data/db", "size": SIZE}}},
    }
    host, _, port = bucket.removeprefix("http://").partition(":")
    s3 = {
        "bucket": BUCKET,
        "prefix": PREFIX,
        "region": REGION,
        "endpoint": bucket,
        "credentials": {"access_key_id": {"secret": "s3-id"}, "secret_access_key": {"secret": "s3-secret"}},
        "egress": [{"cidr": f"{host}/32", "ports": [int(port)]}],
    }
    return {
        "namespace": {"name": NAMESPACE},
        "image": {"pull_policy": "IfNotPresent"},
        "proxy": {"image": reference},
        "secrets": {name: {"config": name} for name in KEYS},
        "gateway": {
            "trust_network": True,
            "resources": small,
            "pause_seconds": 1,
            "clients": [{"pods": {"app": "nobody"}}],
            "audit": {"files": {"claim": {"size": SIZE, "storage_class": storage_class}}},
        },
        "servers": {
            "notes": {**server, "backup": {"to": {"s3": s3}, "retries": 0}},
            "drafts": {**server, "backup": {"to": {"claim": {"size": SIZE, "storage_class": storage_class}}}},
        },
    }


class Store:
    """The stack, as a test and a user at a shell see it."""

    def __init__(self, api: Api, cluster: Cluster, project: Path, home: Path) -> None:
        """`home`: a directory for a kubeconfig whose namespace is the stack's, as documentation takes for granted."""
        self.api = api
        self.project = project
        self._environment = {**os.environ, "KUBECONFIG": str(home / "kubeconfig")}
        (home / "kubeconfig").write_text(Path(cluster.kubeconfig).read_text("utf-8"), "utf-8")
        self.run("kubectl config set-context --current --namespace", NAMESPACE)

    def forgotten(self) -> None:
        """Nothing of it is left. That `destroy` works, other tests show; this one waits for no pod to end in order."""
        everything = "statefulsets,deployments,cronjobs,jobs,pods,pvc"
        self.run(f"kubectl delete {everything} --all --force --grace-period=0 --wait=false")
        self.api.delete(f"/api/v1/namespaces/{NAMESPACE}")

    def run(self, command: str, *arguments: str) -> str:
        """Output of a line of shell; AssertionError with what it said where it fails."""
        line = " ".join([command, *map(shlex.quote, arguments)])
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {line}"], env=self._environment, cwd=ROOT,
            capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout

    def read(self, server: str, most: int | None = None) -> dict[str, Any]:
        """See READ."""
        script = self.run(f"kubectl exec {STACK}-{server}-0 -- python -c", READ, *([str(most)] if most is not None else []))
        return json.loads(script)

    def ready(self, server: str) -> dict[str, Any]:
        """The one pod of a server, once it is ready."""
        return self.api.wait(f"/api/v1/namespaces/{NAMESPACE}/pods/{STACK}-{server}-0", is_ready, START_SECONDS, "ready")

    def triggered(self, cron_job: str, name: str) -> str:
        """Name of a job that runs what a CronJob would run at its time."""
        self.run(f"kubectl create job {name} --from=cronjob/{cron_job}")
        return name

    def ended(self, job: str) -> dict[str, Any]:
        """A job that has ended, however it did."""
        return self.api.wait(f"/apis/batch/v1/namespaces/{NAMESPACE}/jobs/{job}", outcome, JOB_SECONDS, "over")

    def told(self, job: str) -> dict[str, Any]:
        """What a job that has succeeded says of that; AssertionError with its log where it has not."""
        ended = self.ended(job)
        log = self.run(f"kubectl logs job/{job}")
        assert outcome(ended) == "Complete", f"{ended['status']}\n{log}"
        return next(one for one in map(json.loads, log.splitlines()) if one["event"] == "done" and one["source"] == "backup")

    def scaled(self, server: str, replicas: int) -> None:
        """`kubectl scale`, and waits for it."""
        self.run(f"kubectl scale statefulset/{STACK}-{server} --replicas={replicas}")
        pod = f"/api/v1/namespaces/{NAMESPACE}/pods/{STACK}-{server}-0"
        if replicas:
            self.ready(server)
        else:
            until(lambda: self.api.get(pod) is None, END_SECONDS, f"the pod of {server} to end")

    def gateway(self) -> dict[str, Any]:
        """The one pod of the gateway, once it is ready."""
        selector = f"app.kubernetes.io/instance={STACK},app.kubernetes.io/name=gateway"

        def one() -> dict[str, Any] | None:
            found = [pod for pod in self.api.list("v1", "Pod", NAMESPACE, labelSelector=selector) if is_ready(pod)]
            found = [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]
            return found[0] if len(found) == 1 else None

        return until(one, START_SECONDS, "one gateway to be ready")

    def called(self, traces: list[str]) -> None:
        """Calls through the gateway, each of which was answered, by their traces."""
        self.run(f"kubectl exec deploy/{STACK}-gateway -- python -c", CALL, *traces)

    def records(self) -> list[Mapping[str, Any]]:
        """Records of calls of tools, as the command in the pod prints them."""
        printed = self.run(f"kubectl exec deploy/{STACK}-gateway -- mcp-stack-proxy audit", *AUDITED)
        return [json.loads(line) for line in printed.splitlines()]


def outcome(job: Mapping[str, Any]) -> str | None:
    """`Complete` or `Failed`; None while it runs."""
    found = [one["type"] for one in job.get("status", {}).get("conditions", []) if one["status"] == "True"]
    return next((one for one in found if one in ("Complete", "Failed")), None)


def beside(api: Api) -> str:
    """Address of this machine at which pods reach it: the one from which it reaches the node."""
    nodes = [one for one in api.list("v1", "Node") if one["metadata"].get("labels", {}).get("type") != "kwok"]
    (address,) = {one["address"] for one in nodes[0]["status"]["addresses"] if one["type"] == "InternalIP"}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        asked.connect((address, 9))
        return asked.getsockname()[0]


def documented(heading: str) -> list[str]:
    """The blocks of shell below a heading of docs/backups.md."""
    text = (ROOT / "docs" / "backups.md").read_text("utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    return [re.sub(r"(?m)^ +", "", block) for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL)]
