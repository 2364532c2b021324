"""A comparison as a comment on a pull request: the counts first, each object folded up below."""

import html
import re
from collections.abc import Iterable, Iterator

from ..documents import document
from .compare import Comparison, ItemChange
from .text import DISCLAIMER, SIGNS, long_lines, notes, short, summary, title
from .tree import Change

LIMIT = 30_000
"""Characters of a report. A comment on GitHub holds 65,536, and two environments have to fit into one."""


def markdown_report(comparison: Comparison, base: str, head: str, limit: int = LIMIT) -> str:
    """The report. What does not fit any more is listed without its details: the counts and every name always stand there."""
    lines = [f"### `{comparison.stack}`: {_text(summary(comparison))}", "", f"{_code(base)} → {_code(head)}. {DISCLAIMER}", ""]
    used = sum(len(line) + 1 for line in lines)
    reserve = sum(len(_line(item)) + 1 for item in comparison.items)
    cut = False
    for item in comparison.items:
        reserve -= len(_line(item)) + 1
        details = "\n".join(_details(item))
        if used + len(details) + 1 + reserve <= limit - 200:
            lines.append(details)
        else:
            lines.append(_line(item))
            cut = True
        used += len(lines[-1]) + 1
    if comparison.outputs:
        lines.append("\n".join(_folded("~ outputs", [], _diff(comparison.outputs))))
    if cut:
        lines += ["", "Some details did not fit into this comment; `mcp-stack diff` shows them."]
    return "\n".join(lines) + "\n"


def _line(item: ItemChange) -> str:
    return f"- {_heading(item)}"


def _heading(item: ItemChange) -> str:
    return f"<code>{SIGNS[item.action]} {html.escape(title(item))}</code>{' <b>replaced</b>' if item.action == 'replace' else ''}"


def _details(item: ItemChange) -> Iterator[str]:
    whole = item.action == "create"
    body = _fence(document(item.item), "yaml") if whole else _diff(item.changes)
    return _folded(_heading(item), notes(item), body)


def _folded(heading: str, remarks: Iterable[str], body: list[str]) -> Iterator[str]:
    yield f"<details><summary>{heading}</summary>"
    yield ""
    yield from (f"- {_text(remark)}" for remark in remarks)
    yield ""
    yield from body
    yield "</details>"


def _diff(changes: Iterable[Change]) -> list[str]:
    """Changed places as a `diff` block: long texts with their marked lines, short ones as a removed and an added line."""
    lines: list[str] = []
    for change in changes:
        sides = short(change)
        if sides is None:
            head, *rest = long_lines(change)
            lines += [f"! {head}" if change.secret else f"# {head}", *rest]
        else:
            lines += [f"{sign} {change.path}: {side}" for sign, side in zip("-+", sides, strict=True)]
    return _fence("\n".join(lines) + "\n", "diff") if lines else []


def _fence(content: str, language: str) -> list[str]:
    """A code block that nothing in `content` can end."""
    longest = max((len(run) for run in re.findall(r"`+", content)), default=0)
    marks = "`" * max(3, longest + 1)
    return [f"{marks}{language}", content.rstrip("\n"), marks]


def _text(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>#|@])", r"\\\1", text)


def _code(text: str) -> str:
    return f"<code>{html.escape(text)}</code>"
