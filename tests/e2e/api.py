"""A lean client of the Kubernetes API. `kubectl proxy` stands in front: every way to log in that a kubeconfig may name works."""

import http.client
import json
import re
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import urlencode

from tests.e2e.waiting import until

APPLY = "application/apply-patch+yaml"
"""Content type of a server-side apply (kubernetes.io/docs/reference/using-api/server-side-apply)."""

GONE_SECONDS = 120.0
"""A namespace with pods that take their grace period ends within it."""


class ApiError(Exception):
    """What the API server refused, in its own words."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(f"{status} {reason}: {message}")
        self.status, self.reason = status, reason
        self.overtaken = status in (404, 409) or (status == 403 and "is being terminated" in message)
        """Whether the object, or its namespace, has gone or changed meanwhile: whoever looks again sees what is."""


class Kind(NamedTuple):
    """Where objects of a kind are: `deployments`, and whether they live in a namespace."""

    plural: str
    namespaced: bool


class Api:
    """Objects by `apiVersion`, `kind`, namespace and name. Threads may share one."""

    def __init__(self, host: str, port: int, user: str | None = None) -> None:
        self.port = port
        self._address = (host, port)
        self._user = {} if user is None else {"Impersonate-User": user}
        self._kinds: dict[str, dict[str, Kind]] = {}
        self._local = threading.local()
        self._connections: list[http.client.HTTPConnection] = []
        self._others: dict[str, Api] = {}

    def request(self, method: str, path: str, body: Any = None, content_type: str = "application/json", **query: Any) -> Any:
        """The answer's JSON; text where it is none. ApiError for every status that is not 2xx."""
        target = f"{path}?{urlencode(query)}" if query else path
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": content_type, "Accept": "application/json", **self._user}
        status, answer = self._exchange(method, target, data, headers)
        text = answer.decode()
        parsed: Any = json.loads(text) if text.startswith(("{", "[")) else text
        if status >= 300:
            about = parsed if isinstance(parsed, dict) else {}
            raise ApiError(status, about.get("reason", ""), about.get("message", text))
        return parsed

    def _exchange(self, method: str, target: str, data: bytes | None, headers: Mapping[str, str]) -> tuple[int, bytes]:
        for attempt in (1, 2):
            connection = getattr(self._local, "connection", None)
            fresh = connection is None
            if fresh:
                connection = self._local.connection = http.client.HTTPConnection(*self._address, timeout=60)
                self._connections.append(connection)
            try:
                connection.request(method, target, body=data, headers=dict(headers))
                answer = connection.getresponse()
                return answer.status, answer.read()
            except (http.client.HTTPException, ConnectionError):
                connection.close()
                self._local.connection = None
                if fresh or attempt == 2:
                    raise
        raise AssertionError(target)

    def acting_as(self, user: str) -> "Api":
        """The API as somebody else sees it: their rights count (Kubernetes, "User impersonation")."""
        return self._others.setdefault(user, Api(*self._address, user))

    def close(self) -> None:
        """Closes the connections of all threads."""
        for connection in self._connections:
            connection.close()
        for other in self._others.values():
            other.close()

    def kind(self, api_version: str, kind: str) -> Kind:
        """Looked up once a version; a kind that was installed since is found, too."""
        if kind not in self._kinds.get(api_version, {}):
            root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
            found = self.request("GET", root)["resources"]
            self._kinds[api_version] = {
                one["kind"]: Kind(one["name"], one["namespaced"]) for one in found if "/" not in one["name"]
            }
        return self._kinds[api_version][kind]

    def path(self, api_version: str, kind: str, namespace: str = "", name: str = "") -> str:
        """`/apis/apps/v1/namespaces/mcp/deployments/github`."""
        about = self.kind(api_version, kind)
        parts = [f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"]
        if about.namespaced and namespace:
            parts.append(f"namespaces/{namespace}")
        return "/".join([*parts, about.plural, *([name] if name else [])])

    def path_of(self, manifest: Mapping[str, Any]) -> str:
        """Path of the object that a manifest describes; a namespace that it leaves out is `default`."""
        metadata = manifest["metadata"]
        return self.path(manifest["apiVersion"], manifest["kind"], metadata.get("namespace") or "default", metadata["name"])

    def get(self, path: str) -> dict[str, Any] | None:
        """The object, or None where there is none."""
        try:
            return self.request("GET", path)
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def list(self, api_version: str, kind: str, namespace: str = "", **query: str) -> list[dict[str, Any]]:
        """Objects of a kind, of all namespaces where none is named."""
        return self.request("GET", self.path(api_version, kind, namespace), **query)["items"]

    def apply(self, manifest: Mapping[str, Any], manager: str, force: bool = False) -> dict[str, Any]:
        """Server-side apply. A field that the API does not know is refused, and one that another manager owns unless `force`."""
        query = {"fieldManager": manager, "fieldValidation": "Strict", "force": str(force).lower()}
        return self.request("PATCH", self.path_of(manifest), manifest, APPLY, **query)

    def merge(self, path: str, patch: Mapping[str, Any], manager: str = "e2e") -> dict[str, Any]:
        """JSON merge patch."""
        return self.request("PATCH", path, patch, "application/merge-patch+json", fieldManager=manager)

    def delete(self, *paths: str) -> None:
        """Deletes objects, and waits until all are gone. One that is not there is no error."""
        for path in paths:
            try:
                self.request("DELETE", path, {"propagationPolicy": "Background"})
            except ApiError as error:
                if error.status != 404:
                    raise
        for path in paths:
            until(lambda path=path: self.get(path) is None, GONE_SECONDS, f"{path} to be gone")

    def wait(self, path: str, holds: Callable[[dict[str, Any]], object], seconds: float, what: str) -> dict[str, Any]:
        """The object as soon as it is as `holds` says."""

        def there() -> dict[str, Any] | None:
            found = self.get(path)
            return found if found is not None and holds(found) else None

        return until(there, seconds, f"{path}: {what}")


@contextmanager
def connected(kubeconfig: str):
    """An Api of the cluster that `kubeconfig` names."""
    command = ["kubectl", "--kubeconfig", kubeconfig, "proxy", "--port=0", "--address=127.0.0.1", "--reject-methods=^$"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        port = re.search(r":(\d+)$", line.strip())
        assert port, f"kubectl proxy did not start: {line!r}"
        api = Api("127.0.0.1", int(port[1]))
        deadline = time.monotonic() + 30
        while True:
            try:
                api.request("GET", "/readyz")
                break
            except (ApiError, OSError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
        yield api
        api.close()
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()
