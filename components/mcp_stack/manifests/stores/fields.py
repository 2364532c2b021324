"""From keys of the stack file to fields of the API: names, and references to Secrets and accounts."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from mcp_stack_proxy.config import Strict, seconds_of

from ...spec import StackSpec
from ...spec.stores import CertificateAuthority, CredentialSpec, ServiceAccountRef
from ...spec.stores.aws import AwsKeys

WAIT_FOR = "pulumi.com/waitFor"
"""Annotation by which `pulumi up` waits, and fails with the condition's own message (pulumi-kubernetes, 4.20 and later)."""

READY = {WAIT_FOR: "condition=Ready"}


def camel(key: str) -> str:
    """`secret_key` as the API spells it."""
    first, *rest = key.split("_")
    return first + "".join(word.capitalize() for word in rest)


def go_duration(duration: str) -> str:
    """`duration` for Go, which knows no number without a unit; whole seconds, so that none becomes zero."""
    return f"{math.ceil(seconds_of(duration))}s"


def given(fields: Mapping[str, Any]) -> dict[str, Any]:
    """`fields` without what was not given: the controllers' own defaults hold then."""
    return {key: value for key, value in fields.items() if value is not None and value not in ({}, [])}


@dataclass(frozen=True, slots=True)
class References:
    """How the store `name` of a stack refers to what is outside of it."""

    spec: StackSpec
    name: str

    @property
    def namespaced(self) -> bool:
        """Whether references have to name a namespace."""
        return self.spec.secret_stores[self.name].cluster

    def secret(self, one: CredentialSpec | None) -> dict[str, Any] | None:
        """Name and key of a credential."""
        if one is None:
            return None
        if one.config is not None:
            namespace = self.spec.namespace if self.namespaced else None
            return given({"name": self.spec.store_secret(self.name), "key": one.config, "namespace": namespace})
        return given({"name": one.existing, "key": one.key, "namespace": one.namespace})

    def account(self, one: ServiceAccountRef | None) -> dict[str, Any] | None:
        """An account."""
        return None if one is None else given(one.model_dump())

    def authority(self, one: CertificateAuthority | None) -> dict[str, Any]:
        """Certificates, as the one or two fields that a provider has for them."""
        if one is None:
            return {}
        if one.bundle is not None:
            return {"caBundle": one.bundle}
        kind = "Secret" if one.existing_secret else "ConfigMap"
        name = one.existing_secret or one.existing_config_map
        return {"caProvider": given({"type": kind, "name": name, "key": one.key, "namespace": one.namespace})}

    def fields(self, model: Strict | None, **renamed: str) -> dict[str, Any] | None:
        """Fields of `model` with their references; `renamed` are spelt otherwise than by rule."""
        if model is None:
            return None
        found: dict[str, Any] = {}
        for key in type(model).model_fields:
            value = getattr(model, key)
            if isinstance(value, CredentialSpec):
                value = self.secret(value)
            elif isinstance(value, ServiceAccountRef):
                value = self.account(value)
            found[renamed.get(key, camel(key))] = value
        return given(found)

    def keys(self, one: AwsKeys | None) -> dict[str, Any] | None:
        """An access key of AWS, for AWS itself and for Vault's method of that name."""
        return self.fields(one, **_KEYS)


_KEYS = {
    "access_key_id": "accessKeyIDSecretRef",
    "secret_access_key": "secretAccessKeySecretRef",
    "session_token": "sessionTokenSecretRef",
}


def nested(fields: Mapping[str, Any]) -> dict[str, Any]:
    """`fields` with every key as the API spells it, in lists and maps of models, too; what was not given is left out."""
    return given({camel(key): _nested(value) for key, value in fields.items()})


def _nested(value: Any) -> Any:
    if isinstance(value, Strict):
        return nested({key: getattr(value, key) for key in type(value).model_fields})
    return [_nested(one) for one in cast("list[Any]", value)] if isinstance(value, list) else value
