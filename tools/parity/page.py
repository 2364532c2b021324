"""docs/parity.md: the ledger as a page to read."""

from collections.abc import Iterable, Mapping, Sequence

from .ledger import Entry, counts

_HEAD = """\
# Parity ledger

What the five systems that mcp-stack takes over from can do, one behaviour a line, and the tests that show it here.
An entry without a test is open: the behaviour is not there yet, or nothing proves it. So is one whose tests show only a part.
Entries marked *beyond* name what the original documents or sells but does not do.

This page is written by `make parity` from `tests/parity/parity.yaml` and the `parity` marks of the tests; do not edit it.
"""


def page(entries: Sequence[Entry], titles: Mapping[str, str]) -> str:
    """The whole page as Markdown."""
    areas = {area: [entry for entry in entries if entry.area == area] for area in counts(entries)}
    sections = [_section(area, titles.get(area, area), members) for area, members in areas.items()]
    return "\n".join([_HEAD, _table(entries, titles), *sections])


def _table(entries: Sequence[Entry], titles: Mapping[str, str]) -> str:
    rows = ["| area | what | shown | of |", "|---|---|---:|---:|"]
    tally = counts(entries)
    rows += [f"| [{area}](#{area}) | {titles.get(area, area)} | {shown} | {total} |" for area, (shown, total) in tally.items()]
    shown, total = (sum(pair[index] for pair in tally.values()) for index in (0, 1))
    return "\n".join([*rows, f"| **all** | | **{shown}** | **{total}** |", ""])


def _section(area: str, title: str, entries: Iterable[Entry]) -> str:
    return "\n".join([f"## {area}", "", f"{title[0].upper()}{title[1:]}.", "", *(_line(entry) for entry in entries), ""])


def _line(entry: Entry) -> str:
    name = f"`{entry.id}`" + (" *(beyond)*" if entry.beyond else "")
    shown = ", ".join(f"`{test.removeprefix('tests/')}`" for test in entry.tests)
    if entry.missing:
        return f"- {name} {entry.does} **open**: {entry.missing} The rest is shown by {shown}."
    return f"- {name} {entry.does} " + (f"Shown by {shown}." if shown else "**open**")
