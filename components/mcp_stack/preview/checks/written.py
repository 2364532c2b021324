"""Secrets that controllers write: which object makes which Secret, and with which keys."""

from collections.abc import Iterator

from ..rendered import KubeObject
from .cluster import Cluster, dig, items, mapping

WRITERS = ("ExternalSecret", "InfisicalStaticSecret", "Certificate")


def written_keys(cluster: Cluster, namespace: str, name: str) -> set[str] | None:
    """Keys that controllers put into a Secret; empty where only they know them, None where nothing writes it."""
    found = [item for item in cluster.of(*WRITERS) if (namespace, name) in targets(item)]
    if not found:
        return None
    keys = [_keys(item) for item in found]
    return set[str]() if any(not one for one in keys) else set[str]().union(*keys)


def targets(item: KubeObject) -> Iterator[tuple[str, str]]:
    """Namespace and name of every Secret that a controller makes of `item`."""
    spec = mapping(item.plain, "spec")
    if item.kind == "ExternalSecret":
        yield item.namespace, str(dig(spec, "target", "name") or item.name)
    elif item.kind == "Certificate":
        yield item.namespace, str(spec.get("secretName"))
    else:
        for target in items(spec, "targets"):
            if dig(target, "kind") == "Secret":
                yield str(dig(target, "namespace")), str(dig(target, "name"))


def _keys(item: KubeObject) -> set[str]:
    spec = mapping(item.plain, "spec")
    if item.kind == "Certificate":
        return {"tls.crt", "tls.key", "ca.crt"}
    if item.kind == "InfisicalStaticSecret":
        return {key for target in items(spec, "targets") for key in mapping(target, "template", "data")}
    template = mapping(spec, "target", "template")
    made = set(mapping(template, "data"))
    sources = [one for one in items(template, "templateFrom") if dig(one, "target") in (None, "Data")]
    replaced = bool(made or sources) and template.get("mergePolicy") != "Merge"
    completes = dig(spec, "target", "creationPolicy") in ("Merge", "CreateOrMerge")
    if sources or completes or (items(spec, "dataFrom") and not replaced):
        return set()
    return made | (set() if replaced else {str(one.get("secretKey")) for one in items(spec, "data")})
