"""A comparison as JSON, for other tools. Secrets are redacted here, too."""

import json
from typing import Any

from .compare import Comparison, ItemChange
from .text import notes
from .tree import ABSENT, Change


def json_report(comparison: Comparison, base: str, head: str) -> str:
    """One document; keys and order are stable."""
    actions = ("create", "change", "replace", "delete")
    document = {
        "stack": comparison.stack,
        "base": base,
        "head": head,
        "summary": {**{action: comparison.count(action) for action in actions}, "unchanged": comparison.unchanged},
        "changes": [_item(item) for item in comparison.items],
        "outputs": [_change(change) for change in comparison.outputs],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _item(item: ItemChange) -> dict[str, Any]:
    return {
        "action": item.action,
        "apiVersion": item.item.api_version,
        "kind": item.item.kind,
        "namespace": item.item.namespace or None,
        "name": item.item.name,
        "formerName": item.former.name if item.former else None,
        "urn": item.item.urn,
        "replaces": list(item.replaces),
        "notes": notes(item),
        "changes": [_change(change) for change in item.changes],
    }


def _change(change: Change) -> dict[str, Any]:
    sides = {name: side for name, side in (("old", change.old), ("new", change.new)) if side is not ABSENT}
    return {"path": change.path, **sides, "secret": change.secret}
