"""A store of External Secrets, and the Secret with what its controller logs in with."""

from collections.abc import Callable
from typing import Any

from ...spec import StackSpec
from ...spec.stores import CredentialSpec, referred
from ..identity import Manifest, assemble, shared_labels
from .fields import READY, References, given
from .providers import provider

API = "external-secrets.io/v1"


def store_credentials(spec: StackSpec, name: str, value_of: Callable[[str], Any]) -> Manifest | None:
    """Secret with the credentials of store `name` that come from encrypted keys of the stack file; None where none do."""
    keys = {one.config for _, one in referred(spec.secret_stores[name]) if isinstance(one, CredentialSpec) and one.config}
    if not keys:
        return None
    body = {"type": "Opaque", "stringData": {key: value_of(key) for key in sorted(keys)}}
    return assemble("v1 Secret", spec.store_secret(name), spec.namespace, shared_labels(spec), spec.annotations, body)


def secret_store(spec: StackSpec, name: str) -> Manifest:
    """SecretStore or ClusterSecretStore `name`. A cluster-wide one serves the stack's namespace and those that it names."""
    store = spec.secret_stores[name]
    kind, object_name = spec.store_object(name)
    retry = given({"maxRetries": store.retry.max, "retryInterval": _seconds(store.retry.interval_seconds)})
    body = {
        "provider": provider(References(spec, name)),
        "controller": store.controller,
        "refreshInterval": store.refresh_seconds,
        "retrySettings": retry,
        "conditions": [{"namespaces": sorted({spec.namespace, *store.namespaces})}] if store.cluster else None,
    }
    namespace = None if store.cluster else spec.namespace
    annotations = {**spec.annotations, **READY}
    return assemble(f"{API} {kind}", object_name, namespace, shared_labels(spec), annotations, {"spec": given(body)})


def _seconds(seconds: int | None) -> str | None:
    return None if seconds is None else f"{seconds}s"
