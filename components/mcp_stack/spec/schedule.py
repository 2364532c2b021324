"""Schedules of CronJobs: their syntax, and how long they leave between two runs at most.

The API server reads them with robfig/cron's standard parser: five fields with lists, ranges, steps and English names, or `@daily`
and its like. Days of the month and of the week are alternatives where both are restricted (crontab(5)).
"""

import zoneinfo
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")

_FIELDS: tuple[tuple[str, int, int, tuple[str, ...]], ...] = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, MONTHS),
    ("day of the week", 0, 6, DAYS),
)

_SHORT = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}

_FIRST, _YEARS = date(2024, 1, 1), 9
"""A leap year, and as many years as it takes until each date has fallen on enough days of the week: 29 February does twice."""


def longest_pause(schedule: str) -> int:
    """Seconds between two runs at most. ValueError where it is no schedule, or never comes."""
    minutes, hours, *_ = fields = _parsed(schedule)
    times = sorted(hour * 60 + minute for hour in hours for minute in minutes)
    days = list(_days(fields))
    if len(days) < 2:
        raise ValueError(f"{schedule!r} never comes; no month has such a day")
    within = max((later - earlier for earlier, later in pairwise(times)), default=0)
    apart = max((later - earlier).days for earlier, later in pairwise(days))
    return 60 * max(within, apart * 24 * 60 - times[-1] + times[0])


def _days(fields: list[frozenset[int]]) -> Iterator[date]:
    _, _, of_month, months, of_week = fields
    either = len(of_month) < 31 and len(of_week) < 7
    for number in range(_YEARS * 366):
        day = _FIRST + timedelta(days=number)
        fits = (day.day in of_month, (day.isoweekday() % 7) in of_week)
        if day.month in months and (any(fits) if either else all(fits)):
            yield day


def _parsed(schedule: str) -> list[frozenset[int]]:
    words = _SHORT.get(schedule, schedule).split()
    if len(words) != len(_FIELDS):
        raise ValueError(
            f"{schedule!r} is no schedule: minute, hour, day of the month, month, day of the week; or @daily and its like"
        )
    return [_field(word, *one) for word, one in zip(words, _FIELDS, strict=True)]


def _field(word: str, what: str, least: int, most: int, names: tuple[str, ...]) -> frozenset[int]:
    found: set[int] = set()
    for part in word.split(","):
        span, slash, step = part.partition("/")
        low, dash, high = span.partition("-")
        if span in ("*", "?"):
            first, last = least, most
        else:
            first = _number(low, what, least, most, names)
            last = _number(high, what, least, most, names) if dash else most if slash else first
        if last < first:
            raise ValueError(f"{what}: {part!r} ends before it begins")
        every = _number(step, f"step of the {what}", 1, most, ()) if slash else 1
        found.update(range(first, last + 1, every))
    return frozenset(found)


def _number(text: str, what: str, least: int, most: int, names: tuple[str, ...]) -> int:
    if text.lower() in names:
        return names.index(text.lower()) + least
    if not (text.isascii() and text.isdigit()) or not least <= int(text) <= most:
        raise ValueError(f"{what}: {text!r} is not from {least} to {most}" + (f", nor one of {', '.join(names)}" if names else ""))
    return int(text)


def _schedule(text: str) -> str:
    longest_pause(text)
    return text


def _time_zone(name: str) -> str:
    known = zoneinfo.available_timezones()
    if name == "Local" or (known and name not in known):
        raise ValueError(f"{name!r} is no time zone, such as Etc/UTC or Europe/Berlin")
    return name


Schedule = Annotated[str, AfterValidator(_schedule)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
