"""What a help text says of a command."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Option:
    """One option, by all its names."""

    names: tuple[str, ...]
    """As written, dashes included."""
    value: str | None = None
    """What the help calls its value; None for a switch."""
    optional: bool = False
    """It can stand without its value."""
    joined: bool = False
    """The help shows it in one word with its value, `--option=value`."""
    negative: str | None = None
    """Name that switches it off."""
    explicit: bool = False
    """A switch that is turned off by `=false`, as programs in Go have it."""
    repeated: bool = False
    required: bool = False
    types: tuple[str, ...] = ("string",)
    """JSON types of its value."""
    choices: tuple[str, ...] = ()
    default: str | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class Positional:
    """A value that belongs to no option."""

    name: str
    required: bool = True
    repeated: bool = False
    choices: tuple[str, ...] = ()
    separated: bool = False
    """It comes behind the `--` of the usage line, so that it may begin with a dash."""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A subcommand by name, as the text of the command above it has it."""

    name: str
    summary: str = ""
    inline: bool = False
    """Only the usage lines know it: the same text describes it, and it is not asked for help of its own."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command."""

    summary: str = ""
    options: tuple[Option, ...] = ()
    positionals: tuple[Positional, ...] = ()
    subcommands: tuple[Entry, ...] = ()
    open: bool = True
    """It may take further values that the help does not name."""
    alone: bool = True
    """It can be called without one of its subcommands."""
    named: bool = False
    """Its usage line holds its own words, so that the text is about it and not about a mistake."""
    is_help: bool = False
    """The text looks like help at all: it has a usage line, options, or subcommands."""
