"""Whether the API server holds what was rendered: our fields by its own account, and no other."""

from collections.abc import Mapping
from typing import Any

from tests.e2e.managed import differences, extract, fields_of
from tests.e2e.provider import MANAGER, to_apply


def disagreements(rendered: Mapping[str, Any], live: Mapping[str, Any] | None) -> list[str]:
    """Where the two say different things about one object."""
    if live is None:
        return ["the API server has none"]
    fields = fields_of(live, MANAGER)
    if not fields:
        return [f"nothing in it belongs to {MANAGER}"]
    ours = to_apply(rendered)
    ours["metadata"] = {key: value for key, value in ours["metadata"].items() if key not in ("name", "namespace")}
    del ours["apiVersion"], ours["kind"]
    held = extract(live, fields)
    held.setdefault("metadata", {})
    return list(differences(ours, held))
