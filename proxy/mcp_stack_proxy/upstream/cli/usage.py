"""Usage lines: which values a command takes beside its options, and which words may follow it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from .model import Positional
from .text import Line

MAX_ALTERNATIVES = 64
MAX_TOKENS = 400

_START = re.compile(r"(?:usage:?|synopsis)(?:\s+(.*))?$", re.IGNORECASE)
_TOKEN = re.compile(r"\.\.\.|[\[\](){}|]|<[^<>]*>|[^\s\[\](){}|<]+(?:<[^<>\s]*>[^\s\[\](){}|<]*)*|<")
_WORD = re.compile(r"[a-z][a-z0-9_-]*")
_CHOICE = re.compile(r"\w[\w.:+-]*")
_PLACEHOLDER = re.compile(r"<[^<>]+>|[A-Za-z][\w:.,/=+-]*")

OPTIONS = {"option", "options", "flag", "flags", "opts", "switches", "global-options", "global-flags"}
COMMANDS = {"command", "commands", "subcommand", "subcommands", "cmd"}
ARGUMENTS = {"args", "arg", "arguments", "argument"}


@dataclass(frozen=True, slots=True)
class Usage:
    """What the usage lines say of one command."""

    found: bool = False
    named: bool = False
    """A usage line holds the command's own words."""
    words: tuple[str, ...] = ()
    """Literal words that may come next."""
    positionals: tuple[Positional, ...] = ()
    required: frozenset[str] = frozenset()
    """Options that have to be given."""
    open: bool = True
    """Values that are not named may follow."""
    alone: bool = True
    """It can be called without one of `words`."""


@dataclass(frozen=True, slots=True)
class _Form:
    """One of the ways to call a command."""

    word: str | None
    positionals: tuple[Positional, ...]
    required: frozenset[str]
    vague: bool


def usage_of(lines: Sequence[Line], path: Sequence[str], *, literal: bool) -> Usage:
    """The usage of the command `path` below the program. `literal`: a lower-case word stands for itself, not for a value."""
    every = [pieces for text in _alternatives(lines) if (pieces := [*_pieces(text)])]
    if not every:
        return Usage()
    own = [rest for pieces in every if (rest := _behind(pieces, path)) is not None]
    named = bool(own)
    if not named:
        own = [[*_without_words(pieces[1:])] for pieces in every]
    forms = [_form(pieces, literal=literal) for pieces in own]
    words = dict.fromkeys(form.word for form in forms if form.word is not None)
    rest = [form for form in forms if form.word is None] or forms
    longest = max((form.positionals for form in rest), key=len)
    names = [one.name for one in longest]
    agreed = all([one.name for one in form.positionals] == names[: len(form.positionals)] for form in rest)
    least = min(sum(one.required for one in form.positionals) for form in rest)
    positionals = tuple(replace(one, required=one.required and index < least) for index, one in enumerate(longest))
    return Usage(
        found=True,
        named=named,
        words=tuple(words),
        positionals=positionals if agreed else (),
        required=frozenset(name for name in rest[0].required if all(name in form.required for form in rest)),
        open=not agreed or any(form.vague for form in rest),
        alone=any(form.word is None for form in forms),
    )


def _alternatives(lines: Sequence[Line]) -> Iterator[str]:
    """Each way to call it as one line of text."""
    found: list[str] = []
    base: int | None = None
    for line in lines:
        if base is None:
            start = _START.match(line.text)
            if start is not None:
                base = line.indent
                found += [start[1]] if start[1] else []
            continue
        text = line.text
        other = text.lower().startswith("or:")
        if line.blank or (line.indent <= base and not other) or ends_usage(line):
            if found or text.endswith(":"):
                break
            continue
        text = text[3:].strip() if other else text
        if not found or other or text.split()[:1] == found[0].split()[:1]:
            found.append(text)
        else:
            found[-1] += f" {text}"
    yield from found[:MAX_ALTERNATIVES]


def ends_usage(line: Line) -> bool:
    """Whether `line` is the first of a table of options, which follows some usage lines without a blank line."""
    return line.text.startswith("-") and "  " in line.text


def _pieces(text: str) -> Iterator[str]:
    for index, match in enumerate(_TOKEN.finditer(text.replace("…", "..."))):
        if index == MAX_TOKENS:
            return
        word = match[0]
        if word.endswith("...") and word != "...":
            yield word[:-3]
            yield "..."
        else:
            yield word


def _behind(pieces: list[str], path: Sequence[str]) -> list[str] | None:
    """What follows the words of `path`, None where they are not all there."""
    start = 3 if pieces[1:2] == ["-m"] else 1
    for word in path:
        if word not in pieces[start:]:
            return None
        start = pieces.index(word, start) + 1
    return pieces[start:]


def _without_words(pieces: Sequence[str]) -> Iterator[str]:
    """What follows the words that name a command otherwise than we called it."""
    leading = True
    for piece in pieces:
        leading = leading and _WORD.fullmatch(piece) is not None
        if not leading:
            yield piece


