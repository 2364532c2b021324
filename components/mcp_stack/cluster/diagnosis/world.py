"""The objects of a stack as the API server holds them, and what has happened to them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ...preview.checks.cluster import dig, items, mapping
from .found import one_line

Live = Mapping[str, Any]
"""An object as the API gives it."""


class World:
    """Objects by kind, events by the object that they are about."""

    def __init__(self, objects: Iterable[Live], events: Iterable[Live] = (), absent: Iterable[str] = ()) -> None:
        self.objects = tuple(objects)
        self.absent = frozenset(absent)
        """Secrets with certificates that Ingresses name, and that are not there."""
        self._events: dict[tuple[str, str], list[Live]] = {}
        for event in sorted(events, key=_when):
            about = mapping(event, "involvedObject")
            self._events.setdefault((str(about.get("kind")), str(about.get("name"))), []).append(event)

    def of(self, kind: str) -> Iterator[Live]:
        """Objects of a kind that nobody is deleting."""
        return (one for one in self.objects if one.get("kind") == kind and dig(one, "metadata", "deletionTimestamp") is None)

    def warnings(self, one: Live, *reasons: str) -> list[str]:
        """What warnings about `one` say, newest first; of these reasons alone where some are given."""
        events = self._events.get((str(one.get("kind")), name_of(one)), [])
        found = [event for event in reversed(events) if event.get("type") == "Warning"]
        return [one_line(event.get("message")) for event in found if not reasons or event.get("reason") in reasons]

    def owned(self, kind: str, owner: Live) -> list[Live]:
        """Objects of `kind` that `owner` made."""
        uid = dig(owner, "metadata", "uid")
        return [one for one in self.of(kind) if any(dig(ref, "uid") == uid for ref in items(one, "metadata", "ownerReferences"))]


def name_of(one: Live) -> str:
    """Name of an object."""
    return str(dig(one, "metadata", "name"))


def title_of(one: Live) -> str:
    """`Pod mcp-staging/staging-github-5d9c`."""
    namespace = dig(one, "metadata", "namespace")
    return f"{one.get('kind')} {namespace}/{name_of(one)}" if namespace else f"{one.get('kind')} {name_of(one)}"


def conditions(one: Any) -> dict[str, Live]:
    """Conditions of a status by type."""
    return {str(dig(found, "type")): found for found in items(one, "conditions")}


def label_of(condition: Live) -> str:
    """`Ready=False (SecretSyncedError)`."""
    reason = condition.get("reason")
    return f"{condition.get('type')}={condition.get('status')}" + (f" ({reason})" if reason else "")


def _when(event: Live) -> str:
    """Time of an event; the API has three places for it (kubernetes.io, Event v1)."""
    return str(event.get("lastTimestamp") or event.get("eventTime") or dig(event, "metadata", "creationTimestamp") or "")
