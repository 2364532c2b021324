"""Volumes that are there already: what an update would do to them, told before it begins.

Nothing in a StatefulSet's `volumeClaimTemplates` can be changed. Pulumi makes it anew under the name that it has, and its pods
take up the claims of before, as they are: another size or class would be said and not be had. And where claims go with their
StatefulSet, that is the end of the data. A claim that is an object of the stack grows with its size; nothing else of it changes
in place, either.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from ..preview.checks import Finding
from ..preview.checks.cluster import dig, items, mapping
from ..preview.rendered import KubeObject
from ..spec.quantity import amount
from .api import Api, Refused
from .needs import Plain
from .state import path_of

CHECK = "cluster"

CLAIM = "PersistentVolumeClaim"

RETENTION = "persistentVolumeClaimRetentionPolicy"

ELSEWHERE = "copy the data to a volume of another name"


def volume_findings(objects: Sequence[KubeObject], api: Api) -> Iterator[Finding]:
    """What does not go together between the claims that `objects` want and those that the cluster has."""
    for item in objects:
        try:
            if item.kind == "StatefulSet":
                yield from _of_pods(item, api)
            elif item.kind == CLAIM:
                yield from _of_stack(item, api)
        except Refused as error:
            fault = f"may not be looked at, so nobody knows what becomes of its volumes: {error}"
            yield Finding(CHECK, item.title, "", fault, "warning")


def _of_pods(item: KubeObject, api: Api) -> Iterator[Finding]:
    templates = items(item.plain, "spec", "volumeClaimTemplates")
    if not templates:
        return
    live = api.get(path_of("StatefulSet", item.namespace, item.name))
    anew = live is None or _said(items(live, "spec", "volumeClaimTemplates")) != _said(templates)
    if live is not None and anew and dig(live, "spec", RETENTION, "whenDeleted") == "Delete":
        fault = (
            "a change of `claims` makes it anew, and its volumes and all data go with the old one (`when_deleted: Delete`); bring "
            "`when_deleted: Retain` up by itself first, or remove the server if the data are to go"
        )
        yield Finding(CHECK, item.title, "spec.volumeClaimTemplates", fault)
    for template in templates:
        for replica in range(int(dig(item.plain, "spec", "replicas") or 1)):
            name = f"{dig(template, 'metadata', 'name')}-{item.name}-{replica}"
            claim = api.get(path_of(CLAIM, item.namespace, name))
            for fault in _of_pod(mapping(template, "spec"), claim, api, anew=anew) if claim else ():
                severity = "error" if anew else "warning"
                yield Finding(CHECK, f"{CLAIM} {item.namespace}/{name}", "", f"{fault} (used by {item.title})", severity)


def _of_pod(wanted: Plain, claim: Plain, api: Api, *, anew: bool) -> Iterator[str]:
    """A volume may be larger than its StatefulSet says, for as long as that stays as it is: others let volumes grow, too."""
    has = mapping(claim, "spec")
    yield from _kept(wanted, has)
    if _bytes(wanted) > _bytes(has):
        name, namespace = dig(claim, "metadata", "name"), dig(claim, "metadata", "namespace")
        patch = f'{{"spec":{{"resources":{{"requests":{{"storage":"{_size(wanted)}"}}}}}}}}'
        how = f"let it grow first: kubectl patch pvc {name} -n {namespace} -p '{patch}'"
        fault = f"has {_size(has)}, the stack says {_size(wanted)}, and a StatefulSet leaves volumes that are there as they are"
        yield f"{fault}; {_fixed(has, api) or how}"
    elif anew and _bytes(wanted) < _bytes(has):
        yield _shrinks(wanted, has)


def _of_stack(item: KubeObject, api: Api) -> Iterator[Finding]:
    claim = api.get(path_of(CLAIM, item.namespace, item.name))
    if claim is None:
        return
    wanted, has = mapping(item.plain, "spec"), mapping(claim, "spec")
    faults = [f"{fault}, because to make it anew deletes what is in it" for fault in _kept(wanted, has)]
    if _bytes(wanted) > _bytes(has) and (fixed := _fixed(has, api)):
        faults.append(f"has {_size(has)}, and the stack says {_size(wanted)}; {fixed}")
    if _bytes(wanted) < _bytes(has):
        faults.append(_shrinks(wanted, has))
    yield from (Finding(CHECK, item.title, "", fault) for fault in faults)


def _kept(wanted: Plain, has: Plain) -> Iterator[str]:
    """What a claim keeps for as long as it is there. A class that nobody names is whichever was the cluster's default."""
    classes = dig(wanted, "storageClassName"), dig(has, "storageClassName")
    modes = ", ".join(map(str, items(wanted, "accessModes"))), ", ".join(map(str, items(has, "accessModes")))
    for what, (asked, told) in (("class", classes), ("access mode", modes)):
        if asked and told and asked != told:
            yield f"has the {what} {told} for good, and the stack says {asked}; keep it, or {ELSEWHERE}"


def _fixed(has: Plain, api: Api) -> str | None:
    """Why a volume cannot grow, where it cannot."""
    name = dig(has, "storageClassName")
    found = api.get(path_of("StorageClass", "", str(name))) if name else None
    if found is None or found.get("allowVolumeExpansion") is True:
        return None
    return f"its class {name} lets no volume grow (`allowVolumeExpansion`); {ELSEWHERE}"


def _shrinks(wanted: Plain, has: Plain) -> str:
    return f"has {_size(has)}, and no volume shrinks to {_size(wanted)}; say {_size(has)}, or {ELSEWHERE}"


def _size(claim: Plain) -> str:
    return str(dig(claim, "resources", "requests", "storage"))


def _bytes(claim: Plain) -> Decimal:
    """The cluster knows sizes with an exponent (`1e9`), too, which no stack file says."""
    try:
        return amount(_size(claim))
    except ValueError:
        return Decimal(_size(claim))


def _said(templates: Sequence[Any]) -> list[Any]:
    """Of templates what a stack file says; the API server fills in the rest, a class of its own not among it."""
    keys = ("accessModes", "storageClassName")
    return [
        (dig(one, "metadata", "name"), _bytes(mapping(one, "spec")), *(dig(one, "spec", key) for key in keys)) for one in templates
    ]
