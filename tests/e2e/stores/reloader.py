"""A stand-in for Stakater's Reloader (github.com/stakater/Reloader), run with `--reload-strategy=annotations`.

A Deployment or StatefulSet that names Secrets in `secret.reloader.stakater.com/reload` is rolled when the data of one of them
change. What was there when it first looked rolls nothing.
"""

import json
import time

from tests.e2e.api import Api
from tests.e2e.stores.objects import digest

NAMED = "secret.reloader.stakater.com/reload"
DONE = "reloader.stakater.com/last-reloaded-from"


class Reloader:
    """A controller of one namespace."""

    def __init__(self, api: Api, namespace: str) -> None:
        self._api, self._namespace = api, namespace
        self._seen: dict[str, str] = {}

    def look(self) -> None:
        """Rolls what reads a Secret that has changed since the last look."""
        secrets = self._api.list("v1", "Secret", self._namespace)
        found = {one["metadata"]["name"]: digest(one.get("data", {})) for one in secrets}
        changed = {name: after for name, after in found.items() if self._seen.get(name, after) != after}
        self._seen |= found
        for kind in ("Deployment", "StatefulSet") if changed else ():
            for one in self._api.list("apps/v1", kind, self._namespace):
                named = one["metadata"].get("annotations", {}).get(NAMED, "").split(",")
                for name in [name.strip() for name in named if name.strip() in changed][:1]:
                    self._roll(kind, one["metadata"]["name"], name, changed[name])

    def _roll(self, kind: str, workload: str, secret: str, after: str) -> None:
        said = {"type": "SECRET", "name": secret, "namespace": self._namespace, "hash": after[:40], "updatedAt": int(time.time())}
        template = {"metadata": {"annotations": {DONE: json.dumps(said)}}}
        self._api.merge(self._api.path("apps/v1", kind, self._namespace, workload), {"spec": {"template": template}}, "Reloader")
