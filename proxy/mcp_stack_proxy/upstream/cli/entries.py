"""Tables of a help text: subcommands, and values that belong to no option."""

import re
from collections.abc import Iterator

from .model import Entry

_NAME = r"[A-Za-z0-9][\w:.+@-]{0,63}"
_ROW = re.compile(
    rf"({_NAME})\*?(?:(?:,\s?|\|){_NAME})*(?: (?:[<\[{{(]\S*|[A-Z][A-Z_.]*(?=\s|$)|\.\.\.)\S*)*(?:\s{{2,}}(.*)|\s+- (.*)|)$"
)
_LIST = re.compile(r"[\[\w:.+@-]+(?:, [\[\w:.+@-]+)*,?$")
_VALUE = re.compile(r"(\{[^{}]*\}|<[^<>]+>|\[[^\[\]]+\]|[A-Za-z][\w.:-]*)(?:\.\.\.)?(?:\s{2,}(.*))?$")

MAX_SUMMARY = 500


def row_of(text: str) -> Entry | None:
    """A row of a table of subcommands: `list, ls   What it does`."""
    match = _ROW.match(text)
    if match is None:
        return None
    return Entry(match[1].rstrip(":"), (match[2] or match[3] or "").strip()[:MAX_SUMMARY])


def listed(text: str, *, going_on: bool) -> Iterator[Entry]:
    """The names of a line that lists them, as npm and busybox do. `going_on`: the line before ended with a comma."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if _LIST.match(text) and (going_on or len(names) > 2 or text.endswith(",")):
        yield from (Entry(name) for name in names if re.fullmatch(_NAME, name))


def value_row(text: str) -> tuple[str, str, int] | None:
    """A row of a table of values: its name as written, its description, and where that begins in `text` (0 for nowhere)."""
    match = _VALUE.match(text)
    if match is None:
        return None
    described = match[2] is not None and match[2] != ""
    return match[1], match[2] or "", match.start(2) if described else 0


def bare_names(texts: list[str]) -> Iterator[Entry]:
    """Names of a text that is nothing but names, one a line (`busybox --list`)."""
    if len(texts) > 1 and all(re.fullmatch(_NAME, text) or not re.search(r"\w", text) for text in texts):
        yield from (Entry(text) for text in texts if re.fullmatch(_NAME, text))
