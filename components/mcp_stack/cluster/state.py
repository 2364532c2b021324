"""What a cluster has of what a stack needs, as it answers."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote

from ..preview.checks.cluster import dig
from .api import Api, ClusterError, Refused
from .needs import CLASSES, CORE, DEFAULT, Named, Needs, Served

DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


@dataclass(frozen=True, slots=True)
class State:
    """`objects`: those that are there, with their keys where they are Secrets or ConfigMaps."""

    where: str
    minor: int
    served: Mapping[tuple[str, str], tuple[str, ...]]
    """Group and kind -> versions in which the cluster serves it, those that it prefers first."""
    interfaces: frozenset[tuple[str, str]]
    objects: Mapping[Named, frozenset[str]]
    unseen: Mapping[Named, str]
    """What the account may not look at, and what the cluster says to that."""
    classes: Mapping[str, tuple[str, ...]]
    """Names by kind, as far as they were looked for."""


def read_state(api: Api, needs: Needs) -> State:
    """Asks for what is needed and no more. ClusterError where nothing can be had."""
    version = api.get("/version")
    if version is None:
        raise ClusterError(f"{api.where} is no Kubernetes: it has no /version")
    minor = int(re.sub(r"\D.*", "", str(version.get("minor"))) or 0)
    interfaces = {one for one in needs.interfaces if api.get(f"/apis/{one[0]}/{one[1]}") is not None}
    objects: dict[Named, frozenset[str]] = {}
    unseen: dict[Named, str] = {}
    classes: dict[str, tuple[str, ...]] = {}
    for kind in dict.fromkeys(kind for kind, _, _ in needs.objects if kind in CLASSES):
        try:
            found = dict(_classes(api, kind))
        except Refused as error:
            unseen |= {name: str(error) for name in needs.objects if name[0] == kind}
            continue
        classes[kind] = tuple(name for name in found if name != DEFAULT)
        objects |= {(kind, "", name): frozenset() for name in found}
    for name in needs.objects:
        if name[0] not in CLASSES and name[0] in CORE:
            try:
                body = api.get(path_of(*name))
            except Refused as error:
                unseen[name] = str(error)
                continue
            if body is not None:
                objects[name] = _keys(body)
    return State(api.where, minor, _served(api, needs.kinds), frozenset(interfaces), objects, unseen, classes)


def _served(api: Api, kinds: Mapping[Served, Any]) -> dict[tuple[str, str], tuple[str, ...]]:
    """Versions of each kind. A group is asked once, a version of it only where it may hold what is looked for."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for group in dict.fromkeys(group for group, _, _ in kinds):
        body = api.get(f"/apis/{group}")
        versions = [str(one["version"]) for one in cast("list[Mapping[str, Any]]", (body or {}).get("versions", []))]
        held = {version: _kinds(api.get(f"/apis/{group}/{version}")) for version in versions}
        for kind in {kind for of, _, kind in kinds if of == group}:
            found[group, kind] = tuple(version for version in versions if kind in held[version])
    return found


def _kinds(body: Mapping[str, Any] | None) -> set[str]:
    return {str(one["kind"]) for one in cast("list[Mapping[str, Any]]", (body or {}).get("resources", []))}


def _classes(api: Api, kind: str) -> Iterator[tuple[str, None]]:
    """Names of a kind; the default one under an empty name, too."""
    group, version, plural = CORE[kind]
    for one in api.items(f"/apis/{group}/{version}/{plural}"):
        yield str(dig(one, "metadata", "name")), None
        if kind == "StorageClass" and dig(one, "metadata", "annotations", DEFAULT_CLASS) == "true":
            yield DEFAULT, None


def path_of(kind: str, namespace: str, name: str) -> str:
    """Where an object is read."""
    group, version, plural = CORE[kind]
    root = f"/apis/{group}/{version}" if group else f"/api/{version}"
    return f"{root}{f'/namespaces/{quote(namespace)}' if namespace else ''}/{plural}/{quote(name)}"


def _keys(body: Mapping[str, Any]) -> frozenset[str]:
    """Keys alone: values of Secrets are forgotten here."""
    return frozenset(key for field in ("data", "binaryData") for key in cast("Mapping[str, Any]", body.get(field) or {}))
