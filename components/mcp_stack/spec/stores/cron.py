"""Cron schedules as External Secrets reads them. One that it cannot read it passes over in silence, so it is refused here."""

import re

_NAMED = re.compile(r"@(annually|yearly|monthly|weekly|daily|midnight|hourly)|@every [0-9]+(\.[0-9]+)?(s|m|h)")

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")

FIELDS: tuple[tuple[str, int, int, tuple[str, ...]], ...] = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("day of week", 0, 6, _DAYS),
)
"""Name, first and last number, and words of each field (robfig/cron, standard parser)."""


def schedule(text: str) -> str:
    """`text`, or a ValueError that says what of it is no schedule."""
    if _NAMED.fullmatch(text):
        return text
    parts = text.split(" ")
    if len(parts) != len(FIELDS):
        raise ValueError(f"{text!r} is no schedule: give five fields, such as `0 22 * * 1-5`, or `@daily`")
    for part, (name, first, last, words) in zip(parts, FIELDS, strict=True):
        for one in part.split(","):
            if not _fits(one, first, last, words):
                raise ValueError(f"{part!r} is no {name}: give numbers from {first} to {last}, ranges and steps, or *")
    return text


def _fits(text: str, first: int, last: int, words: tuple[str, ...]) -> bool:
    """Whether `text` is a number, a range or `*`, with a step or without."""
    extent, slash, step = text.partition("/")
    if slash and not (step.isdecimal() and int(step) > 0):
        return False
    if extent in ("*", "?"):
        return True
    ends = [first + words.index(end.lower()) if end.lower() in words else _number(end) for end in extent.split("-")]
    return len(ends) <= 2 and all(first <= end <= last for end in ends) and ends == sorted(ends)


def _number(text: str) -> int:
    """`text` as a number; one below every field's first where it is none."""
    return int(text) if text.isdecimal() else -1
