"""An ExternalSecret: which values of a store become which keys of a Secret."""

from typing import Any

from ...spec import Secret, StackSpec
from ...spec.stores import DOCKER_CONFIG, VALUE, SecretSpec
from ...spec.stores.pushed import PushSpec
from ...spec.stores.remote import DataFrom, RemoteRef
from ...spec.stores.target import SyncWindow, TargetSpec, TemplateSource, TemplateSpec
from ..identity import Manifest, assemble
from .fields import READY, given, go_duration, nested
from .generators import GENERATOR_API
from .store import API

PUSH_API = "external-secrets.io/v1alpha1"
"""The only version of PushSecret that there is (External Secrets 2.9)."""

DOCKER_TYPE = "kubernetes.io/dockerconfigjson"

Labelled = tuple[dict[str, str], dict[str, str]]
"""Labels and annotations of whoever owns an object."""


def external_secret(spec: StackSpec, name: str, secret: SecretSpec, labelled: Labelled) -> Manifest:
    """ExternalSecret `name`, one for each secret: what is added or renamed elsewhere never touches it.

    `pulumi up` waits until the values have come, so that no pod starts without them.
    """
    kind, store = spec.store_object(secret.store or "")
    data = {VALUE: secret.remote} if secret.remote is not None else secret.data
    periodic, windows = secret.refresh.policy == "Periodic", secret.refresh.sync_windows
    made = {"sourceRef": {"generatorRef": {"apiVersion": GENERATOR_API, "kind": kind, "name": store}}}
    body = {
        "secretStoreRef": None if secret.is_generated else {"kind": kind, "name": store},
        "refreshPolicy": secret.refresh.policy,
        "refreshInterval": go_duration(secret.refresh.interval) if periodic else None,
        "syncWindows": windows and {"kind": windows.kind, "windows": [_window(one) for one in windows.windows]},
        "target": _target(secret.target, name),
        "data": [{"secretKey": key, "remoteRef": _remote(one)} for key, one in sorted(data.items())],
        "dataFrom": [made] if secret.is_generated else [_data_from(one) for one in secret.data_from],
    }
    labels, annotations = labelled
    return assemble(f"{API} ExternalSecret", name, spec.namespace, labels, {**annotations, **READY}, {"spec": given(body)})


def push_secret(spec: StackSpec, name: str, source: Secret, push: PushSpec, labelled: Labelled) -> Manifest:
    """PushSecret `name`, which writes one value of the Secret `source` into a store. `pulumi up` waits until it is there."""
    kind, store = spec.store_object(push.store)
    remote = given({"remoteKey": push.key, "property": push.property})
    body = {
        "updatePolicy": push.update,
        "deletionPolicy": push.deletion,
        "refreshInterval": go_duration(push.interval),
        "secretStoreRefs": [{"kind": kind, "name": store}],
        "selector": {"secret": {"name": source.object}},
        "data": [{"match": {"secretKey": source.key, "remoteRef": remote}}],
    }
    labels, annotations = labelled
    return assemble(f"{PUSH_API} PushSecret", name, spec.namespace, labels, {**annotations, **READY}, {"spec": body})


def _window(one: SyncWindow) -> dict[str, Any]:
    return {"schedule": one.schedule, "duration": go_duration(one.duration)}


def _remote(one: RemoteRef) -> dict[str, Any]:
    return given(
        {
            "key": one.key,
            "property": one.property,
            "version": one.version,
            "decodingStrategy": one.decoding,
            "metadataPolicy": one.metadata,
            "conversionStrategy": getattr(one, "conversion", None),
        }
    )


def _data_from(one: DataFrom) -> dict[str, Any]:
    find = one.find and given(
        {
            "name": one.find.name and {"regexp": one.find.name},
            "path": one.find.path,
            "tags": one.find.tags,
            "decodingStrategy": one.find.decoding,
            "conversionStrategy": one.find.conversion,
        }
    )
    rewrite = [nested({key: getattr(step, key) for key in type(step).model_fields}) for step in one.rewrite]
    return given({"extract": one.extract and _remote(one.extract), "find": find, "rewrite": rewrite})


def _target(target: TargetSpec, name: str) -> dict[str, Any]:
    return given(
        {
            "name": target.name or name,
            "creationPolicy": target.creation,
            "deletionPolicy": target.deletion,
            "template": _login(target.registry) if target.registry else target.template and _template(target.template),
        }
    )


def _login(registry: str) -> dict[str, Any]:
    """Template of a Secret that images of `registry` are pulled with."""
    fields = '"username": {{ .username | toJson }}, "password": {{ .password | toJson }}'
    both = '"auth": "{{ printf "%s:%s" .username .password | b64enc }}"'
    text = f'{{"auths": {{"{registry}": {{{fields}, {both}}}}}}}'
    return {"engineVersion": "v2", "mergePolicy": "Replace", "type": DOCKER_TYPE, "data": {DOCKER_CONFIG: text}}


def _template(template: TemplateSpec) -> dict[str, Any]:
    return given(
        {
            "engineVersion": "v2",
            "mergePolicy": template.merge_policy,
            "type": template.type,
            "data": template.data,
            "templateFrom": [_source(one) for one in template.sources],
            "metadata": given({"labels": template.labels, "annotations": template.annotations}),
        }
    )


def _source(one: TemplateSource) -> dict[str, Any]:
    name = one.existing_config_map or one.existing_secret
    kept = "KeysAndValues" if one.keys_and_values else "Values"
    elsewhere = {"name": name, "items": [{"key": key, "templateAs": kept} for key in one.keys]}
    return given(
        {
            "target": one.target,
            "literal": one.literal,
            "configMap": elsewhere if one.existing_config_map else None,
            "secret": elsewhere if one.existing_secret else None,
        }
    )
