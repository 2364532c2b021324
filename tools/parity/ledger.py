"""The ledger as text and as entries. Rewriting touches `tests` and `status` alone; sentences and comments stay as they are."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import yaml

from .marks import Mark, Scan

_ENTRY = re.compile(r"^- id: (?P<id>\S+)$")
_OURS = re.compile(r"^  (tests:|status:)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One promised behaviour: `does` in a sentence, and the tests that show it.

    It is open while there is none, or while they show only a part: then `missing` says which part they do not.
    """

    id: str
    seed: str
    does: str
    beyond: bool
    open: bool
    tests: tuple[str, ...]
    missing: str

    @property
    def area(self) -> str:
        """Part of the ledger that it belongs to."""
        return self.id.partition(".")[0]


def parse(text: str) -> list[Entry]:
    """Entries of the ledger in its order."""
    return [
        Entry(
            id=entry["id"],
            seed=entry["seed"],
            does=" ".join(entry["does"].split()),
            beyond=entry.get("beyond", False),
            open=entry.get("status") == "open",
            tests=tuple(entry.get("tests", ())),
            missing=" ".join(entry.get("missing", "").split()),
        )
        for entry in yaml.safe_load(text)
    ]


def titles(text: str) -> dict[str, str]:
    """Area -> what it is, from the ledger's section comments (`# ---- mpl: seed 000, ...`)."""
    return dict(re.findall(r"^# -{5,} (\w+): (.+)$", text, re.MULTILINE))


def problems(entries: Sequence[Entry], scan: Scan) -> list[str]:
    """Where ledger and marks disagree, one line each, both ways."""
    known = {entry.id for entry in entries}
    marked = _by_id(scan.marks)
    found = list(scan.faults)
    found += [f"{entry_id}: stands twice in the ledger" for entry_id in _repeated(entry.id for entry in entries)]
    found += [f"{mark.test} (line {mark.line}): the ledger has no id {mark.id!r}" for mark in scan.marks if mark.id not in known]
    for entry in entries:
        real = marked.get(entry.id, [])
        found += [f"{entry.id}: {test} is not there, or does not carry the mark" for test in entry.tests if test not in real]
        found += [f"{entry.id}: {test} shows it, but the ledger does not say so" for test in real if test not in entry.tests]
        if entry.open and entry.tests and not entry.missing:
            found.append(f"{entry.id}: is open and has tests; say in `missing` what they do not show")
        if entry.missing and not (entry.open and entry.tests):
            found.append(f"{entry.id}: `missing` belongs to an open entry with tests")
        if not entry.open and not entry.tests:
            found.append(f"{entry.id}: is not open, but no test shows it")
    return found


def rewrite(text: str, marks: Iterable[Mark]) -> str:
    """The ledger with `tests` and `status: open` of every entry as the marks have it, and open what has `missing`."""
    marked = _by_id(marks)
    return "".join(_rewritten(block, marked) for block in _blocks(text))


def counts(entries: Iterable[Entry]) -> dict[str, tuple[int, int]]:
    """Area -> (ids with a test, ids in all)."""
    shown: dict[str, int] = defaultdict(int)
    total: dict[str, int] = defaultdict(int)
    for entry in entries:
        total[entry.area] += 1
        shown[entry.area] += not entry.open
    return {area: (shown[area], total[area]) for area in total}


def _by_id(marks: Iterable[Mark]) -> dict[str, list[str]]:
    tests: dict[str, list[str]] = defaultdict(list)
    for mark in marks:
        if mark.test not in tests[mark.id]:
            tests[mark.id].append(mark.test)
    return tests


def _repeated(ids: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            yield one
        seen.add(one)


def _blocks(text: str) -> Iterator[list[str]]:
    """Lines of the head, then those of each entry with the blank and comment lines that follow it."""
    block: list[str] = []
    for line in text.splitlines(keepends=True):
        if _ENTRY.match(line):
            yield block
            block = []
        block.append(line)
    yield block


def _rewritten(block: list[str], marked: Mapping[str, list[str]]) -> str:
    match = _ENTRY.match(block[0]) if block else None
    if not match:
        return "".join(block)
    kept: list[str] = []
    ours = False
    for line in block:
        ours = bool(_OURS.match(line)) or (ours and line.startswith("    "))
        if not ours:
            kept.append(line)
    end = max(index for index, line in enumerate(kept) if line.strip() and not line.startswith("#")) + 1
    tests = marked.get(match["id"])
    lines = ["  tests:\n", *(f"    - {test}\n" for test in tests)] if tests else []
    if not tests or any(line.startswith("  missing:") for line in kept):
        lines.insert(0, "  status: open\n")
    return "".join([*kept[:end], *lines, *kept[end:]])
