"""From a help text to what it says of its command, whatever wrote it: argparse, click, cobra, clap, docopt, getopt, git, kubectl.

Nothing here trusts the text. What is not understood is left out, and a value can then still be given without a name.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from enum import Enum

from .entries import bare_names, listed, row_of, value_row
from .model import Command, Entry, Option, Positional
from .options import Draft, begins_option, drafted, option_of
from .text import Line, lines_of
from .usage import COMMANDS, ends_usage, usage_of

MAX_OPTIONS = 300
MAX_SUBCOMMANDS = 500
MAX_SUMMARY = 600

_ARGPARSE = "show this help message and exit"
_GENERATED = re.compile(r"show this (?:help )?message and exit|^\s*-h, --help\s+Print help", re.IGNORECASE | re.MULTILINE)
"""Frameworks whose usage lines are made from what the program takes, so that nothing is missing in them."""
_LISTED_VALUE = re.compile(r"- ([\w.:+-]+)(?::|$)")
_CAPITALS = re.compile(r"[A-Z][A-Z /&-]{2,}")


class _Section(Enum):
    START = 0
    USAGE = 1
    COMMANDS = 2
    ARGUMENTS = 3
    OPTIONS = 4
    IGNORED = 5


_SECTIONS = (
    (_Section.USAGE, re.compile(r"^(?:usage|synopsis)\b")),
    (
        _Section.IGNORED,
        re.compile(r"^(?:examples?|environment|learn more|notes?|see also|aliases|topics|exit status|files|authors?)\b"),
    ),
    (_Section.OPTIONS, re.compile(r"\b(?:options?|optional|flags?|switches)\b")),
    (_Section.COMMANDS, re.compile(r"\b(?:sub)?commands?\b|\bfunctions\b|\bactions\b")),
    (_Section.ARGUMENTS, re.compile(r"\b(?:positionals?|arguments?|args|parameters)\b")),
)


def parse(text: str, path: Sequence[str] = ()) -> Command:
    """What `text` says of the command `path` below its program. Never fails: a text that is no help yields an empty command."""
    lines = lines_of(text)
    usage = usage_of(lines, path, literal=_ARGPARSE not in text)
    reader = _Reader()
    for line in lines:
        reader.read(line)
    reader.close()
    subcommands = _distinct(reader.subcommands)
    if not subcommands:
        subcommands = tuple(Entry(word, inline=True) for word in usage.words)
    if not (usage.found or reader.options or subcommands):
        subcommands = _distinct([*bare_names([line.text for line in lines if not line.blank])])
    options = tuple(
        replace(one, required=one.required or not usage.required.isdisjoint(one.names)) for one in _without_help(reader.options)
    )
    positionals = tuple(reader.described(one) for one in usage.positionals)
    generated = _GENERATED.search(text) is not None
    return Command(
        summary=" ".join(reader.prose)[:MAX_SUMMARY],
        options=options[:MAX_OPTIONS],
        positionals=positionals,
        subcommands=subcommands,
        open=usage.open or not (positionals or generated),
        is_help=usage.found or bool(options) or bool(subcommands),
        alone=usage.alone,
        named=usage.named,
    )


def _distinct(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Each name once; `help` only says what is known already."""
    found: dict[str, Entry] = {}
    for entry in entries:
        if entry.name != "help":
            found.setdefault(entry.name, entry)
    return tuple(found.values())[:MAX_SUBCOMMANDS]


def _without_help(options: Sequence[Option]) -> list[Option]:
    """Each option once, without the one that prints help."""
    found: dict[str, Option] = {}
    for option in options:
        helps = not {"--help", "-help"}.isdisjoint(option.names) or (
            option.names == ("-h",) and "help" in option.description.lower()
        )
        if not helps and not any(name in found for name in option.names):
            found.update(dict.fromkeys(option.names, option))
    return list(dict.fromkeys(found.values()))


