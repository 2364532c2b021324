"""A comparison as plain text: one block per object, one line per changed place, a count at the end."""

import difflib
import json
from collections.abc import Iterator
from typing import Any, cast

from ...spec.writing import write
from ..documents import document
from .compare import Action, Comparison, ItemChange
from .tree import ABSENT, Change

SIGNS: dict[Action, str] = {"create": "+", "change": "~", "replace": "±", "delete": "-"}
_WORDS: dict[Action, str] = {"create": "to create", "change": "to change", "replace": "to replace", "delete": "to delete"}

WIDTH = 132
"""Characters of a line that a terminal shows without folding it; longer ones become two."""

DISCLAIMER = "Desired state against desired state: what a cluster holds is not looked at."


def text_report(comparison: Comparison, base: str, head: str) -> str:
    """What a reviewer reads in a terminal."""
    blocks = [f"stack {comparison.stack}: {base} → {head}"]
    blocks += ["\n".join(_block(item)) for item in comparison.items]
    if comparison.outputs:
        blocks.append("\n".join(["~ outputs", *(f"    {line}" for change in comparison.outputs for line in change_lines(change))]))
    blocks.append(summary(comparison))
    return "\n\n".join(blocks) + "\n"


def summary(comparison: Comparison) -> str:
    """`1 to create, 2 to change, 14 unchanged`."""
    counts = [f"{comparison.count(action)} {word}" for action, word in _WORDS.items() if comparison.count(action)]
    outputs = (
        [f"{len(comparison.outputs)} output{'s' if len(comparison.outputs) > 1 else ''} to change"] if comparison.outputs else []
    )
    return ", ".join([*(counts or ["no change"]), *outputs, f"{comparison.unchanged} unchanged"])


def title(item: ItemChange) -> str:
    """`Deployment mcp/github`, with the former name where it has another now."""
    if item.former is None:
        return item.item.title
    return f"{item.former.title} → {item.item.name}"


def notes(item: ItemChange) -> list[str]:
    """What follows from the change, replacements first."""
    head = [f"has to be replaced: {', '.join(item.replaces)} cannot be changed in place"] if item.replaces else []
    return [*head, *item.notes]


def _block(item: ItemChange) -> Iterator[str]:
    yield f"{SIGNS[item.action]} {title(item)}"
    for note in notes(item):
        yield f"    ! {note}"
    if item.action == "create":
        yield from (f"    {line}" for line in document(item.item).splitlines())
    for change in item.changes:
        yield from (f"    {line}" for line in change_lines(change))


def change_lines(change: Change) -> list[str]:
    """One changed place: a line, or a heading with what differs below."""
    sides = short(change)
    if sides is None:
        head, *rest = long_lines(change)
        return [head, *(f"  {line}" for line in rest)]
    line = f"{change.path}: {sides[0]} → {sides[1]}"
    return [line] if len(line) <= WIDTH else [f"{change.path}:", f"  - {sides[0]}", f"  + {sides[1]}"]


def short(change: Change) -> tuple[str, str] | None:
    """Both sides on one line each; None where that would hide what differs, or show a secret."""
    values = (change.old, change.new)
    structure = any(isinstance(side, dict | list) and bool(cast("Any", side)) for side in values) and ABSENT in values
    text = all(isinstance(side, str) for side in values) and any("\n" in side for side in values)
    return None if change.secret or structure or text else (value(change.old), value(change.new))


def long_lines(change: Change) -> list[str]:
    """A heading, and below it the changed lines, each with its sign."""
    if change.secret:
        return [f"{change.path}: {_secret_sentence(change)}"]
    if change.old is ABSENT:
        return [f"{change.path}: added", *(f"+ {line}" for line in write(change.new).splitlines())]
    if change.new is ABSENT:
        return [f"{change.path}: removed", *(f"- {line}" for line in write(change.old).splitlines())]
    return [f"{change.path}:", *line_diff(change.old, change.new)]


def line_diff(old: str, new: str) -> list[str]:
    """Changed lines of a text, with two lines around them."""
    return list(difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=2))[2:]


def value(side: Any) -> str:
    """One side of a change on one line."""
    if side is ABSENT:
        return "(absent)"
    return (
        side if isinstance(side, str) and side.strip() == side != "" and "\n" not in side else json.dumps(side, ensure_ascii=False)
    )


def _secret_sentence(change: Change) -> str:
    if change.old is ABSENT:
        return "secret, added"
    return "secret, removed" if change.new is ABSENT else "secret, set anew (not shown)"
