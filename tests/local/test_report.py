"""Findings as lines that align, and a verdict that says what was tried."""

from mcp_stack.local.check import Finding
from mcp_stack.local.report import Columns, verdict

RIGHT = Finding("clock", "/servers/clock/mcp", "2025-11-25", "between", 0.0123, '{"days": 157}')
WRONG = Finding("notes", "/mcp", "2026-07-28", "notes__search", 1.5, "[]", "expected ['x']")
LISTS = Finding("all", "/mcp", "2026-07-28", "lists", 0.1, "9 tools")
COLUMNS = Columns.of(["clock", "notes"], ["between", "notes__search"])


def test_lines_align_and_say_what_came_back():
    assert [COLUMNS.heading(), COLUMNS.line(RIGHT), COLUMNS.line(WRONG)] == [
        "       server  route               revision    tool                ms  result",
        'ok     clock   /servers/clock/mcp  2025-11-25  between           12.3  {"days": 157}',
        "wrong  notes   /mcp                2026-07-28  notes__search   1500.0  expected ['x']; got []",
    ]


def test_a_long_result_is_cut():
    line = COLUMNS.line(Finding("clock", "/mcp", "2025-11-25", "between", 0, "x" * 500))
    assert line.endswith("xxx…")
    assert len(line) < 160


def test_a_finding_without_a_result_shows_its_fault_alone():
    assert COLUMNS.line(Finding("clock", "/mcp", "legacy", "lists", 0, "", "connection refused")).endswith("  connection refused")


def test_the_verdict_counts_calls_and_names_what_was_covered():
    assert verdict([RIGHT, LISTS], ["clock"], []) == (
        "OK: 1 call on clock, over both routes, in 2025-11-25 and 2026-07-28: all answers true"
    )


def test_the_verdict_names_the_first_fault():
    assert verdict([RIGHT, WRONG], ["clock", "notes"], []) == (
        "FAILED: 1 of 2 are wrong, first notes__search of notes over /mcp, 2026-07-28: expected ['x']"
    )


def test_the_verdict_does_not_hide_servers_that_nobody_called():
    assert verdict([LISTS], ["clock"], ["clock"]).endswith("; no call is known for clock")
