"""What a client that listens is told of one change."""

from msgspec import Raw

from ..upstream.bridging import UPDATED
from ..upstream.listening import KINDS
from ..wire import envelope
from ..wire.envelope import Members, raw


def is_change(kind: str) -> bool:
    """Whether `kind` is one that a client is told of: a kind of list, or UPDATED and the URI of a resource."""
    return kind in KINDS or kind.startswith(UPDATED)


def change(kind: str, meta: Raw | None = None) -> bytes:
    """The notification of a change."""
    extra: Members = {} if meta is None else {"_meta": meta}
    if kind.startswith(UPDATED):
        return envelope.notification("notifications/resources/updated", {"uri": raw(kind.removeprefix(UPDATED)), **extra})
    return envelope.notification(f"notifications/{kind}/list_changed", extra or None)
