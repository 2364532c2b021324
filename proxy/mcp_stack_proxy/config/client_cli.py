"""How seed 001 writes a wrapped program in `mcpServers`: flat keys beside `cli: true`, and `tools` for the presets."""

from collections.abc import Mapping
from typing import Any

_KEYS = {"cli_help": "help", "cli_depth": "depth", "cli_only": "subcommands"}


def nested(entry: Mapping[Any, object]) -> dict[Any, object]:
    """`entry` with what is said of its `cli` inside of it. One without `cli: true`, or written our way, stays as it is."""
    if entry.get("cli") is not True:
        return dict(entry)
    rest = {key: value for key, value in entry.items() if key not in _KEYS}
    inside = {ours: entry[theirs] for theirs, ours in _KEYS.items() if theirs in entry and entry[theirs] != []}
    if isinstance(entry.get("tools"), list):
        presets = rest.pop("tools")
        if presets != []:
            inside = {"presets": presets}  # they take precedence, and nothing is asked of the help
    return {**rest, "cli": inside or True}