class _Reader:
    """Goes through the lines of one text."""

    def __init__(self) -> None:
        self.prose: list[str] = []
        self.options: list[Option] = []
        self.subcommands: list[Entry] = []
        self._values: dict[str, str] = {}
        self._section = _Section.START
        self._draft: Draft | None = None
        self._indent: int | None = None
        """Where the rows of the table at hand begin."""
        self._column = 0
        self._value: str | None = None
        self._listing = False
        self._usage_began = False
        self._prose_done = False

    def read(self, line: Line) -> None:
        """Take in the next line."""
        if line.blank:
            self._blank()
        elif self._continues(line) or self._in_usage(line) or self._heads(line):
            pass
        elif begins_option(line.text):
            self._option(line)
        else:
            self._finish()
            self._plain(line)

    def close(self) -> None:
        """The text is at its end."""
        self._finish()

    def described(self, positional: Positional) -> Positional:
        """`positional` with what its table says of it."""
        for name, text in self._values.items():
            if name.strip("<>[]{}").lower() == positional.name.lower():
                return replace(positional, description=text[:MAX_SUMMARY])
        return positional

    def _blank(self) -> None:
        if self._section is _Section.USAGE and self._usage_began:
            self._section = _Section.START
        self._listing = False
        self._prose_done = self._prose_done or bool(self.prose)

    # --- options

    def _option(self, line: Line) -> None:
        self._finish()
        self._prose_done = True
        if self._section is not _Section.IGNORED and len(self.options) < 2 * MAX_OPTIONS:
            self._draft = drafted(line.text, line.indent)

    def _continues(self, line: Line) -> bool:
        """Whether `line` goes on with the option at hand."""
        draft = self._draft
        if draft is None or line.indent <= draft.indent:
            return False
        if begins_option(line.text) and (draft.column == 0 or line.indent < draft.column):
            return False
        draft.column = draft.column or line.indent
        if line.text.lower() == "possible values:":
            self._listing = True
        elif self._listing and (value := _LISTED_VALUE.match(line.text)) is not None:
            draft.listed.append(value[1])
        else:
            draft.words.append(line.text)
        return True

    def _finish(self) -> None:
        if self._draft is not None and (option := option_of(self._draft)) is not None:
            self.options.append(option)
        self._draft = None
        self._listing = False

    # --- sections

    def _in_usage(self, line: Line) -> bool:
        if self._section is not _Section.USAGE:
            return False
        if not ends_usage(line) and (line.indent > (self._indent or 0) or line.text.lower().startswith("or:")):
            self._usage_began = True
            return True
        self._section = _Section.START
        return False

    def _heads(self, line: Line) -> bool:
        """Whether `line` begins a section."""
        text = line.text.lower()
        if text.startswith("usage:") or text in ("usage", "synopsis"):
            self._finish()
            self._section, self._indent, self._usage_began = _Section.USAGE, line.indent, len(text) > len("usage:")
            self._prose_done = self._prose_done or bool(self.prose)
            return True
        titled = line.text.endswith(":") and len(line.text) <= 100 and not begins_option(line.text)
        if not titled and not (line.indent == 0 and _CAPITALS.fullmatch(line.text)):
            return False
        if self._indent is not None and self._section in (_Section.COMMANDS, _Section.ARGUMENTS) and line.indent >= self._indent:
            return False
        self._finish()
        found = next((section for section, pattern in _SECTIONS if pattern.search(text)), _Section.OPTIONS)
        if found is _Section.OPTIONS and line.indent > 1 and self._section is _Section.IGNORED:
            return True
        self._section, self._indent, self._value = found, None, None
        self._prose_done = True
        return True

    # --- tables and prose

    def _plain(self, line: Line) -> None:
        if self._section is _Section.COMMANDS and line.indent > 0:
            self._row(line)
        elif self._section is _Section.ARGUMENTS and line.indent > 0:
            self._value_row(line)
        elif not self._prose_done and self._section is _Section.START:
            if "   " not in line.text:  # the head of a manual page is none
                self.prose.append(line.text)
        elif line.indent == 0 and self._section is not _Section.COMMANDS:
            self._section = _Section.OPTIONS
        else:
            self._indent = None  # git's tables are headed by plain words

    def _row(self, line: Line) -> None:
        going_on = self._value == ","
        self._value = "," if line.text.endswith(",") else None
        if several := [*listed(line.text, going_on=going_on)]:
            self.subcommands += several
            return
        if self._indent is not None and line.indent > self._indent:
            return  # the rest of a summary
        entry = row_of(line.text)
        if entry is not None and len(self.subcommands) < 2 * MAX_SUBCOMMANDS:
            self._indent = line.indent
            self.subcommands.append(entry)

    def _value_row(self, line: Line) -> None:
        if self._indent is not None and line.indent > self._indent:
            before = self._column == 0 or line.indent < self._column
            entry = row_of(line.text)
            if before and entry is not None and self._value is not None and _names_commands(self._value):
                self.subcommands.append(entry)
            elif self._value is not None:
                self._values[self._value] = f"{self._values[self._value]} {line.text}".strip()
            return
        row = value_row(line.text)
        if row is None:
            return
        self._value, self._values[row[0]] = row[0], row[1]
        self._indent, self._column = line.indent, line.indent + row[2] if row[2] else 0


def _names_commands(value: str) -> bool:
    return value.startswith("{") or value.strip("<>[]").lower() in COMMANDS
