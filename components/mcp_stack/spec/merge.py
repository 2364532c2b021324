"""How a server inherits: maps field by field, everything else as a whole."""

from collections.abc import Mapping
from typing import Any, cast

from .backup import BackupTarget
from .probes import HANDLERS

_TARGETS = frozenset(BackupTarget.model_fields)


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with every field of `over` put over it. Lists are replaced, not joined.

    A probe that says how it asks drops the inherited way: the two exclude each other. So does a backup that says where to.
    """
    if any(handler in over for handler in HANDLERS):
        base = {key: value for key, value in base.items() if key not in HANDLERS}
    if not _TARGETS.isdisjoint(over):
        base = {key: value for key, value in base.items() if key not in _TARGETS or key in over}
    merged = dict(base)
    for key, value in over.items():
        inherited = merged.get(key)
        if isinstance(value, Mapping) and isinstance(inherited, Mapping):
            merged[key] = merge(cast("Mapping[str, Any]", inherited), cast("Mapping[str, Any]", value))
        else:
            merged[key] = value
    return merged


def times_of(probes: Mapping[str, Any]) -> dict[str, Any]:
    """`probes` without the ways in which they ask, which are meant for other containers than the proxy's."""
    return {kind: {key: value for key, value in probe.items() if key not in HANDLERS} for kind, probe in probes.items()}
