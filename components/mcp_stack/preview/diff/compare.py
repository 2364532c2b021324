"""Two evaluations of one stack, object by object."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

from ..rendered import KubeObject, Rendered, is_object, ordered
from ..resources import Resource
from ..values import Secret
from .replacement import replacing
from .tree import ABSENT, Change, changes

Action = Literal["create", "change", "replace", "delete"]

_POD_TEMPLATE = "spec.template."
_CHECKSUM = "checksum"


@dataclass(frozen=True, slots=True)
class ItemChange:
    """One object that would not stay as it is."""

    action: Action
    item: KubeObject
    """As it would be; as it was, where it is deleted."""
    changes: tuple[Change, ...] = ()
    replaces: tuple[str, ...] = ()
    """Paths that cannot be changed in place."""
    former: KubeObject | None = None
    """As it was, where it has another name now."""
    notes: tuple[str, ...] = ()
    """What follows from the change."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that differs between two evaluations of a stack."""

    stack: str
    items: tuple[ItemChange, ...]
    outputs: tuple[Change, ...]
    unchanged: int

    @property
    def empty(self) -> bool:
        """Whether nothing differs."""
        return not self.items and not self.outputs

    def count(self, action: Action) -> int:
        """Number of objects with `action`."""
        return sum(item.action == action for item in self.items)


def compare(base: Rendered | None, head: Rendered | None) -> Comparison:
    """What would change from `base` (None: there was nothing) to `head` (None: nothing is left), in `head`'s order, deletions last.

    Objects are paired by URN and alias, as Pulumi pairs them; what only kept its place in the cluster is paired by kind and name.
    """
    old, new = _items(base), _items(head)
    renames = _renamed_maps(old, new)
    pairs = _pairs(old, new)
    found: list[ItemChange] = []
    for after in new:
        before = pairs.get(id(after))
        change = ItemChange("create", after) if before is None else _changed(before, after, renames)
        if change is not None:
            found.append(change)
    kept = {id(before) for before in pairs.values()}
    found += [ItemChange("delete", item, notes=_losses(item)) for item in old if id(item) not in kept]
    outputs = tuple(changes(base.outputs if base else {}, head.outputs if head else {}))
    touched = sum(change.action != "delete" for change in found)
    stack = next((one.stack for one in (head, base) if one), "")
    return Comparison(stack, tuple(found), outputs, len(new) - touched)


def _items(rendered: Rendered | None) -> list[KubeObject]:
    """Objects, and whatever else a plugin would make: providers, charts."""
    if rendered is None:
        return []
    others = [
        KubeObject(
            ordered({"kind": resource.type, "metadata": {"name": resource.name}, "inputs": resource.inputs}),
            resource.urn,
            resource.aliases,
        )
        for resource in rendered.resources
        if (resource.custom or resource.remote) and not resource.read and not is_object(resource)
    ]
    options = {resource.urn: _options(resource) for resource in rendered.resources}
    return [
        replace(
            item, manifest={**item.manifest, **({"options": options[item.urn]} if options[item.urn] else {}), **_as_secret(item)}
        )
        for item in [*rendered.objects, *others]
    ]


def _options(resource: Resource) -> dict[str, Any]:
    """Options whose change a reviewer has to see; dependencies only order the work."""
    return {name: value for name, value in resource.options.items() if name not in ("dependencies", "hideDiffs") and value}


def _as_secret(item: KubeObject) -> dict[str, Any]:
    """A Secret's values, marked as such even where the program did not."""
    if item.kind != "Secret" or item.group:
        return {}
    marked: dict[str, Any] = {}
    for field in ("data", "stringData"):
        values = item.manifest.get(field)
        if isinstance(values, Mapping):
            pairs = cast("Mapping[str, Any]", values).items()
            marked[field] = {key: value if isinstance(value, Secret) else Secret(value) for key, value in pairs}
    return marked


def _pairs(old: list[KubeObject], new: list[KubeObject]) -> dict[int, KubeObject]:
    """Former object by the `id` of the object that takes its place."""
    free = {item.urn: item for item in old}
    pairs: dict[int, KubeObject] = {}
    for item in new:
        if item.urn in free:
            pairs[id(item)] = free.pop(item.urn)
    for item in new:
        urn = next((urn for urn in item.aliases if urn in free), None)
        if urn is not None and id(item) not in pairs:
            pairs[id(item)] = free.pop(urn)
    by_identity = {item.identity: item for item in free.values()}
    for item in new:
        if id(item) not in pairs and item.identity in by_identity:
            pairs[id(item)] = by_identity.pop(item.identity)
    return pairs


def _renamed_maps(old: list[KubeObject], new: list[KubeObject]) -> dict[tuple[str, str], KubeObject]:
    """ConfigMaps and Secrets that carry a digest of their content in their name and got another, by old and new name."""
    after = {item.urn: item for item in new if item.base_name != item.name}
    return {
        (item.name, after[item.urn].name): after[item.urn]
        for item in old
        if item.urn in after and item.name != after[item.urn].name
    }


def _changed(before: KubeObject, after: KubeObject, renames: Mapping[tuple[str, str], KubeObject]) -> ItemChange | None:
    everything = tuple(changes(before.manifest, after.manifest))
    moved = before.urn != after.urn and before.urn not in after.aliases
    if not everything and not moved:
        return None
    replaces = replacing(before, after, everything)
    notes: list[str] = []
    hashed = (before.name, after.name) in renames
    shown = tuple(change for change in everything if not (hashed and change.path == "metadata.name"))
    if hashed:
        notes.append(f"new content under a new name: created beside the old one, pods move over, then {before.name} is deleted")
        replaces = tuple(path for path in replaces if path == "metadata.namespace")
    elif replaces and after.kind in ("ConfigMap", "Secret"):
        notes.append("deleted before it is created anew, and with it whatever depends on it")
    if moved:
        notes.append(f"its place in the program changed ({before.urn} before): Pulumi creates it again; add an alias to keep it")
    followed = [renames[pair] for change in shown if (pair := _pair(change)) is not None and pair in renames]
    shown = tuple(change for change in shown if _pair(change) not in renames)
    if any(change.path.startswith(_POD_TEMPLATE) for change in everything):
        reasons = [f"{item.kind} {item.base_name} has new content" for item in dict.fromkeys(followed)]
        reasons += ["a secret changed"] if any(change.secret or _CHECKSUM in change.path for change in shown) else []
        notes.append("rolls out new pods" + (f": {', '.join(reasons)}" if reasons else ""))
    action: Action = "replace" if replaces or moved or hashed else "change"
    return ItemChange(action, after, shown, replaces, before if before.name != after.name else None, tuple(notes))


def _pair(change: Change) -> tuple[str, str] | None:
    """Old and new text of a change, to be looked up among renames."""
    if change.old is ABSENT or change.new is ABSENT or not isinstance(change.old, str) or not isinstance(change.new, str):
        return None
    return change.old, change.new


def _losses(item: KubeObject) -> tuple[str, ...]:
    if item.kind == "Namespace":
        return ("everything in it is deleted, too",)
    if item.kind in ("PersistentVolumeClaim", "StatefulSet"):
        return ("check what becomes of its data",)
    return ()
