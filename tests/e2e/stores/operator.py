"""A stand-in for Infisical's operator, secrets.infisical.com/v1beta1: connection, login, and the Secret that is kept up to date.

From its documentation (infisical.com/docs/integrations/platforms/kubernetes) and its conditions. Universal auth alone; no instant
updates. A change restarts the Deployments that say `secrets.infisical.com/auto-reload` and have the Secret in their variables or
in a volume of its own.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from mcp_stack_proxy.config import seconds_of
from tests.e2e.api import Api
from tests.e2e.stores.backends import Surroundings
from tests.e2e.stores.client import Client, StoreError, status
from tests.e2e.stores.objects import condition, digest, encoded, holds, now, owner, write_status
from tests.e2e.stores.values import rendered

API = "secrets.infisical.com/v1beta1"
READY, SYNCED = "secrets.infisical.com/IsReady", "secrets.infisical.com/LastReconcileStatus"
WHEN = "secrets.infisical.com/LastSuccessfulReconcileAt"
VERSION = "secrets.infisical.com/version"
RELOAD, RELOADED = "secrets.infisical.com/auto-reload", "secrets.infisical.com/managed-secret."

Object = Mapping[str, Any]


class InfisicalOperator:
    """An operator of one namespace."""

    def __init__(self, api: Api, namespace: str) -> None:
        self._api, self._namespace = api, namespace

    def look(self) -> None:
        """Does what is due."""
        for kind, work in (("InfisicalConnection", self._connect), ("InfisicalAuth", self._authenticate)):
            for one in self._of(kind):
                if not holds(one, READY):
                    self._say(one, READY, f"{kind} is ready to be used.", f"{kind} is not ready to be used due to an error: ", work)
        for one in self._of("InfisicalStaticSecret"):
            if due(one):
                self._say(one, SYNCED, "Reconciliation successful", "Reconciliation failed: ", self._sync)

    def _of(self, kind: str) -> list[Object]:
        return [{"apiVersion": API, "kind": kind, **one} for one in self._api.list(API, kind, self._namespace)]

    def _say(self, one: Object, type_: str, well: str, badly: str, work: Any) -> None:
        when: list[Object] = []
        try:
            work(one)
            found = condition(one, type_, True, "OK", well)
            when = [condition(one, WHEN, True, "OK", now())]
        except StoreError as error:
            found = condition(one, type_, False, "Error", f"{badly}{error}")
        generation = one["metadata"]["generation"]
        write_status(self._api, one, [{**each, "observedGeneration": generation} for each in [found, *when]])

    def _connect(self, one: Object) -> None:
        said = status(one["spec"]["address"])
        if said != "Ok":
            raise StoreError(f"unexpected status from Infisical: expected Ok, got {said!r}")

    def _authenticate(self, one: Object) -> Client:
        connection = self._named("InfisicalConnection", one["spec"]["infisicalConnectionRef"])
        if one["spec"]["method"] != "universal":
            raise StoreError(f"this stand-in does not log in by {one['spec']['method']}")
        around = Surroundings(self._api, one["metadata"]["namespace"], "")
        keys = one["spec"]["universal"]
        return Client(connection["spec"]["address"], around.secret(keys["clientIdRef"]), around.secret(keys["clientSecretRef"]))

    def _named(self, kind: str, ref: Mapping[str, str]) -> Object:
        found = self._api.get(self._api.path(API, kind, ref["namespace"], ref["name"]))
        if found is None or not holds(found, READY):
            raise StoreError(f"{kind} is not ready")
        return found

    def _sync(self, one: Object) -> None:
        client = self._authenticate(self._named("InfisicalAuth", one["spec"]["infisicalAuthRef"]))
        values: dict[str, str] = {}
        for source in one["spec"]["sources"]:
            project = source.get("projectId") or client.project_id(source["projectSlug"])
            listed = client.source(project, source["environmentSlug"], source["secretPath"], source.get("recursive", False))
            for found in listed:
                values.setdefault(found["secretKey"], found["secretValue"])
        for target in one["spec"]["targets"]:
            self._write(one, target, values)

    def _write(self, one: Object, target: Mapping[str, Any], values: Mapping[str, str]) -> None:
        template = target.get("template", {}).get("data")
        texts = {key: rendered(text, values) for key, text in template.items()} if template else values
        data = encoded({key: text.encode() for key, text in texts.items()})
        metadata = target.get("metadata") or {
            "labels": one["metadata"].get("labels", {}), "annotations": one["metadata"].get("annotations", {}),
        }  # fmt: skip
        path = f"/api/v1/namespaces/{target['namespace']}/secrets/{target['name']}"
        before, after = self._api.get(path), digest(data)
        changed = before is not None and before["metadata"].get("annotations", {}).get(VERSION) != after
        secret: dict[str, Any] = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": target["name"],
                "namespace": target["namespace"],
                "labels": metadata.get("labels", {}),
                "annotations": {**metadata.get("annotations", {}), VERSION: after},
                **({"ownerReferences": [owner(one)]} if target.get("creationPolicy", "Owner") == "Owner" else {}),
            },
            "data": data,
            **({"type": target["secretType"]} if target.get("secretType") else {}),
        }
        self._api.apply(secret, "infisical-operator", force=True)
        if changed:
            self._restart(target["namespace"], target["name"], after)

    def _restart(self, namespace: str, secret: str, after: str) -> None:
        mark = {"metadata": {"annotations": {f"{RELOADED}{secret}": after[:40]}}}
        for workload in self._api.list("apps/v1", "Deployment", namespace):
            pods = workload["spec"]["template"]["spec"]
            if workload["metadata"].get("annotations", {}).get(RELOAD) == "true" and consumes(pods, secret):
                path = self._api.path("apps/v1", "Deployment", namespace, workload["metadata"]["name"])
                self._api.merge(path, {**mark, "spec": {"template": mark}}, "infisical-operator")


def due(one: Object) -> bool:
    """Whether the sources are to be read again."""
    conditions = {found["type"]: found for found in one.get("status", {}).get("conditions", [])}
    if not holds(one, SYNCED) or conditions[SYNCED].get("observedGeneration") != one["metadata"]["generation"]:
        return True
    age = (datetime.now(UTC) - datetime.fromisoformat(conditions[WHEN]["message"])).total_seconds()
    return age >= seconds_of(one["spec"]["syncOptions"]["refreshInterval"])


def consumes(pods: Mapping[str, Any], secret: str) -> bool:
    """Whether the operator sees that pods read a Secret: it overlooks projected volumes."""
    for container in [*pods["containers"], *pods.get("initContainers", [])]:
        variables = [one.get("valueFrom", {}).get("secretKeyRef", {}).get("name") for one in container.get("env", [])]
        sources = [one.get("secretRef", {}).get("name") for one in container.get("envFrom", [])]
        if secret in [*variables, *sources]:
            return True
    return any(one.get("secret", {}).get("secretName") == secret for one in pods.get("volumes", []))
