"""Backends of a SecretStore: AWS (tests/e2e/stores/aws.py), Infisical, another namespace, and values in the store itself.

From External Secrets' page of each provider (external-secrets.io/latest/provider/...). Of the ways to log in: universal auth
(Infisical), and a ServiceAccount (Kubernetes), as whom the API server is asked, so that its rights count.
"""

import base64
import json
import posixpath
import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from tests.e2e.api import ApiError
from tests.e2e.stores.aws import ParameterStore, SecretsManager
from tests.e2e.stores.client import Absent, Client, StoreError
from tests.e2e.stores.surroundings import Fields, Surroundings
from tests.e2e.stores.values import Values, member, members


class Backend(Protocol):
    """What an ExternalSecret reads from. Everything raises StoreError, or Absent for a value that is not there."""

    def value(self, ref: Fields) -> str:
        """One value; the member `property` of it."""
        ...

    def found(self, find: Fields) -> Values:
        """Every value that fits."""
        ...

    def validate(self) -> None:
        """StoreError where the store cannot be read."""
        ...


def backend(provider: Fields, around: Surroundings) -> Backend:
    """The one backend that a store's `provider` names."""
    name, fields = next(iter(provider.items()))
    kinds: Mapping[str, Callable[[Fields, Surroundings], Backend]] = {
        "aws": lambda one, at: (SecretsManager if one["service"] == "SecretsManager" else ParameterStore)(one, at),
        "infisical": Infisical,
        "kubernetes": Kubernetes,
        "fake": Fake,
    }
    if name not in kinds:
        raise StoreError(f"this stand-in has no provider {name}")
    return kinds[name](fields, around)


class Infisical:
    """A folder of a project."""

    def __init__(self, fields: Fields, around: Surroundings) -> None:
        keys = fields["auth"].get("universalAuthCredentials")
        if keys is None:
            raise StoreError("this stand-in logs in to Infisical by universal auth alone")
        self.scope = {
            "workspaceSlug": fields["secretsScope"]["projectSlug"],
            "environment": fields["secretsScope"]["environmentSlug"],
        }
        self.path: str = fields["secretsScope"].get("secretsPath", "/")
        self.recursive: bool = fields["secretsScope"].get("recursive", False)
        self.client = Client(fields["hostAPI"], around.secret(keys["clientId"]), around.secret(keys["clientSecret"]))

    def value(self, ref: Fields) -> str:
        """`KEY` in the store's folder, `folder/KEY` below it, `/folder/KEY` anywhere."""
        folder, slash, key = ref["key"].rpartition("/")
        within = self.path if not slash else folder or "/" if ref["key"].startswith("/") else posixpath.join(self.path, folder)
        text = self.client.value(self.scope, within, key)
        return member(text, ref["property"], ref["key"]) if "property" in ref else text

    def found(self, find: Fields) -> Values:
        """Values of the folder whose keys fit, and whose folder begins with `path`."""
        if "tags" in find:
            raise StoreError("find by tags not supported")
        pattern = re.compile(find.get("name", {}).get("regexp", ""))
        return {
            one["secretKey"]: one["secretValue"].encode()
            for one in self.client.folder(self.scope, self.path, self.recursive)
            if pattern.search(one["secretKey"]) and one["secretPath"].startswith(find.get("path", ""))
        }

    def validate(self) -> None:
        """The provider reads its folder."""
        self.client.folder(self.scope, self.path, self.recursive)


class Kubernetes:
    """Secrets of one namespace, read as a ServiceAccount."""

    def __init__(self, fields: Fields, around: Surroundings) -> None:
        account = fields.get("auth", {}).get("serviceAccount")
        if account is None:
            raise StoreError("this stand-in asks the API server as a ServiceAccount alone")
        user = f"system:serviceaccount:{account.get('namespace') or around.namespace}:{account['name']}"
        self.api, self.namespace = around.api.acting_as(user), fields["remoteNamespace"]

    def value(self, ref: Fields) -> str:
        """One key of a Secret; without `property` all of it, as JSON."""
        data = self._data(f"/{ref['key']}")
        texts = {key: base64.b64decode(value).decode() for key, value in data.get("data", {}).items()}
        if "property" not in ref:
            return json.dumps(texts)
        if ref["property"] not in texts:
            raise StoreError(f"property {ref['property']} does not exist in data of secret")
        return texts[ref["property"]]

    def found(self, find: Fields) -> Values:
        """Every Secret whose name fits, as JSON."""
        pattern = re.compile(find.get("name", {}).get("regexp", ""))
        names = [one["metadata"]["name"] for one in self._data("")["items"]]
        return {name: self.value({"key": name}).encode() for name in names if pattern.search(name)}

    def validate(self) -> None:
        """The provider asks whether it may read."""
        self._data("")

    def _data(self, rest: str) -> Any:
        try:
            return self.api.request("GET", f"/api/v1/namespaces/{self.namespace}/secrets{rest}")
        except ApiError as error:
            raise (Absent if error.status == 404 else StoreError)(str(error)) from None


class Fake:
    """Values that stand in the store."""

    def __init__(self, fields: Fields, around: Surroundings) -> None:
        self.values = {(one["key"], one.get("version", "")): one["value"] for one in fields["data"]}

    def value(self, ref: Fields) -> str:
        """One value."""
        if (ref["key"], ref.get("version", "")) not in self.values:
            raise Absent("Secret does not exist")
        text = self.values[ref["key"], ref.get("version", "")]
        return member(text, ref["property"], ref["key"]) if "property" in ref else text

    def found(self, find: Fields) -> Values:
        """Values whose keys fit."""
        pattern = re.compile(find.get("name", {}).get("regexp", ""))
        return {key: text.encode() for (key, _), text in self.values.items() if pattern.search(key)}

    def validate(self) -> None:
        """Nothing can be wrong."""


def extracted(store: Backend, ref: Fields) -> Values:
    """Every member of one value that is JSON."""
    return members(store.value(ref), ref["key"])
