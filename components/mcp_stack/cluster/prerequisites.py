"""What a cluster lacks of what a stack needs: everything at once, each with what uses it and what brings it."""

from collections.abc import Iterable, Iterator

from ..preview.checks import Finding
from .needs import CLASSES, DEFAULT, Named, Needs, Use
from .origins import origin_of
from .state import State

CHECK = "cluster"

SHOWN = 2
"""Users that are named; of more, only the number is told."""

REFUSED = frozenset({"Namespace"})
"""Kinds without which the API refuses an object of the stack. Others may come later: pods and routes wait for them."""

_LISTED_CLASSES = 6


def missing(needs: Needs, state: State) -> list[Finding]:
    """One finding for each thing: an error where the API would refuse an object, a warning where something would wait."""
    return [*_kinds(needs, state), *_features(needs, state), *_interfaces(needs, state), *_objects(needs, state)]


def _kinds(needs: Needs, state: State) -> Iterator[Finding]:
    for (group, version, kind), users in needs.kinds.items():
        served = state.served.get((group, kind), ())
        if version in served:
            continue
        if served:
            fault = f"the cluster has it in {', '.join(served)} alone; bring what defines it up to date: {origin_of(group)}"
        else:
            fault = f"the cluster does not know this kind; {origin_of(group)}"
        yield Finding(CHECK, f"{kind} {group}/{version}", "", f"{fault}{_used(users)}")


def _features(needs: Needs, state: State) -> Iterator[Finding]:
    for feature, users in needs.features.items():
        if state.minor < feature.minor:
            fault = f"needs Kubernetes 1.{feature.minor}, and the cluster has 1.{state.minor}; upgrade it"
            yield Finding(CHECK, feature.name, "", f"{fault}{_used(users)}")


def _interfaces(needs: Needs, state: State) -> Iterator[Finding]:
    for one, users in needs.interfaces.items():
        if one not in state.interfaces:
            fault = f"nothing in the cluster serves these metrics, so nothing scales; {origin_of(one[0])}"
            yield Finding(CHECK, "/".join(one), "", f"{fault}{_used(users)}", "warning")


def _objects(needs: Needs, state: State) -> Iterator[Finding]:
    for name, use in needs.objects.items():
        kind = name[0]
        if name in state.unseen:
            reason = f"may not be looked at, so nobody knows whether it is there: {state.unseen[name]}"
            yield Finding(CHECK, _title(name), "", f"{reason}{_used(use.users)}", "warning")
        elif name not in state.objects:
            severity = "error" if kind in REFUSED else "warning"
            yield Finding(CHECK, _title(name), "", f"{_absent(name, use, state)}{_used(use.users)}", severity)
        elif lost := [key for key in use.keys if key not in state.objects[name]]:
            has = ", ".join(sorted(state.objects[name])) or "no keys"
            fault = f"has no key {', '.join(map(repr, lost))}; it has {has}; add what is missing"
            yield Finding(CHECK, _title(name), "", f"{fault}{_used(use.users)}", "warning")


def _absent(name: Named, use: Use, state: State) -> str:
    kind = name[0]
    if kind in CLASSES:
        known = state.classes.get(kind, ())
        names = f"{', '.join(known[:_LISTED_CLASSES])}{', …' if len(known) > _LISTED_CLASSES else ''}" or "none"
        fault = "the cluster has no default one" if name[2] == DEFAULT else "is not in the cluster"
        return f"{fault}; create it, or name one that is there: {names}"
    keys = f" with {', '.join(map(repr, use.keys))}" if use.keys else ""
    return f"is not in the cluster; create it{keys}"


def _title(name: Named) -> str:
    kind, namespace, own = name
    if own == DEFAULT:
        return kind
    return f"{kind} {namespace}/{own}" if namespace else f"{kind} {own}"


def _used(users: Iterable[str]) -> str:
    every = list(users)
    if not every:
        return ""
    more = len(every) - SHOWN
    return f" (used by {', '.join(every[:SHOWN])}{f' and {more} more' if more > 0 else ''})"
