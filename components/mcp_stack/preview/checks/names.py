"""Names and labels that the API server takes, and that fit into what is derived from them."""

import re
from collections.abc import Iterator

from ..rendered import KubeObject
from ..values import told_later
from .cluster import Cluster, Pods, items, mapping
from .finding import Finding, error

CHECK = "names"

MAX_LABEL = 63
"""Characters of a DNS label and of a label's value (RFC 1123)."""

MAX_NAME = {"StatefulSet": 52}
"""With ten characters of a hash and a dash, the name becomes a label of its pods (kubernetes/kubernetes#64023)."""

_LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*")
_SERVICE = re.compile(r"[a-z](?:[-a-z0-9]*[a-z0-9])?")
_VALUE = re.compile(r"(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?")
_KEY_NAME = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?")
_PORT = re.compile(r"[a-z0-9](?:-?[a-z0-9])*")

_PATTERNS = {
    "Service": (_SERVICE, "a lower-case letter, then letters, digits and dashes"),
    "Namespace": (_LABEL, "lower-case letters, digits and dashes"),
}
_FREE = frozenset({"Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "CustomResourceDefinition", "APIService"})
"""Kinds whose names follow other rules."""


def names(cluster: Cluster) -> Iterator[Finding]:
    """Names too long or malformed, labels likewise, objects that are there twice."""
    seen: dict[tuple[str, str, str, str], KubeObject] = {}
    for item in cluster.objects:
        other = item if told_later(f"{item.namespace} {item.name}") else seen.setdefault(item.identity, item)
        if other is not item:
            yield error(
                CHECK, item, "metadata.name", f"is there twice ({other.urn or 'once before'} and {item.urn or 'here'}); rename one"
            )
        yield from _name(item)
        yield from _labels(item, "metadata", mapping(item.plain, "metadata"))
    for pods in cluster.pods:
        path = pods.path.removesuffix("spec") + "metadata"
        if pods.owner.kind != "Pod":
            yield from _labels(pods.owner, path, {"labels": pods.labels, "annotations": pods.annotations})
        yield from _inside(pods)


def _name(item: KubeObject) -> Iterator[Finding]:
    if item.kind in _FREE or told_later(item.name):
        return
    pattern, rule = _PATTERNS.get(item.kind, (_SUBDOMAIN, "lower-case letters, digits, dashes and dots"))
    if not item.name:
        yield error(CHECK, item, "metadata.name", "missing: Pulumi would make one up at every replacement; name it")
    elif not pattern.fullmatch(item.name):
        yield error(CHECK, item, "metadata.name", f"{item.name!r} is no valid name: {rule}, no dash or dot at an end")
    elif len(item.name) > (most := MAX_NAME.get(item.kind, MAX_LABEL)):
        yield error(
            CHECK,
            item,
            "metadata.name",
            f"{len(item.name)} characters; at most {most} fit into labels and host names made of it",
        )


def _labels(item: KubeObject, path: str, metadata: object) -> Iterator[Finding]:
    for key, value in mapping(metadata, "labels").items():
        where = f'{path}.labels["{key}"]'
        if not _valid_key(key):
            yield error(
                CHECK,
                item,
                where,
                "is no valid label key: an optional DNS prefix and `/`, then at most 63 letters, digits, `-`, `_` and `.`",
            )
        if not isinstance(value, str) or len(value) > MAX_LABEL or not _VALUE.fullmatch(value):
            yield error(
                CHECK, item, where, f"{value!r} is no valid label value: at most {MAX_LABEL} letters, digits, `-`, `_` and `.`"
            )
    for key, value in mapping(metadata, "annotations").items():
        if not _valid_key(key):
            yield error(
                CHECK,
                item,
                f'{path}.annotations["{key}"]',
                "is no valid annotation key: an optional DNS prefix and `/`, then at most 63 characters",
            )
        if not isinstance(value, str):
            yield error(CHECK, item, f'{path}.annotations["{key}"]', f"{value!r} is no text; put it in quotes")


def _valid_key(key: str) -> bool:
    prefix, slash, name = key.rpartition("/")
    return (
        len(name) <= MAX_LABEL
        and _KEY_NAME.fullmatch(name) is not None
        and (not slash or (len(prefix) <= 253 and _SUBDOMAIN.fullmatch(prefix) is not None))
    )


def _inside(pods: Pods) -> Iterator[Finding]:
    """Names within a pod: containers, volumes, ports."""
    seen: set[str] = set()
    for container in pods.containers:
        if len(container.name) > MAX_LABEL or not _LABEL.fullmatch(container.name):
            yield error(
                CHECK,
                pods.owner,
                f"{container.path}.name",
                f"{container.name!r} is no valid name: at most {MAX_LABEL} lower-case letters, digits and dashes",
            )
        if container.name in seen:
            yield error(CHECK, pods.owner, f"{container.path}.name", "is taken by another container of the pod; choose another")
        seen.add(container.name)
        for port in items(container.spec, "ports"):
            name = port.get("name")
            if name is not None and (len(name) > 15 or not _PORT.fullmatch(name) or not re.search("[a-z]", name)):
                yield error(
                    CHECK,
                    pods.owner,
                    f"{container.path}.ports[{name}]",
                    f"{name!r} is no port name: at most 15 lower-case letters, digits and single dashes, one letter among them",
                )
        variables: set[str] = set()
        for variable in items(container.spec, "env"):
            if variable.get("name") in variables:
                yield error(
                    CHECK, pods.owner, f"{container.path}.env[{variable.get('name')}]", "is set twice, the last one wins; keep one"
                )
            variables.add(variable.get("name"))
    for name in pods.volumes:
        if len(name) > MAX_LABEL or not _LABEL.fullmatch(name):
            yield error(
                CHECK,
                pods.owner,
                f"{pods.path}.volumes[{name}]",
                f"{name!r} is no valid name: at most {MAX_LABEL} lower-case letters, digits and dashes",
            )
