"""Time zones and dates, over stdio.

Run: `python examples/servers/clock.py`. Speaks every revision of the protocol (official SDK 2.x).
"""

from datetime import date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import anyio
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import Completion, CompletionArgument, CompletionContext, PromptReference, ResourceTemplateReference, ToolAnnotations
from pydantic import BaseModel, Field

MAX_SUGGESTIONS = 100
"""Values in one completion (2026-07-28, server/utilities/completion)."""

READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
SAME_ANSWER = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)

Zone = Annotated[str, Field(description="IANA time zone, such as Europe/Berlin", examples=["Europe/Berlin", "UTC"])]

clock = MCPServer("clock", version="1.0.0", instructions="Time in any zone, and arithmetic with dates.", log_level="WARNING")


class Moment(BaseModel):
    """One moment as a clock in one zone shows it."""

    zone: str
    time: str = Field(description="ISO 8601 with offset")
    weekday: str
    utc_offset_minutes: int


class Span(BaseModel):
    """What lies between two dates."""

    days: int = Field(description="Days from start to end; negative if end is earlier")
    weeks: int = Field(description="Whole weeks of these days")
    working_days: int = Field(description="Mondays to Fridays from start up to, and without, end")


@clock.tool(title="Time now", annotations=READS)
def now(zone: Zone = "UTC") -> Moment:
    """What time is it in a zone?"""
    return _moment(datetime.now(_zone(zone)))


@clock.tool(title="Convert a time", annotations=SAME_ANSWER)
def convert(
    time: Annotated[datetime, Field(description="ISO 8601, such as 2026-07-28T09:30; an offset in it wins over `source`")],
    source: Zone,
    target: Zone,
) -> Moment:
    """What does a clock in one zone show when a clock in another shows `time`?"""
    aware = time if time.tzinfo else time.replace(tzinfo=_zone(source))
    return _moment(aware.astimezone(_zone(target)))


@clock.tool(title="Days between dates", annotations=SAME_ANSWER)
def between(start: date, end: date) -> Span:
    """How many days, whole weeks and working days lie between two dates?"""
    days = (end - start).days
    return Span(days=days, weeks=int(days / 7), working_days=_working_days(start, end))


@clock.tool(title="Count down", annotations=READS)
async def count_down(
    context: Context,
    steps: Annotated[int, Field(ge=1, le=100, description="Number to count down from")] = 3,
    pause_seconds: Annotated[float, Field(ge=0, le=60, description="Pause after each step")] = 1.0,
) -> str:
    """Count down to zero and report each step as progress."""
    for left in range(steps, 0, -1):
        await context.report_progress(steps - left, steps, f"{left} to go")
        await anyio.sleep(pause_seconds)
    await context.report_progress(steps, steps, "done")
    return f"counted down from {steps}"


@clock.resource("clock://zones", title="Time zones", mime_type="application/json")
def zones() -> list[str]:
    """Names of all time zones that this machine knows."""
    return sorted(available_timezones())


@clock.resource("clock://now/{+zone}", name="now", title="Time now", mime_type="application/json")
def now_in(zone: str) -> Moment:
    """The time in a zone, at the moment of reading."""
    return _moment(datetime.now(_zone(zone)))


@clock.prompt(title="Find a meeting time")
def meeting(
    here: Annotated[str, Field(description="Zone of the one who asks")],
    there: Annotated[str, Field(description="Zone of the others")],
) -> str:
    """Find an hour within office hours of two zones."""
    return (
        f"Suggest three times for a meeting next week, between 9:00 and 17:00 both in {here} and in {there}. "
        "Use the tool `convert` for each of them and show both local times."
    )


@clock.completion()
async def complete(
    _reference: PromptReference | ResourceTemplateReference, argument: CompletionArgument, _context: CompletionContext | None
) -> Completion:
    """Zones that hold what was typed; every argument that can be completed is one."""
    typed = argument.value.lower()
    found = sorted(zone for zone in available_timezones() if typed in zone.lower())
    return Completion(values=found[:MAX_SUGGESTIONS], total=len(found), has_more=len(found) > MAX_SUGGESTIONS)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ToolError(f"{name!r} is no time zone; the resource clock://zones lists all of them") from None


def _moment(when: datetime) -> Moment:
    offset = when.utcoffset() or timedelta()
    return Moment(
        zone=str(when.tzinfo),
        time=when.isoformat(timespec="seconds"),
        weekday=when.strftime("%A"),
        utc_offset_minutes=round(offset.total_seconds() / 60),
    )


def _working_days(start: date, end: date) -> int:
    if end < start:
        return -_working_days(end, start)
    weeks, rest = divmod((end - start).days, 7)
    return 5 * weeks + sum((start + timedelta(days=day)).weekday() < 5 for day in range(rest))


if __name__ == "__main__":
    clock.run("stdio")
