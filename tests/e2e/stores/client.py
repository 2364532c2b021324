"""What controllers ask of Infisical's API: a login, one value, all values of a folder."""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from typing import Any


class StoreError(Exception):
    """What a backend refused, or does not have."""


class Absent(StoreError):
    """There is no such value (External Secrets: `NoSecretErr`, which the deletion policy is about)."""


class Client:
    """A session of universal auth. As the operators' SDK words it: `APIError: ... [status-code=404] [message="..."]`."""

    def __init__(self, address: str, client_id: str, client_secret: str) -> None:
        self._address, self._token = address.rstrip("/").removesuffix("/api"), ""
        login = {"clientId": client_id, "clientSecret": client_secret}
        self._token = self._ask("CallUniversalAuthLogin", "/api/v1/auth/universal-auth/login", body=login)["accessToken"]

    def value(self, scope: Mapping[str, str], folder: str, key: str) -> str:
        """One value."""
        path = f"/api/v3/secrets/raw/{urllib.parse.quote(key, safe='')}"
        return self._ask("CallRetrieveSecretV3Raw", path, {**scope, "secretPath": folder})["secret"]["secretValue"]

    def folder(self, scope: Mapping[str, str], folder: str, recursive: bool) -> list[Mapping[str, str]]:
        """All values, as External Secrets lists them."""
        query = {**scope, "secretPath": folder, "recursive": str(recursive).lower()}
        return self._ask("CallListSecretsV3Raw", "/api/v3/secrets/raw", query)["secrets"]

    def source(self, project_id: str, environment: str, folder: str, recursive: bool) -> list[Mapping[str, str]]:
        """All values, as Infisical's operator lists them."""
        query = {"projectId": project_id, "environment": environment, "secretPath": folder, "recursive": str(recursive).lower()}
        return self._ask("ListSecrets", "/api/v4/secrets", query)["secrets"]

    def project_id(self, slug: str) -> str:
        """Id of a project."""
        return self._ask("FindProjectBySlug", f"/api/v1/projects/slug/{urllib.parse.quote(slug, safe='')}")["id"]

    def _ask(self, operation: str, path: str, query: Mapping[str, str] | None = None, body: Any = None) -> Any:
        url = f"{self._address}{path}" + (f"?{urllib.parse.urlencode(query)}" if query else "")
        headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {self._token}"} if self._token else {})}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                said = json.loads(error.read()).get("message", "")
            kind = Absent if error.code == 404 else StoreError
            raise kind(
                f"APIError: {operation} unsuccessful response [{request.get_method()} {self._address}{path}] "
                f'[status-code={error.code}] [message="{said}"]'
            ) from None
        except OSError as error:
            raise StoreError(f"{operation}: {error}") from None


def status(address: str) -> str:
    """What `/api/status` says."""
    url = f"{address.rstrip('/').removesuffix('/api')}/api/status"
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.loads(answer.read()).get("message", "")
    except OSError as error:
        raise StoreError(f"unable to reach Infisical at {url}: {error}") from None
