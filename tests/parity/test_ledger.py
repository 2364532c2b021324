"""The project's own ledger: nothing is claimed without a test, and no test is forgotten."""

import pytest

from tools.parity.__main__ import LEDGER, PAGE, ROOT
from tools.parity.ledger import counts, parse, problems, rewrite, titles
from tools.parity.marks import Mark, Scan, scan
from tools.parity.page import page

SIZE = 230
"""Behaviours that were promised. An id may be proven or open, never dropped."""

PLANTED = """\
# Head.

# ---------- a: what a is

- id: a.one
  seed: "000"
  does: >-
    One
    sentence.
  note: Stays.
  status: open

# ---------- b: what b is

- id: b.two
  seed: "001"
  does: Two.
  tests:
    - tests/test_x.py::test_gone
  beyond: true
"""

SHOWN = Mark("tests/test_x.py::test_one", "a.one", 3)


def test_ledger_and_marks_agree(capsys):
    entries = parse(LEDGER.read_text(encoding="utf-8"))
    with capsys.disabled():
        print("\nparity " + ", ".join(f"{area} {shown}/{total}" for area, (shown, total) in counts(entries).items()))
    found = problems(entries, scan(ROOT))
    assert found == [], "run `make parity`, then read what changed"


def test_no_promise_has_been_dropped():
    assert len(parse(LEDGER.read_text(encoding="utf-8"))) == SIZE


def test_the_page_says_what_the_ledger_says():
    text = LEDGER.read_text(encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page(parse(text), titles(text)), "run `make parity`"


@pytest.mark.parametrize(
    ("text", "marks", "problem"),
    [
        (PLANTED, [], "b.two: tests/test_x.py::test_gone is not there, or does not carry the mark"),
        (PLANTED, [SHOWN], "a.one: tests/test_x.py::test_one shows it, but the ledger does not say so"),
        (PLANTED, [Mark("t", "a.none", 7)], "t (line 7): the ledger has no id 'a.none'"),
        (PLANTED.replace("  status: open\n", ""), [], "a.one: is not open, but no test shows it"),
        (
            PLANTED.replace("  beyond", "  status: open\n  beyond"),
            [],
            "b.two: is open and has tests; say in `missing` what they do not show",
        ),
        (PLANTED.replace("  note: Stays.", "  missing: All."), [], "a.one: `missing` belongs to an open entry with tests"),
        (PLANTED.replace("  beyond", "  missing: All.\n  beyond"), [], "b.two: `missing` belongs to an open entry with tests"),
        (PLANTED.replace("b.two", "a.one"), [], "a.one: stands twice in the ledger"),
    ],
)
def test_each_disagreement_is_named(text, marks, problem):
    assert problem in problems(parse(text), Scan(tuple(marks), ()))


def test_a_mark_at_the_wrong_place_is_a_disagreement():
    assert "some fault" in problems(parse(PLANTED), Scan((), ("some fault",)))


def test_rewriting_follows_the_marks_and_leaves_the_rest_alone():
    written = rewrite(PLANTED, [SHOWN, SHOWN])
    assert problems(parse(written), Scan((SHOWN,), ())) == []
    assert written == PLANTED.replace("  status: open\n", "  tests:\n    - tests/test_x.py::test_one\n").replace(
        "  tests:\n    - tests/test_x.py::test_gone\n  beyond: true\n", "  beyond: true\n  status: open\n"
    )
    assert rewrite(written, [SHOWN]) == written


def test_what_is_shown_in_part_stays_open_and_says_what_is_missing():
    part = PLANTED.replace("  note: Stays.", "  missing: The second half.")
    written = rewrite(part, [SHOWN])
    assert "  missing: The second half.\n  status: open\n  tests:\n    - tests/test_x.py::test_one\n" in written
    assert problems(parse(written), Scan((SHOWN,), ())) == []
    assert counts(parse(written))["a"] == (0, 1)
    assert "**open**: The second half. The rest is shown by `test_x.py::test_one`." in page(parse(written), titles(written))


def test_the_page_counts_and_names_the_tests():
    text = rewrite(PLANTED, [SHOWN])
    written = page(parse(text), titles(text))
    assert "| [a](#a) | what a is | 1 | 1 |" in written
    assert "| **all** | | **1** | **2** |" in written
    assert "- `a.one` One sentence. Shown by `test_x.py::test_one`." in written
    assert "- `b.two` *(beyond)* Two. **open**" in written
