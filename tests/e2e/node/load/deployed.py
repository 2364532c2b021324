"""A stack that runs on a real node: what its file says, where its secrets come from, and what a test does to its pods."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.e2e.api import Api, ApiError
from tests.e2e.node.pods import PACKAGES, START_SECONDS, rolled_out
from tests.e2e.waiting import until

STACK = "e2e"
NAMESPACE = "mcp-e2e"
PARTS = ("gateway", "clock", "units")
REGION = "eu-central-1"
ENVIRONMENT = "e2e"
REFRESH = {"refresh": {"interval": "3s"}}

LOW_PERCENT, HIGH_PERCENT = 5, 1000
"""Of the CPU that a gateway requests: less than the load takes of it, and more than it could."""

CALLS = 2000
"""At least so many calls are made while something happens, and none of them is lost."""

CALLS_A_SECOND = 75
"""Of all clients together: a call takes 9 ms of CPU in the processes of the client, the gateway and the server."""

TOO_MANY = 100
"""So many lost calls are nothing to wait for the end of."""

CALL_SECONDS = 240
END_SECONDS = 120


def stack(image: str, infisical: str) -> dict[str, Any]:
    """A gateway with keys and sessions, a stdio server in our wrapper and one that speaks HTTP, two replicas each.

    The keys come from AWS and are followed as files; the servers have tokens of Infisical as variables, one through External
    Secrets, one through Infisical's own operator. `infisical` is its address.
    """
    repository, _, digest = image.partition("@")
    reference = {"repository": repository, "digest": digest}
    small = {"requests": {"cpu": "50m", "memory": "96Mi"}}
    keys = {"access_key_id": {"config": "access-key"}, "secret_access_key": {"config": "secret-key"}}
    universal = {"universal": {"client_id": {"config": "client-id"}, "client_secret": {"config": "client-secret"}}}
    return {
        "namespace": {"name": NAMESPACE},
        "image": {"pull_policy": "IfNotPresent"},
        "proxy": {"image": reference},
        "secret_stores": {
            "aws": {"aws": {"service": "SecretsManager", "region": REGION, "prefix": "mcp/", "auth": {"keys": keys}}},
            "infisical": {"infisical": {"api": infisical, "project": "acme", "auth": universal}},
            "operator": {"infisical_operator": {"address": infisical, "project": "acme", "auth": universal}},
        },
        "secrets": {
            "api-keys": {"store": "aws", "remote": {"key": "api-keys"}, **REFRESH},
            "session-keys": {"store": "aws", "remote": {"key": "session-keys"}, **REFRESH},
            "clock-token": {"store": "infisical", "remote": {"key": "CLOCK"}, **REFRESH},
            "units-token": {"store": "operator", "remote": {"key": "UNITS"}, **REFRESH},
        },
        "defaults": {"replicas": 2, "resources": small},
        "gateway": {
            "authentication": {"api_keys": {"secret": "api-keys"}},
            "sessions": {"keys": {"secret": "session-keys"}},
            "autoscaling": {"min": 2, "max": 4, "cpu": HIGH_PERCENT, "scale_down": {"stabilization_seconds": 10}},
            "resources": small,
            "clients": [{"pods": {"app": "load"}}],
        },
        "servers": {
            "clock": {
                "command": ["python", "/opt/e2e/servers/clock.py"],
                "env": {"PYTHONPATH": PACKAGES, "TOKEN": {"secret": "clock-token"}},
                "restart": "reloader",
            },
            "units": {
                "image": reference,
                "command": ["python", "/opt/e2e/servers/units.py", "--host", "0.0.0.0", "--port", "8000"],
                "env": {"PYTHONPATH": PACKAGES, "TOKEN": {"secret": "units-token"}},
                "restart": "infisical",
            },
        },
    }


def load_pod(image: str, key: str, clients: int) -> dict[str, Any]:
    """The load; see tests/e2e/image/load.py. As restricted as its namespace demands."""
    url = f"http://{STACK}-gateway.{NAMESPACE}.svc:8080/mcp"
    container = {
        "name": "load",
        "image": image,
        "command": ["python", "/opt/e2e/load.py", url, str(clients)],
        "env": [{"name": "PYTHONPATH", "value": PACKAGES}, {"name": "API_KEY", "value": key}, {"name": "HOME", "value": "/tmp"}],
        "ports": [{"containerPort": 9000}],
        "readinessProbe": {"tcpSocket": {"port": 9000}, "periodSeconds": 1},
        "resources": {"requests": {"cpu": "300m", "memory": "96Mi"}},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    security = {"runAsNonRoot": True, "runAsUser": 10001, "seccompProfile": {"type": "RuntimeDefault"}}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "load", "namespace": NAMESPACE, "labels": {"app": "load"}},
        "spec": {
            "containers": [container],
            "securityContext": security,
            "automountServiceAccountToken": False,
            "restartPolicy": "Never",
            "terminationGracePeriodSeconds": 1,
        },
    }


class Deployed:
    """The pods of the stack."""

    def __init__(self, api: Api) -> None:
        self.api = api

    def pods(self, part: str) -> list[dict[str, Any]]:
        """Pods of a server or of the gateway that are not on their way out."""
        selector = f"app.kubernetes.io/instance={STACK},app.kubernetes.io/name={part}"
        found = self.api.list("v1", "Pod", NAMESPACE, labelSelector=selector)
        return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]

    def deployment(self, part: str) -> str:
        """Path of its Deployment."""
        return f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/{STACK}-{part}"

    def settled(self, part: str, seconds: float = START_SECONDS) -> dict[str, Any]:
        """Waits until every pod is of the newest template, and ready, and the old ones have ended."""
        found = self.api.wait(self.deployment(part), rolled_out, seconds, "rolled out")
        until(lambda: self._ending(part) == 0, END_SECONDS, f"the old pods of {part} to end")
        return found

    def _ending(self, part: str) -> int:
        selector = f"app.kubernetes.io/instance={STACK},app.kubernetes.io/name={part}"
        found = self.api.list("v1", "Pod", NAMESPACE, labelSelector=selector)
        return len([pod for pod in found if "deletionTimestamp" in pod["metadata"]])

    def restart(self, part: str) -> None:
        """As `kubectl rollout restart`."""
        annotation = {"kubectl.kubernetes.io/restartedAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
        self.api.merge(self.deployment(part), {"spec": {"template": {"metadata": {"annotations": annotation}}}})

    def log(self, pod: Mapping[str, Any]) -> str:
        """What a pod has said."""
        return self.api.request("GET", f"/api/v1/namespaces/{NAMESPACE}/pods/{pod['metadata']['name']}/log")

    def evict(self, pod: Mapping[str, Any]) -> None:
        """As `kubectl drain` does: again for as long as the disruption budget says no."""
        name = pod["metadata"]["name"]
        eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": NAMESPACE}}

        def evicted() -> bool:
            try:
                self.api.request("POST", f"/api/v1/namespaces/{NAMESPACE}/pods/{name}/eviction", eviction)
            except ApiError as error:
                if error.status != 429:
                    raise
                return False
            return True

        until(evicted, START_SECONDS, f"the disruption budget to let {name} go")


class Load:
    """The load, as a test sees it. Its clients call while a test is inside `lossless`; outside they keep their sessions, silent."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._path = f"/api/v1/namespaces/{NAMESPACE}/pods/load:9000/proxy"
        self._lost = 0
        """Calls that some test has failed for."""

    def stats(self) -> dict[str, Any]:
        """Counts so far."""
        return self._api.request("GET", f"{self._path}/")

    @contextmanager
    def lossless(self, happens: str, calls: int = CALLS) -> Iterator[dict[str, Any]]:
        """While something `happens` every call is answered rightly: at least `calls`, of which some come after it has happened.

        Yields the counts before, which are those afterwards once it has ended. A call that was on its way then is the next test's.
        """
        counts = self._at(CALLS_A_SECOND)
        done, began = counts["done"], counts["seconds"]
        yield counts
        wanted = max(done + calls, self.stats()["done"] + calls // 10)
        counts |= until(lambda: self._enough(wanted), CALL_SECONDS, f"{wanted} calls")
        self._at(0)
        print(f"{happens}: {counts['done'] - done} calls in {counts['seconds'] - began:.0f} s, slowest {counts['slowest']} s")
        known, self._lost = self._lost, counts["lost"]
        assert counts["lost"] == known, counts["first_lost"]

    def _at(self, rate: float) -> dict[str, Any]:
        return self._api.request("POST", f"{self._path}/{rate}")

    def _enough(self, wanted: int) -> dict[str, Any] | None:
        found = self.stats()
        assert found["lost"] - self._lost < TOO_MANY, found
        return found if found["done"] >= wanted else None
