"""Objects of Infisical's own operator (secrets.infisical.com/v1beta1): connection, login, and what becomes a Secret."""

import re
from pathlib import PurePosixPath
from typing import Any

from mcp_stack_proxy.config import Strict

from ...spec import StackSpec
from ...spec.stores import VALUE, CredentialSpec, InfisicalOperatorSpec, SecretSpec, ServiceAccountRef
from ..identity import Manifest, assemble, shared_labels
from .external_secret import Labelled
from .fields import WAIT_FOR, camel, given, go_duration

API = "secrets.infisical.com/v1beta1"

WORKING = {WAIT_FOR: "condition=secrets.infisical.com/IsReady"}
"""What the operator says of a connection or login that works."""

SYNCED = {WAIT_FOR: "condition=secrets.infisical.com/LastReconcileStatus"}
"""What the operator says of values that have come."""

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def operator_store(spec: StackSpec, name: str) -> dict[str, Manifest]:
    """InfisicalConnection and InfisicalAuth of store `name`, by role."""
    store = _store(spec, name)
    _, object_name = spec.store_object(name)
    ca = store.ca and {"name": store.ca.existing, "key": store.ca.key, "namespace": store.ca.namespace or spec.namespace}
    connection = given({"address": store.address, "tls": ca and {"caCertificate": ca}})
    method = next(key for key in type(store.auth).model_fields if getattr(store.auth, key) is not None)
    auth = {
        "infisicalConnectionRef": {"name": object_name, "namespace": spec.namespace},
        "method": method.replace("_", "-"),
        camel(method): _method(spec, name, getattr(store.auth, method)),
    }
    found = {"connection": ("InfisicalConnection", connection), "auth": ("InfisicalAuth", auth)}
    annotations, labels = {**spec.annotations, **WORKING}, shared_labels(spec)
    return {
        role: assemble(f"{API} {kind}", object_name, spec.namespace, labels, annotations, {"spec": body})
        for role, (kind, body) in found.items()
    }


def static_secret(spec: StackSpec, name: str, secret: SecretSpec, labelled: Labelled) -> Manifest:
    """InfisicalStaticSecret `name`: the folders that are read, and the one Secret that is made of them."""
    store = _store(spec, secret.store or "")
    _, auth = spec.store_object(secret.store or "")
    data = {VALUE: secret.remote.key} if secret.remote is not None else {key: one.key for key, one in secret.data.items()}
    folders = {_folder(store, key) for key in data.values()}
    folders |= {one.find.path or store.path for one in secret.data_from if one.find is not None}
    template = secret.target.template
    taken = {key: _value(PurePosixPath(remote).name) for key, remote in data.items()}
    texts = template.data if template and template.data else taken
    target: dict[str, Any] = {
        "name": secret.target.name or name,
        "namespace": spec.namespace,
        "kind": "Secret",
        "creationPolicy": secret.target.creation,
        "secretType": template and template.type,
        "template": {"engineVersion": "v1", "data": dict(sorted(texts.items()))} if texts else None,
        "metadata": {"labels": template.labels, "annotations": template.annotations}
        if template and template.labels | template.annotations
        else None,
    }
    body = {
        "infisicalAuthRef": {"name": auth, "namespace": spec.namespace},
        "syncOptions": given(
            {"refreshInterval": go_duration(secret.refresh.interval), "instantUpdates": store.instant_updates or None}
        ),
        "sources": [_source(spec, store, folder) for folder in sorted(folders)],
        "targets": [given(target)],
    }
    labels, annotations = labelled
    return assemble(f"{API} InfisicalStaticSecret", name, spec.namespace, labels, {**annotations, **SYNCED}, {"spec": body})


def _store(spec: StackSpec, name: str) -> InfisicalOperatorSpec:
    store = spec.secret_stores[name].infisical_operator
    if store is None:
        raise ValueError(f"store {name!r} is not one of Infisical's operator")
    return store


def _method(spec: StackSpec, name: str, method: Strict) -> dict[str, Any]:
    """Every reference names its namespace; `client_id` is `clientIdRef` here."""
    found: dict[str, Any] = {}
    for key in type(method).model_fields:
        value: Any = getattr(method, key)
        field = camel(key)
        if isinstance(value, CredentialSpec):
            secret, entry = (spec.store_secret(name), value.config) if value.config else (value.existing, value.key)
            found[f"{field}Ref"] = {"name": secret, "key": entry, "namespace": value.namespace or spec.namespace}
        elif isinstance(value, ServiceAccountRef):
            found["serviceAccountRef"] = {"name": value.name, "namespace": value.namespace or spec.namespace}
            found["serviceAccountTokenAudiences"] = value.audiences
        else:
            found[field] = value
    return given(found)


def _folder(store: InfisicalOperatorSpec, key: str) -> str:
    return str(PurePosixPath(store.path, key).parent)


def _value(key: str) -> str:
    return f"{{{{ .{key}.Value }}}}" if _IDENTIFIER.fullmatch(key) else f'{{{{ (index . "{key}").Value }}}}'


def _source(spec: StackSpec, store: InfisicalOperatorSpec, folder: str) -> dict[str, Any]:
    return given(
        {
            "projectSlug": store.project,
            "projectId": store.project_id,
            "environmentSlug": store.environment or spec.environment,
            "secretPath": folder,
            "recursive": store.recursive or None,
            "tagSlugs": store.tags,
        }
    )
