"""A help text as plain lines: without colours, overstrikes, tabs and boxes, and bounded."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_CHARACTERS = 256 * 1024
MAX_LINES = 5000
MAX_WIDTH = 2000

_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b.")
_OVERSTRIKE = re.compile(r".\x08")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")
_BOX_TITLE = re.compile(r"^\s*[╭┌┏+][─━-]+ (.+?) [─━-]+[╮┐┓+]\s*$")
_BOX_LINE = re.compile(r"^\s*[│┃] ?(.*?)\s*[│┃]\s*$")
_BOX_EDGE = re.compile(r"^\s*[╭╰┌└┏┗├][─━]*[╮╯┐┘┓┛┤]\s*$")


@dataclass(frozen=True, slots=True)
class Line:
    """One line, without the blanks around it."""

    indent: int
    text: str

    @property
    def blank(self) -> bool:
        """Whether it says nothing."""
        return not self.text


def lines_of(text: str) -> list[Line]:
    """The lines of `text`; what exceeds the bounds is left out."""
    plain = _OVERSTRIKE.sub("", _SEQUENCE.sub("", text[:MAX_CHARACTERS].replace("\r\n", "\n").replace("\r", "\n")))
    return list(_lines(plain.split("\n")[:MAX_LINES]))


def _lines(rows: list[str]) -> Iterator[Line]:
    for row in rows:
        shown = _CONTROL.sub("", row[:MAX_WIDTH].expandtabs())
        if (title := _BOX_TITLE.match(shown)) is not None:
            shown = f"{title[1]}:"
        elif _BOX_EDGE.match(shown):
            shown = ""
        elif (inner := _BOX_LINE.match(shown)) is not None:
            shown = f"  {inner[1]}"
        stripped = shown.strip()
        yield Line(len(shown) - len(shown.lstrip()), stripped)
