"""Asking a program for its help, and its subcommands for theirs: in parallel, and bounded in depth, number and time."""

import asyncio
import logging
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from ...config import CliConfig
from ...errors import Reason, UpstreamError
from ..program import Program
from .help import parse
from .model import Command, Entry, Option
from .runner import Runner
from .text import MAX_CHARACTERS
from .tools import Tool, tool_name, tool_of, unique

log = logging.getLogger(__name__)

HELP_SECONDS = 10.0
"""Time for one help text. A subcommand that takes longer becomes a tool without named options."""
MAX_HELPS = 300
"""Processes of one look at a program."""
MAX_WORDS = 5
"""Words of a subcommand."""
WIDE = {"COLUMNS": "200"}
"""Asks for lines that are wrapped late."""


@dataclass(frozen=True, slots=True)
class _Page:
    """A help text, as far as it could be had."""

    text: str
    command: Command
    exit_code: int = 0
    timed_out: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    words: tuple[str, ...]
    command: Command
    summary: str


class Explorer:
    """Tools of one program. What it has read is kept, so that a look that ran out of time goes on where it ended."""

    def __init__(self, name: str, program: Program, config: CliConfig, runner: Runner) -> None:
        self._name = name
        self._program = program
        self._config = config
        self._runner = runner
        self._pages: dict[tuple[str, ...], _Page] = {}
        self._asked = 0
        """Processes of the look at hand."""

    def forget(self) -> None:
        """The program is another one: everything has to be read again."""
        self._pages.clear()

    async def tools(self, deadline: float) -> list[Tool]:
        """All tools, in the order of the help. UpstreamError where there is no help, or `deadline` comes first."""
        if self._config.presets is not None:
            return [
                self._declared(
                    Tool(
                        preset.name, preset.description or f"Runs {self._program.shown}", tuple(preset.args), {}, self._config.stdin
                    )
                )
                for preset in self._config.presets
            ]
        self._program.check()
        self._asked = 0
        try:
            async with asyncio.timeout_at(deadline):
                found = await self._look(deadline)
        except TimeoutError:
            hint = "name what is needed in `cli.subcommands`, or raise `limits.discovery_seconds`; the next look goes on from here"
            text = f"printed {len(self._pages)} help texts, and not all of them in time"
            raise UpstreamError(Reason.DISCOVERY_TIMEOUT, text, retryable=True, hint=hint) from None
        prefix = self._program.shown if self._config.prefix is None else self._config.prefix
        tools: dict[str, Tool] = {}
        for one in found:
            name = unique(tool_name(prefix, one.words), tools)
            tools[name] = self._declared(
                tool_of(one.words, one.command, name, one.summary, self._offered, stdin=self._config.stdin)
            )
        return list(tools.values())

    def _declared(self, tool: Tool) -> Tool:
        return replace(tool, read_only=any(fnmatchcase(tool.name, glob) for glob in self._config.read_only))

    def _offered(self, option: Option) -> bool:
        names = [*option.names, *([option.negative] if option.negative else [])]

        def named(globs: Sequence[str]) -> bool:
            return any(fnmatchcase(name, glob) for name in names for glob in globs)

        chosen = self._config.options
        return chosen is None or ((chosen.allow is None or named(chosen.allow)) and not named(chosen.deny))

    # --- the walk

    async def _look(self, deadline: float) -> list[_Found]:
        root = await self._page((), deadline)
        if not root.command.is_help:
            self._refuse_silence(root)
        wanted = self._config.subcommands
        if wanted is None:
            return await self._below((), root, "", 1, deadline)
        summaries = {entry.name: entry.summary for entry in root.command.subcommands}
        async with asyncio.TaskGroup() as group:
            named = [group.create_task(self._named(tuple(one.split()), summaries, deadline)) for one in wanted]
        return [found for task in named for found in task.result()]

    async def _named(self, words: tuple[str, ...], summaries: dict[str, str], deadline: float) -> list[_Found]:
        """What the configuration names. A name that the program does not know is a mistake in it, not a tool."""
        page = await self._page(words, deadline)
        if not page.command.named and page.exit_code != 0 and " ".join(words) not in summaries:
            hint = "correct `cli.subcommands`, or `cli.help`, which is the argument that asks for help"
            text = f"{self._program.shown!r} has no subcommand {' '.join(words)!r}, or no help for it"
            raise UpstreamError(Reason.INVALID, text, hint=hint)
        return await self._below(words, page, summaries.get(words[0], "") if len(words) == 1 else "", 2, deadline)

    async def _below(self, words: tuple[str, ...], page: _Page, summary: str, level: int, deadline: float) -> list[_Found]:
        """The command `words` itself, where it can be called, and everything below it."""
        command = page.command
        entries = command.subcommands if len(words) < MAX_WORDS else ()
        if not entries:
            return [_Found(words, command, summary)]
        own = [_Found(words, command, summary)] if entries[0].inline and command.alone else []
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._entry(words, page, entry, level, deadline)) for entry in entries]
        return own + [found for task in tasks for found in task.result()]

    async def _entry(self, words: tuple[str, ...], page: _Page, entry: Entry, level: int, deadline: float) -> list[_Found]:
        below = (*words, entry.name)
        if entry.inline:
            command = parse(page.text, below)
            command = replace(command, summary=entry.summary, subcommands=tuple(one for one in command.subcommands if one.inline))
            return await self._below(below, _Page(page.text, command), entry.summary, level, deadline)
        if level >= self._config.depth:
            return [_Found(below, Command(), entry.summary)]
        return await self._below(below, await self._page(below, deadline), entry.summary, level + 1, deadline)

    # --- one text

    async def _page(self, words: tuple[str, ...], deadline: float) -> _Page:
        if (known := self._pages.get(words)) is not None:
            return known
        if self._asked >= MAX_HELPS:
            log.warning(
                "server %s: %s has more than %d subcommands; the rest has no named options",
                self._name,
                self._program.shown,
                MAX_HELPS,
            )
            return _Page("", Command())
        self._asked += 1
        outcome = await self._runner.run(
            [*words, self._config.help], deadline=deadline, seconds=HELP_SECONDS, max_output_bytes=2 * MAX_CHARACTERS, env=WIDE
        )
        text, command = outcome.stdout, parse(outcome.stdout, words)
        if not command.is_help:
            text, command = outcome.stderr, parse(outcome.stderr, words)
        page = _Page(text, command if command.is_help else Command(), outcome.exit_code, outcome.timed_out)
        if not page.command.is_help and words:
            log.warning(
                "server %s: `%s` prints no help that is understood",
                self._name,
                " ".join([self._program.shown, *words, self._config.help]),
            )
        if not outcome.timed_out:
            self._pages[words] = page
        return page

    def _refuse_silence(self, root: _Page) -> None:
        asked = f"`{self._program.shown} {self._config.help}`"
        hint = "set `cli.help` to what makes it print its help, or write its tools as `cli.presets`"
        if root.timed_out:
            raise UpstreamError(Reason.DISCOVERY_TIMEOUT, f"{asked} did not end within {HELP_SECONDS:g} s", hint=hint)
        if root.exit_code != 0:
            raise UpstreamError(Reason.INVALID, f"{asked} prints no help, and exits with code {root.exit_code}", hint=hint)


def identity_of(program: Program) -> tuple[object, ...]:
    """Changes when the program, or a script that it is given, is replaced."""
    path = program.command if os.sep in program.command else shutil.which(program.command, path=program.environment().get("PATH"))
    base = Path(program.cwd or ".")
    return tuple(_stamp(base / one) for one in [path or "", *program.args])


def _stamp(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
