"""An API server's edge: the paths of one cluster over HTTP, in the shapes of kubernetes.io, "Kubernetes API Concepts"."""

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

from tests.threaded import listening

TOKEN = "a-token-of-the-tests"


class Cluster:
    """What it holds may be changed between questions. `asked` has every path that it was asked for."""

    def __init__(self, minor="36"):
        self.paths = {"/version": {"major": "1", "minor": minor}}
        self.asked = []
        self.forbidden = set()
        self.selectors = []

    def serve(self, group, version, *kinds):
        """A group of interfaces, as a CustomResourceDefinition brings it."""
        versions = self.paths.setdefault(f"/apis/{group}", {"kind": "APIGroup", "versions": []})["versions"]
        versions.append({"groupVersion": f"{group}/{version}", "version": version})
        self.paths[f"/apis/{group}/{version}"] = {"kind": "APIResourceList", "resources": [{"kind": kind} for kind in kinds]}

    def hold(self, path, **fields):
        """An object at its own path."""
        self.paths[path] = {"metadata": {"name": path.rpartition("/")[2]}, **fields}

    def list(self, path, *items):
        """A list; its items carry no kind, as in the real one."""
        self.paths[path] = {"kind": "List", "metadata": {}, "items": list(items)}

    def answer(self, target):
        """Status and body for a path with its query."""
        split = urlsplit(target)
        self.asked.append(split.path)
        self.selectors += parse_qs(split.query).get("labelSelector", [])
        if split.path in self.forbidden:
            return 403, {"kind": "Status", "message": f"{split.path} is forbidden: User cannot list resource"}
        body = self.paths.get(target, self.paths.get(split.path))
        return (404, {"kind": "Status", "message": "not found"}) if body is None else (200, body)


@contextmanager
def serving(cluster):
    """The cluster's address while it can be reached."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                status, body = 401, {"kind": "Status", "message": "Unauthorized"}
            else:
                status, body = cluster.answer(self.path)
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    with listening(Handler) as address:
        yield address


def kubeconfig(url, context="test", user=None):
    """A kubeconfig with one context, as `kubectl config view` shows it."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "there", "cluster": {"server": url}}],
        "users": [{"name": "me", "user": user or {"token": TOKEN}}],
        "contexts": [{"name": context, "context": {"cluster": "there", "user": "me"}}],
        "current-context": context,
    }