def _form(pieces: list[str], *, literal: bool) -> _Form:
    reader = _Reader(pieces, literal)
    reader.read()
    return _Form(reader.word, tuple(reader.positionals), frozenset(reader.required), reader.vague)


class _Reader:
    """Goes through the pieces of one form."""

    def __init__(self, pieces: list[str], literal: bool) -> None:
        self._pieces = pieces
        self._literal = literal
        self._at = 0
        self._square = 0
        self._group = 0
        self._separated = False
        self._muted = 0
        """Depth of the bracket whose values belong to an option, 0 for none."""
        self._either = False
        """Alternatives were met, so that what follows is not required."""
        self.word: str | None = None
        self.positionals: list[Positional] = []
        self.required: set[str] = set()
        self.vague = False

    def read(self) -> None:
        while (piece := self._take()) is not None:
            if piece == "[":
                if self._square == 0:
                    self._group = len(self.positionals)
                self._square += 1
            elif piece == "]":
                self._square = max(self._square - 1, 0)
                self._muted = self._muted if self._square >= self._muted else 0
            elif piece == "...":
                self._repeat()
            elif piece == "(":
                self._mute()
                self._skip_group()
            elif piece == "{":
                self._choices()
            elif piece == "|":
                self._alternative()
            elif piece == "--":
                self._separated = True
            elif piece.startswith("-"):
                self._option(piece)
            elif not self._muted and _PLACEHOLDER.fullmatch(piece):
                self._value(piece)

    def _take(self) -> str | None:
        piece = self._pieces[self._at] if self._at < len(self._pieces) else None
        self._at += 1
        return piece

    def _next(self) -> str | None:
        return self._pieces[self._at] if self._at < len(self._pieces) else None

    def _repeat(self) -> None:
        """`...` behind a value or a bracket: all of it may come several times."""
        before = self._pieces[self._at - 2] if self._at > 1 else ""
        last = len(self.positionals) - 1
        named = last >= 0 and before.strip("<>") == self.positionals[last].name
        for index in range(self._group if before == "]" else last if named else last + 1, last + 1):
            self.positionals[index] = replace(self.positionals[index], repeated=True)

    def _skip_group(self) -> None:
        """Alternatives in parentheses. Where they are values, the usage line is beyond what a list of values can say."""
        depth = 1
        while depth and (piece := self._take()) is not None:
            depth += (piece == "(") - (piece == ")")
            previous = self._pieces[self._at - 2]
            if _PLACEHOLDER.fullmatch(piece) and not previous.startswith("-"):
                self.vague = True

    def _alternative(self) -> None:
        """`<FILE | --group NAME>`: neither is required."""
        if self._square == 0:
            self._either = True
            self.vague = True
            self.positionals = [replace(one, required=False) for one in self.positionals]

    def _choices(self) -> None:
        names: list[str] = []
        while (piece := self._take()) is not None and piece != "}":
            names += [name for name in piece.split(",") if name]
        if self._next() == "...":
            self.vague = True  # subcommands with arguments of their own
            return
        if names and all(_CHOICE.fullmatch(name) for name in names):
            self._add("choice", tuple(names))
        else:
            self.vague = True

    def _mute(self) -> None:
        """`[-S[<keyid>]]`: values in a bracket that an option, or a choice of them, opens belong to that."""
        if self._square and not self._muted and self._pieces[self._at - 2 : self._at - 1] == ["["]:
            self._muted = self._square

    def _option(self, piece: str) -> None:
        self._mute()
        name, _, joined = piece.partition("=")
        following = self._next()
        if not joined and following is not None and self._is_value(following):
            self._at += 1
            if following == "{":
                while (piece := self._take() or "}") != "}":
                    pass
        if self._square == 0 and not self._either:
            self.required.add(name)

    def _is_value(self, piece: str) -> bool:
        """Whether `piece` behind an option is its value rather than one of the command's."""
        if piece == "{":
            return True
        return _PLACEHOLDER.fullmatch(piece) is not None and (self._square > 0 or not piece.islower())

    def _value(self, piece: str) -> None:
        name = piece.strip("<>")
        plain = name.lower().replace(" ", "-").strip("-.")
        if plain in OPTIONS or plain.endswith(("-options", "-flags")):
            return
        if plain in COMMANDS:
            self.vague = True
            return
        if plain in ARGUMENTS:
            self.vague = True
            return
        if self._literal and piece == name and _WORD.fullmatch(name):
            if self._square == 0 and self.word is None and not self.positionals:
                self.word = name
            else:
                self.vague = True
            return
        self._add(name, ())

    def _add(self, name: str, choices: tuple[str, ...]) -> None:
        known = next((index for index, one in enumerate(self.positionals) if one.name == name), None)
        if known is not None:  # `FILE [FILE ...]`
            self.positionals[known] = replace(self.positionals[known], repeated=True)
            return
        self.positionals.append(Positional(name, self._square == 0 and not self._either, False, choices, self._separated))
