"""A command-line program that is offered as tools: what of it, how its help is read, and how long and how loud a run may be."""

import re
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from .amounts import Count, Seconds
from .guarding import Glob
from .strict import Strict

_TOOL = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PREFIX = re.compile(r"[A-Za-z0-9_-]{0,32}")
_SUBCOMMAND = re.compile(r"[A-Za-z0-9][\w:.+@-]*(?: [A-Za-z0-9][\w:.+@-]*)*", re.ASCII)
_END_OF_OPTIONS = re.compile(r"--[a-z-]*")


def _tool_name(name: str) -> str:
    if not _TOOL.fullmatch(name):
        raise ValueError(f"{name!r} is no tool name: 1 to 64 letters, digits, `_` and `-`")
    return name


def _prefix(prefix: str) -> str:
    if not _PREFIX.fullmatch(prefix):
        raise ValueError(f"{prefix!r} cannot begin tool names: at most 32 letters, digits, `_` and `-`")
    return prefix


def _subcommand(words: str) -> str:
    if not _SUBCOMMAND.fullmatch(words):
        raise ValueError(f"{words!r} is no subcommand: write its words with one blank between, such as `log` or `remote show`")
    return words


def _end_of_options(word: str) -> str:
    if not _END_OF_OPTIONS.fullmatch(word):
        raise ValueError(f"{word!r} ends no options: write `--`, or git's `--end-of-options`")
    return word


class OptionFilter(Strict):
    """Options of a wrapped program by any of their names, such as `--output` or `-o`; `*`, `?` and `[ab]` as in `tools`."""

    allow: Annotated[list[Glob], Field(min_length=1)] | None = None
    """Options that a call may give, all by default."""
    deny: list[Glob] = []
    """Options that it may not give, by any of their names, even if `allow` names them."""

    @model_validator(mode="after")
    def _filters(self) -> Self:
        if self.allow is None and not self.deny:
            raise ValueError("keeps nothing back; give `allow` or `deny`, or leave it out")
        return self


class CliPreset(Strict):
    """A tool with arguments that are fixed."""

    name: Annotated[str, AfterValidator(_tool_name)]
    """Name of the tool."""
    args: list[str] = []
    """All arguments of the program, after the server's `args`."""
    description: str = ""
    """What it does."""


class CliConfig(Strict):
    """A command-line program whose subcommands become tools, as its help describes them. Each call is a process of its own, started
    without a shell."""

    help: Annotated[str, Field(min_length=1)] = "--help"
    """Argument that makes the program, and each subcommand, print its help. `-h` suits git, whose `--help` opens a manual."""
    depth: Annotated[Count, Field(le=4)] = 2
    """Levels of help that are asked: 1 for the program's own, 2 for its subcommands' too. Below, tools have no named options."""
    subcommands: Annotated[list[Annotated[str, AfterValidator(_subcommand)]], Field(min_length=1)] | None = None
    """Subcommands that are offered, with what is below them; all that the help lists by default. No other is asked for help."""
    options: OptionFilter | None = None
    """Which options a call may give, where some of them do what no caller should."""
    presets: Annotated[list[CliPreset], Field(min_length=1)] | None = None
    """Tools written by hand, in place of those that the help describes. No help is asked then."""
    prefix: Annotated[str, AfterValidator(_prefix)] | None = None
    """Begins the tools' names: `git` in `git_log`. The program's own name by default."""
    read_only: list[Glob] = []
    """Tools that are declared to change nothing (`readOnlyHint`). Nothing else is declared of any tool."""
    end_of_options: Annotated[str, AfterValidator(_end_of_options)] | None = None
    """Put before values that belong to no option, `--` for most programs. By default only where the usage line shows it; elsewhere
    such a value may not begin with `-`."""
    joined_values: bool = True
    """Values go in one word with a long option, `--option=value`. `false` for programs that know only two words, such as curl; a
    value that begins with `-` is refused then."""
    stdin: bool = False
    """Gives each tool an argument `stdin`: text for the program to read. Without it there is nothing to read."""
    timeout_seconds: Seconds = 30
    """Time for one run. Its process group is ended then, and what it said so far is the result."""
    max_output_bytes: Count = 1024 * 1024
    """What is kept of each of stdout and stderr: beginning and end, if it is more (seed 001: MCP_MAX_OUTPUT)."""
    concurrency: Annotated[Count, Field(le=64)] = 4
    """Runs at a time; further calls wait."""

    @model_validator(mode="after")
    def _presets_alone(self) -> Self:
        if self.presets is None:
            return self
        idle = sorted(
            {"help", "depth", "subcommands", "options", "prefix", "end_of_options", "joined_values"} & self.model_fields_set
        )
        if idle:
            raise ValueError(f"`{idle[0]}` does nothing beside `presets`, whose arguments are fixed")
        names = [preset.name for preset in self.presets]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"two presets have the name {twice!r}")
        return self


def _switch(value: Any) -> Any:
    return {} if value is True else None if value is False else value


Wrapped = Annotated[CliConfig | None, BeforeValidator(_switch, json_schema_input_type=bool | CliConfig | None)]
"""`true` for all defaults (seed 001)."""
