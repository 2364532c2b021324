"""Where a controller runs, and the Secrets that a store refers to."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.e2e.api import Api
from tests.e2e.stores.client import StoreError

Fields = Mapping[str, Any]


@dataclass(frozen=True)
class Surroundings:
    """Where the controller runs."""

    api: Api
    namespace: str
    """Of the ExternalSecret; references of a SecretStore are looked up there."""
    aws: str
    """Address of AWS."""

    def secret(self, ref: Fields) -> str:
        """Value of a reference to a Secret; StoreError where there is none."""
        name, namespace = ref["name"], ref.get("namespace") or self.namespace
        found = self.api.get(f"/api/v1/namespaces/{namespace}/secrets/{name}")
        if found is None:
            raise StoreError(f'cannot get Kubernetes secret "{name}" from namespace "{namespace}": secrets "{name}" not found')
        if ref["key"] not in found.get("data", {}):
            raise StoreError(f'cannot find secret data for key: "{ref["key"]}"')
        return base64.b64decode(found["data"][ref["key"]]).decode()
