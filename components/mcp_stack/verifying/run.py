"""`mcp-stack verify`: everything that is asked, a line each as it comes, and what it comes to."""

import asyncio
from collections.abc import Callable, Sequence

from ..local.check import ERAS, LISTS, Check, Finding
from ..local.report import Columns
from .pages import pages
from .streams import BEAT_SECONDS, heartbeat
from .target import HEALTH, METRICS, STREAM, Target

Say = Callable[[str], None]


async def verify(target: Target, say: Say, patience: float = BEAT_SECONDS) -> bool:
    """Whether all of it is right. The streams are waited for while everything else is asked."""
    tools = [
        f"{target.prefixes[name]}{call.tool}" for name, calls in target.calls.items() if name in target.prefixes for call in calls
    ]
    columns = Columns.of([*target.prefixes, *(part.name for part in target.parts)], [*tools, METRICS])
    say(columns.heading())
    findings: list[Finding] = []

    def report(finding: Finding) -> None:
        findings.append(finding)
        say(columns.line(finding))

    async with asyncio.TaskGroup() as group:
        streams = [group.create_task(heartbeat(target.origin, era, target.key, patience)) for era in ERAS]
        for part in target.parts:
            async for finding in pages(part, target.key):
                report(finding)
        await Check(target.origin, target.prefixes, target.calls, report, target.key).run()
        for stream in streams:
            report(await stream)
    say(summary(findings, [name for name in target.prefixes if not target.calls.get(name)]))
    return not any(finding.wrong for finding in findings)


def summary(findings: Sequence[Finding], uncalled: Sequence[str]) -> str:
    """One line over all. `uncalled`: servers of which no call is known, so that only their lists were seen."""
    only = f"; no call is known for {', '.join(uncalled)}, so only their lists were seen" if uncalled else ""
    wrong = [finding for finding in findings if finding.wrong]
    if wrong:
        first = f"{wrong[0].what} of {wrong[0].server} at {wrong[0].route}: {wrong[0].wrong}"
        return f"FAILED: {len(wrong)} of {len(findings)} are wrong, first {first}{only}"
    proxies = len({finding.server for finding in findings if finding.what == HEALTH})
    calls = sum(finding.what not in (HEALTH, METRICS, STREAM, LISTS) for finding in findings)
    streams = sum(finding.what == STREAM for finding in findings)
    healthy = f"{proxies} prox{'y' if proxies == 1 else 'ies'} healthy, " if proxies else ""
    return f"OK: {healthy}{calls} calls answered as expected, {streams} streams alive{only}"
