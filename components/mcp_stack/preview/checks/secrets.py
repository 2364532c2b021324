"""Secrets from stores: what asks, what is asked, and what it logs in with, in any program's objects.

External Secrets' webhook says some of it only when the object is applied, the rest shows only as a sync that never succeeds
(external-secrets.io/v1, `externalsecret_validator.go`).
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from ..rendered import KubeObject
from .cluster import Cluster, dig, items, mapping
from .finding import MISSING, Finding, error
from .references import provided_keys
from .written import WRITERS, targets

CHECK = "secrets"

STORES = ("SecretStore", "ClusterSecretStore")

SERVED = "external-secrets.io/v1"


def secrets(cluster: Cluster) -> Iterator[Finding]:
    """Stores that are not there, versions that are not served, credentials out of reach, rules of the webhook, two owners."""
    for item in cluster.of(*STORES, "ExternalSecret"):
        if item.group == SERVED.partition("/")[0] and item.api_version != SERVED:
            yield error(CHECK, item, "apiVersion", f"{item.api_version} is not served any more; write {SERVED}")
    for item in cluster.of(*STORES):
        yield from _references(cluster, item, mapping(item.plain, "spec", "provider"), "spec.provider")
    for item in cluster.of("ExternalSecret"):
        yield from _store(cluster, item, mapping(item.plain, "spec", "secretStoreRef"), "spec.secretStoreRef")
        yield from _generators(cluster, item)
        yield from _webhook(item)
    for item in cluster.of("PushSecret"):
        for index, reference in enumerate(items(item.plain, "spec", "secretStoreRefs")):
            yield from _store(cluster, item, mapping(reference), f"spec.secretStoreRefs[{index}]")
        yield from _pushed(cluster, item)
    for item in cluster.of("InfisicalStaticSecret"):
        yield from _named(cluster, item, "InfisicalAuth", "infisicalAuthRef")
    for item in cluster.of("InfisicalAuth"):
        yield from _named(cluster, item, "InfisicalConnection", "infisicalConnectionRef")
    yield from _owners(cluster)


def _generators(cluster: Cluster, item: KubeObject) -> Iterator[Finding]:
    for index, one in enumerate(items(item.plain, "spec", "dataFrom")):
        reference = mapping(one, "sourceRef", "generatorRef")
        kind, name = str(reference.get("kind")), str(reference.get("name"))
        if reference and not cluster.exists(kind, "" if kind == "ClusterGenerator" else item.namespace, name):
            path = f"spec.dataFrom[{index}].sourceRef.generatorRef"
            yield error(CHECK, item, path, f"{kind} {item.namespace}/{name} {MISSING}")


def _pushed(cluster: Cluster, item: KubeObject) -> Iterator[Finding]:
    """The Secret whose values are written, and its keys."""
    name = dig(item.plain, "spec", "selector", "secret", "name")
    if not isinstance(name, str):
        return
    keys = provided_keys(cluster, "Secret", item.namespace, name)
    if keys is None:
        yield error(CHECK, item, "spec.selector.secret", f"Secret {item.namespace}/{name} {MISSING}")
    for index, one in enumerate(items(item.plain, "spec", "data") if keys else []):
        key = dig(one, "match", "secretKey")
        if key is not None and key not in (keys or set[str]()):
            path = f"spec.data[{index}].match.secretKey"
            yield error(CHECK, item, path, f"Secret {name} has no key {key!r}; it has: {', '.join(sorted(keys or ()))}")


def _store(cluster: Cluster, item: KubeObject, reference: Mapping[str, Any], path: str) -> Iterator[Finding]:
    kind, name = str(reference.get("kind", STORES[0])), reference.get("name")
    namespace = item.namespace if kind == STORES[0] else ""
    if name is not None and not cluster.exists(kind, namespace, str(name)):
        title = f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"
        yield error(CHECK, item, path, f"{title} {MISSING}")


def _named(cluster: Cluster, item: KubeObject, kind: str, field: str) -> Iterator[Finding]:
    reference = mapping(item.plain, "spec", field)
    namespace, name = str(reference.get("namespace")), str(reference.get("name"))
    if not cluster.exists(kind, namespace, name):
        yield error(CHECK, item, f"spec.{field}", f"{kind} {namespace}/{name} {MISSING}")


def _references(cluster: Cluster, store: KubeObject, value: Any, path: str) -> Iterator[Finding]:
    """Credentials, accounts and certificates: everything in a provider that has a `name`."""
    if not isinstance(value, Mapping):
        return
    fields = cast("Mapping[str, Any]", value)
    if isinstance(fields.get("name"), str):
        yield from _reference(cluster, store, fields, path)
        return
    for key, inner in fields.items():
        yield from _references(cluster, store, inner, f"{path}.{key}")


def _reference(cluster: Cluster, store: KubeObject, fields: Mapping[str, Any], path: str) -> Iterator[Finding]:
    namespace, name = fields.get("namespace"), fields["name"]
    if store.kind == STORES[0] and namespace not in (None, store.namespace):
        yield error(CHECK, store, path, f"a SecretStore reads its own namespace alone, not {namespace!r}; use a ClusterSecretStore")
        return
    if store.kind == STORES[1] and namespace is None:
        yield error(CHECK, store, path, "names no namespace, and a ClusterSecretStore lies in none; name it")
        return
    where, kind = str(namespace or store.namespace), str(fields.get("type", "Secret"))
    if "key" not in fields:
        return
    keys = provided_keys(cluster, kind, where, str(name))
    if keys is None:
        yield error(CHECK, store, path, f"{kind} {where}/{name} {MISSING}")
    elif keys and fields["key"] not in keys:
        yield error(CHECK, store, path, f"{kind} {name} has no key {fields['key']!r}; it has: {', '.join(sorted(keys))}")


def _webhook(item: KubeObject) -> Iterator[Finding]:
    spec = mapping(item.plain, "spec")
    data, data_from = items(spec, "data"), items(spec, "dataFrom")
    if not data and not data_from:
        yield error(CHECK, item, "spec", "neither data nor dataFrom: nothing is read; name one of them")
    for index, one in enumerate(data_from):
        ways = [way for way in ("extract", "find") if dig(one, way) is not None]
        ways += ["sourceRef.generatorRef"] if dig(one, "sourceRef", "generatorRef") is not None else []
        if len(ways) != 1:
            given = " and ".join(ways) or "none"
            yield error(
                CHECK, item, f"spec.dataFrom[{index}]", f"needs exactly one of extract, find and a generator; {given} given"
            )
    creation, deletion = dig(spec, "target", "creationPolicy"), dig(spec, "target", "deletionPolicy")
    if (deletion, creation) in REFUSED_PAIRS:
        what = f"deletionPolicy {deletion} is refused beside creationPolicy {creation}, which does not own the Secret"
        yield error(CHECK, item, "spec.target.deletionPolicy", f"{what}; use creationPolicy Owner, or Retain")


REFUSED_PAIRS = {*(("Delete", creation) for creation in ("Merge", "CreateOrMerge", "None")), ("Merge", "None")}


def _owners(cluster: Cluster) -> Iterator[Finding]:
    """A Secret that two controllers own flips between them."""
    first: dict[tuple[str, str], KubeObject] = {}
    for item in cluster.of(*WRITERS):
        if dig(item.plain, "spec", "target", "creationPolicy") in ("Merge", "CreateOrMerge", "None"):
            continue
        for target in targets(item):
            other = first.setdefault(target, item)
            if other is not item:
                name = "/".join(target)
                yield error(CHECK, item, "spec", f"{other.title} writes Secret {name}, too; give one of them another target")
