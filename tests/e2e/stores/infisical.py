"""A fake of Infisical's REST API, as far as controllers read it (infisical.com/docs/api-reference).

Universal auth (`POST /api/v1/auth/universal-auth/login`), single and listed secrets (`GET /api/v3/secrets/raw[/NAME]`, and `GET
/api/v4/secrets`, which is the newer one), projects by slug, and `GET /api/status`. Folders below are listed with `recursive`. No
imports, tags, references or versions.
"""

import json
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

ROOT = "/"


class Refused(Exception):
    """An answer that is not 200, as the API words it."""

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(message)
        self.status, self.error = status, error


class Infisical:
    """One project with one machine identity; values by environment and path (`/folder/KEY`)."""

    def __init__(self, project: str) -> None:
        self.project, self.project_id = project, f"id-of-{project}"
        self.client_id, self.client_secret = secrets.token_hex(8), secrets.token_hex(16)
        self.values: dict[tuple[str, str], str] = {}
        """(environment, path of the secret) -> value. A test changes it while others read."""
        self._tokens: set[str] = set()
        self.address = ""

    def answer(self, method: str, path: str, query: Mapping[str, str], token: str, body: Mapping[str, Any]) -> Any:
        """JSON for a request; Refused where the API would refuse it."""
        if (method, path) == ("GET", "/api/status"):
            return {"message": "Ok"}
        if (method, path) == ("POST", "/api/v1/auth/universal-auth/login"):
            return self._login(body)
        if token not in self._tokens:
            raise Refused(401, "TokenError", "Your token is not valid")
        if (found := path.removeprefix("/api/v1/projects/slug/")) != path:
            self._project(slug=found)
            return {"id": self.project_id, "slug": self.project, "name": self.project}
        if path in ("/api/v3/secrets/raw", "/api/v4/secrets"):
            return {"secrets": list(self._listed(query)), "imports": []}
        if (name := path.removeprefix("/api/v3/secrets/raw/")) != path:
            return {"secret": self._one(unquote(name), query)}
        raise Refused(404, "NotFound", f"Route {method}:{path} not found")

    def _login(self, body: Mapping[str, Any]) -> dict[str, Any]:
        if (body.get("clientId"), body.get("clientSecret")) != (self.client_id, self.client_secret):
            raise Refused(401, "UnauthorizedError", "Invalid credentials")
        token = secrets.token_urlsafe(16)
        self._tokens.add(token)
        return {"accessToken": token, "expiresIn": 2592000, "accessTokenMaxTTL": 2592000, "tokenType": "Bearer"}

    def _project(self, slug: str | None = None, project_id: str | None = None) -> None:
        if slug != self.project and project_id != self.project_id:
            raise Refused(404, "NotFound", f"Project with slug '{slug}' not found" if slug else "Project not found")

    def _listed(self, query: Mapping[str, str]) -> Iterator[dict[str, str]]:
        self._project(query.get("workspaceSlug"), query.get("workspaceId") or query.get("projectId"))
        folder, recursive = query.get("secretPath") or ROOT, query.get("recursive") == "true"
        for (environment, path), value in sorted(self.values.items()):
            within, _, key = path.rpartition("/")
            inside = (within or ROOT) == folder or (recursive and f"{within}/".startswith(f"{folder.rstrip('/')}/"))
            if environment == query["environment"] and inside:
                yield self._shown(environment, within or ROOT, key, value)

    def _one(self, name: str, query: Mapping[str, str]) -> dict[str, str]:
        self._project(query.get("workspaceSlug"), query.get("workspaceId"))
        folder = query.get("secretPath") or ROOT
        value = self.values.get((query["environment"], f"{folder.rstrip('/')}/{name}"))
        if value is None:
            raise Refused(404, "NotFound", f"Secret with name '{name}' not found")
        return self._shown(query["environment"], folder, name, value)

    def _shown(self, environment: str, folder: str, key: str, value: str) -> dict[str, str]:
        return {
            "id": f"{environment}{folder}/{key}", "workspace": self.project_id, "environment": environment, "type": "shared",
            "secretKey": key, "secretValue": value, "secretPath": folder,
        }  # fmt: skip


@contextmanager
def serving(project: str) -> Iterator[Infisical]:
    """The API on a free port of this machine; `address` is its URL."""
    infisical = Infisical(project)

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            target = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(target.query).items()}
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else {}
            token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
            status = 200
            try:
                answer = infisical.answer(self.command, target.path, query, token, body)
            except Refused as refused:
                status = refused.status
                answer = {"reqId": "req-1", "statusCode": status, "message": str(refused), "error": refused.error}
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_GET(self) -> None:
            self._any()

        def do_POST(self) -> None:
            self._any()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    infisical.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield infisical
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
