"""A stand-in for External Secrets' controller: stores that say whether they work, and Secrets that are kept up to date.

From its documentation (external-secrets.io: "ExternalSecret", "Lifecycle", "Refresh policy") and from what its conditions and
events say. It looks at the objects twice a second, where the real one watches, and tries again as often.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from mcp_stack_proxy.config import seconds_of
from tests.e2e.api import Api
from tests.e2e.stores.backends import Backend, Surroundings, backend, extracted
from tests.e2e.stores.client import Absent, StoreError
from tests.e2e.stores.objects import condition, digest, encoded, holds, now, owner, warn, write_status
from tests.e2e.stores.values import Values, converted, decoded, rendered, rewritten

API = "external-secrets.io/v1"
MANAGED = "reconcile.external-secrets.io/managed"
HASH = "reconcile.external-secrets.io/data-hash"
KEYS = "reconcile.external-secrets.io/keys-of."

Object = Mapping[str, Any]


class ExternalSecrets:
    """A controller of one namespace, and of the cluster-wide stores that serve it."""

    def __init__(self, api: Api, namespace: str, aws: str) -> None:
        self._api, self._namespace, self._aws = api, namespace, aws
        self._valid: dict[str, int] = {}

    def look(self) -> None:
        """Does what is due."""
        for kind in ("SecretStore", "ClusterSecretStore"):
            for store in self._api.list(API, kind, self._namespace):
                serves = kind == "SecretStore" or self._namespace in allowed(store)
                if serves and self._valid.get(store["metadata"]["uid"]) != store["metadata"]["generation"]:
                    self._validate({"apiVersion": API, "kind": kind, **store})
        for one in self._api.list(API, "ExternalSecret", self._namespace):
            if "deletionTimestamp" not in one["metadata"]:
                self._reconcile({"apiVersion": API, "kind": "ExternalSecret", **one})

    def _validate(self, store: Object) -> None:
        metadata = store["metadata"]
        try:
            self._backend(store, metadata.get("namespace", "")).validate()
        except StoreError as error:
            warn(self._api, store, "InvalidProviderConfig", str(error))
            found = condition(store, "Ready", False, "InvalidProviderConfig", "unable to validate store")
        else:
            self._valid[metadata["uid"]] = metadata["generation"]
            found = condition(store, "Ready", True, "Valid", "store validated")
        write_status(self._api, store, [found], capabilities="ReadWrite")

    def _backend(self, store: Object, namespace: str) -> Backend:
        return backend(store["spec"]["provider"], Surroundings(self._api, namespace, self._aws))

    def _reconcile(self, one: Object) -> None:
        secret = self._api.get(self._path(one))
        if not due(one, secret):
            return
        began = now()
        try:
            reason, message = self._sync(one, secret)
        except StoreError as error:
            warn(self._api, one, "UpdateFailed", str(error))
            said = "could not get secret data from provider"
            write_status(self._api, one, [condition(one, "Ready", False, "SecretSyncedError", said)])
        else:
            ready = condition(one, "Ready", True, reason, message)
            write_status(self._api, one, [ready], refreshTime=began, syncedResourceVersion=version(one))

    def _sync(self, one: Object, secret: Object | None) -> tuple[str, str]:
        """Reason and message of the condition."""
        target = one["spec"].get("target", {})
        creation, deletion = target.get("creationPolicy", "Owner"), target.get("deletionPolicy", "Retain")
        values = self._values(one, self._store(one), deletion)
        if not values and deletion == "Delete":
            if secret is not None:
                self._api.delete(self._path(one))
            return "SecretDeleted", "secret deleted due to DeletionPolicy=Delete"
        if not values and deletion == "Retain":
            return "SecretSynced", "secret retained due to DeletionPolicy=Retain"
        if secret is None and creation == "Merge":
            return "SecretMissing", "secret will not be created due to CreationPolicy=Merge"
        self._write(one, secret, values, creation)
        return "SecretSynced", "secret synced"

    def _store(self, one: Object) -> Backend:
        ref, namespace = one["spec"]["secretStoreRef"], one["metadata"]["namespace"]
        store = self._api.get(self._api.path(API, ref.get("kind", "SecretStore"), namespace, ref["name"]))
        if store is None:
            raise StoreError(f'could not get {ref["kind"]} "{ref["name"]}"')
        if allowed(store) and namespace not in allowed(store):
            raise StoreError(
                f'using cluster store "{ref["name"]}" is not allowed from namespace "{namespace}": denied by spec.condition'
            )
        if not holds(store, "Ready"):
            raise StoreError(f'{ref["kind"]} "{ref["name"]}" is not ready')
        return self._backend(store, namespace)

    def _values(self, one: Object, store: Backend, deletion: str) -> Values:
        found: Values = {}
        for index, step in enumerate(one["spec"].get("dataFrom", [])):
            way = "find" if "find" in step else "extract"
            try:
                values = store.found(step["find"]) if way == "find" else extracted(store, step["extract"])
                values = rewritten(values, step.get("rewrite", []))
                if not step.get("rewrite"):
                    values = converted(values, step[way].get("conversionStrategy", "Default"))
                found |= {key: decoded(value, step[way].get("decodingStrategy", "None")) for key, value in values.items()}
            except StoreError as error:
                if isinstance(error, Absent) and deletion != "Retain":
                    continue
                raise StoreError(f"error processing spec.dataFrom[{index}].{way}, err: {error}") from None
        for index, data in enumerate(one["spec"].get("data", [])):
            ref = data["remoteRef"]
            try:
                found[data["secretKey"]] = decoded(store.value(ref).encode(), ref.get("decodingStrategy", "None"))
            except StoreError as error:
                if isinstance(error, Absent) and deletion != "Retain":
                    continue
                said = "Secret does not exist" if isinstance(error, Absent) else str(error)
                raise StoreError(f"error processing spec.data[{index}] (key: {ref['key']}), err: {said}") from None
        return found

    def _write(self, one: Object, secret: Object | None, values: Values, creation: str) -> None:
        metadata, template = one["metadata"], one["spec"].get("target", {}).get("template")
        owners = [ref for ref in (secret or {}).get("metadata", {}).get("ownerReferences", []) if ref.get("controller")]
        if creation == "Owner" and any(ref["uid"] != metadata["uid"] for ref in owners):
            raise StoreError("target is owned by another ExternalSecret")
        shown = template.get("metadata", {}) if template is not None else metadata
        ours = encoded(made(values, template))
        kept = dict(secret["data"]) if secret is not None and creation in ("Merge", "CreateOrMerge") and "data" in secret else {}
        for key in (secret or {}).get("metadata", {}).get("annotations", {}).get(f"{KEYS}{metadata['name']}", "").split(","):
            kept.pop(key, None)
        data = {**kept, **ours}
        annotations = {**shown.get("annotations", {}), HASH: digest(data), f"{KEYS}{metadata['name']}": ",".join(ours)}
        written: dict[str, Any] = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": one["spec"].get("target", {}).get("name", metadata["name"]),
                "namespace": metadata["namespace"],
                "labels": {**shown.get("labels", {}), MANAGED: "true"},
                "annotations": annotations,
                **({"ownerReferences": [owner(one)]} if creation == "Owner" else {}),
            },
            "data": data,
            **({"type": template["type"]} if template and "type" in template else {}),
        }
        self._api.apply(written, f"externalsecrets.external-secrets.io/{metadata['name']}", force=True)

    def _path(self, one: Object) -> str:
        name = one["spec"].get("target", {}).get("name", one["metadata"]["name"])
        return f"/api/v1/namespaces/{one['metadata']['namespace']}/secrets/{name}"


def allowed(store: Object) -> list[str]:
    """Namespaces that a cluster-wide store serves; all where it names none."""
    return [name for rule in store["spec"].get("conditions", []) for name in rule.get("namespaces", [])]


def version(one: Object) -> str:
    """What a sync was of: another one is due when it changes."""
    metadata = one["metadata"]
    shown = digest([metadata.get("labels", {}), metadata.get("annotations", {})])[:8]
    return f"{metadata['generation']}-{shown}"


def due(one: Object, secret: Object | None) -> bool:
    """Whether the values are to be read again, by the refresh policy and by the state of the Secret."""
    status, spec = one.get("status", {}), one["spec"]
    policy = spec.get("refreshPolicy", "Periodic")
    if not status.get("refreshTime") or not holds(one, "Ready"):
        return True
    if policy == "CreatedOnce":
        return False
    if status.get("syncedResourceVersion") != version(one):
        return True
    retained = status["conditions"][0]["reason"] != "SecretSynced"
    whole = secret is not None and secret["metadata"].get("annotations", {}).get(HASH) == digest(secret.get("data", {}))
    if not whole and not retained:
        return True
    interval = seconds_of(spec.get("refreshInterval", "1h"))
    age = (datetime.now(UTC) - datetime.fromisoformat(status["refreshTime"])).total_seconds()
    return policy == "Periodic" and interval > 0 and age >= interval


def made(values: Values, template: Mapping[str, Any] | None) -> Values:
    """What the template makes of the values; without one, the values."""
    if template is None:
        return values
    if "templateFrom" in template:
        raise StoreError("this stand-in takes no templates from elsewhere")
    texts = {key: value.decode() for key, value in values.items()}
    data = {key: rendered(text, texts).encode() for key, text in template.get("data", {}).items()}
    return {**values, **data} if not data or template.get("mergePolicy") == "Merge" else data
