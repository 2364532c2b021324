"""Findings of a check as aligned lines, and the verdict over them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from .check import EVERY, LISTS, Finding

EXCERPT = 80
"""Characters of a result that are shown."""

RIGHT, WRONG = "ok", "wrong"


@dataclass(frozen=True, slots=True)
class Columns:
    """Widths that hold every line of one check, so that lines can be printed as they come."""

    server: int
    route: int
    tool: int

    @classmethod
    def of(cls, servers: Sequence[str], tools: Sequence[str]) -> Self:
        """`tools`: as they are called, with their prefixes."""
        longest = max(map(len, (*servers, EVERY)))
        return cls(max(longest, len("server")), longest + len("/servers//mcp"), max(map(len, (*tools, LISTS))))

    def heading(self) -> str:
        """Names of the columns."""
        return self._row("", "server", "route", "revision", "tool", "ms", "result")

    def line(self, finding: Finding) -> str:
        """One finding."""
        seen = finding.seen if len(finding.seen) <= EXCERPT else f"{finding.seen[: EXCERPT - 1]}…"
        words = f"{finding.wrong}; got {seen}" if finding.wrong and seen else finding.wrong or seen
        mark = WRONG if finding.wrong else RIGHT
        ms = f"{finding.seconds * 1000:.1f}"
        return self._row(mark, finding.server, finding.route, finding.revision, finding.what, ms, words)

    def _row(self, mark: str, server: str, route: str, revision: str, tool: str, ms: str, words: str) -> str:
        where = f"{server:{self.server}}  {route:{self.route}}  {revision:10}"
        return f"{mark:{len(WRONG)}}  {where}  {tool:{self.tool}}  {ms:>7}  {words}".rstrip()


def verdict(findings: Sequence[Finding], servers: Sequence[str], uncalled: Sequence[str]) -> str:
    """What all findings come to. `uncalled`: servers of which no call is known, so that only their lists were seen."""
    only = f"; no call is known for {', '.join(uncalled)}" if uncalled else ""
    wrong = [finding for finding in findings if finding.wrong]
    if wrong:
        first = f"{wrong[0].what} of {wrong[0].server} over {wrong[0].route}, {wrong[0].revision}"
        return f"FAILED: {len(wrong)} of {len(findings)} are wrong, first {first}: {wrong[0].wrong}{only}"
    calls = sum(finding.what != LISTS for finding in findings)
    revisions = sorted({finding.revision for finding in findings})
    tried = f"{calls} call{'' if calls == 1 else 's'} on {', '.join(servers)}"
    return f"OK: {tried}, over both routes, in {' and '.join(revisions)}: all answers true{only}"
